/** Mailboxes as Dovecot, mutt and most delivery agents keep them: a file for each (mbox). */

import { dirname } from "node:path";
import { type Files, realFiles } from "../../lib/files/files.ts";
import { removeLeftovers } from "../../lib/files/leftovers.ts";
import { cancelled, SyncError } from "../../lib/model/error.ts";
import type { Fetched } from "../../lib/model/item.ts";
import { hrefOfUid } from "../../lib/model/mail.ts";
import { cursor, ident, storageName } from "../../lib/model/names.ts";
import type { Collection, Listing, Storage } from "../../lib/model/storage.ts";
import { withReadOnly } from "../with_read_only.ts";
import { applyAll } from "./apply.ts";
import { bodyAt } from "./body.ts";
import type { Box } from "./box.ts";
import { gone } from "./contents.ts";
import { type Disk, realDisk } from "./disk.ts";
import { Earlier, listed, losses, news } from "./earlier.ts";
import { applyInGroups } from "./group.ts";
import { LOCK_DEFAULTS, type LockOptions } from "./lock.ts";
import {
  another,
  asPlace,
  type Boxes,
  listBoxes,
  openBox,
  removeBox,
  renameBox,
  renumberBox,
} from "./mailboxes.ts";
import { makeBox } from "./make_box.ts";
import { listPlaces, localId, placeOf, readPlaces } from "./places.ts";
import { setSubscribed } from "./subscriptions.ts";
import { watchPlaces } from "./watch.ts";

export interface MboxOptions {
  /** The storage's name in the configuration. */
  readonly name: string;
  /** The folder of the mailboxes, which must be there. */
  readonly path: string;
  /** INBOX, such as `/var/mail/user`. Default: the file `inbox` in the folder, as with Dovecot. */
  readonly inbox?: string;
  /** Where Dovecot keeps its indexes (`INDEX=`). Default: in `.imap` beside each mailbox. */
  readonly index?: string;
  /** Stands for what names cannot hold. Default: `_`. */
  readonly altChar?: string;
  /** Default: false. */
  readonly readOnly?: boolean;
  /** Whether mails without a UID are given one in the file, or only for this run. */
  readonly assign: "write" | "pretend";
  /** How long to wait for whom. Default: Dovecot's, five minutes and two. */
  readonly locks?: Partial<LockOptions>;
  /** Default: the real ones. */
  readonly disk?: Disk;
  readonly files?: Files;
}

const BATCH = 256;

/**
 * Opens a folder of mailboxes. Nothing is touched before a method is called.
 *
 * UIDs, UIDVALIDITY, flags and keywords are kept in the files, in the fields in which Dovecot, UW-IMAP
 * and Alpine keep them. Dovecot writes flags that it was given to the file only when its user leaves
 * the mailbox (`mbox_lazy_writes`): until then nobody else can see them. A mail is a range of a file, and its
 * body is read from there each time.
 */
