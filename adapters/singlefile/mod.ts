/** Single files: one iCalendar file or one file of vCards for each collection. */

import { basename, dirname, join } from "node:path";
import { fileError } from "../../lib/files/file_error.ts";
import { type Files, realFiles } from "../../lib/files/files.ts";
import { removeLeftovers } from "../../lib/files/leftovers.ts";
import { temporaryName } from "../../lib/files/names.ts";
import { discard, placeNew } from "../../lib/files/place.ts";
import { watchChanges } from "../../lib/files/watch.ts";
import { ITEM_LIMITS } from "../../lib/item/components.ts";
import type { ReadItem } from "../../lib/item/icalendar.ts";
import { SPLIT_LIMITS } from "../../lib/item/split.ts";
import { splitCalendar } from "../../lib/item/split_calendar.ts";
import { splitCards } from "../../lib/item/split_cards.ts";
import { itemHref } from "../../lib/item/split_names.ts";
import { applyEach } from "../../lib/model/apply_each.ts";
import { cancelled, SyncError } from "../../lib/model/error.ts";
import { storageName } from "../../lib/model/names.ts";
import type { Kind, Listing, Storage } from "../../lib/model/storage.ts";
import { withReadOnly } from "../with_read_only.ts";
import { applyAll, FILE_MODE } from "./apply.ts";
import { type Cache, fetched, type Form, listed, load } from "./contents.ts";
import { grouped } from "./group.ts";
import { removeVersion } from "./remove.ts";
import { collectionAt, hrefOf, listCollections, pathOf, readPlaces, rootOf } from "./places.ts";

export interface SinglefileOptions {
  /** The storage's name in the configuration. */
  readonly name: string;
  /** Of the files, with `%s` for a collection's id, or of the one file. Its folder must be there. */
  readonly path: string;
  readonly kind: Exclude<Kind, "mail">;
  /** What an item's bytes say: `readCalendarItem`, say. Never throws. */
  readonly read: (bytes: Uint8Array) => ReadItem;
  /** The id of the collection of a path without `%s`. Default: the file's name without extension. */
  readonly collectionId?: string;
  /** Default: false. */
  readonly readOnly?: boolean;
  /** The largest item that is read or written, in bytes. Default: 10 MiB. */
  readonly maxItemSize?: number;
  /** The largest file that is read or written, in bytes. Default: 64 MiB. */
  readonly maxSize?: number;
  /** Default: the real ones. */
  readonly files?: Files;
}

/** How many actions one rewriting of a file carries out at most. */
const WIDTH = 512;
const BATCH = 128;

const EMPTY_CALENDAR = new TextEncoder().encode(
  "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//dovetail//dovetail//EN\r\nEND:VCALENDAR\r\n",
);

/**
 * Opens single files. Nothing is touched before a method is called. Throws `RangeError` for a path
 * that can be none.
 *
 * All actions that are at hand are one rewriting of the file; what they are not about stays as it
 * is, byte for byte. An item's etag is a digest of its bytes, so that an edit of one leaves the
 * others alone, and its href is made of its UID. Where the file changes while it is rewritten, the
 * actions are carried out anew on what it has become.
 */
