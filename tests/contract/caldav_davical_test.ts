import { isDavicalInstalled, startDavical } from "../support/servers/davical.ts";
import { contract } from "./contract.ts";
import { caldavPlace } from "./dav.ts";

contract("caldav on DAViCal", async () => {
  const server = await startDavical();
  return caldavPlace(server, { ...server, url: server.home });
}, { ignore: !isDavicalInstalled() });
