/** One item by a GET: for servers that fail the reports, and to look what became of a write. */

import { SyncError } from "../../model/error.ts";
import type { Fetched } from "../../model/item.ts";
import type { Href } from "../../model/names.ts";
import { statusOf } from "../http/error.ts";
import type { DavContext, KnownCollection } from "./context.ts";
import { davFailure } from "./conditions.ts";
import { resolveHref } from "./href.ts";
import { itemOf, unreadableItem } from "./item.ts";
import { etagIn } from "./multistatus.ts";
import { GETETAG } from "./names.ts";
import { propfind } from "./requests.ts";
import { isGone } from "./rows.ts";

/** The largest item that is taken, in bytes. */
const MAX_ITEM = 64 * 1024 * 1024;

interface Got {
  readonly etag: string | undefined;
  readonly bytes: Uint8Array;
}

/**
 * The item at `href`; `unknown` where there is none. Throws where the storage as a whole cannot be
 * reached, and says everything else of the one item.
 */
export async function getItem(
  context: DavContext,
  known: KnownCollection,
  href: Href,
  signal: AbortSignal,
): Promise<Fetched> {
  const url = resolveHref(href, known.url);
  if (url === undefined || url.origin !== known.url.origin) return { state: "unknown", href };
  try {
    let { etag, bytes } = await get(context, url, signal);
    if (etag === undefined) {
      // The etag is read before the bytes: if they change in between, the next listing shows it.
      etag = await askEtag(context, url, signal);
      ({ bytes } = await get(context, url, signal));
    }
    if (etag === undefined) return unreadableItem(href, noEtag(href));
    return itemOf(context, href, etag, bytes);
  } catch (thrown) {
    if (!(thrown instanceof SyncError)) throw thrown;
    if (thrown.scope === "storage" || thrown.scope === "run") throw thrown;
    return isGone(statusOf(thrown)) ? { state: "unknown", href } : unreadableItem(href, thrown);
  }
}

function get({ http, service }: DavContext, url: URL, signal: AbortSignal): Promise<Got> {
  const headers = {
    accept: service.accept,
    // Proxies that compress put a suffix on the etag (Apache) or make it a weak one (nginx).
    "accept-encoding": "identity",
  };
  return http.exchange(
    { method: "GET", url, headers, repeat: "safe", limit: MAX_ITEM, signal },
    async (answer) => {
      if (answer.status !== 200) throw await davFailure(answer, "item");
      const etag = answer.headers.get("etag")?.trim();
      return { etag: etag === "" ? undefined : etag, bytes: await answer.bytes() };
    },
  );
}

/** The etag of what is at `url`; throws as the request does where there is nothing. */
export async function askEtag(
  { http }: DavContext,
  url: URL,
  signal: AbortSignal,
): Promise<string | undefined> {
  const props = [GETETAG];
  const answer = await propfind(http, { url, depth: 0, props, scope: "item", signal });
  return etagIn(answer.responses[0]?.props.get(GETETAG));
}

function noEtag(href: Href): SyncError {
  return new SyncError(`the server gives no etag for ${href.slice(0, 200)}`, {
    scope: "item",
    kind: "refused",
  });
}
