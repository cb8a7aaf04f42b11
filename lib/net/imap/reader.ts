/** Cuts what a server sends into answers: lines, with the literals that stand in them. */

import { latin1, type Literal } from "./value.ts";

/** One answer. In the text each literal is still announced by its `{size}`. */
export interface Raw {
  readonly text: string;
  readonly literals: readonly Literal[];
}

export interface ReaderLimits {
  /** How long an answer may be without its literals, in bytes. */
  readonly text: number;
  /** How many literals one answer may have. */
  readonly literals: number;
  /** How large all the literals of one answer may be that nobody takes as they come, in bytes. */
  readonly held: number;
}

export const READER_LIMITS: ReaderLimits = {
  text: 16 * 1024 * 1024,
  literals: 256,
  held: 32 * 1024 * 1024,
};

/** Takes a literal as it comes; the next bytes are read when it has taken those before. */
export type Sink = (chunk: Uint8Array) => Promise<void> | void;

/** Asked, with the text before it, who takes a literal of that size as it comes. */
export type TakesLiteral = (before: string, size: number) => Sink | undefined;

export interface Reader {
  /** The next answer; nothing where the connection has ended between two of them. */
  next(takes?: TakesLiteral): Promise<Raw | undefined>;
  /** How many bytes came that no answer was made of yet. */
  readonly buffered: number;
}

const LF = 10;
const EMPTY = new Uint8Array();
// What ends a line that goes on with a literal; `~` of BINARY (RFC 3516).
const LITERAL = /~?\{(\d{1,20})\+?\}$/;
// What people are told may end like that too, and never has a literal.
const FOR_PEOPLE = /^(?:\+|[^ ]+ (?:OK|NO|BAD|BYE|PREAUTH)(?: |$))/i;

/**
 * @param read Gives the next bytes, or nothing where there are no more.
 * @param fail Makes the error of an answer that is not what it should be.
 */
export function responseReader(
  read: () => Promise<Uint8Array | undefined>,
  fail: (what: string) => Error,
  limits: ReaderLimits = READER_LIMITS,
): Reader {
  let chunk: Uint8Array = EMPTY;
  let at = 0;

  async function fill(): Promise<boolean> {
    for (;;) {
      const next = await read();
      if (next === undefined) return false;
      if (next.length === 0) continue;
      chunk = next;
      at = 0;
      return true;
    }
  }

  /** A line without its end; nothing where there are no more bytes at all. */
  async function line(budget: number): Promise<string | undefined> {
    let text = "";
    for (;;) {
      if (at === chunk.length && !(await fill())) {
        if (text === "") return undefined;
        throw fail("it ends in the middle of a line");
      }
      const end = chunk.indexOf(LF, at);
      const stop = end < 0 ? chunk.length : end + 1;
      if (text.length + stop - at > budget) throw fail(`a line of more than ${budget} bytes`);
      text += latin1(chunk.subarray(at, stop));
      at = stop;
      if (end >= 0) return text.endsWith("\r\n") ? text.slice(0, -2) : text.slice(0, -1);
    }
  }

  async function pass(size: number, sink: Sink): Promise<void> {
    for (let left = size; left > 0;) {
      if (at === chunk.length && !(await fill())) throw fail("it ends in the middle of a literal");
      const piece = chunk.subarray(at, Math.min(chunk.length, at + left));
      at += piece.length;
      left -= piece.length;
      const taken = sink(piece);
      if (taken !== undefined) await taken;
    }
  }

  async function held(size: number): Promise<Uint8Array> {
    if (size <= chunk.length - at) return chunk.slice(at, at += size);
    // No more is made room for than has come.
    let bytes = new Uint8Array(Math.min(size, 65_536));
    let length = 0;
    await pass(size, (piece) => {
      if (length + piece.length > bytes.length) {
        const larger = new Uint8Array(Math.min(size, Math.max(bytes.length * 4, 65_536)));
        larger.set(bytes);
        bytes = larger;
      }
      bytes.set(piece, length);
      length += piece.length;
    });
    return bytes;
  }

  return {
    get buffered() {
      return chunk.length - at;
    },
    async next(takes) {
      let text = await line(limits.text);
      if (text === undefined) return undefined;
      const literals: Literal[] = [];
      if (!text.endsWith("}") || FOR_PEOPLE.test(text)) return { text, literals };
      let room = limits.held;
      for (let match = LITERAL.exec(text); match !== null; match = LITERAL.exec(text)) {
        const size = Number(match[1]);
        if (!Number.isSafeInteger(size)) throw fail("a literal of that size cannot be");
        if (literals.length === limits.literals) throw fail("it has too many literals");
        const sink = takes?.(text, size);
        if (sink !== undefined) {
          await pass(size, sink);
          literals.push({ streamed: size });
        } else {
          if (size > room) throw fail(`a literal of ${size} bytes is too large here`);
          room -= size;
          literals.push(await held(size));
        }
        const rest = await line(limits.text - text.length);
        if (rest === undefined) throw fail("it ends after a literal");
        text += rest;
        // The line behind a literal may be empty; then the literal before it must not count again.
        if (rest === "") break;
      }
      return { text, literals };
    },
  };
}
