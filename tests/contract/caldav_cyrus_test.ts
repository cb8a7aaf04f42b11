import { isCyrusInstalled, startCyrus } from "../support/servers/cyrus.ts";
import { contract } from "./contract.ts";
import { caldavPlace } from "./dav.ts";

contract("caldav on Cyrus", async () => {
  const server = await startCyrus();
  return caldavPlace(server, server, { uniqueUids: true });
}, { ignore: !isCyrusInstalled() });
