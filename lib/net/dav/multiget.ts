/** Items by name, many at once (RFC 4791 section 7.9, RFC 6352 section 8.7). */

import type { Fetched } from "../../model/item.ts";
import type { Href } from "../../model/names.ts";
import { element } from "../xml/write.ts";
import type { DavContext, KnownCollection } from "./context.ts";
import { memberKey } from "./href.ts";
import { reportedItem } from "./item.ts";
import { readMultistatus } from "./multistatus.ts";
import { dav, GETETAG } from "./names.ts";
import { report } from "./requests.ts";

/**
 * Asks for `wanted`, hrefs by their keys, and gives back what the answer says of each, by key. What
 * it leaves out, or says too little of, is not in it. Throws as the request does.
 */
export function multiget(
  context: DavContext,
  known: KnownCollection,
  wanted: ReadonlyMap<string, Href>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Fetched>> {
  const { service } = context;
  return report(context.http, {
    url: known.url,
    // RFC 4791 gives the header no meaning here; RFC 6352 wants 0, and some servers insist on it.
    depth: 0,
    scope: "collection",
    signal,
    body: element(
      service.multiget,
      element(dav("prop"), element(GETETAG), service.dataRequest),
      ...[...wanted.values()].map((href) => element(dav("href"), href)),
    ),
    async read(answer) {
      const fetched = new Map<string, Fetched>();
      for await (const part of readMultistatus(answer, { strict: true })) {
        if (part.type !== "responses") continue;
        for (const response of part.responses) {
          const key = memberKey(response.href, known.url);
          const href = key === undefined ? undefined : wanted.get(key);
          if (key === undefined || href === undefined) continue;
          const item = reportedItem(context, href, response);
          if (item !== undefined) fetched.set(key, item);
        }
      }
      return fetched;
    },
  });
}
