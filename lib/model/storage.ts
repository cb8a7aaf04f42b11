/** The contract that every adapter fulfils. `tests/contract/` holds each of them to it. */

import type { Body, Fetched, Flags } from "./item.ts";
import type { CollectionId, Cursor, Digest, Etag, Href, Ident, StorageName } from "./names.ts";
import type { SyncError } from "./error.ts";
import type { ListedMail, Mail, Mailbox, Numbers } from "./mail.ts";

export type Kind = "calendar" | "contacts" | "mail";

/** Collection metadata. `subscribed` is `yes`, or not set. */
export type PropertyName = "displayname" | "color" | "description" | "order" | "subscribed";
export type Properties = Readonly<Partial<Record<PropertyName, string>>>;

/** What a storage can do, known without asking it. */
export interface Capabilities {
  readonly kind: Kind;
  /** Nothing may be written here, by its nature or by the configuration. */
  readonly readOnly: boolean;
  /** The collection properties that it can keep. */
  readonly properties: readonly PropertyName[];
  /** Whether the storage itself checks preconditions. Where it cannot, a small race remains. */
  readonly conditionalWrites: boolean;
  /** Whether a create may name the UID the new item gets, and {@linkcode Storage.renumber} works (mail). */
  readonly keepsUids: boolean;
  /** Whether it keeps the GUIDs it is given, of mails and of mailboxes. */
  readonly keepsGuids?: boolean;
  /** Whether it can list what changed since a cursor. */
  readonly listsChanges: boolean;
  /** Whether it can tell of changes as they happen. */
  readonly watches: boolean;
  /**
   * It may change what it is given, and answer with an etag all the same, as Radicale does against
   * RFC 4791 section 5.3.4. What is written there is looked at again.
   */
  readonly rewrites?: boolean;
  /** Its items are shown in part: what is overwritten or deleted there is looked up in full. */
  readonly partial?: boolean;
}

/** A calendar, an address book or a mailbox, as one storage has it. */
export interface Collection {
  readonly id: CollectionId;
  readonly href: Href;
  /**
   * Which collection of the world this is: an absolute URL or path. It differs as soon as the
   * configuration points elsewhere, so that what is known of one place is never held against
   * another.
   */
  readonly identity: string;
  readonly properties: Properties;
  /**
   * Properties that the storage has and could not give now: nothing is concluded from their
   * absence.
   */
  readonly unread?: readonly PropertyName[];
  /** The types of item that it takes (`VEVENT`, `VTODO`), where it says so. */
  readonly components?: readonly string[];
  /** The server was recognised as one that changes what it is given without saying so. */
  readonly rewrites?: true;
  /** Where it is one. Its UIDVALIDITY is part of the identity, so that a new one is another place. */
  readonly mailbox?: Mailbox;
}

/** One line of a listing. */
export type Listed =
  | {
    readonly state: "present";
    readonly href: Href;
    readonly etag: Etag;
    readonly flags: Flags;
    readonly mail?: ListedMail;
  }
  /** It was there and is not. Only in a listing of what changed since a cursor. */
  | { readonly state: "gone"; readonly href: Href }
  /** It is there and cannot be listed properly. This is not an absence. */
  | { readonly state: "unreadable"; readonly href: Href; readonly error: SyncError };

/** A listing is any number of entries and then, last and always, its end. */
export type Listing =
  | { readonly type: "entries"; readonly entries: readonly Listed[] }
  | {
    readonly type: "end";
    /** Everything that is there, or only what changed since the cursor that was given. */
    readonly mode: "complete" | "since";
    /** Read before the listing was, so that nothing falls between two listings. */
    readonly cursor?: Cursor;
    /** The flags and keywords that mails can have here, where these are not all. */
    readonly keeps?: readonly string[];
  };

/** What to write. The bytes are the other side's, unchanged. */
export interface Content {
  readonly digest: Digest;
  readonly flags: Flags;
  readonly body: Body;
  readonly mail?: Mail;
}

/** One change to one item. `id` is the caller's, and comes back in the result. */
export type Action =
  /**
   * Never overwrites: where the href is taken, the result is `exists`. A mail gets the UID that its
   * href is; where UIDs are not kept, the href says nothing, and the result tells the one it has.
   */
  | {
    readonly kind: "create";
    readonly id: number;
    readonly ident: Ident;
    readonly href: Href;
    readonly content: Content;
  }
  /** Acts only on the etag it names; the result is `changed` otherwise. The href stays. */
  | {
    readonly kind: "update";
    readonly id: number;
    readonly ident: Ident;
    readonly href: Href;
    readonly etag: Etag;
    readonly content: Content;
  }
  /** Acts only on the etag it names; the result is `changed` otherwise, `done` if it is gone. */
  | {
    readonly kind: "delete";
    readonly id: number;
    readonly ident: Ident;
    readonly href: Href;
    readonly etag: Etag;
  }
  /** Acts only on the etag it names; the result is `changed` otherwise. */
  | {
    readonly kind: "setFlags";
    readonly id: number;
    readonly ident: Ident;
    readonly href: Href;
    readonly etag: Etag;
    /** Those that it has, so that others than are to be changed can be left as somebody sets them. */
    readonly was: Flags;
    readonly flags: Flags;
  };

