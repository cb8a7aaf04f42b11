/** Fetching items: by name in batches, all by one query, or one by one where a server fails both. */

import { cancelled, SyncError } from "../../model/error.ts";
import type { Fetched } from "../../model/item.ts";
import type { Href } from "../../model/names.ts";
import type { FetchOptions } from "../../model/storage.ts";
import { concurrently } from "../concurrent.ts";
import type { DavContext, KnownCollection } from "./context.ts";
import { getItem } from "./get.ts";
import { hrefKey } from "./href.ts";
import { multiget } from "./multiget.ts";
import { queryAll } from "./query.ts";

/** How many items are asked for by name at once: a safe number, as no RFC names one. */
const BATCH = 100;
/** How many such requests, or single GETs, are under way at once. */
const PARALLEL = 4;
/** From so many items on, asking for everything may be worth it. */
const WORTH_A_QUERY = 50;
/**
 * A server that needs more milliseconds for an item by name is asked for everything instead. Most
 * need less than one. Xandikos needs 8 at 1,000 items and 61 at 5,000, and by a query one.
 */
const SLOW = 5;

/** Fetches as the contract of a storage has it. */
export async function* fetchItems(
  context: DavContext,
  known: KnownCollection,
  hrefs: readonly Href[],
  options: FetchOptions,
): AsyncGenerator<readonly Fetched[], void, undefined> {
  const { signal } = options;
  const pending = new Map<string, Href>();
  for (const one of hrefs) {
    const key = hrefKey(one, known.url);
    if (key !== undefined) pending.set(key, one);
    else yield [{ state: "unknown", href: one }];
  }

  let canQuery = pending.size >= WORTH_A_QUERY && !known.queryFails;
  const size = options.all === true ? hrefs.length : known.size ?? Infinity;
  if (canQuery && pending.size >= 0.9 * size) {
    canQuery = false;
    yield* queryAll(context, known, pending, signal);
  }
  let slow = false;
  const fetchBatch = async (batch: readonly (readonly [string, Href])[]) => {
    const begun = context.environment.now();
    const fetched = await fetchNamed(context, known, new Map(batch), signal);
    if (context.environment.now() - begun > SLOW * PARALLEL * BATCH) slow = true;
    for (const [key] of batch) pending.delete(key);
    return fetched;
  };
  const betterAsked = () =>
    slow && canQuery && pending.size >= WORTH_A_QUERY && pending.size >= 0.5 * size;
  while (pending.size > 0) {
    const batches = batchesOf([...pending], () => !betterAsked());
    yield* concurrently(batches, fetchBatch, { limit: PARALLEL, signal });
    if (signal.aborted) throw cancelled(signal.reason);
    if (!betterAsked()) continue;
    canQuery = false;
    yield* queryAll(context, known, pending, signal);
  }
}

/** Slices of `all`, as long as `more` says so. */
function* batchesOf<Value>(
  all: readonly Value[],
  more: () => boolean,
): Generator<readonly Value[]> {
  for (let at = 0; at < all.length && more(); at += BATCH) yield all.slice(at, at + BATCH);
}

/** One batch by name: by multiget, and one by one where that fails. */
async function fetchNamed(
  context: DavContext,
  known: KnownCollection,
  wanted: Map<string, Href>,
  signal: AbortSignal,
): Promise<readonly Fetched[]> {
  const fetched: Fetched[] = [];
  if (!known.multigetFails) {
    try {
      for (const [key, one] of await multiget(context, known, wanted, signal)) {
        fetched.push(one);
        wanted.delete(key);
      }
    } catch (thrown) {
      if (!(thrown instanceof SyncError) || !onlyTheReport(thrown)) throw thrown;
      // The report is at fault, or one item in it: each is tried for itself.
      if (thrown.kind === "refused" && !thrown.retry) known.multigetFails = true;
    }
    // What a multiget left out may be gone, or left out for no reason: a GET tells.
  }
  const get = (one: Href) => getItem(context, known, one, signal);
  for await (const one of concurrently(wanted.values(), get, { limit: PARALLEL, signal })) {
    fetched.push(one);
  }
  return fetched;
}

/** Whether an error leaves hope for the items by themselves. */
function onlyTheReport(error: SyncError): boolean {
  return error.scope !== "storage" && error.scope !== "run";
}
