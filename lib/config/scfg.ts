/**
 * The configuration language scfg, as <https://git.sr.ht/~emersion/scfg> defines it. One directive a
 * line: `name param … {`, its block, `}`. Where the definition and its two usual parsers (in C, and
 * pimsync's in Rust) read a line differently, it is an error or a warning that says what to write;
 * so that a file which is accepted without either means the same to all of them.
 */

import { REDACTED, Secret } from "../model/secret.ts";
import { concealWord, isSecretBlock, isSecretName, secretFrom } from "./conceal.ts";
import { longLine, type Report } from "./problem.ts";
import { type Mistake, type RawWord, readWord, skipBlanks } from "./scfg_word.ts";
import {
  type Hidden,
  MOST_IN_LINE,
  type Parsed,
  type Piece,
  piecesOf,
  type Span,
  type Word,
} from "./tree.ts";

/** The most blocks within blocks; what is deeper is left out. Three do for every directive. */
const MOST_DEPTH = 32;

/** A directive while it is being read. */
interface Draft {
  readonly name: Word;
  readonly params: readonly Word[];
  block?: readonly Draft[];
  broken?: true;
}

/** A block while it is being read. */
interface Frame {
  readonly directives: Draft[];
  /** Its opening brace; the file itself has none. */
  readonly opened?: Span;
  /** Nothing in it is to be shown but the program of a command. */
  readonly secret: boolean;
}

interface Reader {
  readonly file: string;
  readonly report: Report;
  readonly root: Frame;
  /** The blocks that are open, the innermost last. */
  readonly blocks: Frame[];
}

interface Line {
  readonly chars: readonly string[];
  /** From 1. */
  readonly number: number;
  readonly hidden: Hidden[];
  /** A word was read that a secret follows; where a brace stands wrong, not in its directive. */
  secret: boolean;
}

/**
 * Reads the text of a file. Never throws: every mistake is reported, and reading goes on behind it
 * with what it most likely means.
 */
export function parseScfg(text: string, file: string, report: Report): Parsed {
  const root: Frame = { directives: [], secret: false };
  const reader: Reader = { file, report, root, blocks: [] };
  const lines = text.split("\n").map((ended, index): readonly Piece[] => {
    const content = ended.endsWith("\r") ? ended.slice(0, -1) : ended;
    if (content.length > MOST_IN_LINE) {
      report(longLine(file, index + 1));
      return [];
    }
    const line: Line = { chars: [...content], number: index + 1, hidden: [], secret: false };
    readLine(reader, line);
    return piecesOf(content, line.hidden);
  });
  for (const { opened } of reader.blocks) {
    if (opened === undefined) continue;
    report({
      severity: "error",
      message: "this block is never closed",
      at: opened,
      help: 'add a line with "}" where it ends',
    });
  }
  return { source: { file, lines }, directives: root.directives };
}

/** Reads a line; more than one step only where a brace does not stand where it should. */
function readLine(reader: Reader, line: Line): void {
  let at = skipBlanks(line.chars, 0);
  while (at < line.chars.length) {
    const char = line.chars[at];
    if (char === "#") {
      line.hidden.push({ from: at, to: line.chars.length, shown: "# …" });
      return;
    }
    if (char === "}") at = readClosing(reader, line, at);
    else if (char === "{") at = readStrayOpening(reader, line, at);
    else at = readDirective(reader, line, at);
  }
}

function readClosing(reader: Reader, line: Line, at: number): number {
  if (reader.blocks.pop() === undefined) wrong(reader, line, at, 'this "}" closes nothing');
  const next = skipBlanks(line.chars, at + 1);
  if (next < line.chars.length) wrong(reader, line, next, 'nothing may follow "}" on its line');
  return next;
}

/** A brace on a line of its own: the block of the directive before it, most likely. */
function readStrayOpening(reader: Reader, line: Line, at: number): number {
  wrong(reader, line, at, '"{" must stand on the line of its directive', OPENING_HELP);
  const previous = innermost(reader).directives.at(-1);
  return openBlock(reader, line, at, previous?.block === undefined ? previous : undefined);
}

const OPENING_HELP = "write it as in: storage NAME {";