/** What became of an action. `done` means durable. */
export type Result =
  | {
    readonly id: number;
    readonly outcome: "done";
    /** Where the item is now, if elsewhere than the action said. */
    readonly href?: Href;
    /** Its new etag. Without one, the storage may have changed it: it is fetched again. */
    readonly etag?: Etag;
    /** It was not stored as it was given: it is fetched again, and has to have that etag. */
    readonly altered?: true;
  }
  /** The precondition did not hold: nothing was done. */
  | { readonly id: number; readonly outcome: "changed" | "exists" }
  /** Nothing is known to have been done; where `error.retry` is set, it may have been. */
  | { readonly id: number; readonly outcome: "failed"; readonly error: SyncError };

export interface FetchOptions {
  readonly signal: AbortSignal;
  /**
   * The hrefs are all that the collection holds, so that one query for everything is as good as
   * asking for each by name (and on Xandikos sixty times as fast).
   */
  readonly all?: boolean;
  /** Only who they are is wanted: the bodies will not be read, and may be given without any bytes. */
  readonly identsOnly?: true;
}

/**
 * A place that holds collections. Every method but {@linkcode Storage.apply} and those that name a
 * collection's creation, deletion or property only reads, and may be called again at any time.
 * All throw {@linkcode SyncError} and nothing else; `cancelled` once the signal has fired.
 */
export interface Storage {
  readonly name: StorageName;
  readonly capabilities: Capabilities;

  /** Reaches the storage and makes sure that it is what the configuration says. */
  check(signal: AbortSignal): Promise<void>;

  /**
   * All collections, with their properties. Throws `missing` with scope `storage` where the storage
   * itself is not there; a storage that is there and empty has no collections.
   */
  collections(signal: AbortSignal): Promise<readonly Collection[]>;

  /**
   * Whether a collection of this identity is, or was, one of this storage as it is configured now:
   * so that what is known of another place is not taken for deleted here. Asked after
   * {@linkcode Storage.collections}, which a storage may need in order to know its places.
   */
  holds?(identity: string): boolean;
  /**
   * How items are seen, where they are not seen as they are: another text means that they are seen
   * otherwise, and what was read before would be another thing now.
   */
  readonly view?: string;
  /** An item as it would be seen, of bytes that were; none where it would be left out. */
  reread?(bytes: Uint8Array, signal: AbortSignal): Promise<Uint8Array | undefined>;

  /**
   * Makes an empty collection. Throws `exists` where there is one. Not to be called again.
   * @param components The types of item that it is to take, where the storage has such a limit.
   */
  createCollection(
    id: CollectionId,
    properties: Properties,
    signal: AbortSignal,
    components?: readonly string[],
  ): Promise<Collection>;

  /**
   * Deletes an empty collection. Throws `refused` where it holds items, and `changed` where it is
   * no longer the one that was listed (a mailbox made anew under its name).
   */
  deleteCollection(collection: Collection, signal: AbortSignal): Promise<void>;

  /**
   * What a collection of that id is called here, where the storage cannot have it as it is: the same
   * for the same id, whatever there is. Without it, ids are the same everywhere.
   */
  localId?(id: CollectionId): CollectionId;

  /**
   * Gives a collection another id, with all that it holds. Throws `exists` where that is taken. Those
   * whose ids lie within it may go along, as IMAP has it (RFC 3501 section 6.3.5), or stay: whoever
   * calls it looks. Only of mailboxes. Not to be called again.
   */
  renameCollection?(
    collection: Collection,
    id: CollectionId,
    signal: AbortSignal,
  ): Promise<Collection>;

  /**
   * Numbers a mailbox and its mails anew, all of it at once or nothing; a mail that is gone
   * meanwhile is passed over. Throws `changed` where a UID is taken by a mail that came meanwhile.
   * Only where UIDs are kept.
   */
  renumber?(collection: Collection, numbers: Numbers, signal: AbortSignal): Promise<Collection>;

  /** Sets a property, or takes it away (`undefined`). */
  setProperty(
    collection: Collection,
    name: PropertyName,
    value: string | undefined,
    signal: AbortSignal,
  ): Promise<void>;

  /**
   * The href under which a new item is to be created: ours to choose, from an allow-list of
   * characters (rule 7), and decided before the write so that an interrupted run can look it up.
   * The same arguments give the same answer; each further `attempt` (from 0) gives another.
   */
  hrefFor(collection: Collection, ident: Ident, attempt: number): Href;

  /**
   * Lists what is there, or what changed since the cursor of an earlier listing. A cursor that the
   * storage no longer takes gives a complete listing. A listing that was cut short throws; it is
   * never a short list. Throws `missing` with scope `collection` where the collection is not there.
   */
  changes(
    collection: Collection,
    cursor: Cursor | undefined,
    signal: AbortSignal,
  ): AsyncIterable<Listing>;

  /**
   * Fetches items, in batches, in any order, each href at least once. What cannot be read is said
   * item by item; it throws only where nothing more of this collection can be had.
   */
  fetch(
    collection: Collection,
    hrefs: readonly Href[],
    options: FetchOptions,
  ): AsyncIterable<readonly Fetched[]>;

  /**
   * Carries out a stream of actions of one collection, the adapter's best way, and gives back one
   * result for each as it becomes durable, in any order. Does not throw for a single item. A signal
   * lets what has begun end, begins nothing more, and leaves the rest without a result.
   */
  apply(
    collection: Collection,
    actions: AsyncIterable<Action>,
    signal: AbortSignal,
  ): AsyncIterable<Result>;

  /** Yields collections as they change, until the signal fires; at once nothing where it cannot. */
  watch(signal: AbortSignal): AsyncIterable<Href>;

  /** Lets go of connections and files. Nothing may be called afterwards. */
  close(): Promise<void>;
}
