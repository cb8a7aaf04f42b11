/** A mail's bytes, read from its file each time. */

import { join } from "node:path";
import { fileError } from "../../lib/files/file_error.ts";
import { asSyncError, SyncError } from "../../lib/model/error.ts";
import type { Body } from "../../lib/model/item.ts";
import type { Context, Known } from "./context.ts";
import type { Reader } from "./disk.ts";
import { findMail } from "./scan.ts";

const PIECE = 64 * 1024;

/**
 * The body of the mail with that base name, which had `size` bytes and lay at `path`. It is looked
 * for again each time, as its flags are part of its file's name.
 */
export function bodyOfFile(
  context: Context,
  known: Known,
  base: string,
  size: number,
  path: string,
): Body {
  return {
    size,
    file: path,
    bytes: async () => {
      const reader = await openMail(context, known, base);
      try {
        const bytes = new Uint8Array(size + 1);
        const length = reader.readAt(bytes, 0);
        if (length !== size) throw otherSize(known, base, size);
        return bytes.subarray(0, size);
      } finally {
        reader.close();
      }
    },
    stream: () => streamOf(() => openMail(context, known, base), known, base, size),
  };
}

function streamOf(
  open: () => Promise<Reader>,
  known: Known,
  base: string,
  size: number,
): ReadableStream<Uint8Array> {
  let reader: Reader | undefined;
  let at = 0;
  const close = () => {
    reader?.close();
    reader = undefined;
  };
  return new ReadableStream({
    async pull(controller) {
      try {
        reader ??= await open();
        const piece = new Uint8Array(Math.min(PIECE, size - at + 1));
        const length = reader.readAt(piece, at);
        at += length;
        if (at > size || length === 0 && at < size) throw otherSize(known, base, size);
        if (length > 0) controller.enqueue(piece.subarray(0, length));
        if (length === 0) {
          close();
          controller.close();
        }
      } catch (thrown) {
        close();
        throw asSyncError(thrown, "item");
      }
    },
    cancel: close,
  }, { highWaterMark: 0 });
}

/** Opens the file wherever it is now. Throws `missing` where the mail is gone. */
async function openMail({ disk }: Context, known: Known, base: string): Promise<Reader> {
  for (let tried = 1;; tried++) {
    const where = await findMail(disk, known.mailbox, known.files, base);
    if (where === undefined) {
      throw new SyncError(`the mail ${base} in ${known.mailbox.mail} is gone`, {
        scope: "item",
        kind: "missing",
      });
    }
    const path = join(known.mailbox.mail, where);
    try {
      return disk.reader(path);
    } catch (thrown) {
      const error = fileError(thrown, "item", path);
      if (error.kind !== "missing" || tried === 5) throw error;
    }
  }
}

/** Mails never change: such a file is none, or is still being written by a broken program. */
const otherSize = (known: Known, base: string, size: number): SyncError =>
  new SyncError(`the mail ${base} in ${known.mailbox.mail} no longer has ${size} bytes`, {
    scope: "item",
    kind: "changed",
    retry: true,
  });
