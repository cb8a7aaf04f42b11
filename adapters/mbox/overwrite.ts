/**
 * Writes a mailbox in its place: to add to it, and where no other file can be put there, as in a spool
 * folder.
 *
 * What is to stand in the file, from its first change on, is put elsewhere first, whole and on the
 * disk: the *redo file*. Then the file is made longer, if need be, which is where a full disk shows,
 * and can be taken back; then what is there is written over, and the redo file goes. A run that was
 * stopped in between is finished by the next one, from the redo file. Mail that somebody delivered
 * meanwhile stands behind, and is kept.
 */

import { hash } from "node:crypto";
import { join } from "node:path";
import { fileError } from "../../lib/files/file_error.ts";
import { SyncError } from "../../lib/model/error.ts";
import type { Box } from "./box.ts";
import type { Disk, DiskFile } from "./disk.ts";
import { FROM_LINE_BYTES, parseFromLine } from "./from_line.ts";
import { commonLength, copy, digestOf } from "./file_parts.ts";
import { hidden, hiddenName } from "./hidden_name.ts";
import { type Segment, sizeOf } from "./layout.ts";
import { stamp } from "./times.ts";
import { discard, ensureSame, type Target, unchangedBytes, writeSegments } from "./write.ts";

/** Where redo files are kept. */
export interface Redo {
  readonly folder: string;
}

/** Its first line, filled up with blanks to this length. */
const HEAD = 8192;

interface Head {
  readonly path: string;
  readonly ino: number;
  /** The size of the mailbox before. */
  readonly size: number;
  /** Where the new bytes begin, and how many they are. */
  readonly from: number;
  readonly length: number;
  /** SHA-256 of what stood behind their end, and is to be cut off. */
  readonly cut: string;
  /** SHA-256 of what stands before them: it shows whether others have moved it. */
  readonly before: string;
}

/** How much of what stands before is looked at, in bytes. */
const BEFORE = 64 * 1024;

const redoPath = ({ folder }: Redo, path: string): string =>
  join(folder, hidden(`.${hash("sha256", path, "hex").slice(0, 16)}.dovetail.redo`));

/** Makes the file consist of these pieces, in its place. */
export async function overwrite(
  target: Target,
  box: Box,
  segments: Iterable<Segment>,
  signal: AbortSignal,
): Promise<void> {
  const { disk, path, file, redo } = target;
  const from = unchangedBytes(segments);
  const length = sizeOf(segments) - from;
  const head: Head = {
    path,
    ino: box.stat.ino,
    size: box.stat.size,
    from,
    length,
    cut: digestOf(file, from + length, box.stat.size),
    before: digestOf(file, Math.max(0, from - BEFORE), from),
  };
  const place = await makeRedo(disk, redo, head, async (into) => {
    await writeSegments(target, into, HEAD, afterUnchanged(segments), signal);
  });
  try {
    ensureSame(target, box);
    target.held.ensure();
  } catch (thrown) {
    discard(disk, place);
    throw thrown;
  }
  await carryOut(disk, place, head, file, true);
}

function* afterUnchanged(segments: Iterable<Segment>): Generator<Segment> {
  let at = 0;
  let changed = false;
  for (const segment of segments) {
    changed ||= segment.of !== "box" || segment.from !== at;
    if (changed) yield segment;
    else if (segment.of === "box") at = segment.to;
  }
}

async function makeRedo(
  disk: Disk,
  redo: Redo,
  head: Head,
  fill: (file: DiskFile) => Promise<void>,
): Promise<string> {
  const place = redoPath(redo, head.path);
  const temporary = join(redo.folder, hiddenName());
  let renamed = false;
  try {
    const file = disk.create(temporary, 0o600);
    try {
      const text = new TextEncoder().encode(JSON.stringify(head));
      if (text.byteLength >= HEAD) throw new RangeError(`${head.path} is too long a path`);
      const line = new Uint8Array(HEAD).fill(32);
      line.set(text);
      line[HEAD - 1] = 10;
      file.write(line, 0);
      await fill(file);
      file.sync();
    } finally {
      file.close();
    }
    disk.rename(temporary, place);
    renamed = true;
    disk.syncFolder(redo.folder);
  } finally {
    if (!renamed) discard(disk, temporary);
  }
  return place;
}

/**
 * Does what the redo file says, and removes it. May be done again from any point on.
 *
 * @param isFresh Nothing of it has been done yet, so that it can be given up.
 */
