/** Reads an mbox from its beginning to its end, in pieces, and says where which mail stands. */

import { mailDigest } from "../../lib/item/mail/digest.ts";
import { MAX_HEADER } from "../../lib/item/mail/header.ts";
import { MBOX_FIELDS, MOST_NAME } from "../../lib/item/mail/mbox_fields.ts";
import { cancelled, SyncError } from "../../lib/model/error.ts";
import type { Digest } from "../../lib/model/names.ts";
import { FROM_LINE_BYTES, parseFromLine } from "./from_line.ts";
import { type Field, MAX_VALUE, readSaid, type Said } from "./said.ts";

/** A part of the file: from its first byte to the one behind its last. */
export type Range = readonly [from: number, to: number];

/** A mail and where it stands. All positions are those of the file, in bytes. */
export interface Mail {
  /** The line that begins it. */
  readonly from: number;
  readonly header: number;
  /** Behind the empty line, or the end where there is none. */
  readonly body: number;
  /** The line end that parts it from the next one is not a part of it. */
  readonly end: number;
  /** Where the next one begins, or the file ends. */
  readonly next: number;
  /** Whether an empty line ends its header. */
  readonly parted: boolean;
  /** In milliseconds since 1970. */
  readonly received: number;
  /** The lines of its header that are not the mail's, in order. */
  readonly hidden: readonly Range[];
  readonly said: Said;
  /** In bytes, without those lines. */
  readonly size: number;
  /** The same with CRLF at the ends of lines. */
  readonly crlfSize: number;
  readonly digest: Digest;
}

/** What a scan reads: fills as much of `into` as there is from that position on. */
export type Reader = (into: Uint8Array, at: number) => number;

const CHUNK = 1024 * 1024;
/** A line is looked at in one piece up to this length; nothing that counts is longer. */
const LINE = 2 * MAX_VALUE;
/** More mails than this are not kept in memory. */
const MOST_MAILS = 4_000_000;
/** How many chunks are read before others get their turn. */
const TURN = 8;

const CR = 13;
const LF = 10;
const F = 70;
const LATIN1 = new TextDecoder("latin1");
const UTF8 = new TextDecoder();

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
        if (mail !== undefined) mails.push(mail.finish(at, true));
        if (mails.length >= MOST_MAILS) throw tooMany(path);
        mail = new Building(at, at + line.byteLength, received, at === 0);
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
  if (mail !== undefined) mails.push(mail.finish(size, lines.lastByte === LF));
  return mails;
}

/** Whether a mail ends before these bytes: with the end of the file, or a line that begins a mail. */
function endsAt(bytes: Uint8Array, isAll: boolean): boolean {
  const start = bytes[0] === LF ? 1 : bytes[0] === CR && bytes[1] === LF ? 2 : 0;
  if (start === 0) return false;
  if (isAll && bytes.byteLength === start) return true;
  const line = bytes.subarray(start);
  return parseFromLine(line) !== undefined;
}

/** Lines that were passed over: how many end with an LF alone, and how the last one ends. */
interface Plain {
  readonly bare: number;
  readonly lastEnd: "LF" | "CRLF";
}

/** The lines of a file, one after another; those that are very long in pieces. */
class Lines {
  readonly #read: Reader;
  readonly #size: number;
  #buffer = new Uint8Array(CHUNK + LINE);
  #from = 0;
  #to = 0;
  #ended = true;
  line: Uint8Array = new Uint8Array();
  /** Where the line stands in the file; at the end, what was read of it. */
  at = 0;
  #next = 0;
  /** Whether this piece begins and ends a line. */
  starts = true;
  ends = true;
  chunks = 0;
  lastByte = 0;

  constructor(read: Reader, start: number, size: number) {
    this.#read = read;
    this.#size = size;
    this.at = this.#next = start;
  }

