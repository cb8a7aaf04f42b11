/** Breaks long sentences into lines. */

import type { SafeText } from "../../model/text.ts";
import { safeText } from "../../model/text.ts";
import type { Look } from "./look.ts";
import type { Line, Span } from "./text.ts";
import { joinWith, plain } from "./text.ts";
import { columns, columnsOf } from "./width.ts";

/** Narrower than this a text is not broken: a column of single words helps nobody. */
const LEAST_ROOM = 16;

/**
 * `text` behind `head`, broken between words at the width of the look; what follows the first line
 * is indented to where the text began. A word that is too long for a line keeps one for itself.
 */
export function wrapped(
  head: Line,
  text: string,
  look: Look,
  style: Span["style"] = "plain",
): Line[] {
  const indent = columnsOf(head);
  const all = safeText(text);
  if (look.width === undefined || look.width - indent < LEAST_ROOM) {
    return [[...head, { text: all, style }]];
  }
  return broken(all, look.width - indent).map((part, index) => [
    ...(index === 0 ? head : [plain(" ".repeat(indent))]),
    { text: part, style },
  ]);
}

/** The parts with commas between them, broken between two of them, behind an indent. */
export function wrappedList(indent: string, parts: readonly Span[], look: Look): readonly Line[] {
  const room = (look.width ?? Infinity) - indent.length;
  const rows: Span[][] = [];
  for (const part of parts) {
    const last = rows.at(-1);
    // The comma behind it needs a place too.
    if (last !== undefined && columnsOf(joinWith(", ", [...last, part])) < room) last.push(part);
    else rows.push([part]);
  }
  return rows.map((row, index) => [
    plain(indent),
    ...joinWith(", ", row),
    ...(index < rows.length - 1 ? [plain(",")] : []),
  ]);
}

function broken(text: SafeText, room: number): readonly SafeText[] {
  const parts: SafeText[] = [];
  let current = "";
  for (const word of text.split(" ")) {
    const longer = current === "" ? word : `${current} ${word}`;
    if (current !== "" && columns(longer as SafeText) > room) {
      parts.push(current as SafeText);
      current = word;
    } else {
      current = longer;
    }
  }
  return [...parts, current as SafeText];
}
