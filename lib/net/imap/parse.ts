/** Reads the values of one answer. Strict: what is not IMAP's grammar throws. */

import type { Raw } from "./reader.ts";
import { latin1Bytes, type Value } from "./value.ts";

/** How deep lists may stand in each other. */
const MOST_DEPTH = 32;

export interface Parser {
  /** The text up to the next blank, which is passed over. */
  word(): string;
  /** The next value. */
  value(): Value;
  /** All values up to the end, or up to a `]` where they belong to a response code. */
  values(inCode?: boolean): readonly Value[];
  /** Passes over `text` if it comes next. */
  skip(text: string): boolean;
  /** Everything that is left, as it stands. */
  rest(): string;
  readonly done: boolean;
}

const SECTION = /^(?:BODY|BINARY)(?:\.[A-Z]+)*$/i;

export function parser({ text, literals }: Raw, fail: (what: string) => Error): Parser {
  let at = 0;
  let taken = 0;

  function quoted(): Uint8Array {
    let out = "";
    let from = ++at;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === 0x22) {
        out += text.slice(from, at++);
        return latin1Bytes(out);
      }
      if (code !== 0x5c) continue;
      out += text.slice(from, at);
      from = ++at;
      if (at >= text.length) break;
    }
    throw fail("a quoted string does not end");
  }

  function literal(): Value {
    const end = text.indexOf("}", at);
    const found = literals[taken++];
    if (end < 0 || found === undefined) throw fail("a brace stands where no literal is");
    at = end + 1;
    return found;
  }

  /** What stands in brackets after BODY, with its blanks and lists (RFC 3501 section 6.4.5). */
  function section(): void {
    for (; at < text.length; at++) {
      const char = text[at];
      if (char === "]") {
        at++;
        return;
      }
      if (char === '"') {
        quoted();
        at--;
      }
    }
    throw fail("a section does not end");
  }

  function atom(inCode: boolean): Value {
    const from = at;
    for (; at < text.length; at++) {
      const char = text[at];
      if (char === " " || char === "(" || char === ")" || char === '"') break;
      if (char === "]" && inCode) break;
      if (char === "[" && SECTION.test(text.slice(from, at))) {
        section();
        at--;
      }
    }
    if (at === from) throw fail("a value is missing");
    const found = text.slice(from, at);
    return found.length === 3 && found.toUpperCase() === "NIL" ? null : found;
  }

  function list(depth: number, inCode: boolean): readonly Value[] {
    if (depth > MOST_DEPTH) throw fail("lists stand too deep in each other");
    at++;
    const values: Value[] = [];
    for (;;) {
      const char = text[at];
      if (char === undefined) throw fail("a list does not end");
      if (char === ")") {
        at++;
        return values;
      }
      // Some servers put none between two lists, and others too many.
      if (char === " ") at++;
      else values.push(value(depth, inCode));
    }
  }

  function value(depth: number, inCode: boolean): Value {
    const char = text[at];
    if (char === '"') return quoted();
    if (char === "(") return list(depth + 1, inCode);
    if (char === "{") return literal();
    if (char === "~" && text[at + 1] === "{") return literal();
    return atom(inCode);
  }

  return {
    word() {
      const end = text.indexOf(" ", at);
      const found = text.slice(at, end < 0 ? text.length : end);
      at = end < 0 ? text.length : end + 1;
      return found;
    },
    value: () => value(0, false),
    values(inCode = false) {
      const values: Value[] = [];
      while (at < text.length && !(inCode && text[at] === "]")) {
        if (text[at] === " ") at++;
        else values.push(value(0, inCode));
      }
      return values;
    },
    skip(wanted) {
      if (!text.startsWith(wanted, at)) return false;
      at += wanted.length;
      return true;
    },
    rest() {
      const found = text.slice(at);
      at = text.length;
      return found;
    },
    get done() {
      return at >= text.length;
    },
  };
}
