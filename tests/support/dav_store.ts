/** What the DAV server of the tests holds: collections of items, each change with its number. */

import { escapeText } from "./dav_xml.ts";

export type CollectionKind = "calendar" | "addressbook";

export class StoredItem {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly etag: string;
  readonly revision: number;
  #text: string | undefined;
  #escaped: string | undefined;

  constructor(name: string, bytes: Uint8Array, etag: string, revision: number) {
    this.name = name;
    this.bytes = bytes;
    this.etag = etag;
    this.revision = revision;
  }

  get text(): string {
    return this.#text ??= new TextDecoder().decode(this.bytes);
  }

  /** As it stands in an answer. */
  get escaped(): string {
    return this.#escaped ??= escapeText(this.text);
  }

  get uid(): string | undefined {
    return /^UID(?:;[^:\r\n]*)?:([^\r\n]*)/m.exec(this.text.replaceAll(/\r?\n[ \t]/g, ""))?.[1];
  }
}

let serial = 0;

export class StoredCollection {
  readonly path: string;
  readonly kind: CollectionKind;
  /** The properties that clients may set, by Clark name, as XML. */
  readonly properties = new Map<string, string>();
  readonly items = new Map<string, StoredItem>();
  /** When what is gone went. */
  readonly gone = new Map<string, number>();
  readonly #serial = ++serial;
  #revision = 0;

  constructor(path: string, kind: CollectionKind) {
    this.path = path;
    this.kind = kind;
  }

  get token(): string {
    return this.tokenAt(this.#revision);
  }

  tokenAt(revision: number): string {
    return `http://dav.test/sync/${this.#serial}/${revision}`;
  }

  get ctag(): string {
    return `"${this.#serial}-${this.#revision}"`;
  }

  /** The number in a token of this collection; undefined for any other. */
  revisionIn(token: string): number | undefined {
    const match = /^http:\/\/dav\.test\/sync\/(\d+)\/(\d+)$/.exec(token);
    if (match === null || Number(match[1]) !== this.#serial) return undefined;
    const revision = Number(match[2]);
    return revision <= this.#revision ? revision : undefined;
  }

  put(name: string, body: Uint8Array | string, etag?: string): StoredItem {
    const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
    const revision = ++this.#revision;
    const item = new StoredItem(name, bytes, etag ?? `"${this.#serial}-${revision}"`, revision);
    this.items.delete(name);
    this.items.set(name, item);
    this.gone.delete(name);
    return item;
  }

  delete(name: string): boolean {
    if (!this.items.delete(name)) return false;
    this.gone.set(name, ++this.#revision);
    return true;
  }
}

/** All collections by their paths, which end with a slash. */
export class DavStore {
  readonly collections = new Map<string, StoredCollection>();

  add(path: string, kind: CollectionKind): StoredCollection {
    const collection = new StoredCollection(path, kind);
    this.collections.set(path, collection);
    return collection;
  }

  remove(path: string): boolean {
    return this.collections.delete(path);
  }
}
