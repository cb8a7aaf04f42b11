/** Everything that a collection holds, by as few reports as do (RFC 4791 section 7.8). */

import { SyncError } from "../../model/error.ts";
import type { Fetched } from "../../model/item.ts";
import type { Href } from "../../model/names.ts";
import { element, type XmlNode } from "../xml/write.ts";
import type { DavContext, KnownCollection } from "./context.ts";
import { memberKey } from "./href.ts";
import { reportedItem } from "./item.ts";
import { readMultistatus } from "./multistatus.ts";
import { dav, GETETAG } from "./names.ts";
import { produced } from "../produced.ts";
import { report } from "./requests.ts";

const LEAST_LIMIT = 64 * 1024 * 1024;
/** What an item may have on average before the answer counts as endless, in bytes. */
const PER_ITEM = 64 * 1024;

/**
 * Asks for everything and yields what of it is in `pending`, hrefs by their keys, taking it out of
 * there. What is left was not in the answer. A server that fails such a query is remembered for it,
 * and what it did not give is left as well: asking by name is always possible.
 */
export async function* queryAll(
  context: DavContext,
  known: KnownCollection,
  pending: Map<string, Href>,
  outer: AbortSignal,
): AsyncGenerator<readonly Fetched[], void, undefined> {
  for (const way of context.service.queryWays(known.props)) {
    const before = pending.size;
    for (const filter of way) {
      if (known.queryFails || pending.size === 0) return;
      try {
        yield* produced<readonly Fetched[]>(
          (put, signal) => ask(context, known, filter, pending, put, signal),
          outer,
        );
      } catch (thrown) {
        if (!(thrown instanceof SyncError)) throw thrown;
        if (thrown.scope === "storage" || thrown.scope === "run") throw thrown;
        known.queryFails = true;
      }
    }
    if (pending.size < before) return;
  }
}

function ask(
  context: DavContext,
  known: KnownCollection,
  filter: XmlNode,
  pending: Map<string, Href>,
  put: (items: readonly Fetched[]) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { service } = context;
  return report(context.http, {
    url: known.url,
    depth: 1,
    scope: "collection",
    limit: Math.max(LEAST_LIMIT, pending.size * PER_ITEM),
    streamed: true,
    signal,
    body: element(
      service.query,
      element(dav("prop"), element(GETETAG), service.dataRequest),
      filter,
    ),
    async read(answer) {
      for await (const part of readMultistatus(answer, { strict: true })) {
        if (part.type !== "responses") continue;
        const items: Fetched[] = [];
        for (const response of part.responses) {
          const key = memberKey(response.href, known.url);
          const href = key === undefined ? undefined : pending.get(key);
          if (key === undefined || href === undefined) continue;
          const item = reportedItem(context, href, response);
          if (item === undefined || item.state === "unknown") continue;
          pending.delete(key);
          items.push(item);
        }
        if (items.length > 0) await put(items);
      }
    },
  });
}