async function carryOut(
  disk: Disk,
  place: string,
  { size, from, length }: Head,
  file: DiskFile,
  isFresh: boolean,
): Promise<void> {
  const source = disk.open(place, "read");
  const before = file.stat();
  try {
    const old = Math.min(size, from + length);
    try {
      await copy(source, HEAD + old - from, file, old, from + length - old);
      file.sync();
    } catch (thrown) {
      if (!isFresh) throw thrown;
      // Nothing of what was there has been touched yet.
      file.truncate(size);
      file.sync();
      discard(disk, place);
      throw thrown;
    }
    await copy(source, HEAD, file, from, old - from);
    if (from + length < size) file.truncate(from + length);
    stamp(file, before);
    file.sync();
  } finally {
    source.close();
  }
  disk.remove(place);
}

/** Whether a run that was stopped has left a mailbox for {@linkcode recover} to finish. */
export function isLeftHalf(disk: Disk, redo: Redo, path: string): boolean {
  return disk.stat(redoPath(redo, path)) !== undefined;
}

/**
 * Finishes what a run that was stopped had begun. Throws `changed` where the mailbox has been replaced
 * since: then both are kept as they are, and it is for a person to look at them.
 */
export async function recover(target: Target): Promise<void> {
  const { disk, path, file, redo } = target;
  const place = redoPath(redo, path);
  const source = disk.open(place, "read");
  let head: Head;
  let kept: readonly [number, number];
  const size = file.stat().size;
  try {
    const line = new Uint8Array(HEAD);
    source.read(line, 0);
    head = JSON.parse(new TextDecoder().decode(line)) as Head;
    const { from, length } = head;
    const whole = source.stat().size === HEAD + length && head.path === path;
    const moved = head.ino !== file.stat().ino || size < Math.min(head.size, from + length) ||
      digestOf(file, Math.max(0, from - BEFORE), from) !== head.before;
    if (moved && whole && from === head.size) {
      // Nothing was to be done but to add mails, and nobody was told that they are there.
      disk.remove(place);
      return;
    }
    if (moved || !whole) throw unfinished(path, place);
    kept = deliveredSince(source, head, file, size);
    if (kept[0] < kept[1] && !isMailAt(file, kept[0])) throw unfinished(path, place);
  } catch (thrown) {
    throw fileError(thrown, "collection", place);
  } finally {
    source.close();
  }
  const [from, to] = kept;
  if (from === to) return await carryOut(disk, place, { ...head, size }, file, false);
  // What was delivered meanwhile becomes a part of what is to be written.
  const now: Head = {
    ...head,
    size,
    length: head.length + to - from,
    cut: digestOf(file, head.from + head.length + to - from, size),
  };
  const before = disk.open(place, "read");
  try {
    await makeRedo(disk, redo, now, async (into) => {
      await copy(before, HEAD, into, HEAD, head.length);
      await copy(file, from, into, HEAD + head.length, to - from);
    });
  } finally {
    before.close();
  }
  await carryOut(disk, place, now, file, false);
}

/** Where mails stand that somebody added behind what we had written, as far as we had come. */
function deliveredSince(
  source: DiskFile,
  { size, from, length, cut }: Head,
  file: DiskFile,
  now: number,
): readonly [number, number] {
  const end = from + length;
  if (end <= size) {
    const isCut = now < size || digestOf(file, end, size) !== cut;
    const start = isCut ? end : size;
    return [Math.min(start, now), now];
  }
  const same = commonLength(source, HEAD + size - from, file, size, Math.min(end, now) - size);
  const start = size + same;
  if (start === end || start >= now) return [Math.min(start, now), now];
  // We had come that far, or the first bytes of what was delivered are by chance the same.
  return [isMailAt(file, start) ? start : size, now];
}

/** Whether a mail begins there, or behind the line end that stands there. */
function isMailAt(file: DiskFile, at: number): boolean {
  const bytes = new Uint8Array(FROM_LINE_BYTES);
  const line = bytes.subarray(0, file.read(bytes, at));
  return parseFromLine(line[0] === 10 ? line.subarray(1) : line) !== undefined;
}

function unfinished(path: string, place: string): SyncError {
  return new SyncError(`${path} was being written when a run was stopped, and was replaced since`, {
    scope: "collection",
    kind: "changed",
    hint:
      `What it was to hold is kept in ${place}, behind its first ${HEAD} bytes: compare the two, ` +
      "and remove that file.",
  });
}
