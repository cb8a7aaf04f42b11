/** The file of a mailbox's UID list: read without a lock, written only with it. */

import { join } from "node:path";
import { fileError } from "../../lib/files/file_error.ts";
import type { Stat } from "../../lib/files/files.ts";
import { type Disk, makeFolders, readWhole, replaceFile, statIfThere } from "./disk.ts";
import { type Dotlock, withDotlock } from "./dotlock.ts";
import { folderModeOf, type Mailbox } from "./mailbox.ts";
import {
  bytesOf,
  emptyList,
  formatRecord,
  formatUidList,
  headerOf,
  parseUidList,
  recordOf,
  type UidList,
  type UidRecord,
  withAppended,
} from "./uidlist.ts";

const FILE = "dovecot-uidlist";
/** Some millions of mails. */
const MOST_BYTES = 256 * 1024 * 1024;

/** A list, and by what it is known whether the file is still the one that was read. */
export interface LoadedList {
  readonly list: UidList;
  /** Empty where some of it is only in memory. */
  readonly stamp: string;
  /** This UID and those above were given in memory alone. */
  readonly pretendedFrom?: number;
}

export const listPath = (mailbox: Pick<Mailbox, "control">): string => join(mailbox.control, FILE);

/** Which file it is, its size and its time; empty where there is none. */
export function stampOf(stat: Stat | undefined): string {
  return stat === undefined ? "" : `${stat.ino}-${stat.size}-${stat.mtime}`;
}

/** The list as it is now: what was loaded before, where the file is still the same. */
export function loadList(disk: Disk, mailbox: Mailbox, before?: LoadedList): LoadedList {
  const path = listPath(mailbox);
  try {
    const stamp = stampOf(statIfThere(disk, path));
    if (before !== undefined && stamp !== "" && before.stamp === stamp) return before;
    const bytes = readWhole(disk, path, MOST_BYTES);
    return { list: bytes === undefined ? emptyList() : parseUidList(bytes), stamp };
  } catch (thrown) {
    throw fileError(thrown, "collection", path);
  }
}

/** Runs with the lock of the list, after it was read anew. */
export async function withListLock<T>(
  disk: Disk,
  mailbox: Mailbox,
  before: LoadedList | undefined,
  signal: AbortSignal,
  use: (loaded: LoadedList, lock: Dotlock) => Promise<T>,
): Promise<T> {
  const path = listPath(mailbox);
  makeControl(disk, mailbox);
  return await withDotlock(disk, `${path}.lock`, mailbox.fileMode, signal, async (lock) => {
    mailbox.look();
    return await use(loadList(disk, mailbox, before), lock);
  });
}

function makeControl(disk: Disk, mailbox: Mailbox): void {
  if (mailbox.control === mailbox.mail) return;
  try {
    makeFolders(disk, mailbox.control, folderModeOf(disk.stat(mailbox.mail).mode));
  } catch (thrown) {
    throw fileError(thrown, "collection", mailbox.control);
  }
}

/** Replaces the file, durably. The lock is to be held. */
export async function rewriteList(
  disk: Disk,
  mailbox: Mailbox,
  list: UidList,
): Promise<LoadedList> {
  const path = listPath(mailbox);
  await replaceFile(disk, `${path}.tmp`, path, formatUidList(list), mailbox.fileMode);
  await disk.syncFolder(mailbox.control);
  return { list: { ...list, isSound: true }, stamp: stampOf(statIfThere(disk, path)) };
}

/**
 * Adds records, each of a higher UID than all before, without waiting for the disk. The lock is to
 * be held, and the list to be sound.
 */
export function appendToList(
  disk: Disk,
  mailbox: Mailbox,
  loaded: LoadedList,
  records: readonly UidRecord[],
): LoadedList {
  const path = listPath(mailbox);
  disk.append(path, bytesOf(records.map(formatRecord).join("")));
  return {
    list: records.reduce(withAppended, loaded.list),
    stamp: stampOf(statIfThere(disk, path)),
  };
}

/** What can be told of a list without reading all of it. */
export interface Glance extends Pick<UidList, "uidValidity" | "guid" | "next"> {
  /** How many records there are; some of them may be of mails that are gone. */
  readonly records: number;
}

const SMALL = 64 * 1024;
const PIECE = 1024 * 1024;

/** Looks at a list. A small one is read whole; of a large one the ends are, and lines counted. */
export function glanceAtList(disk: Disk, path: string): Glance {
  const size = statIfThere(disk, path)?.size ?? 0;
  const whole = (): Glance => {
    const bytes = readWhole(disk, path, MOST_BYTES);
    const list = bytes === undefined ? emptyList() : parseUidList(bytes);
    return { ...list, records: list.records.size };
  };
  if (size <= SMALL) return whole();
  const { first, last, lines } = endsOf(disk, path, size);
  const header = headerOf(first);
  const record = recordOf(last);
  if (header?.version !== 3 || record === undefined) return whole();
  return { ...header, next: Math.max(header.next, record.uid + 1), records: lines - 1 };
}

function endsOf(disk: Disk, path: string, size: number) {
  const reader = disk.reader(path);
  try {
    const decoder = new TextDecoder("latin1");
    const buffer = new Uint8Array(PIECE);
    let first = "";
    let end = "";
    let lines = 0;
    for (let at = 0; at < size; at += PIECE) {
      const piece = buffer.subarray(0, reader.readAt(buffer, at));
      if (at === 0) first = decoder.decode(piece.subarray(0, 4096)).split("\n")[0] ?? "";
      end = end.slice(-4096) + decoder.decode(piece.subarray(-4096));
      for (let found = piece.indexOf(10); found !== -1; found = piece.indexOf(10, found + 1)) {
        lines++;
      }
    }
    return { first, last: end.trimEnd().split("\n").at(-1) ?? "", lines };
  } finally {
    reader.close();
  }
}
