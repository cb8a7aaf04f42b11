/**
 * Keeps other programs away from a mailbox, in both ways that programs of mail know: a file
 * `<mailbox>.lock` beside it, and a POSIX lock on the file itself.
 *
 * Dovecot and others take several locks one after another, and not all in the same order: upstream's
 * default for writing is dotlock and then fcntl, Debian's fcntl and then dotlock. So here the second
 * one is never waited for while the first is held: where it is not to be had, the first is given back.
 * For reading only the POSIX lock is taken, shared, as is everybody's default.
 */

import process from "node:process";
import { codeOf, fileError } from "../../lib/files/file_error.ts";
import { tryFcntlLock } from "../../lib/files/fcntl_lock.ts";
import { cancelled, SyncError } from "../../lib/model/error.ts";
import type { Disk, DiskFile } from "./disk.ts";
import { hiddenName } from "./hidden_name.ts";

export interface LockOptions {
  /** How long to wait for a lock, in milliseconds. */
  readonly timeout: number;
  /** After how long a `.lock` file that nobody touches counts as left behind, in milliseconds. */
  readonly stale: number;
  /** Attempts a POSIX lock. Default: the system's. */
  readonly fcntl?: typeof tryFcntlLock;
}

/** Dovecot's: mbox_lock_timeout, mbox_dotlock_change_timeout. */
export const LOCK_DEFAULTS: LockOptions = { timeout: 5 * 60_000, stale: 2 * 60_000 };

/** How often a `.lock` file that we hold is touched, in milliseconds. */
const TOUCH_MS = 10_000;
const WAIT_MS = 40;

/** A lock that is held. */
export interface Held {
  /** Throws `changed` where somebody has taken our `.lock` file away: it took us for dead. */
  ensure(): void;
  /**
   * Whether nobody else has the mailbox open; nothing where that cannot be found out. We must not
   * have it open either.
   */
  isAlone(): boolean | undefined;
}

/** Who in this process uses which mailbox: no lock of the system would keep them apart everywhere. */
const users = new Map<string, Promise<unknown>>();

/**
 * Runs with the mailbox locked. Throws `locked` where others do not let go of it in time, and
 * `refused` where no lock of any kind can be had for writing.
 */
export async function withLock<T>(
  disk: Disk,
  path: string,
  kind: "shared" | "exclusive",
  options: LockOptions,
  signal: AbortSignal,
  use: (held: Held) => Promise<T>,
): Promise<T> {
  const before = users.get(path) ?? Promise.resolve();
  const mine = before.then(async () => {
    const lock = await take(disk, path, kind, options, signal);
    const timer = setInterval(() => lock.touch(), TOUCH_MS);
    try {
      return await use(lock);
    } finally {
      clearInterval(timer);
      lock.release();
    }
  });
  const settled = mine.then(() => {}, () => {});
  users.set(path, settled);
  try {
    return await mine;
  } finally {
    if (users.get(path) === settled) users.delete(path);
  }
}

interface Lock extends Held {
  touch(): void;
  release(): void;
}

async function take(
  disk: Disk,
  path: string,
  kind: "shared" | "exclusive",
  options: LockOptions,
  signal: AbortSignal,
): Promise<Lock> {
  const until = Date.now() + options.timeout;
  const watch = kind === "exclusive" ? staleness(disk, `${path}.lock`, options.stale) : undefined;
  while (true) {
    if (signal.aborted) throw cancelled(signal.reason);
    const lock = attempt(disk, path, kind, options, watch);
    if (lock !== "busy") return lock;
    if (Date.now() >= until) throw locked(path);
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS * (1 + Math.random())));
  }
}

/** One attempt at all the locks that are wanted. */
function attempt(
  disk: Disk,
  path: string,
  kind: "shared" | "exclusive",
  options: LockOptions,
  watch: (() => void) | undefined,
): Lock | "busy" {
  let dotlock: Dotlock | "busy" | "impossible" | undefined;
  try {
    dotlock = kind === "shared" ? undefined : tryDotlock(disk, `${path}.lock`);
    if (dotlock === "busy") watch?.();
  } catch (thrown) {
    throw fileError(thrown, "collection", `${path}.lock`);
  }
  if (dotlock === "busy") return "busy";
  let done = false;
  try {
    const before = disk.stat(path);
    const fcntl = (options.fcntl ?? tryFcntlLock)(path, kind);
    if (fcntl.state === "busy") return "busy";
    if (fcntl.state === "impossible" && kind === "exclusive" && !isHeld(dotlock)) {
      throw impossible(path, fcntl.reason);
    }
    const after = disk.stat(path);
    if (before?.ino !== after?.ino || before?.dev !== after?.dev) {
      // Somebody has put another file in its place, and what we hold is the lock of the old one.
      if (fcntl.state === "held") fcntl.release();
      return "busy";
    }
    done = true;
    return {
      ensure: () => isHeld(dotlock) && dotlock.ensure(path),
      isAlone: () => fcntl.state === "held" ? fcntl.isAlone() : undefined,
      touch: () => isHeld(dotlock) && dotlock.touch(),
      release: () => {
        if (fcntl.state === "held") fcntl.release();
        if (isHeld(dotlock)) dotlock.release();
      },
    };
  } catch (thrown) {
    throw fileError(thrown, "collection", path);
  } finally {
    if (!done && isHeld(dotlock)) dotlock.release();
  }
}

