/** Locks that are files beside what they lock, as Dovecot makes them. */

import { codeOf, fileError } from "../../lib/files/file_error.ts";
import { cancelled, SyncError } from "../../lib/model/error.ts";
import { type Disk, readWhole, removeIfThere, statIfThere } from "./disk.ts";

/** Dovecot takes a lock for abandoned that was not touched for so long; so do we. */
const STALE_MS = 120_000;
/** How often a lock of ours is touched while it is held. */
const TOUCH_MS = 30_000;
/** Longer than a lock can be stale: whoever holds it still is at work. */
const PATIENCE_MS = 150_000;
const LONGEST_WAIT_MS = 200;

/**
 * Runs while the lock is held, which it waits for. Throws `locked` where another program does not
 * let go of it. A lock is broken where it was not touched for two minutes, or where it names a
 * process of this machine that has ended.
 */
export async function withDotlock<T>(
  disk: Disk,
  path: string,
  mode: number,
  signal: AbortSignal,
  use: (lock: Dotlock) => Promise<T>,
): Promise<T> {
  const lock = await take(disk, path, mode, signal);
  const timer = setInterval(() => lock.touch(), TOUCH_MS);
  try {
    return await use(lock);
  } finally {
    clearInterval(timer);
    lock.release();
  }
}

export interface Dotlock {
  /** Throws `changed` where somebody broke the lock: what it was taken for is not to be written. */
  look(): void;
}

interface Held extends Dotlock {
  touch(): void;
  release(): void;
}

async function take(
  disk: Disk,
  path: string,
  mode: number,
  signal: AbortSignal,
): Promise<Held> {
  const begun = disk.now();
  for (let tried = 0;; tried++) {
    try {
      const writer = disk.create(path, mode);
      try {
        writer.write(new TextEncoder().encode(`${disk.pid}:${disk.host}`));
      } finally {
        writer.close();
      }
      return held(disk, path);
    } catch (thrown) {
      if (codeOf(thrown) !== "EEXIST") throw fileError(thrown, "collection", path);
    }
    if (breakStale(disk, path)) continue;
    // What has begun is not stopped where nobody is in its way.
    if (signal.aborted) throw cancelled(signal.reason);
    if (disk.now() - begun > PATIENCE_MS) {
      throw new SyncError(`${path} is held by another program`, {
        scope: "collection",
        kind: "locked",
        retry: true,
        hint: "If no mail program is running, remove that file.",
      });
    }
    const longest = Math.min(LONGEST_WAIT_MS, 5 * 2 ** Math.min(tried, 10));
    await disk.wait(1 + Math.random() * longest);
  }
}

/** Says whether it is worth trying again at once. */
function breakStale(disk: Disk, path: string): boolean {
  const seen = statIfThere(disk, path);
  if (seen === undefined) return true;
  const age = disk.now() - seen.mtime;
  if (age <= STALE_MS && !isOrphan(disk, path)) return false;
  // Who was faster may have made a new lock, which is not to be broken with the old one.
  const now = statIfThere(disk, path);
  if (now !== undefined && now.ino === seen.ino && now.mtime === seen.mtime) {
    removeIfThere(disk, path);
  }
  return true;
}

function isOrphan(disk: Disk, path: string): boolean {
  const text = new TextDecoder().decode(readWhole(disk, path, 1024) ?? new Uint8Array());
  const [, pid, host] = /^(\d{1,10}):(.+)$/s.exec(text) ?? [];
  return pid !== undefined && host?.trim() === disk.host && Number(pid) !== disk.pid &&
    !disk.runs(Number(pid));
}

function held(disk: Disk, path: string): Held {
  const { ino, dev } = disk.stat(path);
  const isOurs = () => {
    const now = statIfThere(disk, path);
    return now?.ino === ino && now.dev === dev;
  };
  return {
    look: () => {
      if (isOurs()) return;
      throw new SyncError(`${path} was taken away by another program`, {
        scope: "collection",
        kind: "changed",
        retry: true,
      });
    },
    touch: () => {
      if (isOurs()) disk.setTime(path, disk.now());
    },
    release: () => {
      if (isOurs()) removeIfThere(disk, path);
    },
  };
}
