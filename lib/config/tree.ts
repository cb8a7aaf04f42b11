/** The one tree that scfg and TOML both become, and where each of its words stands. */

import type { Secret } from "../model/secret.ts";

/** Where something stands in a configuration file. It never goes over the end of its line. */
export interface Span {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in characters (code points): a tab and a wide character count as one each. */
  readonly column: number;
  /** How many characters it covers, at least 1. */
  readonly length: number;
}

/** A directive's name or one of its parameters. */
export interface Word {
  /** What may be shown of it: all of it, unless it is, or holds, a secret. */
  readonly text: string;
  /** All of it, where {@linkcode Word.text} is not. Read it through {@linkcode wordValue}. */
  readonly secret?: Secret;
  readonly span: Span;
}

/** One directive: `name param param … { block }`. */
export interface Directive {
  readonly name: Word;
  readonly params: readonly Word[];
  /** Absent where there are no braces; empty where there is nothing between them. */
  readonly block?: readonly Directive[];
  /** A mistake in its words was reported already: its parameters are not to be judged again. */
  readonly broken?: true;
}

/**
 * A piece of a line as it may be shown, for the excerpt under an error. Secrets are taken out when
 * the file is read, so that no error can carry one.
 */
export interface Piece {
  readonly text: string;
  /** From 1, in characters of the line as it is in the file. */
  readonly column: number;
  /** How many characters of that line it stands for: not the text's where something is hidden. */
  readonly length: number;
  readonly hidden: boolean;
}

/** A file's lines as they may be shown. */
export interface Source {
  readonly file: string;
  readonly lines: readonly (readonly Piece[])[];
}

/** The most that one line may have, in UTF-16 code units; a longer one is not read. */
export const MOST_IN_LINE = 16 * 1024;

/** What a parser makes of a file, whatever mistakes it found in it. */
export interface Parsed {
  readonly source: Source;
  readonly directives: readonly Directive[];
}

/** What the word says, secret or not. Never for a message. */
export function wordValue(word: Word): string {
  return word.secret === undefined ? word.text : word.secret.reveal();
}

/** From the first of these words to the last, or to the end of the first's line. */
export function spanOf(words: readonly [Word, ...Word[]]): Span {
  const first = words[0].span;
  let last = first;
  for (const { span } of words) if (span.line === first.line) last = span;
  return { ...first, length: last.column + last.length - first.column };
}

/** Something in a line that is not to be shown, and what stands for it. */
export interface Hidden {
  /** From 0, in characters; `to` is the first that may be shown again. */
  readonly from: number;
  readonly to: number;
  readonly shown: string;
}

/** `line` in pieces, with what is hidden replaced. Ranges that overlap are hidden together. */
export function piecesOf(line: string, hidden: readonly Hidden[]): readonly Piece[] {
  const chars = [...line];
  const pieces: Piece[] = [];
  const show = (from: number, to: number) => {
    if (from >= to) return;
    const text = chars.slice(from, to).join("");
    pieces.push({ text, column: from + 1, length: to - from, hidden: false });
  };
  let at = 0;
  for (const range of [...hidden].sort((a, b) => a.from - b.from)) {
    const from = Math.max(range.from, at);
    const to = Math.min(range.to, chars.length);
    if (from >= to) continue;
    show(at, from);
    pieces.push({ text: range.shown, column: from + 1, length: to - from, hidden: true });
    at = to;
  }
  show(at, chars.length);
  return pieces;
}
