/**
 * A Maildir: a folder of mailboxes of one file a mail, as Dovecot keeps it, with or without Dovecot.
 * https://doc.dovecot.org/2.3/admin_manual/mailbox_formats/maildir/
 */

import { isAbsolute } from "node:path";
import { cancelled, SyncError } from "../../lib/model/error.ts";
import { MOST } from "../../lib/model/mail.ts";
import { href, storageName } from "../../lib/model/names.ts";
import type { Collection, Listing, Storage } from "../../lib/model/storage.ts";
import { withReadOnly } from "../with_read_only.ts";
import { applyActions } from "./apply.ts";
import {
  collectionOf,
  identityRoot,
  listMailboxes,
  messagesOf,
  sameMailbox,
  subscriptionsOf,
} from "./collections.ts";
import type { Context, Known } from "./context.ts";
import { type Disk, realDisk } from "./disk.ts";
import { fetchMails } from "./fetch.ts";
import { fullNameOf, hrefOfId, type LayoutName, localIdOf } from "./layout.ts";
import { keptBy, readKeywords } from "./keywords.ts";
import { evidenceOf, listed } from "./list.ts";
import { loadList } from "./list_file.ts";
import { logChanges } from "./mailbox_log.ts";
import { folderModeOf, openMailbox } from "./mailbox.ts";
import { makeMailbox, removeMailbox, renameMailbox } from "./manage.ts";
import { numberMails } from "./numbering.ts";
import { placesNow } from "./places_now.ts";
import { renumberMailbox } from "./renumber.ts";
import { setSubscription } from "./subscriptions.ts";
import { watchMailboxes } from "./watch.ts";

export type { Disk, LayoutName };

export interface MaildirOptions {
  /** The storage's name in the configuration. */
  readonly name: string;
  /** The folder with the mailboxes: what stands after `maildir:` in Dovecot's `mail_location`. */
  readonly path: string;
  /** Default: `maildir++`. */
  readonly layout?: LayoutName;
  /** Where INBOX lies, if not in `path` itself: Dovecot's `INBOX=`. Absolute. */
  readonly inbox?: string;
  /** Where UID lists, keywords and subscriptions lie, if elsewhere: `CONTROL=`. Absolute. */
  readonly control?: string;
  /** Where Dovecot's indexes lie, if elsewhere: `INDEX=`. Absolute. */
  readonly index?: string;
  /** What stands for a separator inside of a name. Default: `_`. */
  readonly altChar?: string;
  /** Default: false. Whether mails get UIDs all the same, as Dovecot has it, is for `assign`. */
  readonly readOnly?: boolean;
  /** What mails go by: their GUIDs, or digests, for which each has to be read. */
  readonly identBy: "guid" | "digest";
  /** Whether UIDs, UIDVALIDITYs and GUIDs that are missing are written, or given in memory alone. */
  readonly assign: "write" | "pretend";
  /**
   * A listing says of each mail when it was received, and looks at each file for that, which takes
   * some microseconds a mail. Default: false.
   */
  readonly facts?: boolean;
  /** The largest mail that is read or written, in bytes. Default: 1 GiB. */
  readonly maxItemSize?: number;
  /** Default: the real one. */
  readonly disk?: Disk;
}

const MAX_ITEM_SIZE = 1024 * 1024 * 1024;
/** Of how many mails it is remembered where they lie. */
const REMEMBERED = 300_000;

/**
 * Opens a Maildir. Nothing is touched before a method is called. Throws `RangeError` for a path that
 * is not absolute where it has to be, and for an altChar that is no single letter that may stand in
 * a name.
 */
