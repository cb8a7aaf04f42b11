import { startRadicale } from "../support/servers/radicale.ts";
import { isInstalled } from "../support/servers/server.ts";
import { contract } from "./contract.ts";
import { caldavPlace } from "./dav.ts";

contract("caldav on Radicale", async () => {
  const server = await startRadicale();
  return caldavPlace(server, server);
}, { ignore: !isInstalled("radicale") });
