import { startDavServer } from "../support/dav_server.ts";
import { contract } from "./contract.ts";
import { caldavPlace } from "./dav.ts";

contract("caldav on the server in memory", () => {
  const server = startDavServer();
  const account = { url: `${server.origin}/` };
  return Promise.resolve(
    caldavPlace({ stop: server.close }, account, { many: 500, keepsBytes: true }),
  );
});