  next(): boolean {
    let end = this.#buffer.indexOf(LF, this.#from);
    if (end === -1 || end >= this.#to) {
      this.#fill();
      end = this.#buffer.indexOf(LF, this.#from);
    }
    this.at = this.#next;
    if (this.#from === this.#to) return false;
    this.starts = this.#ended;
    this.#ended = end !== -1 && end < this.#to;
    this.ends = this.#ended;
    const to = this.#ended ? end + 1 : this.#to;
    this.line = this.#buffer.subarray(this.#from, to);
    this.lastByte = this.line[this.line.byteLength - 1] ?? 0;
    this.#next += this.line.byteLength;
    this.#from = to;
    return true;
  }

  /**
   * Passes over the lines that follow, as many as are at hand, up to one that may begin a mail: most of
   * a body, which need not be looked at line by line.
   */
  plain(): Plain | undefined {
    const buffer = this.#buffer;
    let from = this.#from;
    let bare = 0;
    while (from < this.#to && buffer[from] !== F) {
      const end = buffer.indexOf(LF, from);
      if (end === -1 || end >= this.#to) break;
      if (end === from || buffer[end - 1] !== CR) bare++;
      from = end + 1;
    }
    const length = from - this.#from;
    if (length === 0) return undefined;
    this.#from = from;
    this.#next += length;
    this.lastByte = LF;
    const isCrlf = length > 1 && buffer[from - 2] === CR;
    return { bare, lastEnd: isCrlf ? "CRLF" : "LF" };
  }

  /** Reads on, as far as there is room behind what has not been given yet. */
  #fill(): void {
    const kept = this.#to - this.#from;
    // A piece of a long line is given before there is no room for more.
    if (kept > LINE) return;
    this.#buffer.copyWithin(0, this.#from, this.#to);
    this.#from = 0;
    const at = this.#next + kept;
    const wanted = Math.min(CHUNK, this.#size - at);
    const length = wanted <= 0 ? 0 : this.#read(this.#buffer.subarray(kept, kept + wanted), at);
    this.#to = kept + length;
    this.chunks++;
  }
}

/** A mail whose end has not been found yet. */
class Building {
  readonly #from: number;
  readonly #header: number;
  readonly #received: number;
  readonly #isFirst: boolean;
  readonly #hidden: Range[] = [];
  readonly #fields: Field[] = [];
  readonly #visible: Uint8Array[] = [];
  #visibleSize = 0;
  /** Which field the line before belongs to: one that is hidden, or any other. */
  #inHidden = false;
  #body = -1;
  #lines = 0;
  #bare = 0;
  #believed = -1;
  #lastIsCr = false;
  /** What stands before the last LF, and whether that LF was counted. */
  #lastEnd: "LF" | "CRLF" = "LF";
  #lastHidden = false;
  #said: Said | undefined;

  constructor(from: number, header: number, received: number, isFirst: boolean) {
    this.#from = from;
    this.#header = header;
    this.#received = received;
    this.#isFirst = isFirst;
  }

  /** Whether a line that begins a mail ends this one, if it stands there. */
  mayEnd(at: number): boolean {
    // Dovecot takes the very first line of a header for a part of it, whatever it is.
    return this.#body === -1 ? this.#lines > 0 : at > this.#believed;
  }

  get inBody(): boolean {
    return this.#body !== -1;
  }

  /** Whole lines of the body. */
  addPlain({ bare, lastEnd }: Plain): void {
    this.#bare += bare;
    this.#lastEnd = lastEnd;
    this.#lastHidden = false;
    this.#lastIsCr = false;
  }

  add(
    line: Uint8Array,
    at: number,
    starts: boolean,
    ends: boolean,
    isEnd: (expected: number) => boolean,
  ): void {
    const inHeader = this.#body === -1;
    const isEmpty = inHeader && starts && ends && withoutEnd(line) === 0;
    if (inHeader && starts) {
      this.#lines++;
      const folded = line[0] === 32 || line[0] === 9;
      if (isEmpty) this.#inHidden = false;
      else if (!folded || this.#lines === 1) this.#inHidden = MBOX_FIELDS.has(nameOf(line));
      if (this.#inHidden) this.#hide(line, at, folded && this.#lines > 1);
    } else if (inHeader && this.#inHidden) this.#extend(at + line.byteLength);
    this.#lastHidden = this.#inHidden && inHeader;
    if (ends) {
      const before = line.byteLength > 1 ? line[line.byteLength - 2] === CR : this.#lastIsCr;
      this.#lastEnd = before && !(starts && line.byteLength === 1) ? "CRLF" : "LF";
      if (!this.#lastHidden && this.#lastEnd === "LF") this.#bare++;
    }
    this.#lastIsCr = line[line.byteLength - 1] === CR;
    if (!inHeader || this.#lastHidden) return;
    if (this.#visibleSize <= MAX_HEADER) {
      this.#visible.push(line.slice(0, MAX_HEADER + 2));
      this.#visibleSize += line.byteLength;
    }
    if (isEmpty) {
      this.#body = at + line.byteLength;
      this.#said = readSaid(this.#fields, this.#isFirst);
      const { contentLength } = this.#said;
      if (contentLength !== undefined && isEnd(this.#body + contentLength)) {
        this.#believed = this.#body + contentLength;
      }
    }
  }

  #hide(line: Uint8Array, at: number, folded: boolean): void {
    if (folded) {
      this.#extend(at + line.byteLength);
      const field = this.#fields.pop();
      if (field !== undefined) {
        const value = field.value.length > MAX_VALUE
          ? field.value
          : field.value + UTF8.decode(line);
        this.#fields.push({ ...field, value });
      }
      return;
    }
    this.#hidden.push([at, at + line.byteLength]);
    const colon = line.indexOf(58);
    let start = colon + 1;
    while (line[start] === 32 || line[start] === 9) start++;
    const value = UTF8.decode(line.subarray(start, start + MAX_VALUE));
    this.#fields.push({ name: nameOf(line), value: value.replace(/\r?\n$/, ""), at: at + start });
  }

  #extend(to: number): void {
    const last = this.#hidden.pop();
    if (last !== undefined) this.#hidden.push([last[0], to]);
  }

  /** @param ended Whether the line end before `next` is one, and so is not a part of the mail. */
  finish(next: number, ended: boolean): Mail {
    const length = ended ? (this.#lastEnd === "CRLF" ? 2 : 1) : 0;
    const end = Math.max(this.#header, next - length);
    const parted = this.#body !== -1 && this.#body <= end;
    if (ended && this.#lines > 0 && this.#lastEnd === "LF" && !this.#lastHidden) this.#bare--;
    const hidden = this.#hidden.map(([from, to]): Range => [from, Math.min(to, end)]);
    const hiddenSize = hidden.reduce((sum, [from, to]) => sum + to - from, 0);
    const size = end - this.#header - hiddenSize;
    const crlfSize = size + this.#bare;
    const header = joined(this.#visible);
    // What parts this mail from the next one is not in its header either.
    const visible = parted ? header : header.subarray(0, Math.min(header.byteLength, size));
    return {
      from: this.#from,
      header: this.#header,
      body: parted ? this.#body : end,
      end,
      next,
      parted,
      received: this.#received,
      hidden,
      said: this.#said ?? readSaid(this.#fields, this.#isFirst),
      size,
      crlfSize,
      digest: mailDigest(visible, crlfSize),
    };
  }
}

function nameOf(line: Uint8Array): string {
  const colon = line.subarray(0, MOST_NAME).indexOf(58);
  return colon === -1 ? "" : LATIN1.decode(line.subarray(0, colon)).trimEnd().toLowerCase();
}

/** The length of a line without what ends it. */
function withoutEnd(line: Uint8Array): number {
  const length = line.byteLength - 1;
  return length > 0 && line[length - 1] === CR ? length - 1 : length;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.byteLength;
  }
  return out;
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
