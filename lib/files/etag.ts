import { type Etag, etag } from "../model/names.ts";
import type { Stat } from "./files.ts";

/**
 * For how long after a write another one may leave the same time behind: kernels count in ticks of
 * up to 10 milliseconds. No etag is given for a file that was written so recently.
 */
export const SETTLE_MS = 12;

/** A file's version: when it was written last, which file it is, and its size. */
export function etagOf({ mtime, ino, size }: Stat): Etag {
  return etag(`${mtime}-${ino}-${size}`);
}

/** Whether the file was written so recently that another write might not show in its etag. */
export function isFresh({ mtime }: Stat, now: number): boolean {
  return mtime <= now && now - mtime < SETTLE_MS;
}
