/** Reads an mbox from its beginning to its end, in pieces, and says where which mail stands. */

import { cancelled, SyncError } from "../../lib/model/error.ts";
import { Building, HeaderBuffer } from "./building.ts";
import { FROM_LINE_BYTES, parseFromLine } from "./from_line.ts";
import { Lines, type Reader } from "./lines.ts";
import type { Mail } from "./mail.ts";

/** More mails than this are not kept in memory. */
const MOST_MAILS = 4_000_000;
/** How many chunks are read before others get their turn. */
const TURN = 8;

const CR = 13;
const LF = 10;

/**
 * Finds the mails of a file of `size` bytes. Throws {@linkcode SyncError} `malformed` where the file
 * is no mbox: what is not understood is not an empty mailbox.
 *
 * A Content-Length is believed where the next mail, or the end, stands exactly there.
 *
 * @param start Where a mail begins, if those before it are not wanted.
 */
export async function scan(
  read: Reader,
  size: number,
  path: string,
  signal: AbortSignal,
  start = 0,
): Promise<readonly Mail[]> {
  const mails: Mail[] = [];
  await scanInto((mail) => mails.push(mail), read, size, path, signal, start);
  return mails;
}

/** The same, one mail after another, as there may be very many. */
export async function scanInto(
  give: (mail: Mail) => void,
  read: Reader,
  size: number,
  path: string,
  signal: AbortSignal,
  start = 0,
): Promise<void> {
  const header = new HeaderBuffer();
  let count = 0;
  const lines = new Lines(read, start, size);
  const peek = new Uint8Array(FROM_LINE_BYTES);
  let mail: Building | undefined;
  let chunks = 0;
  while (lines.next()) {
    if (lines.chunks - chunks >= TURN) {
      chunks = lines.chunks;
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (signal.aborted) throw cancelled(signal.reason);
    }
    const { line, at, starts, ends } = lines;
    if (starts && (mail === undefined || mail.mayEnd(at))) {
      const received = ends ? parseFromLine(line) : undefined;
      if (received !== undefined) {
        if (mail !== undefined) give(mail.finish(at, true));
        if (++count > MOST_MAILS) throw tooMany(path);
        mail = new Building(at, at + line.byteLength, received, at === 0, header);
        continue;
      }
      if (mail === undefined) throw noMbox(path);
    }
    mail?.add(line, at, starts, ends, (expected) => {
      const length = read(peek, expected);
      return endsAt(peek.subarray(0, length), expected + length === size);
    });
    if (mail?.inBody && ends) {
      const plain = lines.plain();
      if (plain !== undefined) mail.addPlain(plain);
    }
  }
  if (lines.at !== size) throw shortened(path);
  if (mail !== undefined) give(mail.finish(size, lines.lastByte === LF));
}

/** Whether a mail ends before these bytes: with the end of the file, or a line that begins a mail. */
function endsAt(bytes: Uint8Array, isAll: boolean): boolean {
  const start = bytes[0] === LF ? 1 : bytes[0] === CR && bytes[1] === LF ? 2 : 0;
  if (start === 0) return false;
  if (isAll && bytes.byteLength === start) return true;
  const line = bytes.subarray(start);
  return parseFromLine(line) !== undefined;
}

function noMbox(path: string): SyncError {
  return new SyncError(`${path} is no mbox: it does not begin with a "From " line`, {
    scope: "collection",
    kind: "malformed",
    hint: "Nothing is read from it or written to it until it is mended.",
  });
}

function shortened(path: string): SyncError {
  return new SyncError(`${path} became shorter while it was read`, {
    scope: "collection",
    kind: "changed",
    retry: true,
  });
}

function tooMany(path: string): SyncError {
  return new SyncError(`${path} holds more than ${MOST_MAILS} mails`, {
    scope: "collection",
    kind: "too large",
  });
}
