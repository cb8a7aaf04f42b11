/** A file, taken apart into items; as often as it changes, and no more. */

import { hash } from "node:crypto";
import { etagOf } from "../../lib/files/etag.ts";
import { fileError } from "../../lib/files/file_error.ts";
import type { Files } from "../../lib/files/files.ts";
import { statOf } from "../../lib/files/place.ts";
import { readFile } from "../../lib/files/read_file.ts";
import type { ReadItem } from "../../lib/item/icalendar.ts";
import type { Split, SplitItem } from "../../lib/item/split.ts";
import { namedItems } from "../../lib/item/split_names.ts";
import { SyncError } from "../../lib/model/error.ts";
import { bodyOf, type Fetched, NO_FLAGS } from "../../lib/model/item.ts";
import { type Etag, etag, type Href } from "../../lib/model/names.ts";
import type { Listed } from "../../lib/model/storage.ts";
import { gone } from "./places.ts";

/** How the files of one kind are read and written. */
export interface Form {
  /** What the hrefs of items end in. */
  readonly fileext: string;
  /** What a file without items holds. */
  readonly empty: Uint8Array;
  split(bytes: Uint8Array): Split;
  /** What one item's bytes say. Never throws. */
  read(bytes: Uint8Array): ReadItem;
  /** Of one item, in bytes. */
  readonly maxItemSize: number;
  /** Of a file, in bytes. */
  readonly maxSize: number;
}

export interface Entry {
  readonly item: SplitItem;
  readonly etag: Etag;
}

/** What a file held at one moment. */
export interface Contents {
  /** The file's own version: when it was written, which file it is, its size. */
  readonly version: Etag;
  readonly entries: ReadonlyMap<Href, Entry>;
  readonly split: Extract<Split, { readonly state: "split" }>;
}

/** What files held when they were last read. */
export type Cache = Map<string, Contents>;

/**
 * What a file holds. Throws {@linkcode SyncError} of scope `collection`: `missing` where there is no
 * file, `malformed` where it cannot be read as a whole, for then nothing is known to be gone.
 */
export async function load(
  files: Files,
  path: string,
  form: Form,
  cache: Cache,
): Promise<Contents> {
  try {
    const stat = statOf(files, path);
    if (stat === undefined) throw gone(path);
    const known = cache.get(path);
    if (stat.kind === "file" && known?.version === etagOf(stat)) return known;
    const { etag: version, bytes } = await readFile(files, path, form.maxSize);
    const contents = { version, ...takeApart(bytes, path, form) };
    cache.set(path, contents);
    return contents;
  } catch (thrown) {
    throw ofCollection(fileError(thrown, "collection", path));
  }
}

/** The items of a file's bytes. A file of no bytes at all has none: other programs make such. */
export function takeApart(bytes: Uint8Array, path: string, form: Form): Omit<Contents, "version"> {
  const blank = bytes.every((byte) => byte === 0x0a || byte === 0x0d);
  const split = form.split(blank ? form.empty : bytes);
  if (split.state === "malformed") {
    throw new SyncError(`${path} ${split.reason}`, {
      scope: "collection",
      kind: split.kind,
      hint: "Nothing is read from it or written to it until it is mended.",
    });
  }
  const entries = new Map<Href, Entry>();
  for (const [href, item] of namedItems(split.items, form.fileext)) {
    entries.set(href, entryOf(item, form));
  }
  return { split, entries };
}

function entryOf(item: SplitItem, { maxItemSize }: Form): Entry {
  let known: Etag | undefined;
  return {
    item,
    get etag() {
      // An item over the limit is not put together at all, and is never an action's target.
      known ??= item.size > maxItemSize ? etag("") : etag(hash("sha256", item.bytes(), "hex"));
      return known;
    },
  };
}

export function listed(href: Href, { item, etag }: Entry, { maxItemSize }: Form): Listed {
  return item.size > maxItemSize
    ? { state: "unreadable", href, error: tooLarge(item.size, maxItemSize) }
    : { state: "present", href, etag, flags: NO_FLAGS };
}

export function fetched(href: Href, entry: Entry | undefined, form: Form): Fetched {
  if (entry === undefined) return { state: "unknown", href };
  const { item, etag } = entry;
  if (item.size > form.maxItemSize) {
    return { state: "unreadable", href, error: tooLarge(item.size, form.maxItemSize) };
  }
  const bytes = item.bytes();
  const said = form.read(bytes);
  if (said.state === "malformed") return { state: "unreadable", href, error: said.error };
  const { ident, digest } = said;
  const body = bodyOf(bytes);
  return { state: "present", item: { href, etag, digest, flags: NO_FLAGS, ident, body } };
}

export function tooLarge(size: number, most: number): SyncError {
  return new SyncError(`the item has ${size} bytes; ${most} are allowed`, {
    scope: "item",
    kind: "too large",
  });
}

/** What stands in the way of one file stands in the way of all its items. */
function ofCollection(error: SyncError): SyncError {
  if (error.scope !== "item") return error;
  const { message, kind, retry, hint, cause } = error;
  return new SyncError(message, {
    scope: "collection",
    kind,
    retry,
    cause,
    ...(hint === undefined ? {} : { hint }),
  });
}
