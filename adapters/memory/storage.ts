/** The contract of a storage over what is in memory. */

import { asSyncError, cancelled, type Scope, SyncError } from "../../lib/model/error.ts";
import { bodyOf, type Fetched } from "../../lib/model/item.ts";
import { localName } from "../../lib/model/local_name.ts";
import { type Cursor, cursor, etag, type Href, href, storageName } from "../../lib/model/names.ts";
import type {
  Action,
  Capabilities,
  Collection,
  Kind,
  Listed,
  Listing,
  Result,
  Storage,
} from "../../lib/model/storage.ts";
import { applyTo } from "./apply.ts";
import type { Behaviour } from "./behaviour.ts";
import { type Data, identityIn, newShelf, type Shelf, tell } from "./shelf.ts";
import { watchData } from "./watch.ts";

export function memoryStorage(
  data: Data,
  capabilities: Capabilities,
  behaviour: Behaviour,
): Storage {
  const { batch = Infinity } = behaviour;

  const begin = (signal: AbortSignal) => {
    if (signal.aborted) throw cancelled(signal.reason);
    if (!data.there) {
      throw error("storage", "missing", `there is no storage ${data.name}`);
    }
  };
  const shelfOf = (collection: Collection): Shelf => {
    const shelf = data.shelves.get(collection.href);
    if (shelf !== undefined) return shelf;
    throw error("collection", "missing", `there is no collection ${collection.id}`);
  };

  return {
    name: storageName(data.name),
    capabilities,

    check: (signal) => promised(() => begin(signal)),

    collections: (signal) =>
      promised(() => {
        begin(signal);
        return Array.from(data.shelves.values(), asCollection);
      }),

    holds: (identity) =>
      !data.foreign.has(identity) &&
      (identity.startsWith(identityIn(data.name)) ||
        [...data.shelves.values()].some((it) => it.identity === identity)),

    createCollection: (id, properties, signal) =>
      promised(() => {
        begin(signal);
        if (!isName(id, capabilities.kind)) {
          throw error("collection", "refused", `${JSON.stringify(id)} is no name for a collection`);
        }
        if (data.shelves.has(id)) {
          throw error("collection", "exists", `there is a collection ${id} already`);
        }
        data.effects++;
        return asCollection(newShelf(data, id, properties));
      }),

    deleteCollection: (collection, signal) =>
      promised(() => {
        begin(signal);
        const shelf = shelfOf(collection);
        if (shelf.items.size > 0) {
          throw error("collection", "refused", `the collection ${shelf.id} holds items`);
        }
        data.effects++;
        data.shelves.delete(shelf.href);
        tell(data, shelf);
      }),

    setProperty: (collection, name, value, signal) =>
      promised(() => {
        begin(signal);
        const shelf = shelfOf(collection);
        if (!capabilities.properties.includes(name)) {
          throw error("collection", "refused", `${data.name} keeps no property ${name}`);
        }
        data.effects++;
        const { [name]: _, ...others } = shelf.properties;
        shelf.properties = value === undefined ? others : { ...others, [name]: value };
        tell(data, shelf);
      }),

    hrefFor: (_collection, ident, attempt) => href(localName(ident, attempt)),

    async *changes(collection, since, signal) {
      begin(signal);
      const shelf = shelfOf(collection);
      if (behaviour.restlessEtags) renewEtags(data, shelf);
      const place = capabilities.listsChanges ? placeOf(shelf, since) : undefined;
      const next = capabilities.listsChanges
        ? { cursor: cursor(`${shelf.era}:${shelf.now}`) }
        : undefined;
      const entries = listing(shelf, place);
      if (behaviour.listsTwice) entries.push(...entries);
      for (const some of batches(entries, batch)) {
        if (signal.aborted) throw cancelled(signal.reason);
        yield { type: "entries", entries: some };
      }
      const end: Listing = {
        type: "end",
        mode: place === undefined ? "complete" : "since",
        ...next,
      };
      yield end;
    },

    async *fetch(collection, hrefs, { signal }) {
      begin(signal);
      const shelf = shelfOf(collection);
      for (const some of batches(hrefs, batch)) {
        if (signal.aborted) throw cancelled(signal.reason);
        yield some.map((wanted) => fetched(shelf, wanted, behaviour.read));
      }
    },

    async *apply(collection, actions, signal) {
      for await (const action of actions) {
        if (signal.aborted) return;
        yield await applied(action);
      }

      async function applied(action: Action): Promise<Result> {
        try {
          begin(signal);
          return await applyTo(data, shelfOf(collection), action, capabilities.kind, behaviour);
        } catch (thrown) {
          return { id: action.id, outcome: "failed", error: asSyncError(thrown, "item") };
        }
      }
    },

    watch: (signal) => watchData(data, signal),

    close: () => Promise.resolve(),
  };
}

