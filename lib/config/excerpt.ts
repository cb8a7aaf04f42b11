/** A line of the file as a terminal shows it, and where in it the carets go. */

import { safeText } from "../model/text.ts";
import { cellsIn } from "./cells.ts";
import type { Piece, Source, Span } from "./tree.ts";

export interface Excerpt {
  /** From 1. */
  readonly line: number;
  /** Without tabs, and without anything that a terminal would obey. */
  readonly text: string;
  /** How many columns of the terminal stand before the first caret. */
  readonly caret: number;
  /** How many carets there are. */
  readonly carets: number;
}

/** A tab is shown as this many blanks, wherever it stands. */
const TAB = "    ";
/** The most columns that are shown of a line. */
const WIDTH = 100;
/** How many of them stand before the caret, where the beginning is left out. */
const BEFORE = 30;

/** A character as it is shown. */
interface Cell {
  readonly text: string;
  /** Which columns of the file it stands for, from 1; `to` is the first after it. */
  readonly from: number;
  readonly to: number;
  /** Where it begins, in columns of the terminal from 0, and how many it takes. */
  readonly at: number;
  readonly width: number;
}

/** The line that a span is in; undefined where the source has no such line, or nothing in it. */
export function excerptOf({ line, column, length }: Span, source: Source): Excerpt | undefined {
  const cells = cellsOfLine(source.lines[line - 1] ?? []);
  const last = cells.at(-1);
  if (last === undefined) return undefined;
  const end = last.at + last.width;
  const marked = cells.filter(({ from, to }) => from < column + length && to > column);
  const first = marked[0]?.at ?? end;
  const after = marked.reduce((most, { at, width }) => Math.max(most, at + width), first + 1);
  if (end <= WIDTH) {
    const text = cells.map((cell) => cell.text).join("").trimEnd();
    return { line, text, caret: first, carets: after - first };
  }
  const begin = first < WIDTH - BEFORE ? 0 : first - BEFORE;
  const shown = cells.filter(({ at, width }) => at >= begin && at + width <= begin + WIDTH);
  const cutOff = begin > 0 ? "…" : "";
  const offset = (shown[0]?.at ?? begin) - cutOff.length;
  const text = cutOff + shown.map((cell) => cell.text).join("") + (end > begin + WIDTH ? "…" : "");
  const carets = Math.min(after, begin + WIDTH) - first;
  return { line, text, caret: first - offset, carets: Math.max(1, carets) };
}

function cellsOfLine(pieces: readonly Piece[]): readonly Cell[] {
  const cells: Cell[] = [];
  let at = 0;
  for (const piece of pieces) {
    for (const [index, char] of [...piece.text].entries()) {
      const text = char === "\t" ? TAB : safeText(char);
      // What stands for something hidden stands for all of it.
      const from = piece.hidden ? piece.column : piece.column + index;
      const to = piece.hidden ? piece.column + piece.length : from + 1;
      const width = cellsIn(text);
      cells.push({ text, from, to, at, width });
      at += width;
    }
  }
  return cells;
}
