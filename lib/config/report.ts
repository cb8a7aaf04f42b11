/**
 * Problems as they are shown: what is wrong, where, the line with a caret under it, what to do.
 * Only text and its roles; who prints it chooses the colours.
 */

import { type SafeText, safeText } from "../model/text.ts";
import { type Excerpt, excerptOf } from "./excerpt.ts";
import { ConfigError, inOrder, type Problem } from "./problem.ts";
import type { Source, Span } from "./tree.ts";

/** What a piece of a report is. Those of a severity are its word, and the caret below the line. */
export type Role =
  | "error"
  | "warning"
  | "note"
  | "help"
  /** What is wrong, in words. */
  | "message"
  /** What a note or a help says. */
  | "text"
  /** File, line and column. */
  | "place"
  /** Line numbers, bars and arrows. */
  | "frame"
  /** The line of the file, without what must not be shown. */
  | "source";

/** A piece of a line; it may be printed as it is. */
export interface Segment {
  readonly text: SafeText;
  readonly role: Role;
}

export type ReportLine = readonly Segment[];

/** All problems of an error, in the order of the file, with an empty line between them. */
export function renderError(error: ConfigError): readonly ReportLine[] {
  return renderProblems(error.problems, error.source);
}

/** Problems in the order of the file, with an empty line between them. */
export function renderProblems(
  problems: readonly Problem[],
  source: Source | undefined,
): readonly ReportLine[] {
  return inOrder(problems).flatMap((problem, index) => [
    ...(index === 0 ? [] : [[]]),
    ...renderProblem(problem, source),
  ]);
}

/** One problem. Without a source, or a place in it, there is no excerpt. */
export function renderProblem(
  problem: Problem,
  source: Source | undefined,
): readonly ReportLine[] {
  const { severity, message, at, related, notes = [], help } = problem;
  const excerpts = [at, related?.at].map((span) => span && source && excerptOf(span, source));
  const gutter = Math.max(1, ...excerpts.map((excerpt) => String(excerpt?.line ?? "").length));
  const lines: ReportLine[] = [titled(severity, message, "message")];
  if (at !== undefined) lines.push(...renderPlace(at, excerpts[0], gutter, severity));
  if (related !== undefined) {
    lines.push(titled("note", related.message, "text"));
    lines.push(...renderPlace(related.at, excerpts[1], gutter, "note"));
  }
  for (const note of notes) lines.push(titled("note", note, "text"));
  if (help !== undefined) lines.push(titled("help", help, "text"));
  return lines;
}

/** The lines as plain text, without colours. */
export function plainText(lines: readonly ReportLine[]): string {
  return lines.map((line) => line.map(({ text }) => text).join("").trimEnd() + "\n").join("");
}

const segment = (text: string, role: Role): Segment => ({ text: safeText(text), role });

function titled(role: "error" | "warning" | "note" | "help", text: string, of: Role): ReportLine {
  return [segment(role, role), segment(": ", of), segment(text, of)];
}

function renderPlace(
  { file, line, column }: Span,
  excerpt: Excerpt | undefined,
  gutter: number,
  role: Role,
): readonly ReportLine[] {
  // What no file says, but the command line, has no lines.
  if (line === 0) return [];
  const indent = " ".repeat(gutter);
  const place = [
    segment(`${indent}--> `, "frame"),
    segment(`${file}:${line}:${column}`, "place"),
  ];
  if (excerpt === undefined) return [place];
  const carets = " ".repeat(excerpt.caret) + "^".repeat(excerpt.carets);
  return [
    place,
    [segment(`${indent} |`, "frame")],
    [segment(`${String(line).padStart(gutter)} | `, "frame"), segment(excerpt.text, "source")],
    [segment(`${indent} | `, "frame"), segment(carets, role)],
  ];
}
