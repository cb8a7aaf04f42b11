/** Lines that are written anew: values taken out of a list or put into one, folds, line ends. */

import type { ContentLine } from "../lines.ts";
import { fold } from "../raw_lines.ts";
import type { RawLine } from "./raw.ts";

/** The values of a property that may have several, as they stand, in their order. */
export function splitValues({ name, value }: ContentLine): readonly string[] {
  // A backslash escapes a comma in a text, and nothing in a time.
  if (!value.includes("\\") || name !== "CATEGORIES" && name !== "RESOURCES") {
    return value.split(",");
  }
  const values: string[] = [];
  let start = 0;
  for (let at = 0; at < value.length; at++) {
    if (value[at] === "\\") at++;
    else if (value[at] === ",") {
      values.push(value.slice(start, at));
      start = at + 1;
    }
  }
  return [...values, value.slice(start)];
}

/** How the lines of a text end: as its first one does; CRLF if it has only one. */
export function lineEndOf(text: string): string {
  return /\r\n|\r|\n/.exec(text)?.[0] ?? "\r\n";
}

/** Lines with other line ends, folded as they were. */
export function withLineEnd(raw: string, lineEnd: string): string {
  const text = raw.replace(/[\r\n]+/g, lineEnd);
  return text.endsWith(lineEnd) ? text : `${text}${lineEnd}`;
}

/** `line` with these values instead of its own, folded if it is long. */
export function rewrite(
  { text, line }: RawLine,
  values: readonly string[],
  lineEnd: string,
): string {
  const head = text.slice(0, text.length - line.value.length);
  return fold(`${head}${values.join(",")}`, lineEnd);
}
