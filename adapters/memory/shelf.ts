/** What a storage in memory holds: its collections, their items, and what changed when. */

import type { SyncError } from "../../lib/model/error.ts";
import { type Flags, NO_FLAGS } from "../../lib/model/item.ts";
import {
  type CollectionId,
  type Digest,
  type Etag,
  etag,
  type Href,
  href,
  type Ident,
} from "../../lib/model/names.ts";
import type { Mail } from "../../lib/model/mail.ts";
import type { Properties } from "../../lib/model/storage.ts";
import { identityOfMailbox, type MailboxState } from "./mailbox.ts";

/** What an item's bytes say. */
export interface Reading {
  readonly ident: Ident;
  readonly digest: Digest;
}

/** One item, replaced as a whole whenever it changes. */
export interface Stored {
  readonly href: Href;
  readonly etag: Etag;
  readonly bytes: Uint8Array;
  readonly flags: Flags;
  /** What is known of it besides, where it is a mail. */
  readonly mail?: Mail;
  /** When it came, by its collection's count. */
  readonly born: number;
  /** When it was there before, and gone again. */
  readonly before: readonly Stay[];
  /** When it changed last. */
  readonly when: number;
  /** Set where it is there and cannot be read. */
  readonly unreadable?: SyncError;
  /** What its bytes say, once somebody has asked. */
  reading?: Reading | SyncError;
}

/** How long something was under an href. */
export interface Stay {
  readonly from: number;
  readonly to: number;
}

/** One collection. */
export interface Shelf {
  readonly id: CollectionId;
  readonly href: Href;
  identity: string;
  properties: Properties;
  readonly items: Map<Href, Stored>;
  /** The hrefs that are gone, and when something was there. */
  readonly gone: Map<Href, readonly Stay[]>;
  /** Counts changes: a cursor is a place in this count, under one `era`. */
  now: number;
  era: number;
  /** Where it is a mailbox. Its identity follows from it. */
  mailbox?: MailboxState;
  /** How the keywords are spelt that were ever in it, by their lower case. */
  keywords?: Map<string, string>;
  /** Where in the world it is said to be, for mailboxes. */
  elsewhere?: string;
}

/** All of a storage. */
export interface Data {
  readonly name: string;
  readonly shelves: Map<string, Shelf>;
  /** False while the whole storage is away, as an unmounted disk is. */
  there: boolean;
  /** Counts everything that was ever written, by a synchroniser or the user: no etag comes twice. */
  versions: number;
  /** Counts what was written through the contract. */
  effects: number;
  /** Identities that were its collections' and are another storage's since. */
  readonly foreign: Set<string>;
  readonly watchers: Set<(changed: Href) => void>;
}

export function emptyData(name: string): Data {
  return {
    name,
    shelves: new Map(),
    there: true,
    versions: 0,
    effects: 0,
    foreign: new Set(),
    watchers: new Set(),
  };
}

/** A copy that shares nothing that changes; nobody watches it. */
export function copyData(data: Data): Data {
  const shelves = new Map<string, Shelf>();
  for (const [key, shelf] of data.shelves) {
    shelves.set(key, {
      ...shelf,
      items: new Map(shelf.items),
      gone: new Map(shelf.gone),
      ...(shelf.keywords === undefined ? {} : { keywords: new Map(shelf.keywords) }),
    });
  }
  return { ...data, shelves, foreign: new Set(data.foreign), watchers: new Set() };
}

/** The identity of a collection of the storage, as it is given when it is made; or how all begin. */
export function identityIn(storage: string, id = ""): string {
  return `memory:${storage}/${id}`;
}

export function newShelf(
  data: Data,
  id: CollectionId,
  properties: Properties,
  mailbox?: MailboxState,
): Shelf {
  const identity = mailbox === undefined
    ? identityIn(data.name, id)
    : identityOfMailbox(data, { id }, mailbox);
  const shelf: Shelf = {
    id,
    href: href(id),
    identity: data.foreign.has(identity) ? `${identity}#${data.versions}` : identity,
    properties,
    items: new Map(),
    gone: new Map(),
    now: 0,
    // A collection that is made again does not take the cursors of the one before it.
    era: data.versions++,
    ...(mailbox === undefined ? {} : { mailbox }),
  };
  data.shelves.set(shelf.href, shelf);
  tell(data, shelf);
  return shelf;
}

/** Puts a version of an item in place of whatever is there, and returns its etag. */
export function place(
  data: Data,
  shelf: Shelf,
  item: {
    readonly href: Href;
    readonly bytes: Uint8Array;
    readonly flags?: Flags;
    readonly etag?: Etag | undefined;
    readonly unreadable?: SyncError;
    readonly reading?: Reading | SyncError;
    readonly mail?: Mail | undefined;
  },
): Etag {
  const version = ++data.versions;
  const { mail, ...rest } = item;
  const stored: Stored = {
    flags: NO_FLAGS,
    ...rest,
    ...(mail === undefined ? {} : { mail }),
    etag: item.etag ?? etag(`v${version}`),
    born: shelf.items.get(item.href)?.born ?? shelf.now + 1,
    before: shelf.items.get(item.href)?.before ?? shelf.gone.get(item.href) ?? [],
    when: ++shelf.now,
  };
  shelf.gone.delete(stored.href);
  shelf.items.set(stored.href, stored);
  tell(data, shelf);
  return stored.etag;
}

/** Takes an item away; says whether it was there. */
export function displace(data: Data, shelf: Shelf, at: Href): boolean {
  const stored = shelf.items.get(at);
  if (stored === undefined) return false;
  shelf.items.delete(at);
  shelf.gone.set(at, [...stored.before, { from: stored.born, to: ++shelf.now }]);
  tell(data, shelf);
  return true;
}

export function tell(data: Data, shelf: Shelf): void {
  for (const watcher of data.watchers) watcher(shelf.href);
}
