/** How to reach a storage's server, for what is asked besides what the storage itself asks. */

import type { ResolvedNetwork, ResolvedStorage } from "../../config/secrets.ts";
import { type HttpClient, openHttp } from "../../net/http/client.ts";
import type { HttpLogEntry } from "../../net/http/request.ts";
import { USER_AGENT } from "../../net/http/user_agent.ts";
import { connectionOf } from "../open_storage.ts";

/** Those of the storages that are on servers. */
export type OnServer = Extract<ResolvedStorage, ResolvedNetwork>;

export const isOnServer = (config: ResolvedStorage): config is OnServer => "url" in config;

/** Opens a client that logs in as the storage does. Throws as the storage does where files lack. */
export async function connect(
  config: OnServer,
  log?: (entry: HttpLogEntry) => void,
): Promise<HttpClient> {
  const { url, userAgent = USER_AGENT, ...connection } = await connectionOf(config);
  return openHttp({
    ...connection,
    userAgent,
    home: new URL(url),
    ...(log === undefined ? {} : { log: await concealing(config, log) }),
  });
}

/** The address of a feed may be all that is needed to read it: then it is not shown. */
async function concealing(
  { type }: OnServer,
  log: (entry: HttpLogEntry) => void,
): Promise<(entry: HttpLogEntry) => void> {
  if (type !== "webcal") return log;
  const { concealedUrl } = await import("../../../adapters/webcal/conceal.ts");
  return (entry) => log({ ...entry, url: concealedUrl(entry.url) });
}
