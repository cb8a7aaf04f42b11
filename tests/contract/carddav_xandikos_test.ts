import { isInstalled } from "../support/servers/server.ts";
import { startXandikos } from "../support/servers/xandikos.ts";
import { contract } from "./contract.ts";
import { carddavPlace } from "./dav.ts";

contract("carddav on Xandikos", async () => {
  const server = await startXandikos();
  return carddavPlace(server, { url: server.principal });
}, { ignore: !isInstalled("xandikos") });
