/** How many columns of a terminal a text takes, and how to cut and fill it to a number of them. */

import type { SafeText } from "../../model/text.ts";
import type { Line, Span } from "./text.ts";

// The wide and fullwidth blocks of UAX #11; emoji are told by their own property.
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\p{Emoji}\ufe0f/u;
// deno-lint-ignore no-control-regex -- the end of ASCII is meant, and what is safe has no controls
const ASCII = /^[\x00-\x7f]*$/;
const ZERO = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;

let segmenter: Intl.Segmenter | undefined;

/** The characters as a person sees them: a letter with its accents, a flag, a family. */
function* graphemes(text: string): Generator<string> {
  if (ASCII.test(text)) {
    yield* text;
    return;
  }
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  for (const { segment } of segmenter.segment(text)) yield segment;
}

function columnsOfGrapheme(grapheme: string): number {
  if (ZERO.test(grapheme)) return 0;
  return WIDE.test(grapheme) ? 2 : 1;
}

/** The columns that `text` takes, which has no characters that a terminal obeys. */
export function columns(text: SafeText): number {
  if (ASCII.test(text)) return text.length;
  let sum = 0;
  for (const grapheme of graphemes(text)) sum += columnsOfGrapheme(grapheme);
  return sum;
}

export function columnsOf(line: Line): number {
  return line.reduce((sum, span) => sum + columns(span.text), 0);
}

/** As much of the beginning of `text` as fits into `width` columns. */
function head(text: SafeText, width: number): SafeText {
  let used = 0;
  let end = 0;
  for (const grapheme of graphemes(text)) {
    used += columnsOfGrapheme(grapheme);
    if (used > width) break;
    end += grapheme.length;
  }
  return text.slice(0, end) as SafeText;
}

/** `text` if it fits into `width` columns, else as much of it as fits with `mark` behind it. */
export function cut(text: SafeText, width: number, mark: SafeText): SafeText {
  if (columns(text) <= width) return text;
  const kept = head(text, width - columns(mark)).trimEnd();
  return head(`${kept}${mark}` as SafeText, width);
}

/** Likewise for a line, whose pieces keep their styles. */
export function cutLine(line: Line, width: number, mark: SafeText): Line {
  if (columnsOf(line) <= width) return line;
  const kept: Span[] = [];
  let room = width - columns(mark);
  for (const span of line) {
    const text = head(span.text, room);
    kept.push({ ...span, text });
    room -= columns(text);
    if (text !== span.text) break;
  }
  return [...kept, { text: head(mark, width), style: "plain" }];
}

/** `text` with blanks behind it up to `width` columns. */
export function padded(text: SafeText, width: number): SafeText {
  return `${text}${" ".repeat(Math.max(0, width - columns(text)))}` as SafeText;
}
