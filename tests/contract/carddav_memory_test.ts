import { startDavServer } from "../support/dav_server.ts";
import { contract } from "./contract.ts";
import { carddavPlace } from "./dav.ts";

contract("carddav on the server in memory", () => {
  const server = startDavServer();
  const account = { url: `${server.origin}/` };
  return Promise.resolve(
    carddavPlace({ stop: server.close }, account, { many: 500, keepsBytes: true }),
  );
});
