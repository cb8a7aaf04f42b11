import { startRadicale } from "../support/servers/radicale.ts";
import { isInstalled } from "../support/servers/server.ts";
import { contract } from "./contract.ts";
import { carddavPlace } from "./dav.ts";

contract("carddav on Radicale", async () => {
  const server = await startRadicale();
  return carddavPlace(server, server);
}, { ignore: !isInstalled("radicale") });