function isName(id: string, kind: Kind): boolean {
  const segments = id.split("/");
  return segments.every((segment) => !["", ".", ".."].includes(segment)) &&
    (segments.length === 1 || kind === "mail");
}

function asCollection({ id, href, identity, properties }: Shelf): Collection {
  return { id, href, identity, properties };
}

/** The place in the shelf's count that a cursor stands for, unless it is one of another era. */
function placeOf(shelf: Shelf, since: Cursor | undefined): number | undefined {
  const [era, place] = since?.split(":") ?? [];
  return Number(era) === shelf.era ? Number(place) : undefined;
}

function listing(shelf: Shelf, since: number | undefined): Listed[] {
  const entries: Listed[] = [];
  for (const { href, etag, flags, when, unreadable } of shelf.items.values()) {
    if (since !== undefined && when <= since) continue;
    entries.push(
      unreadable === undefined
        ? { state: "present", href, etag, flags }
        : { state: "unreadable", href, error: unreadable },
    );
  }
  if (since === undefined) return entries;
  for (const [href, stays] of shelf.gone) {
    // What came and went since need not be mentioned (RFC 6578 section 3.5.2), and so it is not.
    const wasThere = stays.some(({ from, to }) => from <= since && since < to);
    if (wasThere) entries.push({ state: "gone", href });
  }
  return entries;
}

function renewEtags(data: Data, shelf: Shelf): void {
  for (const stored of shelf.items.values()) {
    const renewed = { ...stored, etag: etag(`v${++data.versions}`), when: ++shelf.now };
    shelf.items.set(stored.href, renewed);
  }
}

function fetched(shelf: Shelf, wanted: Href, read: Behaviour["read"]): Fetched {
  const stored = shelf.items.get(wanted);
  if (stored === undefined) return { state: "unknown", href: wanted };
  const unreadable = (error: SyncError): Fetched => ({ state: "unreadable", href: wanted, error });
  if (stored.unreadable !== undefined) return unreadable(stored.unreadable);
  stored.reading ??= attempt(() => read(stored.bytes));
  if (stored.reading instanceof SyncError) return unreadable(stored.reading);
  const { href, etag, flags, bytes, reading: { ident, digest } } = stored;
  return { state: "present", item: { href, etag, flags, ident, digest, body: bodyOf(bytes) } };
}

function* batches<T>(all: readonly T[], size: number): Generator<readonly T[]> {
  if (all.length <= size) {
    if (all.length > 0) yield all;
    return;
  }
  for (let from = 0; from < all.length; from += size) yield all.slice(from, from + size);
}

function attempt<T>(read: () => T): T | SyncError {
  try {
    return read();
  } catch (thrown) {
    return asSyncError(thrown, "item");
  }
}

function promised<T>(run: () => T): Promise<T> {
  try {
    return Promise.resolve(run());
  } catch (thrown) {
    return Promise.reject(thrown);
  }
}

function error(scope: Scope, kind: SyncError["kind"], message: string): SyncError {
  return new SyncError(message, { scope, kind });
}
