/** A storage in memory, for tests: the contract on one side, the user's hand on the other. */

import { SyncError } from "../../lib/model/error.ts";
import type { Flags } from "../../lib/model/item.ts";
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
import { memoryStorage } from "./storage.ts";

export type { Behaviour, Reading, Stored };

export interface MemoryOptions extends Partial<Behaviour> {
  readonly name: string;
  readonly kind: Kind;
  /** Default: false. */
  readonly readOnly?: boolean;
  /** Default: true. */
  readonly listsChanges?: boolean;
  /** Default: true for mail. */
  readonly keepsUids?: boolean;
  /** Default: all four. */
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

  add(id: string, properties?: Properties): Collection;
  /** Takes a collection away, with all it holds. */
  drop(id: string): void;
  /** Points the collection elsewhere in the world, as when the configuration changes. */
  setIdentity(id: string, identity: string): void;
  setProperty(id: string, name: PropertyName, value: string | undefined): void;

  /** Writes an item, over what is there. The etag is a new one unless it is given. */
  put(id: string, at: string, text: string, options?: { flags?: Flags; etag?: string }): Etag;
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

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

export function createMemory(options: MemoryOptions): Memory {
  return memoryOver(emptyData(options.name), options);
}

function memoryOver(data: Data, options: MemoryOptions): Memory {
  const mail = options.kind === "mail";
  const capabilities: Capabilities = {
    kind: options.kind,
    readOnly: false,
    properties: options.properties ?? ["displayname", "color", "description", "order"],
    conditionalWrites: true,
    keepsUids: options.keepsUids ?? (mail && !options.assignsHrefs),
    listsChanges: options.listsChanges ?? true,
    watches: true,
    ...(options.rewrite === undefined ? {} : { rewrites: true }),
  };
  const behaviour: Behaviour = { read: readPlain, ...options };
  const shelfOf = (id: string): Shelf => {
    const shelf = data.shelves.get(id);
    if (shelf === undefined) throw new RangeError(`There is no collection ${id}`);
    return shelf;
  };

  return {
    open: (how) => {
      const storage = memoryStorage(data, capabilities, behaviour);
      return (how ?? options).readOnly ? withReadOnly(storage) : storage;
    },
    copy: () => memoryOver(copyData(data), options),

    add: (id, properties = {}) => newShelf(data, collectionId(id), properties),
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
    },
    setProperty: (id, name, value) => {
      const shelf = shelfOf(id);
      const { [name]: _, ...others } = shelf.properties;
      shelf.properties = value === undefined ? others : { ...others, [name]: value };
      tell(data, shelf);
    },

    put: (id, at, text, { flags = [], etag: given } = {}) =>
      place(data, shelfOf(id), {
        href: href(at),
        bytes: ENCODER.encode(text),
        flags: sorted(flags),
        etag: given === undefined ? undefined : etag(given),
      }),
    remove: (id, at) => displace(data, shelfOf(id), href(at)),
    clear: (id) => {
      const shelf = shelfOf(id);
      for (const at of shelf.items.keys()) displace(data, shelf, at);
    },
    setUnreadable: (id, at, unreadable) => {
      const shelf = shelfOf(id);
      const stored = shelf.items.get(href(at));
      if (stored === undefined) throw new RangeError(`There is no item ${at} in ${id}`);
      const { unreadable: _, ...readable } = stored;
      place(data, shelf, unreadable ? { ...readable, unreadable: UNREADABLE } : readable);
    },
    expireCursors: (id) => {
      shelfOf(id).era = data.versions++;
    },
    setThere: (there) => {
      data.there = there;
    },

    collections: () =>
      Array.from(
        data.shelves.values(),
        ({ id, href, identity, properties }) => ({ id, href, identity, properties }),
      ),
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
