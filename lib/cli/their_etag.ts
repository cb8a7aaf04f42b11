/** Whether an etag that another program wrote down means the version that one of ours means. */

import type { Etag } from "../model/names.ts";

/** Files: theirs is a time and an inode, and ours a time in milliseconds, an inode and a size. */
const FILE_OF_THEIRS = /^(\d+)(?:\.(\d+))?;(\d+)$/;
const FILE_OF_OURS = /^(\d+(?:\.\d+)?)-(\d+)-\d+$/;

export function isTheirEtag(theirs: Etag, ours: Etag): boolean {
  const [, whole = "", fraction = "", theirInode] = FILE_OF_THEIRS.exec(theirs) ?? [];
  const [, ourTime, ourInode] = FILE_OF_OURS.exec(ours) ?? [];
  if (theirInode === undefined || ourTime === undefined) {
    return withoutQuotes(theirs) === withoutQuotes(ours);
  }
  if (theirInode !== ourInode) return false;
  const time = Math.floor(Number(ourTime));
  // Vdirsyncer counts nanoseconds, as the floating point number that Python makes of them.
  if (whole.length > 15) return Math.abs(Number(whole) / 1e6 - time) <= 1;
  if (fraction === "") return Number(whole) === Math.floor(time / 1000);
  return Math.abs(Number(`${whole}.${fraction}`) * 1000 - time) <= 1;
}

const withoutQuotes = (etag: string): string => etag.replace(/^"(.*)"$/, "$1");
