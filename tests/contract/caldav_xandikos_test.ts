import { isInstalled } from "../support/servers/server.ts";
import { startXandikos } from "../support/servers/xandikos.ts";
import { caldavPlace } from "./caldav.ts";
import { contract } from "./contract.ts";

contract("caldav on Xandikos", async () => {
  const server = await startXandikos();
  return caldavPlace(server, { url: server.principal }, 100);
}, { ignore: !isInstalled("xandikos") });
