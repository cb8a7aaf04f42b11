import { isInstalled } from "../support/servers/server.ts";
import { startXandikos } from "../support/servers/xandikos.ts";
import { contract } from "./contract.ts";
import { caldavPlace } from "./dav.ts";

contract("caldav on Xandikos", async () => {
  const server = await startXandikos();
  return caldavPlace(server, { url: server.principal });
}, { ignore: !isInstalled("xandikos") });
