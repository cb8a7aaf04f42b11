/** Takes new mails in, before a mailbox is locked for them: their source may be slow. */

import { MBOX_FIELDS, MOST_NAME } from "../../lib/item/mail/mbox_fields.ts";
import { crlfToLf } from "../../lib/item/mail/newlines.ts";
import { SyncError } from "../../lib/model/error.ts";
import type { Body } from "../../lib/model/item.ts";
import type { DiskFile } from "./disk.ts";
import { parseFromLine } from "./from_line.ts";

/** A mail in the file in which new ones wait. */
export interface Staged {
  readonly from: number;
  /** Behind its header, without the empty line that ends it. */
  readonly headerEnd: number;
  readonly to: number;
  /** As long as the empty line is; 0 where none ends the header. */
  readonly gap: number;
  /** Whether nothing can be put behind the header, as its last line does not end. */
  readonly unended: boolean;
  /** Its last byte is a CR, which would be taken for a part of the line end that follows. */
  readonly endsWithCr: boolean;
  /** It is not what it was: it brought fields along that are the mailbox's own, say. */
  readonly altered: boolean;
}

/** A header in memory, in bytes. No mail program sends one near that size. */
const MOST_HEADER = 16 * 1024 * 1024;

const LF = 10;
const CR = 13;
const LATIN1 = new TextDecoder("latin1");
const EMPTY_CRLF = /\n\r\n$/;

/** Writes the mail behind what the file holds, from `at` on. Throws what its body throws. */
export async function stage(body: Body, file: DiskFile, at: number): Promise<Staged> {
  const stream = body.crlf ? body.stream().pipeThrough(crlfToLf()) : body.stream();
  let parts: Uint8Array[] = [];
  let length = 0;
  let header: Header | undefined;
  let next = at;
  let last = LF;
  const write = (bytes: Uint8Array) => {
    file.write(bytes, next);
    next += bytes.byteLength;
    last = bytes.at(-1) ?? last;
  };
  for await (const chunk of stream) {
    if (header !== undefined) {
      write(chunk);
      continue;
    }
    parts.push(chunk);
    length += chunk.byteLength;
    // Put together only now and then, so that many small pieces cost no more than few large ones.
    if (parts.length < 2 || chunk.byteLength > 0) {
      const all = joined(parts, length);
      parts = [all];
      const end = endOfHeader(all);
      if (end === undefined) {
        if (length > MOST_HEADER) throw tooLarge();
        continue;
      }
      header = headerOf(all.subarray(0, end.from), end.to - end.from);
      write(header.bytes);
      write(all.subarray(end.from));
    }
  }
  if (header === undefined) {
    header = headerOf(joined(parts, length), 0);
    write(header.bytes);
  }
  const { bytes, altered } = header;
  // A CR alone, that was given an end, is the empty line now.
  const emptied = header.gap === 0 && EMPTY_CRLF.test(LATIN1.decode(bytes.subarray(-3)));
  const gap = emptied ? 2 : header.gap;
  const unended = bytes.byteLength > 0 && bytes.at(-1) !== LF;
  return {
    from: at,
    headerEnd: at + bytes.byteLength - (emptied ? 2 : 0),
    to: next,
    gap,
    unended,
    endsWithCr: next > at && last === CR,
    altered,
  };
}

interface Header {
  readonly bytes: Uint8Array;
  readonly gap: number;
  readonly altered: boolean;
}

/** Where the empty line stands that ends the header; nothing where it has not come yet. */
function endOfHeader(
  bytes: Uint8Array,
): { readonly from: number; readonly to: number } | undefined {
  for (let from = 0; from < bytes.byteLength;) {
    const end = bytes.indexOf(LF, from);
    if (end === -1) return undefined;
    if (end === from || (end === from + 1 && bytes[from] === CR)) return { from, to: end + 1 };
    from = end + 1;
  }
  return undefined;
}

/**
 * The header without the fields that are the mailbox's. A line that would be taken for the beginning
 * of a mail gets a `>`, which is how mbox has always had it; in a body it need not, thanks to
 * Content-Length.
 */
function headerOf(bytes: Uint8Array, gap: number): Header {
  const out: Uint8Array[] = [];
  let altered = false;
  let hidden = false;
  for (let from = 0; from < bytes.byteLength;) {
    const end = bytes.indexOf(LF, from);
    const to = end === -1 ? bytes.byteLength : end + 1;
    const line = bytes.subarray(from, to);
    const folded = from > 0 && (line[0] === 32 || line[0] === 9);
    if (!folded) {
      const colon = line.subarray(0, MOST_NAME).indexOf(58);
      const name = colon === -1 ? "" : LATIN1.decode(line.subarray(0, colon));
      hidden = MBOX_FIELDS.has(name.trimEnd().toLowerCase());
    }
    if (hidden) altered = true;
    else {
      if (parseFromLine(line) !== undefined) {
        out.push(new Uint8Array([62]));
        altered = true;
      }
      out.push(line);
    }
    from = to;
  }
  const length = out.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const header = altered ? joined(out, length) : bytes;
  // Where the lines of the mailbox have to stand before it, it must not begin as if it continued them.
  const unended = header.byteLength > 0 && header.at(-1) !== LF;
  if (!unended || (header[0] !== 32 && header[0] !== 9)) return { bytes: header, gap, altered };
  return {
    bytes: joined([header, new Uint8Array([LF])], header.byteLength + 1),
    gap,
    altered: true,
  };
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.byteLength;
  }
  return out;
}

function tooLarge(): SyncError {
  return new SyncError(`the header of the mail is longer than ${MOST_HEADER} bytes`, {
    scope: "item",
    kind: "too large",
  });
}