export function openMaildir(options: MaildirOptions): Storage {
  const { layout = "maildir++", altChar = "_", disk = realDisk } = options;
  check(options, layout, altChar);
  const remembered = new Map<string, Known>();

  const begin = (signal: AbortSignal): Context => {
    if (signal.aborted) throw cancelled(signal.reason);
    return {
      disk,
      places: placesNow(disk, layout, options),
      identBy: options.identBy,
      assign: options.assign,
      readOnly: options.readOnly ?? false,
      facts: options.facts ?? false,
      maxSize: options.maxItemSize ?? MAX_ITEM_SIZE,
    };
  };
  const remember = (known: Known): Known => {
    remembered.delete(known.mailbox.href);
    remembered.set(known.mailbox.href, known);
    let total = 0;
    for (const { files } of remembered.values()) total += files.size;
    for (const [name, { files }] of remembered) {
      if (total <= REMEMBERED || name === known.mailbox.href) break;
      total -= files.size;
      remembered.delete(name);
    }
    return known;
  };
  /** Looks through the mailbox, unless it was looked through before. */
  const know = async (
    context: Context,
    collection: Collection,
    signal: AbortSignal,
  ): Promise<Known> => {
    const mailbox = openMailbox(disk, context.places, collection.href);
    const before = remembered.get(collection.href);
    if (before === undefined) {
      const { loaded, scan } = await numberMails(context, mailbox, undefined, signal);
      sameMailbox(collection, loaded.list);
      return remember({ mailbox, loaded, files: scan.files });
    }
    // What was only given in memory would be lost with a look at the disk.
    const loaded = before.loaded.stamp === ""
      ? before.loaded
      : loadList(disk, mailbox, before.loaded);
    sameMailbox(collection, loaded.list);
    return remember({ mailbox, loaded, files: before.files });
  };

  const storage: Storage = {
    name: storageName(options.name),
    capabilities: {
      kind: "mail",
      readOnly: false,
      properties: ["subscribed"],
      conditionalWrites: false,
      keepsUids: true,
      keepsGuids: true,
      // It can only say that nothing has changed, and does so whenever it is sure.
      listsChanges: false,
      watches: true,
    },

    check: async (signal) => {
      await listMailboxes({ ...begin(signal), assign: "pretend" }, signal);
    },

    collections: async (signal) => await listMailboxes(begin(signal), signal),

    holds: (identity) => identity.startsWith(identityRoot(placesNow(disk, layout, options))),

    createCollection: async (id, properties, signal) => {
      const context = begin(signal);
      if (localIdOf(layout, altChar, id) !== id) throw unfit(id);
      remembered.delete(hrefOfId(layout, id));
      const made = await makeMailbox(context, id);
      if (properties.subscribed !== "yes") return made;
      await storage.setProperty(made, "subscribed", "yes", signal);
      return { ...made, properties: { subscribed: "yes" } };
    },

    deleteCollection: async (collection, signal) => {
      await removeMailbox(begin(signal), collection);
      remembered.delete(collection.href);
    },

    localId: (id) => localIdOf(layout, altChar, id),

    renameCollection: async (collection, id, signal) => {
      const context = begin(signal);
      if (localIdOf(layout, altChar, id) !== id) throw unfit(id);
      const renamed = await renameMailbox(context, collection, id);
      remembered.clear();
      return renamed;
    },

    renumber: async (collection, numbers, signal) => {
      const context = begin(signal);
      const mailbox = openMailbox(disk, context.places, collection.href);
      const { list } = await renumberMailbox(
        context,
        mailbox,
        numbers,
        (now) => sameMailbox(collection, now),
        signal,
      );
      remembered.delete(collection.href);
      const subscribed = collection.properties.subscribed === "yes";
      return collectionOf(context.places, collection.href, subscribed, {
        ...(list.guid === undefined ? undefined : { guid: list.guid }),
        uidValidity: list.uidValidity ?? 1,
        uidNext: list.next,
        messages: messagesOf(context, mailbox, list.records.size),
      });
    },

    setProperty: async (collection, name, value, signal) => {
      const { places } = begin(signal);
      if (name !== "subscribed") throw noSuchProperty(name);
      openMailbox(disk, places, collection.href);
      const mode = folderModeOf(disk.stat(places.root).mode);
      const path = subscriptionsOf(places);
      const isYes = value === "yes";
      if (!await setSubscription(disk, path, layout, collection.href, isYes, mode, signal)) return;
      const entry = {
        type: isYes ? "subscribe" : "unsubscribe",
        name: fullNameOf(layout, collection.id),
      } as const;
      logChanges(disk, places.index ?? places.root, [entry], mode);
    },

    hrefFor: (collection, _ident, attempt) => {
      const next = collection.mailbox?.uidNext ?? 1;
      return href(String(Math.min(next + attempt, MOST - 1)));
    },

    async *changes(collection, since, signal): AsyncGenerator<Listing> {
      const context = begin(signal);
      const mailbox = openMailbox(disk, context.places, collection.href);
      const cursor = evidenceOf(context, mailbox);
      const kept = keptBy(readKeywords(disk, mailbox));
      const end = { type: "end", ...(kept === undefined ? undefined : { keeps: kept }) } as const;
      if (cursor !== undefined && cursor === since) {
        yield { ...end, mode: "since", cursor };
        return;
      }
      const before = remembered.get(collection.href)?.loaded;
      const numbered = await numberMails(context, mailbox, before, signal);
      sameMailbox(collection, numbered.loaded.list);
      remember({ mailbox, loaded: numbered.loaded, files: numbered.scan.files });
      for (const entries of listed(context, mailbox, numbered)) {
        begin(signal);
        yield { type: "entries", entries };
      }
      mailbox.look();
      // What was given a number in memory, or could not be read, is looked at again.
      const isTrusted = cursor !== undefined && numbered.loaded.stamp !== "" &&
        numbered.scan.odd.size === 0;
      yield { ...end, mode: "complete", ...(isTrusted ? { cursor } : undefined) };
    },

    async *fetch(collection, hrefs, { signal }) {
      const context = begin(signal);
      if (hrefs.length === 0) return;
      yield* fetchMails(context, await know(context, collection, signal), hrefs, signal);
    },

    async *apply(collection, actions, signal) {
      if (signal.aborted) return;
      const context = begin(signal);
      const known = () => know(context, collection, new AbortController().signal);
      yield* applyActions(context, known, actions, signal);
    },

    async *watch(signal) {
      if (signal.aborted) return;
      yield* watchMailboxes(begin(signal), signal);
    },

    close: () => {
      remembered.clear();
      return Promise.resolve();
    },
  };
  return options.readOnly ? withReadOnly(storage) : storage;
}

function check(options: MaildirOptions, layout: LayoutName, altChar: string): void {
  for (const key of ["inbox", "control", "index"] as const) {
    const path = options[key];
    if (path === undefined || isAbsolute(path)) continue;
    throw new RangeError(`Cannot open a Maildir: ${key} must be an absolute path: it is ${path}`);
  }
  const separator = layout === "fs" ? "/" : ".";
  const isOne = [...altChar].length === 1 && /^[^\p{Cc}/~]$/u.test(altChar);
  if (isOne && altChar !== separator && altChar !== ".") return;
  throw new RangeError(
    `Cannot open a Maildir: altChar must be one character that may begin a name: it is ${
      JSON.stringify(altChar)
    }`,
  );
}

const unfit = (id: string): SyncError =>
  new SyncError(`no mailbox of a Maildir can be named ${JSON.stringify(id)}`, {
    scope: "collection",
    kind: "refused",
    hint: "Map the mailbox to another name in the configuration of the pair.",
  });

const noSuchProperty = (name: string): SyncError =>
  new SyncError(`a mailbox has no ${name}`, { scope: "collection", kind: "refused" });