export function openMbox(options: MboxOptions): Storage {
  const { disk = realDisk, files = realFiles, altChar = "_", readOnly = false } = options;
  const world = { disk, locks: { ...LOCK_DEFAULTS, ...options.locks }, cache: new Map() };
  const earlier = new Earlier();
  let latest = 0;
  let unsettledLists = 0;
  const newValidity = () => latest = Math.max(latest + 1, Math.floor(disk.now() / 1000), 1);
  const writes = options.assign === "write" && !readOnly;

  const tidied = new Set<string>();
  const tidy = (folder: string) => {
    if (!tidied.has(folder)) removeLeftovers(files, folder);
    tidied.add(folder);
  };

  /** Looked up each time, as a disk may have been mounted meanwhile. */
  const open = (): Boxes => ({
    world,
    places: readPlaces(disk, options.path, options.inbox),
    index: options.index,
    writes,
    newValidity,
  });

  /** A mailbox, and what it holds, if it still is the one that was listed. */
  async function boxOf(
    boxes: Boxes,
    { href, mailbox }: Collection,
    signal: AbortSignal,
  ): Promise<{ readonly path: string; readonly box: Box }> {
    const place = placeOf(boxes.places, href);
    const box = await openBox(boxes, place, signal);
    // One that could not be read when it was listed has no numbers yet.
    if (mailbox !== undefined && box.uidValidity !== mailbox.uidValidity) throw another(place.path);
    return { path: place.path, box };
  }

  const storage: Storage = {
    name: storageName(options.name),
    capabilities: {
      kind: "mail",
      readOnly: false,
      properties: ["subscribed"],
      conditionalWrites: true,
      keepsUids: true,
      keepsGuids: false,
      listsChanges: true,
      watches: true,
    },

    check: async (signal) => {
      await begin(signal);
      const { places } = open();
      listPlaces(disk, places);
    },

    collections: async (signal) => {
      await begin(signal);
      return await listBoxes(open(), signal);
    },

    holds: (identity) => {
      const { root, inbox } = open().places;
      return identity.startsWith(`mbox:${root}/`) || identity.startsWith(`mbox:${inbox};`);
    },

    createCollection: async (id, properties, signal) => {
      await begin(signal);
      const boxes = open();
      const made = await makeBox(boxes, id, signal);
      if (properties.subscribed === undefined) return made;
      await setSubscribed(disk, boxes.places.root, id, true, world.locks, signal);
      return { ...made, properties: { subscribed: "yes" } };
    },

    deleteCollection: async ({ href, mailbox }, signal) => {
      await begin(signal);
      const boxes = open();
      await removeBox(boxes, placeOf(boxes.places, href), mailbox?.uidValidity, signal);
    },

    localId: (id) => localId(id, altChar),

    renameCollection: async (collection, id, signal) => {
      await begin(signal);
      const boxes = open();
      const place = placeOf(boxes.places, collection.href);
      const { mailbox, properties } = collection;
      const renamed = await renameBox(boxes, place, mailbox?.uidValidity, id, signal);
      return {
        ...renamed,
        properties: properties.subscribed === undefined ? {} : renamed.properties,
      };
    },

    renumber: async ({ href, mailbox }, numbers, signal) => {
      await begin(signal);
      const boxes = open();
      const place = placeOf(boxes.places, href);
      return await renumberBox(boxes, place, mailbox?.uidValidity, numbers, signal);
    },

    setProperty: async ({ id, href }, name, value, signal) => {
      await begin(signal);
      const { places } = open();
      const { path } = placeOf(places, href);
      if (disk.stat(path) === undefined) throw gone(path);
      if (name !== "subscribed") throw notKept(options.name, name);
      await setSubscribed(disk, places.root, id, value !== undefined, world.locks, signal);
    },

    hrefFor: ({ mailbox }, _ident, attempt) => hrefOfUid((mailbox?.uidNext ?? 1) + attempt),

    async *changes(collection, since, signal): AsyncGenerator<Listing> {
      await begin(signal);
      const { path, box } = await boxOf(open(), collection, signal);
      // What may change without a sign is listed again the next time.
      const unsettled = box.settled ? "" : ` ${disk.now()}-${++unsettledLists}`;
      const now = cursor(`${box.version} ${box.uidValidity}${unsettled}`);
      const before = since === now ? box : earlier.get(path, since);
      earlier.set(path, now, box);
      for (const entries of batches(before === undefined ? box.entries : news(before, box))) {
        await begin(signal);
        yield { type: "entries", entries: entries.map(listed) };
      }
      for (const entries of batches(before === undefined ? [] : losses(before, box))) {
        await begin(signal);
        yield {
          type: "entries",
          entries: entries.map(({ uid }) => ({ state: "gone", href: hrefOfUid(uid) })),
        };
      }
      yield { type: "end", mode: before === undefined ? "complete" : "since", cursor: now };
    },

    async *fetch(collection, hrefs, { signal }) {
      await begin(signal);
      if (hrefs.length === 0) return;
      const { path, box } = await boxOf(open(), collection, signal);
      for (const batch of batches(hrefs)) {
        await begin(signal);
        yield batch.map((href): Fetched => {
          const entry = box.entries.of(href);
          if (entry === undefined) return { state: "unknown", href };
          const { etag, flags, mail: { digest, received } } = entry;
          const body = bodyAt(world, path, href, box, entry);
          const item = {
            href,
            etag,
            flags,
            digest,
            ident: ident(digest),
            body,
            mail: { received },
          };
          return { state: "present", item };
        });
      }
    },

    apply: (collection, actions, signal) =>
      applyInGroups(actions, signal, (group) => {
        const boxes = open();
        const place = asPlace(boxes, placeOf(boxes.places, collection.href));
        for (const folder of new Set([place.folder, dirname(place.path)])) tidy(folder);
        return applyAll(world, place, collection.mailbox?.uidValidity, group, signal);
      }),

    async *watch(signal) {
      if (signal.aborted) return;
      const { places } = open();
      yield* watchPlaces(files, places, signal);
    },

    close: () => {
      world.cache.clear();
      earlier.clear();
      return Promise.resolve();
    },
  };
  return readOnly ? withReadOnly(storage) : storage;
}

/** A promise, so that what comes after is not begun by whoever only calls. */
function begin(signal: AbortSignal): Promise<void> {
  return signal.aborted ? Promise.reject(cancelled(signal.reason)) : Promise.resolve();
}

function* batches<Value>(values: Iterable<Value>): Generator<readonly Value[]> {
  let batch: Value[] = [];
  for (const value of values) {
    batch.push(value);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function notKept(storage: string, name: string): SyncError {
  return new SyncError(`${storage} keeps no ${name}: its mailboxes are files`, {
    scope: "collection",
    kind: "refused",
  });
}
