import { isCyrusInstalled, startCyrus } from "../support/servers/cyrus.ts";
import { contract } from "./contract.ts";
import { carddavPlace } from "./dav.ts";

contract("carddav on Cyrus", async () => {
  const server = await startCyrus();
  return carddavPlace(server, server, { uniqueUids: true });
}, { ignore: !isCyrusInstalled() });
