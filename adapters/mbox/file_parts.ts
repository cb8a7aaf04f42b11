/** Parts of files, of any length, copied and compared. */

import { createHash } from "node:crypto";
import type { DiskFile } from "./disk.ts";

const CHUNK = 1024 * 1024;

/** Copies a part of a file into another. Throws `RangeError` where it ends too early. */
export async function copy(
  source: DiskFile,
  at: number,
  into: DiskFile,
  to: number,
  length: number,
): Promise<void> {
  const buffer = new Uint8Array(Math.min(CHUNK, Math.max(0, length)));
  for (let done = 0; done < length;) {
    const wanted = Math.min(CHUNK, length - done);
    const read = source.read(buffer.subarray(0, wanted), at + done);
    if (read < wanted) throw new RangeError("the redo file is not whole");
    into.write(buffer.subarray(0, read), to + done);
    done += read;
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

/** How many bytes are the same in both, of that many at most. */
export function commonLength(
  a: DiskFile,
  atA: number,
  b: DiskFile,
  atB: number,
  most: number,
): number {
  const one = new Uint8Array(CHUNK);
  const other = new Uint8Array(CHUNK);
  for (let done = 0; done < most;) {
    const wanted = Math.min(CHUNK, most - done);
    const length = Math.min(
      a.read(one.subarray(0, wanted), atA + done),
      b.read(other.subarray(0, wanted), atB + done),
    );
    for (let at = 0; at < length; at++) if (one[at] !== other[at]) return done + at;
    if (length < wanted) return done + length;
    done += length;
  }
  return Math.max(0, most);
}

/** SHA-256 of a part of a file, in hex. */
export function digestOf(file: DiskFile, from: number, to: number): string {
  const digest = createHash("sha256");
  const buffer = new Uint8Array(CHUNK);
  for (let at = from; at < to;) {
    const length = file.read(buffer.subarray(0, Math.min(CHUNK, to - at)), at);
    if (length === 0) break;
    digest.update(buffer.subarray(0, length));
    at += length;
  }
  return digest.digest("hex");
}
