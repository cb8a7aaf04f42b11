/**
 * Changes the file of a mailbox. Each way is safe by itself: whatever happens, a full disk or a power
 * cut, the mailbox holds all that it held before or all that it was to hold, or can be made to.
 */

import { dirname, join } from "node:path";
import { codeOf } from "../../lib/files/file_error.ts";
import { cancelled, SyncError } from "../../lib/model/error.ts";
import { type Box } from "./box.ts";
import type { Disk, DiskFile } from "./disk.ts";
import { hiddenName } from "./hidden_name.ts";
import { type Look, lookInto, type Segment, sizeOf } from "./layout.ts";
import type { Held } from "./lock.ts";
import { overwrite, type Redo } from "./overwrite.ts";
import { isSameFile, stamp } from "./times.ts";

/** A mailbox that is locked and open for writing. */
export interface Target {
  readonly disk: Disk;
  readonly path: string;
  readonly file: DiskFile;
  readonly held: Held;
  readonly redo: Redo;
  /** Where new mails wait. */
  readonly staged: DiskFile | undefined;
}

const CHUNK = 1024 * 1024;
/** So little at the end of a file that large is not worth a copy of all that stands before it. */
const SMALL_TAIL = 1024 * 1024;
const LARGE_FILE = 32 * 1024 * 1024;

/** In a spool folder nobody may make files, say. */
const NO_FILE: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EROFS"]);

/** Writes the pieces one after another, and says where the last one ends. */
export async function writeSegments(
  target: Target,
  into: DiskFile,
  at: number,
  segments: Iterable<Segment>,
  signal: AbortSignal,
): Promise<number> {
  const out = new Writer(into, at);
  const box = new Window(target.file);
  const staged = target.staged === undefined ? undefined : new Window(target.staged);
  let since = 0;
  for (const segment of segments) {
    if (segment.of === "bytes") {
      out.write(segment.bytes);
      continue;
    }
    const source = segment.of === "box" ? box : staged;
    for (let from = segment.from; from < segment.to;) {
      const bytes = source?.read(from, segment.to - from);
      if (bytes === undefined || bytes.byteLength === 0) throw shortened(target.path);
      out.write(bytes);
      from += bytes.byteLength;
      since += bytes.byteLength;
      if (since < 8 * CHUNK) continue;
      since = 0;
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (signal.aborted) throw cancelled(signal.reason);
    }
  }
  return out.end();
}

/** Reads a file ahead, as most pieces follow each other and are small. */
class Window {
  readonly #file: DiskFile;
  readonly #buffer = new Uint8Array(CHUNK);
  #from = 0;
  #length = 0;

  constructor(file: DiskFile) {
    this.#file = file;
  }

  /** At most that many bytes, valid until the next call; none at the end of the file. */
  read(at: number, most: number): Uint8Array {
    if (at < this.#from || at >= this.#from + this.#length) {
      this.#from = at;
      this.#length = this.#file.read(this.#buffer, at);
    }
    const start = at - this.#from;
    return this.#buffer.subarray(start, Math.min(this.#length, start + most));
  }
}

/** Writes small pieces together. */
class Writer {
  readonly #file: DiskFile;
  readonly #buffer = new Uint8Array(CHUNK);
  #at: number;
  #length = 0;

  constructor(file: DiskFile, at: number) {
    this.#file = file;
    this.#at = at;
  }

