/**
 * Which mailboxes are subscribed to: Dovecot's file `.subscriptions`. In its second version a name is
 * its parts with tabs between; in the first, which is kept where it is found, the name itself.
 */

import { dirname, join } from "node:path";
import { fileError } from "../../lib/files/file_error.ts";
import { mailboxId, partsOf } from "../../lib/item/mail/mailbox_id.ts";
import { decodeMutf7, encodeMutf7 } from "../../lib/item/mail/mutf7.ts";
import { SyncError } from "../../lib/model/error.ts";
import type { CollectionId } from "../../lib/model/names.ts";
import { type Disk, type DiskFile } from "./disk.ts";
import { hiddenName } from "./hidden_name.ts";
import { type LockOptions, withLock } from "./lock.ts";
import { discard } from "./write.ts";

const NAME = ".subscriptions";
const VERSION_2 = "V\t2\n\n";
/** In bytes. */
const MOST = 16 * 1024 * 1024;

/** Dovecot's, for this file. */
const STALE_MS = 30_000;

export function readSubscriptions(disk: Disk, root: string): ReadonlySet<CollectionId> {
  return new Set(parse(readText(disk, root)).names.map(idOf));
}

/** Subscribes, or does the reverse. Throws {@linkcode SyncError} where the file cannot be written. */
export async function setSubscribed(
  disk: Disk,
  root: string,
  id: CollectionId,
  wanted: boolean,
  locks: LockOptions,
  signal: AbortSignal,
): Promise<void> {
  const path = join(root, NAME);
  // Its lock is a file beside it, and nothing else.
  const options: LockOptions = {
    ...locks,
    stale: STALE_MS,
    fcntl: () => ({ state: "impossible", reason: "it is not used here" }),
  };
  await withLock(disk, path, "exclusive", options, signal, (held) => {
    const { version, names } = parse(readText(disk, root));
    const has = names.some((name) => idOf(name) === id);
    if (has === wanted) return Promise.resolve();
    const parts = partsOf(id).map(encodeMutf7);
    const others = names.filter((name) => idOf(name) !== id);
    const all = wanted ? [...others, parts] : others;
    const lines = all.map((name) => version === 2 ? name.map(escaped).join("\t") : name.join("/"));
    const text = (version === 2 ? VERSION_2 : "") + lines.map((line) => `${line}\n`).join("");
    const temporary = join(root, hiddenName());
    try {
      const file = disk.create(temporary, disk.stat(path)?.mode ?? 0o600);
      try {
        file.write(new TextEncoder().encode(text), 0);
        file.sync();
      } finally {
        file.close();
      }
      held.ensure();
      disk.rename(temporary, path);
      disk.syncFolder(dirname(path));
    } catch (thrown) {
      discard(disk, temporary);
      throw fileError(thrown, "collection", path);
    }
    return Promise.resolve();
  });
}

function readText(disk: Disk, root: string): string {
  const path = join(root, NAME);
  let file: DiskFile | undefined;
  try {
    const stat = disk.stat(path);
    if (stat === undefined) return VERSION_2;
    if (stat.size > MOST) {
      throw new SyncError(`${path} is too large`, { scope: "storage", kind: "too large" });
    }
    file = disk.open(path, "read");
    const bytes = new Uint8Array(stat.size);
    return new TextDecoder().decode(bytes.subarray(0, file.read(bytes, 0)));
  } catch (thrown) {
    throw fileError(thrown, "storage", path);
  } finally {
    file?.close();
  }
}

/** The names, each as its parts, as they stand in the file. */
function parse(text: string): {
  readonly version: 1 | 2;
  readonly names: readonly (readonly string[])[];
} {
  const version = text.startsWith(VERSION_2) ? 2 : text === "" ? 2 : 1;
  const lines = (text.startsWith(VERSION_2) ? text.slice(VERSION_2.length) : text).split("\n")
    .filter((line) => line !== "");
  const names = lines.map((line) =>
    version === 2 ? line.split("\t").map(unescaped) : line.split("/")
  );
  return { version, names };
}

const idOf = (names: readonly string[]): CollectionId =>
  mailboxId(names.map((name) => decodeMutf7(name) ?? name));

const ESCAPES: Readonly<Record<string, string>> = {
  "\0": "\x010",
  "\x01": "\x011",
  "\t": "\x01t",
  "\r": "\x01r",
  "\n": "\x01n",
};
const PLAIN: Readonly<Record<string, string>> = {
  "0": "\0",
  "1": "\x01",
  "t": "\t",
  "r": "\r",
  "n": "\n",
};

const escaped = (name: string): string =>
  // deno-lint-ignore no-control-regex -- these are what is escaped
  name.replace(/[\0\x01\t\r\n]/g, (char) => ESCAPES[char] ?? char);

const unescaped = (name: string): string =>
  // deno-lint-ignore no-control-regex -- this is what escapes them
  name.replace(/\x01(.)/g, (_, char: string) => PLAIN[char] ?? char);
