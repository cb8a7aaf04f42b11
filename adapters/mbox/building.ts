/** Puts a mail together as its lines come by. */

import { mailDigest } from "../../lib/item/mail/digest.ts";
import { MAX_HEADER } from "../../lib/item/mail/header.ts";
import { MBOX_FIELDS, MOST_NAME } from "../../lib/item/mail/mbox_fields.ts";
import type { Plain } from "./lines.ts";
import type { Mail, Range } from "./mail.ts";
import { type Field, MAX_VALUE, readSaid, type Said } from "./said.ts";

const CR = 13;
const LATIN1 = new TextDecoder("latin1");
const UTF8 = new TextDecoder();

/** Takes one header after another, so that none needs memory of its own. */
export class HeaderBuffer {
  #bytes = new Uint8Array(4 * 1024);
  #length = 0;

  clear(): void {
    this.#length = 0;
  }

  get length(): number {
    return this.#length;
  }

  add(bytes: Uint8Array): void {
    const length = this.#length + bytes.byteLength;
    if (length > this.#bytes.byteLength) {
      const larger = new Uint8Array(2 * length);
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length = length;
  }

  /** Valid until the next call. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}

/** A mail whose end has not been found yet. */
export class Building {
  readonly #from: number;
  readonly #header: number;
  readonly #received: number;
  readonly #isFirst: boolean;
  readonly #hidden: Range[] = [];
  readonly #fields: Field[] = [];
  readonly #visible: HeaderBuffer;
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

  constructor(
    from: number,
    header: number,
    received: number,
    isFirst: boolean,
    visible: HeaderBuffer,
  ) {
    visible.clear();
    this.#visible = visible;
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
    if (this.#visible.length <= MAX_HEADER) this.#visible.add(line);
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
    if (this.#hidden.at(-1)?.[1] === at) this.#extend(at + line.byteLength);
    else this.#hidden.push([at, at + line.byteLength]);
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
    const header = this.#visible.bytes();
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
