/** What mailboxes hold: read as often as their files change, and no more. */

import { fileError } from "../../lib/files/file_error.ts";
import { SyncError } from "../../lib/model/error.ts";
import { type Box, boxOf } from "./box.ts";
import { type Disk, type DiskFile, type DiskStat, versionOf } from "./disk.ts";
import { type LockOptions, withLock } from "./lock.ts";
import { Mails } from "./mails.ts";
import { scanInto } from "./scan.ts";
import { isSettled, untilSettled } from "./times.ts";

export interface World {
  readonly disk: Disk;
  readonly locks: LockOptions;
  readonly cache: Map<string, Box>;
}

/** How often a file is looked at again because somebody writes to it. */
const TRIES = 20;
/** How often it is waited for. */
const WAITS = 3;

/**
 * What the file at this path holds. Throws {@linkcode SyncError} of scope `collection`: `missing` where
 * there is none, `malformed` where it is no mbox.
 *
 * A file that was written only just now is waited for: as times are coarse, a further write might not
 * show. So whatever is changed later makes another version; where somebody writes all the time, it
 * is said that it is not so.
 */
export async function load(world: World, path: string, signal: AbortSignal): Promise<Box> {
  for (let tried = 1;; tried++) {
    const stat = await settled(world, path);
    const known = world.cache.get(path);
    if (known?.settled && known.version === versionOf(stat)) return known;
    const box = await withLock(
      world.disk,
      path,
      "shared",
      world.locks,
      signal,
      () => withFile(world, path, "read", (file) => readBox(world, path, file, signal)),
    );
    if (box.settled || tried === WAITS) return box;
  }
}

/**
 * The same, as far as it is known, and without waiting. Where it is not settled, others may have put
 * mails to other places meanwhile.
 */
export async function glance(world: World, path: string, signal: AbortSignal): Promise<Box> {
  const known = world.cache.get(path);
  return known?.version === versionOf(fileAt(world.disk, path))
    ? known
    : await load(world, path, signal);
}

/** Waits until a file was not written just now, but not for ever. */
export async function settled({ disk }: World, path: string): Promise<DiskStat> {
  for (let tried = 1;; tried++) {
    const stat = fileAt(disk, path);
    const wait = untilSettled(stat, disk.now());
    if (wait === 0 || tried > WAITS) return stat;
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

function fileAt(disk: Disk, path: string): DiskStat {
  let stat: DiskStat | undefined;
  try {
    stat = disk.stat(path);
  } catch (thrown) {
    throw fileError(thrown, "collection", path);
  }
  if (stat === undefined) throw gone(path);
  if (stat.kind === "file") return stat;
  throw new SyncError(`${path} is not a regular file`, { scope: "collection", kind: "refused" });
}

/** Runs with the file open. What the system says is said as an error of the mailbox. */
export async function withFile<T>(
  { disk }: World,
  path: string,
  how: "read" | "write",
  use: (file: DiskFile) => Promise<T>,
): Promise<T> {
  let file: DiskFile | undefined;
  try {
    fileAt(disk, path);
    file = disk.open(path, how);
    return await use(file);
  } catch (thrown) {
    throw fileError(thrown, "collection", path);
  } finally {
    file?.close();
  }
}

/** The same of a file that is open, and under a lock, if there is one. */
export async function readBox(
  world: World,
  path: string,
  file: DiskFile,
  signal: AbortSignal,
): Promise<Box> {
  for (let tried = 1; tried <= TRIES; tried++) {
    const now = world.disk.now();
    const before = file.stat();
    const known = world.cache.get(path);
    if (known?.settled && known.version === versionOf(before)) return known;
    const mails = new Mails();
    const read = (into: Uint8Array, at: number) => file.read(into, at);
    await scanInto((mail) => mails.add(mail), read, before.size, path, signal);
    // Where programs write without a lock that we know of, it is the one or the other.
    if (versionOf(file.stat()) === versionOf(before)) {
      return remember(world, path, mails, before, now);
    }
  }
  throw new SyncError(`${path} is written to all the time`, {
    scope: "collection",
    kind: "changed",
    retry: true,
  });
}

/** Keeps what was found in the file of that version, at that time. */
export function remember(
  { cache }: World,
  path: string,
  mails: Mails,
  stat: DiskStat,
  now: number,
): Box {
  // A mailbox without a UIDVALIDITY has the same one until it is written to.
  const made = Math.max(1, Math.floor(stat.mtime / 1000));
  const box = boxOf(mails, stat, made, isSettled(stat, now));
  cache.set(path, box);
  return box;
}

/** What is known of a file that was locked since it was read holds for as long as it looks so. */
export function confirm({ cache, disk }: World, path: string, stat: DiskStat): void {
  const known = cache.get(path);
  if (known === undefined || known.settled || known.version !== versionOf(stat)) return;
  if (isSettled(stat, disk.now())) cache.set(path, { ...known, settled: true });
}

export function gone(path: string): SyncError {
  return new SyncError(`${path} is not there`, { scope: "collection", kind: "missing" });
}
