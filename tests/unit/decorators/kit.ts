/** A calendar in memory behind a decorator, and what is asked of it. */

import { createMemory, type Memory } from "../../../adapters/memory/mod.ts";
import { readCalendarItem } from "../../../lib/item/icalendar.ts";
import { bodyOf, type Fetched } from "../../../lib/model/item.ts";
import { type Etag, etag, href, ident } from "../../../lib/model/names.ts";
import type { Action, Collection, Content, Result, Storage } from "../../../lib/model/storage.ts";

export const NEVER: AbortSignal = new AbortController().signal;

export interface World {
  readonly memory: Memory;
  readonly storage: Storage;
  readonly collection: Collection;
  /** What was fetched through the contract underneath, by href. */
  readonly asked: string[];
}

export function world(decorate: (storage: Storage) => Storage): World {
  const memory = createMemory({ name: "test", kind: "calendar", read: reading });
  const collection = memory.add("work");
  const asked: string[] = [];
  const bare = memory.open();
  const storage = decorate({
    ...bare,
    fetch(collection, hrefs, options) {
      asked.push(...hrefs);
      return bare.fetch(collection, hrefs, options);
    },
  });
  return { memory, storage, collection, asked };
}

function reading(bytes: Uint8Array) {
  const read = readCalendarItem(bytes);
  if (read.state === "malformed") throw read.error;
  return read;
}

/** One item as it is seen: its text, or why there is none. */
export async function seen({ storage, collection }: World, at = "1.ics"): Promise<string> {
  const batches = await Array.fromAsync(storage.fetch(collection, [href(at)], { signal: NEVER }));
  const [fetched] = batches.flat();
  return await textOf(fetched);
}

async function textOf(fetched: Fetched | undefined): Promise<string> {
  if (fetched === undefined) return "nothing";
  if (fetched.state === "unknown") return "unknown";
  if (fetched.state === "unreadable") return `unreadable: ${fetched.error.message}`;
  const bytes = await fetched.item.body.bytes();
  const read = readCalendarItem(bytes);
  const agrees = read.state === "read" && read.digest === fetched.item.digest;
  return `${agrees ? "" : "another digest: "}${new TextDecoder().decode(bytes)}`;
}

function content(text: string): Content {
  const bytes = new TextEncoder().encode(text);
  const read = readCalendarItem(bytes);
  if (read.state === "malformed") throw read.error;
  return { digest: read.digest, flags: [], body: bodyOf(bytes) };
}

let ids = 0;

export const create = (text: string, at = "1.ics"): Action => ({
  kind: "create",
  id: ++ids,
  ident: ident("1"),
  href: href(at),
  content: content(text),
});

export const update = (text: string, version: Etag, at = "1.ics"): Action => ({
  kind: "update",
  id: ++ids,
  ident: ident("1"),
  href: href(at),
  etag: version,
  content: content(text),
});

export const remove = (version: Etag, at = "1.ics"): Action => ({
  kind: "delete",
  id: ++ids,
  ident: ident("1"),
  href: href(at),
  etag: version,
});

export const NO_ETAG: Etag = etag("none");

/** The results, in words: `done with an etag`, `done, but altered`, `failed: why`. */
export async function applied(
  { storage, collection }: World,
  ...actions: readonly Action[]
): Promise<readonly string[]> {
  const stream = async function* () {
    await Promise.resolve();
    yield* actions;
  };
  const results = await Array.fromAsync(storage.apply(collection, stream(), NEVER));
  return results.map(inWords);
}

export function inWords(result: Result): string {
  if (result.outcome === "failed") return `failed: ${result.error.message}`;
  if (result.outcome !== "done") return result.outcome;
  if (result.etag === undefined) return "done";
  return result.altered ? "done, but altered" : "done with an etag";
}