interface Dotlock {
  ensure(path: string): void;
  touch(): void;
  release(): void;
}

const isHeld = (dotlock: Dotlock | "impossible" | undefined): dotlock is Dotlock =>
  typeof dotlock === "object";

/** In a spool folder nobody may make files, say: the POSIX lock has to do then. */
const NO_FILE: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EROFS"]);

function tryDotlock(disk: Disk, lock: string): Dotlock | "busy" | "impossible" {
  let ino: number;
  try {
    const file = disk.create(lock, 0o600);
    try {
      ino = file.stat().ino;
      ownerInto(file);
    } finally {
      file.close();
    }
  } catch (thrown) {
    const code = codeOf(thrown) ?? "";
    if (code === "EEXIST") return "busy";
    if (NO_FILE.has(code)) return "impossible";
    throw thrown;
  }
  const isOurs = () => disk.stat(lock)?.ino === ino;
  return {
    ensure: (path) => {
      if (!isOurs()) throw lost(path);
    },
    touch: () => {
      try {
        if (isOurs()) disk.touch(lock);
      } catch (thrown) {
        // Whether it is still ours is looked at before anything is changed.
        if (codeOf(thrown) === undefined) throw thrown;
      }
    },
    release: () => {
      if (isOurs()) disk.remove(lock);
    },
  };
}

/** As Dovecot writes it: it sees by it that we are dead, if we are, and so do we. */
function ownerInto(file: DiskFile): void {
  try {
    file.write(new TextEncoder().encode(`${Deno.pid}:${Deno.hostname()}`), 0);
  } catch (thrown) {
    // An empty one is a lock too.
    if (!FULL.has(codeOf(thrown) ?? "")) throw thrown;
  }
}

const FULL: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT"]);

/**
 * Looks at a `.lock` file that is in the way, and removes it if whoever made it is dead, or has not
 * touched it for too long while we waited.
 */
function staleness(disk: Disk, lock: string, stale: number): () => void {
  let seen = "";
  let since = Date.now();
  return () => {
    const stat = disk.stat(lock);
    if (stat === undefined) return;
    const now = `${stat.ino} ${stat.mtime} ${stat.size}`;
    if (now !== seen) {
      seen = now;
      since = Date.now();
    }
    const waited = Date.now() - since;
    const old = Date.now() - stat.mtime >= stale && waited >= Math.min(stale, 1000);
    if (old || isDead(disk, lock)) removeStale(disk, lock, stat.ino);
  };
}

/** Whether the file names a process of this machine that is no more. */
function isDead(disk: Disk, lock: string): boolean {
  const bytes = new Uint8Array(300);
  let text: string;
  try {
    const file = disk.open(lock, "read");
    try {
      text = new TextDecoder().decode(bytes.subarray(0, file.read(bytes, 0)));
    } finally {
      file.close();
    }
  } catch (thrown) {
    if (codeOf(thrown) === undefined) throw thrown;
    return false;
  }
  const [, pid = "", host = ""] = /^(\d{1,10}):(.+)$/.exec(text.trim()) ?? [];
  if (pid === "" || host !== Deno.hostname()) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (thrown) {
    return codeOf(thrown) === "ESRCH";
  }
}

/** Two may find it stale at once, and one of them has made its own meanwhile: that one is put back. */
function removeStale(disk: Disk, lock: string, ino: number): void {
  const aside = `${lock.slice(0, lock.lastIndexOf("/") + 1)}${hiddenName()}`;
  try {
    disk.rename(lock, aside);
    if (disk.stat(aside)?.ino !== ino) disk.link(aside, lock);
    disk.remove(aside);
  } catch (thrown) {
    if (codeOf(thrown) === undefined) throw thrown;
  }
}

function locked(path: string): SyncError {
  return new SyncError(`${path} is locked by another program`, {
    scope: "collection",
    kind: "locked",
    retry: true,
    hint: `If no program of mail is at work, remove ${path}.lock if there is one.`,
  });
}

function lost(path: string): SyncError {
  return new SyncError(`${path}.lock was removed by another program while we held it`, {
    scope: "collection",
    kind: "changed",
    retry: true,
  });
}

function impossible(path: string, reason: string): SyncError {
  return new SyncError(`${path} cannot be locked: ${reason}`, {
    scope: "collection",
    kind: "refused",
    hint:
      "Neither a .lock file can be made beside it nor a POSIX lock be taken. Give the right to " +
      "make files in its folder, or run dovetail where it may call the system's library.",
  });
}
