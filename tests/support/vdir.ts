/** A vdir on a real disk, and a hand on the calls it makes. */

import { join } from "node:path";
import { type Files, realFiles } from "../../lib/files/files.ts";
import { openVdir, type VdirOptions } from "../../adapters/vdir/mod.ts";
import type { ReadItem } from "../../lib/item/icalendar.ts";
import { bodyOf } from "../../lib/model/item.ts";
import { collectionId, digest, type Etag, type Href, href, ident } from "../../lib/model/names.ts";
import type {
  Action,
  Collection,
  Content,
  Listed,
  Result,
  Storage,
} from "../../lib/model/storage.ts";

export const never: AbortSignal = new AbortController().signal;

export interface Vdir {
  /** A folder that the vdir lies in, beside which nothing may appear. */
  readonly outside: string;
  readonly path: string;
  readonly storage: Storage;
  /** The collection `work`, which is empty. */
  readonly work: Collection;
  /** The path of a file in `work`. */
  at(name: string): string;
  /** The same vdir, opened with other options. */
  open(options: Partial<VdirOptions>): Storage;
}

/** Makes a vdir for the time that `use` takes. */
export async function withVdir(
  use: (vdir: Vdir) => Promise<void>,
  options: Partial<VdirOptions> = {},
): Promise<void> {
  const outside = await Deno.realPath(await Deno.makeTempDir({ prefix: "vdir-test-" }));
  try {
    const path = join(outside, "calendars");
    await Deno.mkdir(path);
    const open = (options: Partial<VdirOptions>) =>
      openVdir({ name: "local", path, kind: "calendar", read: readText, ...options });
    const work = await open({}).createCollection(collectionId("work"), {}, never);
    const at = (name: string) => join(path, "work", name);
    await use({ outside, path, storage: open(options), work, at, open });
  } finally {
    await Deno.remove(outside, { recursive: true });
  }
}

/** Takes any text for an item: the whole of it is what it says and what it is called. */
export function readText(bytes: Uint8Array): ReadItem {
  const text = new TextDecoder().decode(bytes);
  return { state: "read", ident: ident(text), digest: digest(text) };
}

/** The real calls but for those given. */
export function filesWith(some: Partial<Files>): Files {
  return { ...realFiles, ...some };
}

/** An error as the system gives it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: as a test wants it`), { code });
}

export function contentOf(text: string): Content {
  return { digest: digest(text), flags: [], body: bodyOf(new TextEncoder().encode(text)) };
}

export const creation = (name: string, text: string, id = 1): Action => ({
  kind: "create",
  id,
  ident: ident(name),
  href: href(name),
  content: contentOf(text),
});

export const replacement = (name: string, etag: Etag, text: string, id = 1): Action => ({
  kind: "update",
  id,
  ident: ident(name),
  href: href(name),
  etag,
  content: contentOf(text),
});

export const deletion = (name: string, etag: Etag, id = 1): Action => ({
  kind: "delete",
  id,
  ident: ident(name),
  href: href(name),
  etag,
});

export async function apply(
  storage: Storage,
  collection: Collection,
  ...actions: readonly Action[]
): Promise<readonly Result[]> {
  const source = async function* () {
    await Promise.resolve();
    yield* actions;
  };
  const results = await Array.fromAsync(storage.apply(collection, source(), never));
  return results.toSorted((a, b) => a.id - b.id);
}

export async function list(storage: Storage, collection: Collection): Promise<readonly Listed[]> {
  const parts = await Array.fromAsync(storage.changes(collection, undefined, never));
  return parts.flatMap((part) => part.type === "entries" ? part.entries : [])
    .toSorted((a, b) => a.href < b.href ? -1 : 1);
}

/** The etag under which an item is listed; it must be there. */
export async function etagOf(
  storage: Storage,
  collection: Collection,
  name: string,
): Promise<Etag> {
  const entry = (await list(storage, collection)).find(({ href }) => href === name);
  if (entry?.state !== "present") throw new Error(`${name} is ${entry?.state ?? "not listed"}`);
  return entry.etag;
}

/** `state: text` or `state: error's kind` of each href. */
export async function fetched(
  storage: Storage,
  collection: Collection,
  ...names: readonly string[]
): Promise<readonly string[]> {
  const hrefs = names.map((name): Href => href(name));
  const batches = await Array.fromAsync(storage.fetch(collection, hrefs, { signal: never }));
  return await Promise.all(
    batches.flat().map(async (answer) => {
      switch (answer.state) {
        case "present":
          return `present: ${new TextDecoder().decode(await answer.item.body.bytes())}`;
        case "unreadable":
          return `unreadable: ${answer.error.kind}`;
        case "unknown":
          return "unknown";
      }
    }),
  );
}

/** All names in a folder, sorted. */
export function namesIn(folder: string): readonly string[] {
  return Array.from(Deno.readDirSync(folder), ({ name }) => name).toSorted();
}

/** All paths below a folder with what the files hold and the links lead to. */
export function everythingIn(folder: string): Readonly<Record<string, string>> {
  const all: Record<string, string> = {};
  for (const { name, isDirectory, isSymlink, isFile } of Deno.readDirSync(folder)) {
    const path = join(folder, name);
    if (isSymlink) all[name] = `-> ${Deno.readLinkSync(path)}`;
    else if (isFile) all[name] = Deno.readTextFileSync(path);
    else if (!isDirectory) all[name] = "(special)";
    else {
      all[name] = "(folder)";
      for (const [below, what] of Object.entries(everythingIn(path))) all[join(name, below)] = what;
    }
  }
  return all;
}
