/** Mbsync's configuration as sections and options (mbsync(1), CONFIGURATION). */

import { collectProblems, ConfigError } from "../config/problem.ts";
import { piecesOf, type Source, type Span } from "../config/tree.ts";
import { REDACTED } from "../model/secret.ts";

/** One line: a keyword and its arguments. */
export interface Option {
  /** In small letters. */
  readonly key: string;
  readonly words: readonly string[];
  readonly at: Span;
}

/** What begins with one of {@linkcode SECTIONS}, up to an empty line. */
export interface Section {
  /** In small letters; empty for what stands before and between sections. */
  readonly kind: string;
  readonly name: string;
  readonly at: Span;
  readonly options: readonly Option[];
}

export interface Mbsyncrc {
  readonly global: Section;
  readonly sections: readonly Section[];
  /** The file as it may be shown. */
  readonly source: Source;
}

const SECTIONS: ReadonlySet<string> = new Set([
  "imapaccount",
  "imapstore",
  "maildirstore",
  "channel",
  "group",
]);

/** The most that one line may have. */
const MOST_IN_LINE = 16 * 1024;

/** Reads the text. Throws `ConfigError` with each line that is none of mbsync's. */
export function parseMbsyncrc(text: string, file: string): Mbsyncrc {
  const { problems, report } = collectProblems();
  const lines = text.split(/\r?\n/);
  const source = sourceOf(lines, file);
  const sections: (Section & { readonly options: Option[] })[] = [];
  const globalOptions: Option[] = [];
  let open: Option[] = globalOptions;
  for (const [index, line] of lines.entries()) {
    const length = Math.max(1, [...line.trim()].length);
    const at: Span = { file, line: index + 1, column: 1 + line.search(/\S|$/), length };
    if (line.trim() === "") {
      open = globalOptions;
      continue;
    }
    if (line.trimStart().startsWith("#")) continue;
    const words = line.length > MOST_IN_LINE ? undefined : wordsOf(line);
    const [keyword, ...rest] = words ?? [];
    if (keyword === undefined) {
      report({ severity: "error", message: "this line cannot be read as mbsync's", at });
      continue;
    }
    const key = keyword.toLowerCase();
    // Within a group a channel is one of its own.
    const isMember = key === "channel" && open === sections.at(-1)?.options &&
      sections.at(-1)?.kind === "group";
    if (!SECTIONS.has(key) || isMember) {
      open.push({ key, words: rest, at });
      continue;
    }
    const [name, ...more] = rest;
    if (name === undefined) {
      report({ severity: "error", message: `this ${keyword} has no name`, at });
      continue;
    }
    open = more.length === 0 ? [] : [{ key: "channels", words: more, at }];
    sections.push({ kind: key, name, at, options: open });
  }
  if (problems.length > 0) throw new ConfigError(problems, source);
  const begin: Span = { file, line: 1, column: 1, length: 1 };
  return { global: { kind: "", name: "", at: begin, options: globalOptions }, sections, source };
}

/** The words of a line; undefined where a quote is missing. */
function wordsOf(line: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quoted = false;
  for (let at = 0; at < line.length; at++) {
    const char = line[at] ?? "";
    if (char === "\\" && at + 1 < line.length) word = (word ?? "") + (line[++at] ?? "");
    else if (char === '"') {
      quoted = !quoted;
      word ??= "";
    } else if (!quoted && /\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + char;
  }
  if (quoted) return undefined;
  return word === undefined ? words : [...words, word];
}

/** Options whose values are not to be shown: passwords, and commands that may hold one. */
const SECRET = /^(\s*(?:pass|passcmd|usercmd|tunnel)\s+)(\S.*)$/i;

function sourceOf(lines: readonly string[], file: string): Source {
  return {
    file,
    lines: lines.map((line) => {
      const [, before] = SECRET.exec(line) ?? [];
      if (before === undefined) return piecesOf(line, []);
      const hidden = { from: [...before].length, to: [...line].length, shown: REDACTED };
      return piecesOf(line, [hidden]);
    }),
  };
}
