/** The contract of a storage over what is in memory. */

import { asSyncError, cancelled, type Scope, SyncError } from "../../lib/model/error.ts";
import { localName } from "../../lib/model/local_name.ts";
import { hrefOfUid } from "../../lib/model/mail.ts";
import { type CollectionId, cursor, href, storageName } from "../../lib/model/names.ts";
import type {
  Action,
  Capabilities,
  Collection,
  Kind,
  Listing,
  Result,
  Storage,
} from "../../lib/model/storage.ts";
import { applyTo } from "./apply.ts";
import type { Behaviour } from "./behaviour.ts";
import { applyToMailbox } from "./mail.ts";
import { isInbox, localMailboxId, newMailbox, rename, renumber } from "./mailbox.ts";
import { fetched, fetchedMail, listing, placeOf, renewEtags } from "./seen.ts";
import { type Data, identityIn, newShelf, type Shelf, tell } from "./shelf.ts";
import { watchData } from "./watch.ts";

export function memoryStorage(
  data: Data,
  capabilities: Capabilities,
  behaviour: Behaviour,
): Storage {
  const { batch = Infinity, separator = "/", altChar = "_" } = behaviour;
  const isMail = capabilities.kind === "mail";
  const keepsGuids = capabilities.keepsGuids === true;

  const begin = (signal: AbortSignal) => {
    if (signal.aborted) throw cancelled(signal.reason);
    if (!data.there) {
      throw error("storage", "missing", `there is no storage ${data.name}`);
    }
  };
  const shelfOf = (collection: Collection): Shelf => {
    const shelf = data.shelves.get(collection.href);
    if (shelf === undefined) {
      throw error("collection", "missing", `there is no collection ${collection.id}`);
    }
    const { guid, uidValidity } = collection.mailbox ?? {};
    if (shelf.mailbox?.uidValidity !== uidValidity || shelf.mailbox?.guid !== guid) {
      throw error("collection", "changed", `there is another mailbox ${shelf.id} now`);
    }
    return shelf;
  };

  const localId = (id: CollectionId) => localMailboxId(id, separator, altChar);
  const ofMail: Partial<Storage> = {
    localId,
    renameCollection: (collection, id, signal) =>
      promised(() => {
        begin(signal);
        const shelf = shelfOf(collection);
        if (!isName(id, "mail") || localId(id) !== id) {
          throw error("collection", "refused", `${JSON.stringify(id)} is no name for a mailbox`);
        }
        const renamed = rename(data, shelf, id, behaviour.renamesAlone === true);
        data.effects++;
        return asCollection(renamed);
      }),
    ...(capabilities.keepsUids
      ? {
        renumber: (collection, numbers, signal) =>
          promised(() => {
            begin(signal);
            const shelf = shelfOf(collection);
            const { guid, ...rest } = numbers;
            renumber(data, shelf, keepsGuids && guid !== undefined ? { ...rest, guid } : rest);
            data.effects++;
            return asCollection(shelf);
          }),
      }
      : {}),
  };

  return {
    name: storageName(data.name),
    capabilities,
    ...(isMail ? ofMail : {}),

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
        if (!isName(id, capabilities.kind) || (isMail && localId(id) !== id)) {
          throw error("collection", "refused", `${JSON.stringify(id)} is no name for a collection`);
        }
        if (data.shelves.has(id)) {
          throw error("collection", "exists", `there is a collection ${id} already`);
        }
        data.effects++;
        const mailbox = isMail ? newMailbox(data, {}, keepsGuids) : undefined;
        return asCollection(newShelf(data, id, properties, mailbox));
      }),

    deleteCollection: (collection, signal) =>
      promised(() => {
        begin(signal);
        const shelf = shelfOf(collection);
        if (shelf.items.size > 0) {
          throw error("collection", "refused", `the collection ${shelf.id} holds items`);
        }
        if (isMail && isInbox(shelf.id)) {
          throw error("collection", "refused", "INBOX is always there");
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

    hrefFor: (collection, ident, attempt) =>
      isMail
        ? hrefOfUid((collection.mailbox?.uidNext ?? 1) + attempt)
        : href(localName(ident, attempt)),

    async *changes(collection, since, signal) {
      begin(signal);
      const shelf = shelfOf(collection);
      if (behaviour.restlessEtags) renewEtags(data, shelf, isMail);
      const place = capabilities.listsChanges ? placeOf(shelf, since) : undefined;
      const next = capabilities.listsChanges
        ? { cursor: cursor(`${shelf.era}:${shelf.now}`) }
        : undefined;
      const entries = listing(shelf, place, isMail ? behaviour : undefined);
      if (behaviour.listsTwice) entries.push(...entries);
      for (const some of batches(entries, batch)) {
        if (signal.aborted) throw cancelled(signal.reason);
        yield { type: "entries", entries: some };
      }
      const end: Listing = {
        type: "end",
        mode: place === undefined ? "complete" : "since",
        ...next,
        ...(behaviour.keeps === undefined ? {} : { keeps: behaviour.keeps }),
      };
      yield end;
    },

    async *fetch(collection, hrefs, options) {
      const { signal } = options;
      begin(signal);
      const shelf = shelfOf(collection);
      for (const some of batches(hrefs, batch)) {
        if (signal.aborted) throw cancelled(signal.reason);
        yield some.map((wanted) =>
          isMail
            ? fetchedMail(shelf, wanted, behaviour, options)
            : fetched(shelf, wanted, behaviour.read)
        );
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
          if (isMail) {
            const find = () => shelfOf(collection);
            return await applyToMailbox(data, find, action, capabilities, behaviour);
          }
          return await applyTo(data, shelfOf(collection), action, behaviour);
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

export function asCollection(
  { id, href, identity, properties, items, mailbox }: Shelf,
): Collection {
  const box = mailbox === undefined ? {} : { mailbox: { ...mailbox, messages: items.size } };
  return { id, href, identity, properties, ...box };
}

function* batches<T>(all: readonly T[], size: number): Generator<readonly T[]> {
  if (all.length <= size) {
    if (all.length > 0) yield all;
    return;
  }
  for (let from = 0; from < all.length; from += size) yield all.slice(from, from + size);
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
