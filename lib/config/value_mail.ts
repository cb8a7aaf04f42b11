/** Values that only storages and pairs of mail have. */

import type { DateBound, FlagsConfig, PatternConfig } from "./config.ts";
import { quotedWord } from "./problem.ts";
import type { DirectiveSpec } from "./schema_types.ts";
import { wordValue } from "./tree.ts";
import { hasControl } from "./value_text.ts";
import type { Given, Words, Wrong } from "./value_types.ts";

/** The longest name of a mailbox that anybody has; a longer pattern is none. */
const MOST_PATTERN = 255;

/** Names with `*`, `%` or `!` among them; undefined where there is none, so that they are no list. */
export function readPatterns(words: Words, wrong: Wrong): Given | undefined {
  if (!words.some((word) => /^!|[*%]/.test(wordValue(word)))) return undefined;
  const patterns: PatternConfig[] = [];
  for (const word of words) {
    const text = wordValue(word);
    const excludes = text.startsWith("!");
    const pattern = excludes ? text.slice(1) : text;
    if (pattern === "" || hasControl(pattern) || pattern.length > MOST_PATTERN) {
      wrong(`${quotedWord(word)} is no pattern`, word);
    } else patterns.push({ pattern, excludes });
  }
  return { kind: "patterns", patterns, word: words[0] };
}

/** What the flags of RFC 3501 section 2.3.2 are called in a configuration. */
const FLAGS: ReadonlyMap<string, string> = new Map(
  ["\\Answered", "\\Deleted", "\\Draft", "\\Flagged", "\\Seen"]
    .map((flag) => [flag.slice(1).toLowerCase(), flag]),
);

/** `all`, `none`, or flags: those of IMAP without their backslash, and keywords as they are. */
export function readFlags(
  { name }: DirectiveSpec,
  words: Words,
  wrong: Wrong,
): Given | undefined {
  const [first, second] = words;
  const only = wordValue(first).toLowerCase();
  if (only === "all" || only === "none") {
    if (second !== undefined) return wrong(`"${only}" stands alone`, first);
    return only === "all"
      ? { kind: "flags" }
      : { kind: "flags", flags: { names: [], keywords: false } };
  }
  const names: string[] = [];
  let keywords = false;
  for (const word of words) {
    const text = wordValue(word).replace(/^\\/, "");
    // What an IMAP atom may not have in it (RFC 3501 section 9).
    // deno-lint-ignore no-control-regex -- control characters are among them
    if (!/^[^\u0000-\u0020\u007f-\uffff(){%*"\\\]]{1,100}$/.test(text)) {
      return wrong(`${quotedWord(word)} is no flag for "${name}"`, word);
    }
    if (text.toLowerCase() === "keywords") keywords = true;
    else names.push(FLAGS.get(text.toLowerCase()) ?? text);
  }
  return { kind: "flags", flags: { names: [...new Set(names)], keywords } };
}

const SIZES: Readonly<Record<string, number>> = { "": 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** A size in bytes: `1048576`, `500k`, `25m`, `1G`, `25MiB`; undefined where it is none. */
export function readSize(text: string): number | undefined {
  const [, digits = "", unit = ""] = /^(\d{1,12})(?:([kmg])(?:i?b)?|b)?$/i.exec(text) ?? [];
  const bytes = Number(digits) * (SIZES[unit.toLowerCase()] ?? NaN);
  return digits !== "" && bytes > 0 && Number.isSafeInteger(bytes) ? bytes : undefined;
}

const UNITS = { d: "day", w: "week", m: "month", y: "year" } as const;

/** A stretch of time up to today, `30d`, as the day on which it begins; undefined where it is none. */
export function readAge(text: string): DateBound | undefined {
  const [, digits, letter] = /^(\d{1,4})([dwmy])$/.exec(text) ?? [];
  if (digits === undefined || Number(digits) === 0) return undefined;
  return { kind: "relative", count: -Number(digits), unit: UNITS[letter as keyof typeof UNITS] };
}

/** Which flags are kept in step: of those that are named, and of all keywords if they are. */
export function takesFlag({ names, keywords }: FlagsConfig): (flag: string) => boolean {
  const known = new Set(names.map((name) => name.toLowerCase()));
  return (flag) => known.has(flag.toLowerCase()) || (keywords && !flag.startsWith("\\"));
}

/** Which collections are meant: the last pattern that fits decides; all, if there is none. */
export function matcherOf(patterns: readonly PatternConfig[]): (id: string) => boolean {
  const made = patterns.map(({ pattern, excludes }) => ({ fits: fitOf(pattern), excludes }));
  // A list that begins with what is not meant means all others.
  const begin = patterns[0]?.excludes ?? true;
  return (id) => {
    const last = made.findLast(({ fits }) => fits(id));
    return last === undefined ? begin : !last.excludes;
  };
}

/** `*` stands for anything and `%` for anything within one part of a name (RFC 3501, LIST). */
function fitOf(pattern: string): (id: string) => boolean {
  const pieces = pattern.split(/([*%]+)/).map((piece) => {
    if (/^[*%]/.test(piece)) return piece.includes("*") ? "*" : "%";
    return piece;
  });
  return (id) => fits(pieces, 0, id, 0, new Set());
}

/** Each place of the pattern is tried once at each place of the name, whatever the pattern is. */
function fits(
  pieces: readonly string[],
  index: number,
  id: string,
  at: number,
  failed: Set<string>,
): boolean {
  const piece = pieces[index];
  if (piece === undefined) return at === id.length;
  const key = `${index} ${at}`;
  if (failed.has(key)) return false;
  failed.add(key);
  if (piece !== "*" && piece !== "%") {
    const found = id.startsWith(piece, at) ||
      (at === 0 && isInbox(piece) && isInbox(id.slice(0, piece.length)));
    return found && fits(pieces, index + 1, id, at + piece.length, failed);
  }
  for (let end = at; end <= id.length; end++) {
    if (fits(pieces, index + 1, id, end, failed)) return true;
    if (piece === "%" && id[end] === "/") return false;
  }
  return false;
}

const isInbox = (name: string): boolean => name.toUpperCase() === "INBOX";
