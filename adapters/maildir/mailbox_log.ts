/**
 * `dovecot.mailbox.log`: what was deleted, renamed, subscribed and unsubscribed, and when. Dovecot's
 * dsync tells deletions from mailboxes that are new elsewhere by it.
 */

import { hash } from "node:crypto";
import { join } from "node:path";
import { codeOf, fileError } from "../../lib/files/file_error.ts";
import { type Disk, makeFolders, statIfThere } from "./disk.ts";

export type LogEntry =
  | { readonly type: "delete mailbox"; readonly guid: string }
  | {
    readonly type: "delete folder" | "rename" | "subscribe" | "unsubscribe" | "create folder";
    /** The full name, of a rename the new one, with the separator of the layout. */
    readonly name: string;
  };

const TYPES: Readonly<Record<LogEntry["type"], number>> = {
  "delete mailbox": 1,
  "delete folder": 2,
  rename: 3,
  subscribe: 4,
  unsubscribe: 5,
  "create folder": 6,
};

const FILE = "dovecot.mailbox.log";
/** When it is larger, Dovecot goes on in a new one and keeps this one. */
const MOST_BYTES = 4096;

/** Adds entries to the log in that folder, each 24 bytes, in one write. */
export function logChanges(
  disk: Disk,
  folder: string,
  entries: readonly LogEntry[],
  mode: number,
): void {
  const path = join(folder, FILE);
  try {
    makeFolders(disk, folder, mode);
    const stat = statIfThere(disk, path);
    if (stat !== undefined && stat.size >= MOST_BYTES) disk.rename(path, `${path}.2`);
    if (statIfThere(disk, path) === undefined) createQuietly(disk, path, (mode & 0o666) | 0o600);
    const bytes = new Uint8Array(24 * entries.length);
    const view = new DataView(bytes.buffer);
    entries.forEach((entry, index) => {
      view.setUint8(24 * index, TYPES[entry.type]);
      bytes.set(subjectOf(entry), 24 * index + 4);
      view.setUint32(24 * index + 20, Math.floor(disk.now() / 1000));
    });
    disk.append(path, bytes);
  } catch (thrown) {
    throw fileError(thrown, "storage", path);
  }
}

function createQuietly(disk: Disk, path: string, mode: number): void {
  try {
    disk.create(path, mode).close();
  } catch (thrown) {
    if (codeOf(thrown) !== "EEXIST") throw thrown;
  }
}

/** The GUID, or the first half of the SHA-1 of the name. */
function subjectOf(entry: LogEntry): Uint8Array {
  const hex = entry.type === "delete mailbox" ? entry.guid : hash("sha1", entry.name, "hex");
  return Uint8Array.from(
    { length: 16 },
    (_, at) => Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16),
  );
}