export function openSinglefile(options: SinglefileOptions): Storage {
  const { kind, files = realFiles } = options;
  const places = readPlaces(options.path, options.collectionId);
  const form = formOf(options);
  const cache: Cache = new Map();
  let tidied = false;
  const tidy = (folder: string) => {
    if (!tidied) removeLeftovers(files, folder);
    tidied = true;
  };

  const storage: Storage = {
    name: storageName(options.name),
    capabilities: {
      kind,
      readOnly: false,
      properties: [],
      conditionalWrites: false,
      keepsUids: false,
      listsChanges: false,
      watches: true,
    },

    check: async (signal) => {
      await begin(signal);
      listCollections(files, places);
    },

    collections: async (signal) => {
      await begin(signal);
      return listCollections(files, places);
    },

    holds: (identity) =>
      dirname(identity) === rootOf(files, places) && places.idOf(basename(identity)) !== undefined,

    createCollection: async (id, _properties, signal) => {
      await begin(signal);
      const name = places.nameFor(id);
      const root = rootOf(files, places);
      const path = join(root, name);
      const temporary = join(root, temporaryName());
      try {
        await files.writeNew(temporary, form.empty, FILE_MODE);
        if (!placeNew(files, temporary, path)) throw exists(path);
        await files.syncFolder(root);
      } catch (thrown) {
        throw fileError(thrown, "collection", path);
      } finally {
        discard(files, temporary);
      }
      return collectionAt(root, name, id);
    },

    deleteCollection: async (collection, signal) => {
      await begin(signal);
      const path = pathOf(files, places, collection);
      const { entries, version } = await load(files, path, form, cache);
      if (entries.size > 0) throw notEmpty(path, entries.size);
      try {
        removeVersion(files, path, version);
        await files.syncFolder(rootOf(files, places));
      } catch (thrown) {
        throw fileError(thrown, "collection", path);
      }
    },

    setProperty: async (collection, name, _value, signal) => {
      await begin(signal);
      await load(files, pathOf(files, places, collection), form, cache);
      throw new SyncError(`${options.name} keeps no ${name}: it is a single file`, {
        scope: "collection",
        kind: "refused",
      });
    },

    hrefFor: (_collection, ident, attempt) => itemHref(ident, attempt, form.fileext),

    async *changes(collection, _cursor, signal): AsyncGenerator<Listing> {
      await begin(signal);
      const { entries } = await load(files, pathOf(files, places, collection), form, cache);
      for (const batch of batches([...entries])) {
        await begin(signal);
        yield {
          type: "entries",
          entries: batch.map(([href, entry]) => listed(href, entry, form)),
        };
      }
      yield { type: "end", mode: "complete" };
    },

    async *fetch(collection, hrefs, { signal }) {
      await begin(signal);
      if (hrefs.length === 0) return;
      const { entries } = await load(files, pathOf(files, places, collection), form, cache);
      for (const batch of batches(hrefs)) {
        await begin(signal);
        yield batch.map((href) => fetched(href, entries.get(href), form));
      }
    },

    apply: (collection, actions, signal) =>
      applyEach(
        actions,
        WIDTH,
        signal,
        grouped((group) => {
          const path = pathOf(files, places, collection);
          tidy(dirname(path));
          return applyAll({ files, path, form, cache }, group);
        }),
      ),

    async *watch(signal) {
      if (signal.aborted) return;
      const root = rootOf(files, places);
      yield* watchChanges(files, root, ({ paths, missedSome }) => {
        const names = missedSome
          ? files.names(root)
          : paths.map((path) => path.slice(root.length).replace(/^[/\\]+/, ""));
        return names.flatMap((name) => hrefOf(places, name));
      }, signal);
    },

    close: () => {
      cache.clear();
      return Promise.resolve();
    },
  };
  return options.readOnly ? withReadOnly(storage) : storage;
}

function formOf(
  { kind, read, maxItemSize, maxSize = SPLIT_LIMITS.bytes }: SinglefileOptions,
): Form {
  const limits = { ...SPLIT_LIMITS, bytes: maxSize };
  const common = { read, maxItemSize: maxItemSize ?? ITEM_LIMITS.bytes, maxSize };
  return kind === "calendar"
    ? {
      ...common,
      fileext: "ics",
      empty: EMPTY_CALENDAR,
      split: (bytes) => splitCalendar(bytes, { limits }),
    }
    : {
      ...common,
      fileext: "vcf",
      empty: new Uint8Array(),
      split: (bytes) => splitCards(bytes, { limits }),
    };
}

/** A promise, so that what comes after is not begun by whoever only calls. */
function begin(signal: AbortSignal): Promise<void> {
  return signal.aborted ? Promise.reject(cancelled(signal.reason)) : Promise.resolve();
}

function exists(path: string): SyncError {
  return new SyncError(`${path} is there already`, { scope: "collection", kind: "exists" });
}

function notEmpty(path: string, count: number): SyncError {
  return new SyncError(`${path} is not empty: it holds ${count} item${count === 1 ? "" : "s"}`, {
    scope: "collection",
    kind: "refused",
    hint: "Only an empty collection is deleted.",
  });
}

function* batches<Value>(values: readonly Value[]): Generator<readonly Value[]> {
  for (let from = 0; from < values.length; from += BATCH) yield values.slice(from, from + BATCH);
}
