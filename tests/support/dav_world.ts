/** A CalDAV storage on the server in memory, with a clock that does not wait and a die that is fair. */

import { type CaldavOptions, openCaldav } from "../../adapters/caldav/mod.ts";
import { readCalendarItem } from "../../lib/item/icalendar.ts";
import { bodyOf, type Fetched, NO_FLAGS } from "../../lib/model/item.ts";
import {
  type Cursor,
  etag as asEtag,
  type Href,
  href as asHref,
  ident,
  storageName,
} from "../../lib/model/names.ts";
import type {
  Action,
  Collection,
  Content,
  Listed,
  Listing,
  Result,
  Storage,
} from "../../lib/model/storage.ts";
import type { Environment } from "../../lib/net/environment.ts";
import {
  type DavQuirks,
  type DavServer,
  type DavServerOptions,
  startDavServer,
} from "./dav_server.ts";
import type { StoredCollection } from "./dav_store.ts";

/** A signal that never fires. */
export const never: AbortSignal = new AbortController().signal;

/** A world in which waiting takes no time. `slept` says how long it would have taken. */
export interface FakeEnvironment extends Environment {
  readonly slept: number[];
  /** What time it is. It stands still unless it is set. */
  clock: number;
}

export function fakeEnvironment(now = Date.UTC(2026, 0, 1)): FakeEnvironment {
  const slept: number[] = [];
  const environment: FakeEnvironment = {
    slept,
    clock: now,
    sleep(ms) {
      slept.push(ms);
      return Promise.resolve();
    },
    random: () => 0.5,
    now: () => environment.clock,
  };
  return environment;
}

/** What is wanted of a storage, with less to write. */
export interface DavWorld {
  readonly server: DavServer;
  readonly storage: Storage;
  readonly environment: FakeEnvironment;
  /** The calendar `work` on the server, and as the storage gives it. */
  readonly stored: StoredCollection;
  collection(): Promise<Collection>;
  list(since?: Cursor): Promise<WholeListing>;
  fetch(hrefs: readonly Href[], all?: boolean): Promise<readonly Fetched[]>;
  apply(...actions: readonly Action[]): Promise<readonly Result[]>;
  /** Another storage on the same server. */
  open(options?: Partial<CaldavOptions>): Storage;
}

/** A listing as a whole. */
export interface WholeListing {
  readonly mode: "complete" | "since";
  readonly cursor: Cursor | undefined;
  readonly entries: readonly Listed[];
  /** `name etag`, `name gone` or `name unreadable`, sorted. */
  readonly lines: readonly string[];
}

export interface DavWorldOptions extends DavServerOptions {
  readonly storage?: Partial<CaldavOptions>;
  /** The path of the url. Default: that of the user's calendars. */
  readonly path?: string;
}

/** Runs `body` with a server that has one calendar, `work`, and a storage on it. */
export async function withDav(
  options: DavWorldOptions,
  body: (world: DavWorld) => Promise<void>,
): Promise<void> {
  const server = startDavServer(options);
  const environment = fakeEnvironment();
  const opened: Storage[] = [];
  const open = (more: Partial<CaldavOptions> = {}): Storage => {
    const storage = openCaldav({
      name: storageName("test"),
      url: server.origin + (options.path ?? "/calendars/user/"),
      environment,
      ...options.storage,
      ...more,
    });
    opened.push(storage);
    return storage;
  };
  const storage = open();
  const stored = server.addCalendar("work");
  let found: Collection | undefined;
  const collection = async (): Promise<Collection> => {
    if (found !== undefined) return found;
    const quirks = server.quirks;
    // Discovery is not what is tested with these quirks.
    server.quirks = discoveryQuirks(quirks);
    found = (await storage.collections(never)).find(({ id }) => id === "work");
    server.quirks = quirks;
    server.requests.splice(0);
    if (found === undefined) throw new Error("the calendar was not found");
    return found;
  };
  try {
    await body({
      server,
      storage,
      environment,
      stored,
      collection,
      open,
      list: async (since) => await listOf(storage, await collection(), since),
      fetch: async (hrefs, all = false) => {
        const options = { signal: never, all };
        return (await Array.fromAsync(storage.fetch(await collection(), hrefs, options))).flat();
      },
      apply: async (...actions) =>
        await Array.fromAsync(storage.apply(await collection(), streamed(actions), never)),
    });
  } finally {
    for (const one of opened) await one.close();
    await server.close();
  }
}

function discoveryQuirks({ noSync, noCtag, noReportSet }: DavQuirks): DavQuirks {
  return {
    ...(noSync === undefined ? {} : { noSync }),
    ...(noCtag === undefined ? {} : { noCtag }),
    ...(noReportSet === undefined ? {} : { noReportSet }),
  };
}

async function* streamed<Value>(values: readonly Value[]): AsyncGenerator<Value> {
  await Promise.resolve();
  yield* values;
}

/** Lists a collection to its end. */
export async function listOf(
  storage: Storage,
  collection: Collection,
  since?: Cursor,
): Promise<WholeListing> {
  const entries: Listed[] = [];
  let end: Extract<Listing, { type: "end" }> | undefined;
  for await (const part of storage.changes(collection, since, never)) {
    if (end !== undefined) throw new Error("something came after the end");
    if (part.type === "end") end = part;
    else entries.push(...part.entries);
  }
  if (end === undefined) throw new Error("the listing has no end");
  const lines = entries.map((entry) => {
    const name = entry.href.slice(entry.href.lastIndexOf("/") + 1);
    return `${name} ${entry.state === "present" ? entry.etag : entry.state}`;
  }).sort();
  return { mode: end.mode, cursor: end.cursor, entries, lines };
}

/** An event. */
export function ics(uid: string, summary = "text", type = "VEVENT"): string {
  return [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//example//test//EN",
    `BEGIN:${type}`,
    `UID:${uid}`,
    "DTSTAMP:20260101T000000Z",
    "DTSTART:20260101T090000Z",
    `SUMMARY:${summary}`,
    `END:${type}`,
    "END:VCALENDAR",
    "",
  ].join("\r\n");
}

export function contentOf(text: string): Content {
  const bytes = new TextEncoder().encode(text);
  const read = readCalendarItem(bytes);
  if (read.state !== "read") throw read.error;
  return { digest: read.digest, flags: NO_FLAGS, body: bodyOf(bytes) };
}

/** The path of an item of the calendar `work`. */
export const at = (name: string): Href => asHref(`/calendars/user/work/${name}`);

let next = 0;

export function create(name: string, text = ics(name)): Action {
  return {
    kind: "create",
    id: next++,
    ident: ident(name),
    href: at(name),
    content: contentOf(text),
  };
}

export function update(name: string, etag: string, text = ics(name, "new")): Action {
  return {
    kind: "update",
    id: next++,
    ident: ident(name),
    href: at(name),
    etag: asEtag(etag),
    content: contentOf(text),
  };
}

export function remove(name: string, etag: string): Action {
  return { kind: "delete", id: next++, ident: ident(name), href: at(name), etag: asEtag(etag) };
}

/** What became of an action, as a word; of a failure its kind too. */
export function outcomes(results: readonly Result[]): readonly string[] {
  return results.toSorted((a, b) => a.id - b.id)
    .map((result) => result.outcome === "failed" ? `failed: ${result.error.kind}` : result.outcome);
}
