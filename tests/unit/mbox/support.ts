/** What the tests of mboxes share. */

import { equal } from "node:assert/strict";
import { join } from "node:path";
import { type MboxOptions, openMbox } from "../../../adapters/mbox/mod.ts";
import { bodyOf, type Flags, type Item } from "../../../lib/model/item.ts";
import { collectionId, digest, type Href, href, ident } from "../../../lib/model/names.ts";
import type { Action, Collection, Listed, Result, Storage } from "../../../lib/model/storage.ts";
import { hrefOfUid } from "../../../lib/model/mail.ts";

export const never = new AbortController().signal;
export const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Bytes as text in which each char is one. The "latin1" of TextDecoder is another thing. */
export function decode(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.byteLength; at += 4096) {
    text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  }
  return text;
}

/** Text in which each char is a byte. */
export const bytesOf = (text: string): Uint8Array =>
  Uint8Array.from(text, (char) => char.charCodeAt(0) & 0xff);

export interface World {
  readonly root: string;
  readonly inbox: string;
  readonly storage: Storage;
  open(options?: Partial<MboxOptions>): Storage;
  /** Writes a mailbox as another program does, long enough ago. */
  write(name: string, text: string | Uint8Array): Promise<void>;
  read(name: string): string;
  box(id: string, storage?: Storage): Promise<Collection>;
}

export async function world(
  use: (world: World) => Promise<void>,
  options: Partial<MboxOptions> = {},
): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "mbox-" });
  const open = (more: Partial<MboxOptions> = {}) =>
    openMbox({ name: "mbox", path: root, assign: "write", ...options, ...more });
  const storage = open();
  try {
    await use({
      root,
      inbox: join(root, "inbox"),
      storage,
      open,
      write: async (name, text) => {
        const path = join(root, name);
        await Deno.writeFile(path, typeof text === "string" ? encode(text) : text, { mode: 0o600 });
        const then = new Date(Date.now() - 60_000);
        await Deno.utime(path, then, then);
      },
      read: (name) => decode(Deno.readFileSync(join(root, name))),
      box: async (id, other = storage) => {
        const found = (await other.collections(never)).find((it) => it.id === id);
        if (found === undefined) throw new Error(`there is no mailbox ${id}`);
        return found;
      },
    });
  } finally {
    await storage.close();
    await Deno.remove(root, { recursive: true });
  }
}

export async function list(
  storage: Storage,
  collection: Collection,
): Promise<readonly (Listed & { readonly state: "present" })[]> {
  const found: (Listed & { readonly state: "present" })[] = [];
  for await (const step of storage.changes(collection, undefined, never)) {
    if (step.type === "end") continue;
    for (const entry of step.entries) {
      if (entry.state !== "present") throw new Error(`${entry.href} is ${entry.state}`);
      found.push(entry);
    }
  }
  return found;
}

export async function fetchAll(
  storage: Storage,
  collection: Collection,
): Promise<readonly Item[]> {
  const hrefs = (await list(storage, collection)).map((entry) => entry.href);
  const items: Item[] = [];
  for await (const batch of storage.fetch(collection, hrefs, { signal: never })) {
    for (const it of batch) {
      if (it.state !== "present") throw new Error(`${it.href} is ${it.state}`);
      items.push(it.item);
    }
  }
  return items;
}

/** Each mail: its UID, its flags, and its bytes as text with a char for each byte. */
export async function contents(
  storage: Storage,
  collection: Collection,
): Promise<readonly (readonly [string, string, string])[]> {
  const all: (readonly [string, string, string])[] = [];
  for (const { href, flags, body } of await fetchAll(storage, collection)) {
    const bytes = await body.bytes();
    equal(bytes.byteLength, body.size);
    all.push([href, flags.join(" "), decode(bytes)]);
  }
  return all;
}

async function* iterate<T>(values: readonly T[]): AsyncGenerator<T> {
  for (const value of values) yield await Promise.resolve(value);
}

export async function apply(
  storage: Storage,
  collection: Collection,
  actions: readonly Action[],
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for await (const result of storage.apply(collection, iterate(actions), never)) {
    results.push(result);
  }
  return results.toSorted((one, other) => one.id - other.id);
}

let ids = 0;

export const creation = (
  uid: number,
  text: string | Uint8Array,
  flags: Flags = [],
  received = Date.UTC(2020, 1, 3, 4, 5, 6),
): Action => ({
  kind: "create",
  id: ++ids,
  ident: ident("x"),
  href: hrefOfUid(uid),
  content: {
    digest: digest("x"),
    flags,
    body: bodyOf(typeof text === "string" ? bytesOf(text) : text),
    mail: { received },
  },
});

export const deletion = ({ href, etag }: Pick<Item, "href" | "etag">): Action => ({
  kind: "delete",
  id: ++ids,
  ident: ident("x"),
  href,
  etag,
});

export const flagging = (
  { href, etag, flags: was }: Pick<Item, "href" | "etag" | "flags">,
  flags: Flags,
): Action => ({ kind: "setFlags", id: ++ids, ident: ident("x"), href, etag, was, flags });

export const uid = (number: number): Href => href(String(number));
export const box = collectionId;

/** The outcomes, and what went wrong where something did. */
export const outcomes = (results: readonly Result[]): readonly string[] =>
  results.map((it) => it.outcome === "failed" ? `failed: ${it.error.message}` : it.outcome);
