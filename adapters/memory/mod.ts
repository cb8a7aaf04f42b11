/** A storage in memory, for tests: the contract on one side, the user's hand on the other. */

import { SyncError } from "../../lib/model/error.ts";
import type { Flags } from "../../lib/model/item.ts";
import { hrefOfUid, type Mail } from "../../lib/model/mail.ts";
import {
  collectionId,
  digest,
  type Etag,
  etag,
  type Href,
  href,
  ident,
} from "../../lib/model/names.ts";
import type {
  Capabilities,
  Collection,
  Kind,
  Properties,
  PropertyName,
  Storage,
} from "../../lib/model/storage.ts";
import { sorted } from "./apply.ts";
import type { Behaviour } from "./behaviour.ts";
import { deliver, setFlags } from "./mail.ts";
import { isUid, type MailboxState, newMailbox, rename, renumber, setMailbox } from "./mailbox.ts";
import { withReadOnly } from "../with_read_only.ts";
import {
  copyData,
  type Data,
  displace,
  emptyData,
  newShelf,
  place,
  type Reading,
  type Shelf,
  type Stored,
  tell,
} from "./shelf.ts";
import { asCollection, memoryStorage } from "./storage.ts";

export type { Behaviour, MailboxState, Reading, Stored };

const PROPERTIES: readonly PropertyName[] = ["displayname", "color", "description", "order"];

export interface MemoryOptions extends Partial<Behaviour> {
  readonly name: string;
  readonly kind: Kind;
  /** Default: false. */
  readonly readOnly?: boolean;
  /** Default: true. */
  readonly listsChanges?: boolean;
  /** Of mail. Default: true, unless it assigns hrefs. */
  readonly keepsUids?: boolean;
  /** Of mails and mailboxes. Default: as with UIDs. */
  readonly keepsGuids?: boolean;
  /** Default: all that there are for the kind. */
  readonly properties?: readonly PropertyName[];
}

/**
 * The data of a storage and the user's hand on it. Nothing here goes through the contract, and
 * nothing here counts as an effect. A collection is named by its id; all but `add` throw
 * `RangeError` where there is none.
 */
export interface Memory {
  /**
   * The contract over the data. What has been opened once may be opened again, after a crash, and
   * read-only, whatever the options said.
   */
  open(how?: { readonly readOnly: boolean }): Storage;
  /** The same data again, to go on from here twice. */
  copy(): Memory;

  /** Of a mailbox, what is given is what it has; a GUID only where the storage keeps GUIDs. */
  add(id: string, properties?: Properties, mailbox?: Partial<MailboxState>): Collection;
  /** Takes a collection away, with all it holds. */
  drop(id: string): void;
  /** Points the collection elsewhere in the world, as when the configuration changes. */
  setIdentity(id: string, identity: string): void;
  setProperty(id: string, name: PropertyName, value: string | undefined): void;

  /** Changes what a mailbox is numbered with, or what else is known of it. */
  setMailbox(id: string, mailbox: Partial<MailboxState>): Collection;
  /** Gives a mailbox another id, and those under it too unless it renames alone. */
  rename(id: string, to: string): Collection;
  /** Gives mails other UIDs, as a repair does. */
  renumber(id: string, uids: Readonly<Record<string, number>>): void;

  /**
   * Writes an item, over what is there. The etag is a new one unless it is given. Of a mailbox, `at`
   * is its UID, and its GUID is what it says its ident is unless another is given.
   */
  put(id: string, at: string, text: string, options?: PutOptions): Etag;
  /** Puts a mail into a mailbox under the next UID. */
  deliver(id: string, text: string, options?: Omit<PutOptions, "etag">): Href;
  /** Gives a mail other flags. */
  setFlags(id: string, at: string, flags: Flags): Etag;
  /** Says whether there was anything to remove. */
  remove(id: string, at: string): boolean;
  /** Removes every item. */
  clear(id: string): void;
  /** Makes an item unreadable, or readable again, without another change. */
  setUnreadable(id: string, at: string, unreadable: boolean): void;
  /** Makes every cursor that was ever given for the collection worthless. */
  expireCursors(id: string): void;
  /** Takes the whole storage away, as a disk that is not mounted, or brings it back as it was. */
  setThere(there: boolean): void;

  collections(): readonly Collection[];
  items(id: string): ReadonlyMap<Href, Stored>;
  /** The item's text, or nothing where there is none. */
  text(id: string, at: string): string | undefined;
  /** How many times anything was changed through the contract. */
  effects(): number;
}

export interface PutOptions {
  readonly flags?: Flags;
  readonly etag?: string;
  /** What is known of a mail besides. */
  readonly mail?: Mail;
}

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

export function createMemory(options: MemoryOptions): Memory {
  return memoryOver(emptyData(options.name), options);
}

