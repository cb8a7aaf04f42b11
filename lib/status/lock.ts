/** One run of a pair at a time. */

import { SyncError } from "../model/error.ts";
import type { PairName } from "../model/names.ts";

export interface Lock {
  /** What the last one who held it left behind, as `release` was told; empty where it died. */
  readonly note: string;
  /** Lets go of it, and leaves a note. */
  release(note: string): Promise<void>;
}

/** How long a runtime that can only wait for a lock waits, in milliseconds. */
const PATIENCE = 100;
const NOTE = "note ";
/** Longer than anything that is ever written into it, in bytes. */
const LONGEST = 4_096;

/**
 * Takes the lock of a pair, which is one of the system's on that file: it ends with the process,
 * however that ends. While it is held, the file says by whom and since when.
 * @throws {SyncError} `locked` where another process has it.
 */
export async function takeLock(path: string, pair: PairName, since: Date): Promise<Lock> {
  const file = await Deno.open(path, { read: true, write: true, create: true, mode: 0o600 });
  if (!(await lockOrClose(file))) throw held(pair, await textOf(path));
  try {
    const text = await read(file);
    await write(file, `${Deno.pid} ${since.toISOString()}\n`);
    return {
      note: noteIn(text) ?? "",
      async release(note) {
        try {
          await write(file, `${NOTE}${note}\n`);
          // A program that is just being started has the file open as well, for a moment, and would
          // keep the lock for so long.
          await file.unlock();
        } finally {
          file.close();
        }
      },
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

/**
 * The note in a lock file that we do not hold: empty where there is no such file, undefined while
 * another holds it, or if that one died.
 */
export async function peekNote(path: string): Promise<string | undefined> {
  try {
    return noteIn(await textOf(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

const noteIn = (text: string): string | undefined =>
  text.startsWith(NOTE) ? text.slice(NOTE.length).trimEnd() : undefined;

/** Whether the lock is ours now. If it is not, the file is closed, or will be. */
async function lockOrClose(file: Deno.FsFile): Promise<boolean> {
  if (typeof (file as Partial<Pick<Deno.FsFile, "tryLock">>).tryLock === "function") {
    const ours = await file.tryLock(true);
    if (!ours) file.close();
    return ours;
  }
  // Runtimes before 2.9 can only wait, and do nothing else with the file meanwhile. A lock that
  // comes too late is let go of by closing the file.
  const waiting = file.lock(true).then(() => true);
  const { promise: tooLong, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), PATIENCE);
  const ours = await Promise.race([waiting, tooLong]).finally(() => clearTimeout(timer));
  if (!ours) waiting.finally(() => file.close());
  return ours;
}

function held(pair: PairName, text: string): SyncError {
  const [, pid, since] = /^([0-9]+) ([0-9T:.Z-]+)\n$/.exec(text) ?? [];
  const who = pid === undefined ? "" : `: process ${pid}, since ${since}`;
  return new SyncError(`another run of the pair "${pair}" is going on${who}`, {
    scope: "run",
    kind: "locked",
    retry: true,
    hint: "Wait until it is done, or stop it. A run that died holds no lock.",
  });
}

async function textOf(path: string): Promise<string> {
  using file = await Deno.open(path, { read: true });
  return await read(file);
}

async function read(file: Deno.FsFile): Promise<string> {
  const bytes = new Uint8Array(LONGEST);
  await file.seek(0, Deno.SeekMode.Start);
  let length = 0;
  for (;;) {
    const count = await file.read(bytes.subarray(length));
    if (count === null || count === 0) break;
    length += count;
  }
  return new TextDecoder().decode(bytes.subarray(0, length));
}

async function write(file: Deno.FsFile, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  await file.truncate(0);
  await file.seek(0, Deno.SeekMode.Start);
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
}
