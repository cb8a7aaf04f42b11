/** The lines of a file, read in large pieces. */

import { MAX_VALUE } from "./said.ts";

/** What a scan reads: fills as much of `into` as there is from that position on. */
export type Reader = (into: Uint8Array, at: number) => number;

const CHUNK = 1024 * 1024;
/** A line is looked at in one piece up to this length; nothing that counts is longer. */
const LINE = 2 * MAX_VALUE;

const CR = 13;
const LF = 10;
const F = 70;

/** Lines that were passed over: how many end with an LF alone, and how the last one ends. */
export interface Plain {
  readonly bare: number;
  readonly lastEnd: "LF" | "CRLF";
}

/** The lines of a file, one after another; those that are very long in pieces. */
export class Lines {
  readonly #read: Reader;
  readonly #size: number;
  readonly #buffer: Uint8Array;
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
    this.#buffer = new Uint8Array(Math.min(CHUNK + LINE, Math.max(0, size - start)));
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