function memoryOver(data: Data, options: MemoryOptions): Memory {
  const mail = options.kind === "mail";
  const keepsUids = mail && (options.keepsUids ?? !options.assignsHrefs);
  const keepsGuids = mail && (options.keepsGuids ?? keepsUids);
  const capabilities: Capabilities = {
    kind: options.kind,
    readOnly: false,
    properties: options.properties ?? (mail ? ["subscribed"] : PROPERTIES),
    conditionalWrites: true,
    keepsUids,
    ...(mail ? { keepsGuids } : {}),
    listsChanges: options.listsChanges ?? true,
    watches: true,
    ...(options.rewrite === undefined ? {} : { rewrites: true }),
  };
  const behaviour: Behaviour = {
    read: readPlain,
    ...options,
    identBy: options.identBy ?? (keepsGuids ? "guid" : "digest"),
  };
  const shelfOf = (id: string): Shelf => {
    const shelf = data.shelves.get(id);
    if (shelf === undefined) throw new RangeError(`There is no collection ${id}`);
    return shelf;
  };
  const storedAt = (id: string, at: string): Stored => {
    const stored = shelfOf(id).items.get(href(at));
    if (stored === undefined) throw new RangeError(`There is no item ${at} in ${id}`);
    return stored;
  };
  const boxOf = (id: string): MailboxState => {
    const { mailbox } = shelfOf(id);
    if (mailbox === undefined) throw new RangeError(`${id} is no mailbox`);
    return mailbox;
  };
  const guidOf = (bytes: Uint8Array): string => {
    try {
      return behaviour.read(bytes).ident;
    } catch {
      // Nobody can say what it is: it is not to be taken for another one like it.
      return `${data.name}-mail-${data.versions + 1}`;
    }
  };
  const putMail = (id: string, uid: number, text: string, { flags = [], mail }: PutOptions) => {
    if (!isUid(String(uid))) throw new RangeError(`${uid} is no UID`);
    const bytes = ENCODER.encode(text);
    const known = { ...(keepsGuids ? { guid: guidOf(bytes) } : {}), ...mail };
    return deliver(data, shelfOf(id), { uid, bytes, flags, mail: known }, behaviour);
  };

  return {
    open: (how) => {
      const storage = memoryStorage(data, capabilities, behaviour);
      return (how ?? options).readOnly ? withReadOnly(storage) : storage;
    },
    copy: () => memoryOver(copyData(data), options),

    add: (id, properties = {}, given = {}) => {
      const box = mail ? newMailbox(data, given, keepsGuids) : undefined;
      return asCollection(newShelf(data, collectionId(id), properties, box));
    },
    drop: (id) => {
      const shelf = shelfOf(id);
      data.shelves.delete(id);
      tell(data, shelf);
    },
    setIdentity: (id, identity) => {
      const shelf = shelfOf(id);
      data.foreign.add(shelf.identity);
      data.foreign.delete(identity);
      shelf.identity = identity;
      if (shelf.mailbox === undefined) return;
      shelf.elsewhere = identity;
      setMailbox(data, shelf, shelf.mailbox);
    },
    setMailbox: (id, given) => {
      const shelf = shelfOf(id);
      setMailbox(data, shelf, { ...boxOf(id), ...given });
      return asCollection(shelf);
    },
    rename: (id, to) => {
      const alone = behaviour.renamesAlone === true;
      return asCollection(rename(data, shelfOf(id), collectionId(to), alone));
    },
    renumber: (id, uids) =>
      renumber(data, shelfOf(id), {
        uids: new Map(Object.entries(uids).map(([at, uid]) => [href(at), uid])),
      }),
    setProperty: (id, name, value) => {
      const shelf = shelfOf(id);
      const { [name]: _, ...others } = shelf.properties;
      shelf.properties = value === undefined ? others : { ...others, [name]: value };
      tell(data, shelf);
    },

    deliver: (id, text, options = {}) => {
      const { uidNext } = boxOf(id);
      putMail(id, uidNext, text, options);
      return hrefOfUid(uidNext);
    },
    setFlags: (id, at, flags) => setFlags(data, shelfOf(id), storedAt(id, at), flags, behaviour),
    put: (id, at, text, options = {}) => {
      if (mail) return putMail(id, Number(at), text, options);
      const { flags = [], etag: given } = options;
      return place(data, shelfOf(id), {
        href: href(at),
        bytes: ENCODER.encode(text),
        flags: sorted(flags),
        etag: given === undefined ? undefined : etag(given),
      });
    },
    remove: (id, at) => displace(data, shelfOf(id), href(at)),
    clear: (id) => {
      const shelf = shelfOf(id);
      for (const at of shelf.items.keys()) displace(data, shelf, at);
    },
    setUnreadable: (id, at, unreadable) => {
      const shelf = shelfOf(id);
      const stored = storedAt(id, at);
      const { unreadable: _, ...readable } = stored;
      place(data, shelf, unreadable ? { ...readable, unreadable: UNREADABLE } : readable);
    },
    expireCursors: (id) => {
      shelfOf(id).era = data.versions++;
    },
    setThere: (there) => {
      data.there = there;
    },

    collections: () => Array.from(data.shelves.values(), asCollection),
    items: (id) => shelfOf(id).items,
    text: (id, at) => {
      const bytes = shelfOf(id).items.get(href(at))?.bytes;
      return bytes === undefined ? undefined : DECODER.decode(bytes);
    },
    effects: () => data.effects,
  };
}

const UNREADABLE = new SyncError("the item cannot be read", {
  scope: "item",
  kind: "malformed",
});

/**
 * Reads an item of a test: its ident is what stands after the first `UID:`, up to the end of the
 * line; its digest is the whole text, which also is the ident where there is no UID.
 */
export function readPlain(bytes: Uint8Array): Reading {
  const text = DECODER.decode(bytes);
  const uid = /^UID:(.*)$/m.exec(text)?.[1]?.trimEnd();
  return { ident: ident(uid ?? text), digest: digest(text) };
}
