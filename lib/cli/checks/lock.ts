/** Whether somebody holds the lock of a pair. */

import { peekNote } from "../../status/lock.ts";

/** How long a runtime that can only wait for a lock waits, in milliseconds. */
const PATIENCE = 100;

/**
 * Whether a run has this lock. It is tried only where the file does not say that the last one let go
 * of it: for as long as it is tried, a run that begins would be told that there is another.
 */
export async function isHeld(path: string): Promise<boolean> {
  if (await peekNote(path) !== undefined) return false;
  const file = await Deno.open(path, { read: true, write: true });
  if (typeof (file as Partial<Pick<Deno.FsFile, "tryLock">>).tryLock === "function") {
    try {
      return !await file.tryLock(true);
    } finally {
      file.close();
    }
  }
  // Runtimes before 2.9 can only wait. A lock that comes too late is let go of by closing the file.
  const waiting = file.lock(true).then(() => false);
  const { promise: tooLong, resolve } = Promise.withResolvers<true>();
  const timer = setTimeout(() => resolve(true), PATIENCE);
  const held = await Promise.race([waiting, tooLong]).finally(() => clearTimeout(timer));
  waiting.finally(() => file.close());
  return held;
}
