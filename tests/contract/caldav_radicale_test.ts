import { Secret } from "../../lib/model/secret.ts";
import { startRadicale } from "../support/servers/radicale.ts";
import { isInstalled } from "../support/servers/server.ts";
import { caldavPlace } from "./caldav.ts";
import { contract } from "./contract.ts";

contract("caldav on Radicale", async () => {
  const server = await startRadicale();
  const { url, username } = server;
  return caldavPlace(server, { url, username, password: new Secret(server.password) }, 100);
}, { ignore: !isInstalled("radicale") });
