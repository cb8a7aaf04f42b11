/** What a server says: each answer as a value of its kind (RFC 3501 section 7). */

import { parser } from "./parse.ts";
import type { Raw } from "./reader.ts";
import { isList, numberOf, type Value } from "./value.ts";

export interface Code {
  /** In capitals. */
  readonly name: string;
  readonly values: readonly Value[];
}

export interface Status {
  readonly type: "status";
  /** None of one that no command asked for. */
  readonly tag?: string;
  readonly status: "OK" | "NO" | "BAD" | "BYE" | "PREAUTH";
  readonly code?: Code;
  readonly text: string;
}

export type Response =
  | Status
  | { readonly type: "continue"; readonly text: string }
  /** Names in capitals; `BODY[...]` without what is in its brackets. */
  | { readonly type: "fetch"; readonly seq: number; readonly items: ReadonlyMap<string, Value> }
  | {
    readonly type: "count";
    readonly name: "EXISTS" | "RECENT" | "EXPUNGE";
    readonly count: number;
  }
  /** CAPABILITY, LIST, STATUS, SEARCH, VANISHED and so on; the name in capitals. */
  | { readonly type: "data"; readonly name: string; readonly values: readonly Value[] };

const STATUSES: ReadonlySet<string> = new Set(["OK", "NO", "BAD", "BYE", "PREAUTH"]);

/** Throws what `fail` makes where the answer is none. */
export function responseOf(raw: Raw, fail: (what: string) => Error): Response {
  const { text } = raw;
  if (text.startsWith("+")) {
    return { type: "continue", text: text.slice(text.startsWith("+ ") ? 2 : 1) };
  }
  const fetch = /^\* (\d{1,10}) ([A-Za-z]+)(?: |$)/.exec(text);
  if (fetch !== null) return numbered(raw, fetch, fail);
  const parse = parser(raw, fail);
  const tag = parse.word();
  const name = parse.word().toUpperCase();
  if (STATUSES.has(name)) return statusOf(tag, name as Status["status"], text, raw, fail);
  if (tag !== "*") throw fail("a line that is no answer");
  if (!/^[A-Z][A-Z0-9_.-]*$/.test(name)) throw fail("an answer without a name");
  return { type: "data", name, values: parse.values() };
}

function numbered(
  raw: Raw,
  [head, digits = "", word = ""]: RegExpExecArray,
  fail: (what: string) => Error,
): Response {
  const count = numberOf(digits);
  const name = word.toUpperCase();
  if (count === undefined) throw fail("a number that cannot be");
  if (name === "EXISTS" || name === "RECENT" || name === "EXPUNGE") {
    return { type: "count", name, count };
  }
  if (name !== "FETCH") return { type: "data", name, values: [] };
  const parse = parser(raw, fail);
  parse.skip(head);
  const values = parse.value();
  if (!isList(values) || values.length % 2 !== 0 || !parse.done) {
    throw fail("a FETCH that is no list of names and values");
  }
  const items = new Map<string, Value>();
  for (let at = 0; at < values.length; at += 2) {
    const key = values[at];
    const value = values[at + 1];
    if (typeof key !== "string" || value === undefined) throw fail("a FETCH without names");
    const bracket = key.indexOf("[");
    items.set((bracket < 0 ? key : key.slice(0, bracket + 1)).toUpperCase(), value);
  }
  return { type: "fetch", seq: count, items };
}

function statusOf(
  tag: string,
  status: Status["status"],
  text: string,
  raw: Raw,
  fail: (what: string) => Error,
): Status {
  const ours = tag === "*" ? {} : { tag };
  const parse = parser(raw, fail);
  parse.word();
  parse.word();
  const plain = (): Status => ({
    type: "status",
    ...ours,
    status,
    text: text.slice(tag.length + status.length + 2),
  });
  if (!parse.skip("[")) return plain();
  const from = tag.length + status.length + 3;
  const name = /^[^ \]]+/.exec(text.slice(from))?.[0];
  if (name === undefined) return plain();
  parse.skip(name);
  let values: readonly Value[];
  try {
    values = parse.values(true);
  } catch {
    // What is meant for people may begin with a bracket as well.
    return plain();
  }
  if (!parse.skip("]")) return plain();
  parse.skip(" ");
  const code = { name: name.toUpperCase(), values };
  return { type: "status", ...ours, status, code, text: parse.rest() };
}
