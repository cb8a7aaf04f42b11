/** The INI files of vdirsyncer: those of Python's `configparser`, with JSON for values. */

import { ConfigError } from "../config/problem.ts";
import { MOST_IN_LINE, type Piece, type Source, type Span } from "../config/tree.ts";
import { REDACTED } from "../model/secret.ts";

export type Json = null | boolean | number | string | readonly Json[] | {
  readonly [key: string]: Json;
};

export interface Option {
  readonly value: Json;
  /** Its name in the file. */
  readonly at: Span;
}

/** `[kind name]`; of `[general]` the name is empty. */
export interface Section {
  readonly kind: string;
  readonly name: string;
  readonly at: Span;
  readonly options: ReadonlyMap<string, Option>;
}

interface RawOption {
  readonly at: Span;
  readonly lines: string[];
}

interface RawSection {
  readonly title: string;
  readonly at: Span;
  readonly options: Map<string, RawOption>;
}

/** The most sections of a file, and the most options of each. */
const MOST = 2_000;

/**
 * Reads a file. A line that is indented goes on with the value above it; `#` and `;` begin a
 * comment only at the beginning of a line. Throws `ConfigError` at the first mistake, as vdirsyncer
 * does; values are in no message, for they may be secrets.
 */
export function parseIni(text: string, file: string): readonly Section[] {
  const source = sourceOf(text, file);
  const wrong = (at: Span, message: string, help?: string): ConfigError => {
    const problem = { severity: "error", message, at } as const;
    return new ConfigError([help === undefined ? problem : { ...problem, help }], source);
  };
  const sections = new Map<string, RawSection>();
  let section: RawSection | undefined;
  let option: RawOption | undefined;
  let indent = 0;
  for (const [index, ended] of text.replace(/^\ufeff/, "").split("\n").entries()) {
    const line = ended.replace(/\r$/, "");
    const at = { file, line: index + 1, column: 1, length: 1 };
    if (line.length > MOST_IN_LINE) throw wrong(at, "this line is too long");
    const content = line.trim();
    if (content.startsWith("#") || content.startsWith(";")) continue;
    const begin = line.length - line.trimStart().length;
    if (option !== undefined && (content === "" || begin > indent)) {
      option.lines.push(content);
      continue;
    }
    if (content === "") continue;
    indent = begin;
    const title = /^\[([^\]]+)\]/.exec(content)?.[1];
    if (title !== undefined) {
      if (sections.has(title)) throw wrong(at, `the section [${title}] is there twice`);
      if (sections.size === MOST) throw wrong(at, `more than ${MOST} sections`);
      section = { title, at, options: new Map() };
      option = undefined;
      sections.set(title, section);
      continue;
    }
    if (/^\[[^=:\]]*$/.test(content)) throw wrong(at, 'the "]" of this section is missing');
    if (section === undefined) throw wrong(at, "this stands in no section");
    const [, name, rest] = /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(content) ?? [];
    if (name === undefined || rest === undefined) {
      throw wrong(at, "this is no option: NAME = VALUE");
    }
    const key = name.toLowerCase();
    if (section.options.has(key)) throw wrong(at, `"${key}" is given twice`);
    if (section.options.size === MOST) throw wrong(at, `more than ${MOST} options`);
    option = { at: { ...at, column: begin + 1, length: name.length }, lines: [rest] };
    section.options.set(key, option);
  }
  const defaults = sections.get("DEFAULT")?.options ?? new Map<string, RawOption>();
  sections.delete("DEFAULT");
  return [...sections.values()].map((raw) => readSection(raw, defaults, wrong));
}

/**
 * The lines as they may be shown: titles of sections, and the names of options without their values,
 * of which any may be a secret.
 */
export function sourceOf(text: string, file: string): Source {
  const lines = text.replace(/^\ufeff/, "").split("\n").map((ended): readonly Piece[] => {
    const line = ended.replace(/\r$/, "");
    const shown = line.length > MOST_IN_LINE
      ? ""
      : /^\[[\w .-]*\]?\s*$|^[A-Za-z_][\w.]*\s*[=:]\s*/.exec(line)?.[0] ?? "";
    const [begin, all] = [[...shown].length, [...line].length];
    const piece = { text: shown, column: 1, length: begin, hidden: false };
    if (all === begin) return [piece];
    return [piece, { text: REDACTED, column: begin + 1, length: all - begin, hidden: true }];
  });
  return { file, lines };
}

type Wrong = (at: Span, message: string, help?: string) => ConfigError;

function readSection(
  { title, at, options }: RawSection,
  defaults: ReadonlyMap<string, RawOption>,
  wrong: Wrong,
): Section {
  const [kind = "", ...names] = title.split(" ");
  const read = [...defaults, ...options].map(([key, option]) =>
    [key, readOption(key, option, wrong)] as const
  );
  return { kind, name: names.join(" "), at, options: new Map(read) };
}

function readOption(key: string, { at, lines }: RawOption, wrong: Wrong): Option {
  try {
    return { at, value: JSON.parse(lines.join("\n").trim()) as Json };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw wrong(at, `the value of "${key}" is no JSON`, 'texts stand in double quotes: "…"');
  }
}
