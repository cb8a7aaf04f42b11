/**
 * What the time at which a file was written says about what it holds. Dovecot takes a mailbox of the
 * same size and the same second for the one that it knows, and whenever somebody leaves a mailbox it
 * sets its time to the whole second. So two writes within a second can end with one and the same time.
 */

import { SETTLE_MS } from "../../lib/files/etag.ts";
import type { DiskFile, DiskStat } from "./disk.ts";

const SECOND = 1000;

const secondOf = (time: number): number => Math.floor(time / SECOND);

/** How long after a write another one may leave the same time behind, in milliseconds. */
const settles = (mtime: number): number => mtime % SECOND === 0 ? SECOND + SETTLE_MS : SETTLE_MS;

/** Whether every write from now on shows in the file's time. */
export function isSettled({ mtime }: Pick<DiskStat, "mtime">, now: number): boolean {
  const age = now - mtime;
  // One of ours, perhaps: see stamp. Whole seconds to come are also what somebody else may set.
  return age < 0 ? mtime % SECOND !== 0 : age >= settles(mtime);
}

/**
 * How long to wait for that, in milliseconds; 0 where it is so, and where a clock differs so much
 * that it is of no use to wait.
 */
export function untilSettled(stat: Pick<DiskStat, "mtime">, now: number): number {
  const age = now - stat.mtime;
  return isSettled(stat, now) || age < -SECOND ? 0 : settles(stat.mtime) - age;
}

/**
 * Gives a file that was written a time by which Dovecot, and we, see that it was: of a second that it
 * did not have with that size, and none that is whole.
 *
 * @param before The file as it was.
 */
export function stamp(file: DiskFile, before: Pick<DiskStat, "size" | "mtime">): void {
  const { size, mtime } = file.stat();
  // It never goes back either: a mailbox that shrinks and grows would be the old one again.
  const least = secondOf(before.mtime) + (size > before.size ? 0 : 1);
  if (secondOf(mtime) < least) file.setTime(least * SECOND + SECOND / 2);
  else if (mtime % SECOND === 0) file.setTime(mtime + 1);
}

/** Whether it is the same file, which nobody wrote since: Dovecot may have made its second whole. */
export function isSameFile(now: DiskStat, before: DiskStat): boolean {
  return now.ino === before.ino && now.dev === before.dev && now.size === before.size &&
    (now.mtime === before.mtime || now.mtime === secondOf(before.mtime) * SECOND);
}