  write(bytes: Uint8Array): void {
    if (this.#length + bytes.byteLength > CHUNK) this.end();
    if (bytes.byteLength > CHUNK) {
      this.#file.write(bytes, this.#at);
      this.#at += bytes.byteLength;
      return;
    }
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.byteLength;
  }

  /** Writes what is left, and says where it ends. */
  end(): number {
    if (this.#length > 0) this.#file.write(this.#buffer.subarray(0, this.#length), this.#at);
    this.#at += this.#length;
    this.#length = 0;
    return this.#at;
  }
}

/**
 * Makes the file consist of these pieces: a new one beside it, whole and on the disk, takes its place.
 *
 * A program that has the old one open and waits for its lock, to deliver a mail, would write that to a
 * file that has no name any more. So where somebody has it open, and where no file can be made beside
 * it, or none that belongs to its owner, and where next to nothing of a large file changes, it is
 * written in its place: see {@linkcode overwrite}. Between the look and the renaming are microseconds.
 */
export async function rewrite(
  target: Target,
  box: Box,
  piecesOf: (look: Look) => Iterable<Segment>,
  signal: AbortSignal,
): Promise<void> {
  const { disk, path, held } = target;
  const segments = piecesOf(lookInto(target.file));
  const same = unchangedBytes(segments);
  if (same >= LARGE_FILE && sizeOf(segments) - same <= SMALL_TAIL) {
    return await overwrite(target, box, segments, signal);
  }
  const folder = dirname(path);
  const temporary = join(folder, hiddenName());
  let file: DiskFile;
  try {
    file = disk.create(temporary, 0o600);
  } catch (thrown) {
    if (!NO_FILE.has(codeOf(thrown) ?? "")) throw thrown;
    return await overwrite(target, box, segments, signal);
  }
  let renamed = false;
  try {
    try {
      if (!takeOwner(file, box)) return await overwrite(target, box, segments, signal);
      await writeSegments(target, file, 0, segments, signal);
      stamp(file, box.stat);
      file.sync();
    } finally {
      file.close();
    }
    ensureSame(target, box);
    held.ensure();
    target.file.close();
    if (held.isAlone() === false) return await overwriteAnew(target, box, piecesOf, signal);
    disk.rename(temporary, path);
    renamed = true;
  } finally {
    if (!renamed) discard(disk, temporary);
  }
  disk.syncFolder(folder);
}

async function overwriteAnew(
  target: Target,
  box: Box,
  piecesOf: (look: Look) => Iterable<Segment>,
  signal: AbortSignal,
): Promise<void> {
  const file = target.disk.open(target.path, "write");
  try {
    await overwrite({ ...target, file }, box, piecesOf(lookInto(file)), signal);
  } finally {
    file.close();
  }
}

/** Who may read the mailbox was its owner's decision. Says whether the new file could be given so. */
function takeOwner(file: DiskFile, { stat }: Box): boolean {
  const mine = file.stat();
  try {
    if (mine.uid !== stat.uid || mine.gid !== stat.gid) file.setOwner(stat.uid, stat.gid);
    if (mine.mode !== stat.mode) file.setMode(stat.mode);
    return true;
  } catch (thrown) {
    if (codeOf(thrown) !== "EPERM") throw thrown;
    return false;
  }
}

/** How much of the beginning stays as it is. */
export function unchangedBytes(segments: Iterable<Segment>): number {
  let at = 0;
  for (const segment of segments) {
    if (segment.of !== "box" || segment.from !== at) break;
    at = segment.to;
  }
  return at;
}

/** Adds to the end: all of it, or nothing where there is no room on the disk. */
export async function append(
  target: Target,
  box: Box,
  segments: readonly Segment[],
  signal: AbortSignal,
): Promise<void> {
  const old: Segment = { of: "box", from: 0, to: box.stat.size };
  await overwrite(target, box, box.stat.size === 0 ? segments : [old, ...segments], signal);
}

/** Puts other bytes in the place of as many, each piece with one call. */
export function patch(
  target: Target,
  box: Box,
  patches: readonly { readonly at: number; readonly bytes: Uint8Array }[],
): void {
  ensureSame(target, box);
  target.held.ensure();
  for (const { at, bytes } of patches) target.file.write(bytes, at);
  stamp(target.file, box.stat);
  target.file.sync();
}

/** Throws `changed` where somebody who heeds no lock has written to the file, or replaced it. */
export function ensureSame({ disk, path, file }: Target, { stat }: Box): void {
  const there = disk.stat(path);
  if (there !== undefined && isSameFile(there, stat) && isSameFile(file.stat(), stat)) return;
  throw new SyncError(`${path} was written by another program while it was locked`, {
    scope: "collection",
    kind: "changed",
    retry: true,
  });
}

/** Removes a temporary file. If that fails it stays until a later run finds it. */
export function discard(disk: Disk, temporary: string): void {
  try {
    disk.remove(temporary);
  } catch (thrown) {
    if (codeOf(thrown) === undefined) throw thrown;
  }
}

function shortened(path: string): SyncError {
  return new SyncError(`${path} became shorter while it was read`, {
    scope: "collection",
    kind: "changed",
    retry: true,
  });
}
