/**
 * The configuration in TOML, as the tree that scfg becomes: a key is a directive, a table is its
 * block, `[storage.NAME]` is `storage NAME { … }`. Where the grammar is broken, the parser stops at
 * the first mistake; of all else, every mistake is reported.
 */

import { type AST, ParseError, parseTOML } from "toml-eslint-parser";
import { REDACTED } from "../model/secret.ts";
import { concealWord } from "./conceal.ts";
import { longLine, type Report } from "./problem.ts";
import type { NodeRange } from "./toml_tables.ts";
import { makeTomlTree } from "./toml_tree.ts";
import { type Hidden, MOST_IN_LINE, type Parsed, piecesOf, type Source } from "./tree.ts";

/** Reads the text of a file. Never throws. */
export function parseToml(text: string, file: string, report: Report): Parsed {
  // The parser's lines end like these; a mark at the beginning was removed with the decoding.
  const lines = text.split("\n").map((line) => line.endsWith("\r") ? line.slice(0, -1) : line);
  const tooLong = lines.findIndex((line) => line.length > MOST_IN_LINE);
  if (tooLong >= 0) {
    report(longLine(file, tooLong + 1));
    return { source: { file, lines: [] }, directives: [] };
  }
  const program = parse(text, file, lines, report);
  if (program === undefined) return { source: guardedSource(file, lines), directives: [] };
  const hidden = new Map<number, Hidden[]>();
  const hide = (range: NodeRange, shown: string) => hideRange(hidden, lines, range, shown);
  for (const { loc } of program.comments) hide(loc, "# …");
  const directives = makeTomlTree(program, { file, lines, report, hide });
  const pieces = lines.map((line, index) => piecesOf(line, hidden.get(index + 1) ?? []));
  return { source: { file, lines: pieces }, directives };
}

function parse(
  text: string,
  file: string,
  lines: readonly string[],
  report: Report,
): AST.TOMLProgram | undefined {
  const severity = "error";
  try {
    return parseTOML(text, { tomlVersion: "1.0" });
  } catch (error) {
    if (error instanceof ParseError) {
      const line = Math.min(Math.max(error.lineNumber, 1), lines.length);
      const before = (lines[line - 1] ?? "").slice(0, error.column);
      const message = error.message.startsWith("Defining a key multiple times")
        ? "this is given twice"
        : `this is not TOML: ${uncapitalised(error.message)}`;
      report({ severity, message, at: { file, line, column: [...before].length + 1, length: 1 } });
      return undefined;
    }
    if (error instanceof RangeError) {
      report({ severity, message: "this is nested too deeply" });
      return undefined;
    }
    throw error;
  }
}

const uncapitalised = (text: string) => text.slice(0, 1).toLowerCase() + text.slice(1);

/** Hides a range that may go over several lines. */
function hideRange(
  hidden: Map<number, Hidden[]>,
  lines: readonly string[],
  { start, end }: NodeRange,
  shown: string,
): void {
  for (let line = start.line; line <= end.line; line++) {
    const text = lines[line - 1] ?? "";
    const from = line === start.line ? [...text.slice(0, start.column)].length : 0;
    const to = line === end.line ? [...text.slice(0, end.column)].length : [...text].length;
    const before = hidden.get(line);
    if (before === undefined) hidden.set(line, [{ from, to, shown }]);
    else before.push({ from, to, shown });
  }
}

/**
 * The lines of a file that could not be parsed. What belongs to what is not known in it, so only the
 * headers of tables and the plain keys are shown, and nothing that may be a value.
 */
function guardedSource(file: string, lines: readonly string[]): Source {
  const pieces = lines.map((line) => {
    const isPlain = concealWord(line, true) === undefined;
    const header = /^\s*\[{1,2}[\w. -]*\]{0,2}\s*$/.test(line) && isPlain;
    if (header) return piecesOf(line, []);
    const [begin = "", key = ""] = /^\s*([\w.-]+)\s*=\s*/.exec(line) ?? [];
    return piecesOf(line, hiddenFrom(line, concealWord(key, true) ? 0 : begin.length));
  });
  return { file, lines: pieces };
}

function hiddenFrom(line: string, index: number): readonly Hidden[] {
  if (line.slice(index).trim() === "") return [];
  return [{ from: [...line.slice(0, index)].length, to: [...line].length, shown: REDACTED }];
}
