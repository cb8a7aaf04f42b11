/**
 * A vdir: a folder of folders of files, one item a file, as khal, khard, todoman, vdirsyncer and
 * pimsync keep it. https://vdirsyncer.pimutils.org/en/stable/vdir.html
 */

import { dirname } from "node:path";
import { type Files, realFiles } from "../../lib/files/files.ts";
import { applyEach } from "../../lib/model/apply_each.ts";
import { removeLeftovers } from "../../lib/files/leftovers.ts";
import { asSyncError, cancelled } from "../../lib/model/error.ts";
import { localName } from "../../lib/model/local_name.ts";
import { href, storageName } from "../../lib/model/names.ts";
import type { Collection, Kind, Listing, Result, Storage } from "../../lib/model/storage.ts";
import { withReadOnly } from "../with_read_only.ts";
import { applyAction } from "./apply.ts";
import { listCollections, makeCollection, removeCollection } from "./collections.ts";
import { fetchItems, type Read } from "./fetch.ts";
import { type Folder, openFolder, rootOf } from "./folder.ts";
import { groupSync } from "./group_sync.ts";
import { listItems } from "./list.ts";
import { PROPERTY_NAMES, readProperties, writeProperty } from "./metadata.ts";
import { watchCollections } from "./watch.ts";

export type { Files, Read };

export interface VdirOptions {
  /** The storage's name in the configuration. */
  readonly name: string;
  /** The folder whose folders are the collections. It must be there. */
  readonly path: string;
  readonly kind: Exclude<Kind, "mail">;
  /** What an item's bytes say: `readCalendarItem`, say. Never throws. */
  readonly read: Read;
  /** What the names of items end in, without the dot. Default: `ics`, or `vcf` for contacts. */
  readonly fileext?: string;
  /** What the names of files that are no items end in, whatever their extension. Default: `.tmp`. */
  readonly ignored?: string;
  /** Default: false. */
  readonly readOnly?: boolean;
  /** The largest item that is read or written, in bytes. Default: 10 MiB. */
  readonly maxItemSize?: number;
  /** Default: the real ones. */
  readonly files?: Files;
}

const MAX_ITEM_SIZE = 10 * 1024 * 1024;
/** How many files are written at a time: the file system makes one journal commit for many. */
const WIDTH = 64;

/**
 * Opens a vdir. Nothing is touched before a method is called. Throws `RangeError` for an extension
 * that can be none.
 */
export function openVdir(options: VdirOptions): Storage {
  const { path, kind, files = realFiles } = options;
  const fileext = fileextOf(options);
  const names = { fileext, ignored: options.ignored ?? ".tmp" };
  const maxSize = options.maxItemSize ?? MAX_ITEM_SIZE;
  const tidied = new Set<string>();

  const open = (collection: Collection) => openFolder(files, path, collection);
  const tidy = (folder: Folder) => {
    if (tidied.has(folder.path)) return;
    tidied.add(folder.path);
    folder.look();
    removeLeftovers(files, folder.path);
  };

  const storage: Storage = {
    name: storageName(options.name),
    capabilities: {
      kind,
      readOnly: false,
      properties: PROPERTY_NAMES,
      conditionalWrites: false,
      keepsUids: false,
      listsChanges: false,
      watches: true,
    },

    check: async (signal) => {
      begin(signal);
      await listCollections(files, path);
    },

    collections: async (signal) => {
      begin(signal);
      return await listCollections(files, path);
    },

    holds: (identity) => dirname(identity) === rootOf(files, path),

    createCollection: async (id, properties, signal) => {
      begin(signal);
      return await makeCollection(files, path, id, properties);
    },

    deleteCollection: async (collection, signal) => {
      begin(signal);
      await removeCollection(files, path, collection, names);
    },

    setProperty: async (collection, name, value, signal) => {
      begin(signal);
      await writeProperty(files, open(collection), name, value);
    },

    hrefFor: (_collection, ident, attempt) => href(`${localName(ident, attempt)}.${fileext}`),

    async *changes(collection, _cursor, signal): AsyncGenerator<Listing> {
      begin(signal);
      const folder = open(collection);
      // Properties that cannot be read must not pass for properties that were removed, and this is
      // where that can be said of one collection.
      await readProperties(files, folder);
      const entries = await listItems(files, folder, names);
      begin(signal);
      if (entries.length > 0) yield { type: "entries", entries };
      yield { type: "end", mode: "complete" };
    },

    async *fetch(collection, hrefs, { signal }) {
      begin(signal);
      if (hrefs.length === 0) return;
      const settings = { names, maxSize, read: options.read };
      yield* fetchItems(files, open(collection), hrefs, settings, signal);
    },

    async *apply(collection, actions, signal) {
      let folder: Folder | undefined;
      const sync = groupSync(() => files.syncFolder(collection.identity));
      yield* applyEach(actions, WIDTH, signal, async (action): Promise<Result> => {
        try {
          folder ??= open(collection);
          tidy(folder);
          return await applyAction(files, folder, action, { names, maxSize, sync });
        } catch (thrown) {
          return { id: action.id, outcome: "failed", error: asSyncError(thrown, "item") };
        }
      });
    },

    watch: (signal) => watchCollections(files, path, signal),

    close: () => Promise.resolve(),
  };
  return options.readOnly ? withReadOnly(storage) : storage;

  function begin(signal: AbortSignal): void {
    if (signal.aborted) throw cancelled(signal.reason);
  }
}

function fileextOf({ fileext, kind }: VdirOptions): string {
  const given = (fileext ?? (kind === "calendar" ? "ics" : "vcf")).replace(/^\./, "");
  if (/^[^/\\\p{Cc}]+$/u.test(given) && !/(?:^|\.)tmp$/.test(given)) return given;
  throw new RangeError(
    `Cannot open a vdir: fileext must be an extension other than tmp: it is ${
      JSON.stringify(given)
    }`,
  );
}
