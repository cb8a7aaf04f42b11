/** Which files are in a mailbox, while others deliver, read and flag. */

import { join } from "node:path";
import { codeOf, fileError } from "../../lib/files/file_error.ts";
import { SETTLE_MS } from "../../lib/files/etag.ts";
import type { Disk, Entry } from "./disk.ts";
import { baseOf } from "./mail_name.ts";
import type { Mailbox } from "./mailbox.ts";
import { nameBytes } from "./uidlist.ts";

/** Where a mail lies in its mailbox: `cur/NAME` or `new/NAME`. */
export type Where = string;

export interface Scan {
  /** By base name, as a string of bytes. */
  readonly files: Map<string, Where>;
  /** Files with a base name that another one has as well. */
  readonly twins: readonly Where[];
  /** Base names of what is no regular file: links, folders. They are no mails, and no absences. */
  readonly odd: ReadonlySet<string>;
  /** Files whose names no UID list can hold: mails, and nobody's. */
  readonly unnamable: ReadonlySet<string>;
  /** Nothing was changed while the folders were read: what is not there is gone. */
  readonly settled: boolean;
  /** The times of the folders, by which it is known whether they are still as they were read. */
  readonly times: string;
}

/** How often the folders are read in the hope that nobody renames anything meanwhile. */
const PASSES = 10;

/**
 * Reads both folders: first `new`, so that a mail that moves to `cur` meanwhile is seen. A file that
 * is renamed while its folder is read may be missed by the system; so where one is missing that
 * should be there, and the folders changed meanwhile, they are read again. `known` are the base
 * names that should be there.
 */
export async function scanMailbox(
  disk: Disk,
  mailbox: Mailbox,
  known: Iterable<string> = [],
): Promise<Scan> {
  const expected = [...known];
  for (let pass = 1;; pass++) {
    const scan = scanOnce(disk, mailbox);
    const here = (base: string) => scan.files.has(base) || scan.odd.has(base);
    const complete = scan.twins.length === 0 && expected.every(here);
    if (complete || scan.settled || pass === PASSES) return scan;
    await disk.wait(SETTLE_MS * pass);
  }
}

function scanOnce(disk: Disk, mailbox: Mailbox): Scan {
  const begun = disk.now();
  const before = timesOf(disk, mailbox);
  const files = new Map<string, Where>();
  const twins: Where[] = [];
  const odd = new Set<string>();
  const unnamable = new Set<string>();
  for (const folder of ["new", "cur"] as const) {
    for (const { name, isFile } of entriesOf(disk, join(mailbox.mail, folder))) {
      if (isHidden(name)) continue;
      if (!isMailName(name)) {
        if (isFile) unnamable.add(name);
        continue;
      }
      const base = nameBytes(baseOf(name));
      if (!isFile) {
        odd.add(base);
        continue;
      }
      const twin = files.get(base);
      if (twin !== undefined) twins.push(twin);
      files.set(base, `${folder}/${name}`);
    }
  }
  for (const base of files.keys()) odd.delete(base);
  const after = timesOf(disk, mailbox);
  // A change within one tick of the clock before does not show in the time.
  const settled = before.text === after.text &&
    !(before.latest <= begun && begun - before.latest < SETTLE_MS);
  return { files, twins, odd, unnamable, settled, times: after.text };
}

const isHidden = (name: string): boolean => name.startsWith(".");

/** What the UID list has no way to write down: a line feed, or what is no UTF-8. */
const isMailName = (name: string): boolean => !/^:|[\n\ufffd]/.test(name);

/** An absent `new` is an empty one. */
function entriesOf(disk: Disk, folder: string): readonly Entry[] {
  try {
    return disk.entries(folder);
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT" && folder.endsWith("/new")) return [];
    throw fileError(thrown, "collection", folder);
  }
}

function timesOf(disk: Disk, mailbox: Mailbox): { readonly text: string; readonly latest: number } {
  const times = ["cur", "new"].map((folder) => {
    const path = join(mailbox.mail, folder);
    try {
      const { ino, mtime } = disk.stat(path);
      return { ino, mtime };
    } catch (thrown) {
      if (codeOf(thrown) === "ENOENT" && folder === "new") return { ino: 0, mtime: 0 };
      throw fileError(thrown, "collection", path);
    }
  });
  return {
    text: times.map(({ ino, mtime }) => `${ino}-${mtime}`).join(" "),
    latest: Math.max(...times.map(({ mtime }) => mtime)),
  };
}

/**
 * Where one mail is now, by its base name: where it was seen last, or else wherever it was moved to,
 * for which both folders are looked through; nothing where it is gone.
 */
export async function findMail(
  disk: Disk,
  mailbox: Mailbox,
  files: Map<string, Where>,
  base: string,
): Promise<Where | undefined> {
  const where = files.get(base);
  if (where !== undefined && isThere(disk, join(mailbox.mail, where))) return where;
  // Of a mailbox that is as it was read last, all is known, and so is that a mail is gone.
  if (where === undefined && READ_AT.get(files) === timesOf(disk, mailbox).text) return undefined;
  const scan = await scanMailbox(disk, mailbox, [base]);
  files.clear();
  for (const [name, place] of scan.files) files.set(name, place);
  if (scan.settled) READ_AT.set(files, scan.times);
  else READ_AT.delete(files);
  return files.get(base);
}

/** The times of the folders when they were read to find a mail, and nobody changed them. */
const READ_AT = new WeakMap<Map<string, Where>, string>();

function isThere(disk: Disk, path: string): boolean {
  try {
    return disk.stat(path).kind === "file";
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT") return false;
    throw fileError(thrown, "item", path);
  }
}
