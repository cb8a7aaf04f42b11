/** Maildirs to try things on. */

import { ok, strictEqual } from "node:assert/strict";
import { type Disk, openMaildir } from "../../../adapters/maildir/mod.ts";
import type { MaildirOptions } from "../../../adapters/maildir/mod.ts";
import { realDisk } from "../../../adapters/maildir/disk.ts";
import { bodyOf } from "../../../lib/model/item.ts";
import type { Mail } from "../../../lib/model/mail.ts";
import { digest, type Href, href, ident } from "../../../lib/model/names.ts";
import type {
  Action,
  Collection,
  Listed,
  Listing,
  Result,
  Storage,
} from "../../../lib/model/storage.ts";

export const { signal } = new AbortController();

export interface Maildir extends AsyncDisposable {
  readonly path: string;
  open(options?: Partial<MaildirOptions>): Storage;
  /** Puts a file there, in a mailbox or beside it. */
  put(path: string, text?: string): void;
  read(path: string): string;
  /** The names in a folder, sorted. */
  names(path: string): readonly string[];
}

/** A Maildir with an INBOX. */
export async function newMaildir(): Promise<Maildir> {
  const path = await Deno.makeTempDir({ prefix: "maildir-" });
  for (const folder of ["cur", "new", "tmp"]) await Deno.mkdir(`${path}/${folder}`);
  return {
    path,
    open: (options) =>
      openMaildir({
        name: "mail",
        path,
        identBy: "guid",
        assign: "write",
        disk: diskWith(() => {}),
        ...options,
      }),
    put: (name, text = `Subject: ${name}\n\ntext\n`) => {
      const at = `${path}/${name}`;
      Deno.mkdirSync(at.slice(0, at.lastIndexOf("/")), { recursive: true });
      Deno.writeTextFileSync(at, text);
    },
    read: (name) => Deno.readTextFileSync(`${path}/${name}`),
    names: (name) => [...Deno.readDirSync(`${path}/${name}`)].map((it) => it.name).sort(),
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

export async function collectionOf(storage: Storage, id = "INBOX"): Promise<Collection> {
  const found = (await storage.collections(signal)).find((it) => it.id === id);
  ok(found !== undefined, `there is no ${id}`);
  return found;
}

export interface Seen {
  readonly entries: readonly Listed[];
  readonly end: Extract<Listing, { readonly type: "end" }>;
}

export async function list(
  storage: Storage,
  collection: Collection,
  cursor?: Parameters<Storage["changes"]>[1],
): Promise<Seen> {
  const entries: Listed[] = [];
  for await (const part of storage.changes(collection, cursor, signal)) {
    if (part.type === "end") return { entries, end: part };
    entries.push(...part.entries);
  }
  throw new Error("a listing without an end");
}

/** Each mail in a line: its UID, GUID and flags. */
export async function mailsIn(storage: Storage, id = "INBOX"): Promise<readonly string[]> {
  const { entries } = await list(storage, await collectionOf(storage, id));
  return entries.map((entry) =>
    entry.state === "present"
      ? `${entry.href} ${entry.mail?.ident ?? ""} ${entry.flags.join(" ")}`.trim()
      : `${entry.href} ${entry.state}`
  ).sort((one, two) => Number.parseInt(one) - Number.parseInt(two));
}

export const textOf = (uid: number): string => `Subject: ${uid}\n\ntext of ${uid}\n`;

export const creation = (
  uid: number,
  flags: readonly string[] = [],
  mail: Mail = {},
  text = textOf(uid),
): Action => ({
  kind: "create",
  id: uid,
  ident: ident(mail.guid ?? String(uid)),
  href: href(String(uid)),
  content: {
    digest: digest(String(uid)),
    flags,
    body: bodyOf(new TextEncoder().encode(text)),
    mail,
  },
});

export async function apply(
  storage: Storage,
  collection: Collection,
  ...actions: readonly Action[]
): Promise<readonly Result[]> {
  const stream = (async function* () {
    yield* actions;
  })();
  const results = await Array.fromAsync(storage.apply(collection, stream, signal));
  return actions.map(({ id }) => {
    const result = results.find((it) => it.id === id);
    ok(result !== undefined, `no result of ${id}`);
    return result;
  });
}

export const outcomesOf = (results: readonly Result[]): readonly string[] =>
  results.map(({ outcome }) => outcome);

/** The whole text of a mail, as its stream gives it. */
export async function bodyText(
  storage: Storage,
  collection: Collection,
  of: Href,
): Promise<string | undefined> {
  for await (const batch of storage.fetch(collection, [of], { signal })) {
    for (const fetched of batch) {
      if (fetched.state !== "present") return undefined;
      const bytes = await fetched.item.body.bytes();
      const text = await new Response(fetched.item.body.stream()).text();
      strictEqual(text, new TextDecoder().decode(bytes));
      return text;
    }
  }
  return undefined;
}

/**
 * The real disk, which tells of each call before it is made. What that throws, the call throws. It
 * waits for nothing: these tests end before the power fails.
 */
export function diskWith(before: (call: keyof Disk, args: readonly unknown[]) => void): Disk {
  return new Proxy(realDisk, {
    get: (disk, name: keyof Disk) => {
      const value = disk[name];
      if (typeof value !== "function" || name === "now" || name === "runs") return value;
      return (...args: never[]) => {
        before(name, args);
        if (name.startsWith("sync")) return Promise.resolve(true);
        return (value as (...args: never[]) => unknown)(...args);
      };
    },
  });
}
