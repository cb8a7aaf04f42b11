/** Content lines with the bytes they stand in the text as, so that all but a few can be kept. */

import { Buffer } from "node:buffer";
import { byteString, type ContentLine, parseLine, trimSpaces } from "./lines.ts";
import { upperCase } from "./spellings.ts";

export interface LogicalLine {
  /** Its bytes: folds, line end and the empty lines after it included. */
  readonly raw: string;
  /** Unfolded, as `unfold` does. */
  readonly text: string;
}

const BYTE_ORDER_MARK = "\xef\xbb\xbf";

/** The lines as `unfold` tells them apart; together their bytes are the text. */
export function* logicalLines(text: string): Generator<LogicalLine> {
  const breaks = /[\r\n]+/g;
  let start = 0;
  let before: LogicalLine | undefined;
  while (start < text.length) {
    breaks.lastIndex = start;
    let end = text.length;
    let folded = false;
    let last = text.length;
    for (let found = breaks.exec(text); found !== null; found = breaks.exec(text)) {
      const next = text[breaks.lastIndex];
      if (next === " " || next === "\t") {
        folded = true;
        continue;
      }
      last = found.index;
      end = breaks.lastIndex;
      break;
    }
    const raw = text.slice(start, end);
    const from = start === 0 && raw.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
    // Most lines have no folds: what stands before their end is all of them.
    const logical = folded || last < start
      ? unfoldOne(raw.slice(from))
      : text.slice(start + from, last);
    start = end;
    if (before !== undefined && (before.text === "" || logical === "")) {
      before = { raw: `${before.raw}${raw}`, text: `${before.text}${logical}` };
    } else {
      if (before !== undefined) yield before;
      before = { raw, text: logical };
    }
  }
  if (before !== undefined && before.text !== "") yield before;
}

function unfoldOne(raw: string): string {
  const line = raw.replace(/[\r\n]+/g, "\n").replaceAll("\n ", "").replaceAll("\n\t", "");
  return line.replaceAll("\n", "");
}

/** A line, and where it stands. */
export interface PlacedLine extends LogicalLine {
  readonly line: ContentLine;
  /** The names of the components around it, in upper case, its own for BEGIN and END; outermost first. */
  readonly path: readonly string[];
}

/** The lines of an item that can be read, each with its place. */
export function* placedLines(bytes: Uint8Array): Generator<PlacedLine> {
  let path: readonly string[] = [];
  for (const { raw, text } of logicalLines(byteString(bytes))) {
    const line = parseLine(text);
    if (line.name === "BEGIN") path = [...path, upperCase(trimSpaces(line.value))];
    yield { raw, text, line, path };
    if (line.name === "END") path = path.slice(0, -1);
  }
}

/**
 * The same item with other lines in place of some. `edit` gives a line's bytes, the same as they
 * are to keep it, or none to drop it. What is no property goes the way of the property before it.
 */
export function editLines(
  bytes: Uint8Array,
  edit: (line: PlacedLine) => string | undefined,
): Uint8Array {
  const texts: string[] = [];
  let dropped = false;
  let changed = false;
  for (const placed of placedLines(bytes)) {
    const isProperty = placed.line.name !== "";
    const kept: string | undefined = dropped ? undefined : placed.raw;
    const text: string | undefined = isProperty ? edit(placed) : kept;
    if (isProperty) dropped = text === undefined;
    if (text !== placed.raw) changed = true;
    if (text !== undefined) texts.push(text);
  }
  return changed ? bytesOf(texts.join("")) : bytes;
}

/** A byte string as bytes. */
export function bytesOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "latin1"));
}

/** What a text is in UTF-8, as a byte string. */
export function encodeText(text: string): string {
  return byteString(new TextEncoder().encode(text));
}

/** How a line ends, by the first of the line ends that it has. CRLF where it has none. */
export function endOfLine(raw: string): string {
  let start = raw.length;
  while (start > 0 && (raw[start - 1] === "\r" || raw[start - 1] === "\n")) start--;
  return /^(?:\r\n|\r|\n)/.exec(raw.slice(start, start + 2))?.[0] ?? "\r\n";
}

/** In bytes, without the line end (RFC 5545 3.1). */
const LONGEST = 75;

/** Folds a byte string, and cuts no UTF-8 sequence in two. */
export function fold(text: string, lineEnd: string): string {
  const parts: string[] = [];
  let start = 0;
  while (start < text.length) {
    let end = Math.min(start + LONGEST - (start === 0 ? 0 : 1), text.length);
    if (end < text.length) {
      const most = end;
      while (end > start + 1 && (text.charCodeAt(end) & 0xc0) === 0x80) end--;
      // No UTF-8 then: it does not matter where it is cut.
      if (most - end > 3) end = most;
    }
    parts.push(text.slice(start, end));
    start = end;
  }
  return `${parts.join(`${lineEnd} `)}${lineEnd}`;
}
