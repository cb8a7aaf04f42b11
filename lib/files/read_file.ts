/** Reads a file as it was at one moment, or not at all. */

import { SyncError } from "../model/error.ts";
import type { Etag } from "../model/names.ts";
import { etagOf, isFresh, SETTLE_MS } from "./etag.ts";
import { fileError } from "./file_error.ts";
import type { Files, Stat } from "./files.ts";

/** How often a file is read in the hope that nobody writes it meanwhile. */
const TRIES = 6;

export interface FileContent {
  readonly etag: Etag;
  readonly bytes: Uint8Array;
}

/**
 * Reads a regular file of at most `maxSize` bytes, without following a link. A file that is being
 * written is waited for, a little longer each time, and then refused. Throws {@linkcode SyncError} of scope
 * `item`, `missing` where there is no file.
 */
export async function readFile(
  files: Files,
  path: string,
  maxSize: number,
): Promise<FileContent> {
  for (let tried = 1; tried <= TRIES; tried++) {
    const content = readFileNow(files, path, maxSize);
    if (content !== undefined) return content;
    await files.wait(SETTLE_MS * tried);
  }
  throw new SyncError(`${path} is being written`, {
    scope: "item",
    kind: "changed",
    retry: true,
    hint: "It is read again in the next run.",
  });
}

/** The same at once; nothing where the file is being written, or was only just now. */
export function readFileNow(
  files: Files,
  path: string,
  maxSize: number,
): FileContent | undefined {
  try {
    const file = files.open(path);
    try {
      const before = file.stat();
      if (before.kind !== "file") throw notAFile(before, path);
      if (before.size > maxSize) throw tooLarge(path, before.size, maxSize);
      // One byte more than there should be shows that it has grown.
      const bytes = file.read(before.size + 1);
      const after = file.stat();
      const same = bytes.byteLength === before.size && etagOf(after) === etagOf(before);
      return same && !isFresh(after, files.now()) ? { etag: etagOf(after), bytes } : undefined;
    } finally {
      file.close();
    }
  } catch (thrown) {
    throw fileError(thrown, "item", path);
  }
}

/** The error of an item that is over our limit. */
export function tooLarge(path: string, size: number, maxSize: number): SyncError {
  return new SyncError(`${path} has ${size} bytes, more than the ${maxSize} that are taken`, {
    scope: "item",
    kind: "too large",
  });
}

/** What stands where an item should, and is none. */
export function notAFile({ kind }: Stat, path: string): SyncError {
  const what = {
    file: "a file",
    folder: "a folder",
    link: "a symbolic link, and links are not followed",
    other: "a pipe, socket or device",
  }[kind];
  return new SyncError(`${path} is ${what}`, {
    scope: "item",
    kind: "refused",
    hint: "Put the file itself in its place, or take it out of the collection.",
  });
}
