/**
 * Lines of text for a person, each piece of them safe to print and with a style.
 *
 * A {@linkcode Line} can only be made of {@linkcode SafeText}, so that printing something from
 * outside as it came does not compile. The tagged template makes the safe way the short one.
 */

import { type SafeText, safeText } from "../../model/text.ts";

/** What a piece of text is. What it looks like is decided where it is painted. */
export type Style =
  | "plain"
  | "strong"
  | "faint"
  | "added"
  | "changed"
  | "removed"
  | "warning"
  | "failure"
  | "good"
  | "name";

export interface Span {
  readonly text: SafeText;
  readonly style: Style;
}

/** One line, without its end. */
export type Line = readonly Span[];

/** What may stand in a {@linkcode line}. Strings and numbers are made safe; spans are so already. */
export type Piece = string | number | Span | Line;

/** A piece of text in a style. */
export function styled(style: Style, text: string): Span {
  return { text: safeText(text), style };
}

export const plain = (text: string): Span => styled("plain", text);
export const strong = (text: string): Span => styled("strong", text);
export const faint = (text: string): Span => styled("faint", text);
export const name = (text: string): Span => styled("name", text);

/** A line of what is written in the template and what is put into it. */
export function line(parts: TemplateStringsArray, ...pieces: readonly Piece[]): Line {
  const spans: Span[] = [];
  parts.forEach((part, index) => {
    if (part !== "") spans.push(plain(part));
    const piece = pieces[index];
    if (piece === undefined) return;
    spans.push(...spansOf(piece));
  });
  return spans;
}

/** The pieces one after the other. */
export function join(...pieces: readonly Piece[]): Line {
  return pieces.flatMap(spansOf);
}

/** The pieces with `between` between each two. */
export function joinWith(between: Piece, pieces: readonly Piece[]): Line {
  return pieces.flatMap((piece, index) =>
    index === 0 ? spansOf(piece) : [...spansOf(between), ...spansOf(piece)]
  );
}

/** All of the line in one style, except for what has one already. */
export function inStyle(style: Style, pieces: Line): Line {
  return pieces.map((span) => span.style === "plain" ? { ...span, style } : span);
}

function spansOf(piece: Piece): readonly Span[] {
  if (typeof piece === "string" || typeof piece === "number") return [plain(String(piece))];
  return "text" in piece ? [piece] : piece;
}

/** The characters of the line, without its styles. */
export function textOf(pieces: Line): SafeText {
  return pieces.map((span) => span.text).join("") as SafeText;
}
