/** What mailboxes hold: read as often as their files change, and no more. */

import { SETTLE_MS } from "../../lib/files/etag.ts";
import { fileError } from "../../lib/files/file_error.ts";
import { SyncError } from "../../lib/model/error.ts";
import { type Box, boxOf } from "./box.ts";
import { type Disk, type DiskFile, type DiskStat, versionOf } from "./disk.ts";
import { type LockOptions, withLock } from "./lock.ts";
import { type Mail, scan } from "./scan.ts";

export interface World {
  readonly disk: Disk;
  readonly locks: LockOptions;
  readonly cache: Map<string, Box>;
}

/** How often a file is looked at again because somebody writes to it. */
const TRIES = 20;

/**
 * What the file at this path holds. Throws {@linkcode SyncError} of scope `collection`: `missing` where
 * there is none, `malformed` where it is no mbox.
 *
 * A file that was written only just now is waited for: as times are coarse, a further write might not
 * show. So whatever is changed later makes another version.
 */
export async function load(world: World, path: string, signal: AbortSignal): Promise<Box> {
  const stat = await settled(world, path);
  const known = world.cache.get(path);
  if (known?.version === versionOf(stat)) return known;
  return await withLock(world.disk, path, "shared", world.locks, signal, async () => {
    await settled(world, path);
    return await withFile(world, path, "read", (file) => readBox(world, path, file, signal));
  });
}

/** Waits until a file was not written just now. */
export async function settled({ disk }: World, path: string): Promise<DiskStat> {
  for (let tried = 0;; tried++) {
    const stat = fileAt(disk, path);
    const age = disk.now() - stat.mtime;
    if (age < 0 || age >= SETTLE_MS || tried === TRIES) return stat;
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS - age));
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
    const before = file.stat();
    const known = world.cache.get(path);
    if (known?.version === versionOf(before)) return known;
    const mails = await scan((into, at) => file.read(into, at), before.size, path, signal);
    // Where programs write without a lock that we know of, it is the one or the other.
    if (versionOf(file.stat()) === versionOf(before)) return remember(world, path, mails, before);
  }
  throw new SyncError(`${path} is written to all the time`, {
    scope: "collection",
    kind: "changed",
    retry: true,
  });
}

/** Keeps what was found in the file of that version. */
export function remember(
  { cache }: World,
  path: string,
  mails: readonly Mail[],
  stat: DiskStat,
): Box {
  // A mailbox without a UIDVALIDITY has the same one until it is written to.
  const made = Math.max(1, Math.floor(stat.mtime / 1000));
  const box = boxOf(mails, stat, made);
  cache.set(path, box);
  return box;
}

export function gone(path: string): SyncError {
  return new SyncError(`${path} is not there`, { scope: "collection", kind: "missing" });
}
