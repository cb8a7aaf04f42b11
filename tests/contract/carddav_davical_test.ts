import { isDavicalInstalled, startDavical } from "../support/servers/davical.ts";
import { contract } from "./contract.ts";
import { carddavPlace } from "./dav.ts";

contract("carddav on DAViCal", async () => {
  const server = await startDavical();
  return carddavPlace(server, { ...server, url: server.home });
}, { ignore: !isDavicalInstalled() });