/** A directive up to the line's end, or up to and with its opening brace. */
function readDirective(reader: Reader, line: Line, from: number): number {
  const words: RawWord[] = [];
  let at = from;
  while (at < line.chars.length && (words.length === 0 || !isBrace(line.chars[at]))) {
    const word = readWord(line.chars, at);
    for (const mistake of word.mistakes) complain(reader, line, mistake);
    if (words.length > 0) warnOfComment(reader, line, word);
    words.push(word);
    at = skipBlanks(line.chars, word.to);
  }
  const draft = makeDraft(reader, line, words);
  if (draft !== undefined) innermost(reader).directives.push(draft);
  if (line.chars[at] === "{") return openBlock(reader, line, at, draft);
  if (line.chars[at] === "}") wrong(reader, line, at, '"}" must stand on a line of its own');
  return at;
}

function openBlock(reader: Reader, line: Line, at: number, owner: Draft | undefined): number {
  const directives: Draft[] = [];
  if (reader.blocks.length === MOST_DEPTH) {
    wrong(reader, line, at, `more than ${MOST_DEPTH} blocks within each other`);
  }
  if (owner !== undefined && reader.blocks.length < MOST_DEPTH) owner.block = directives;
  const secret = isSecretBlock(owner?.name.text, owner?.params.length ?? 0);
  const opened = spanIn(reader, line, at, at + 1);
  reader.blocks.push({ directives, opened, secret: secret || innermost(reader).secret });
  return skipBlanks(line.chars, at + 1);
}

/** The directive of these words, with what is secret taken out of what may be shown. */
function makeDraft(reader: Reader, line: Line, words: readonly RawWord[]): Draft | undefined {
  const block = innermost(reader);
  const texts = words.map(({ text }) => text);
  const from = line.secret || followsBareSecret(block) ? 0 : secretFrom(texts, block.secret);
  line.secret ||= texts.some(isSecretName);
  const [name, ...params] = words.map((raw, index): Word => {
    const span = spanIn(reader, line, raw.from, raw.to);
    const shown = index >= from ? REDACTED : concealWord(raw.text, index === 0);
    if (shown === undefined) return { text: raw.text, span };
    if (index < from) line.hidden.push({ from: raw.from, to: raw.to, shown });
    return { text: shown, secret: new Secret(raw.text), span };
  });
  const first = words[from];
  const last = words.at(-1);
  if (first !== undefined && last !== undefined) {
    line.hidden.push({ from: first.from, to: last.to, shown: REDACTED });
  }
  if (name === undefined) return undefined;
  return words.some(isBroken) ? { name, params, broken: true } : { name, params };
}

const isBroken = ({ mistakes }: RawWord) =>
  mistakes.some(({ severity, certain }) => severity === "error" && !certain);

/** After `password` alone on a line, the password may well stand alone on the next. */
function followsBareSecret({ directives }: Frame): boolean {
  const previous = directives.at(-1);
  return previous !== undefined && previous.params.length === 0 && previous.block === undefined &&
    isSecretName(previous.name.text);
}

/**
 * The format has no comments behind a directive, but pimsync's parser reads one there. It is said,
 * for the two readings of a command are two different commands.
 */
function warnOfComment(reader: Reader, line: Line, { text, quoted, from, to }: RawWord): void {
  if (quoted || !text.startsWith("#")) return;
  complain(reader, line, {
    severity: "warning",
    message: '"#" begins no comment here: it is a parameter like any other',
    help: "put the comment on a line of its own, or the word in quotes",
    from,
    to,
  });
}

const isBrace = (char: string | undefined) => char === "{" || char === "}";

const innermost = (reader: Reader): Frame => reader.blocks.at(-1) ?? reader.root;

function spanIn(reader: Reader, line: Line, from: number, to: number): Span {
  const length = Math.max(1, to - from);
  return { file: reader.file, line: line.number, column: from + 1, length };
}

function wrong(reader: Reader, line: Line, at: number, message: string, help?: string): void {
  const mistake: Mistake = { severity: "error", message, from: at, to: at + 1 };
  complain(reader, line, help === undefined ? mistake : { ...mistake, help });
}

function complain(reader: Reader, line: Line, mistake: Mistake): void {
  const { severity, message, help } = mistake;
  const problem = { severity, message, at: spanIn(reader, line, mistake.from, mistake.to) };
  reader.report(help === undefined ? problem : { ...problem, help });
}
