/** What is wrong with a configuration, and the error that says so. */

import { MOST_IN_LINE, type Source, type Span, type Word } from "./tree.ts";

/** With an error nothing is run; a warning is only said. */
export type Severity = "error" | "warning";

/** Another place that the problem is about: where a name was taken first, say. */
export interface Label {
  readonly message: string;
  readonly at: Span;
}

/** One problem. Its texts may hold words of the file, and no secret. */
export interface Problem {
  readonly severity: Severity;
  readonly message: string;
  readonly at?: Span;
  readonly related?: Label;
  readonly notes?: readonly string[];
  /** What to do about it. */
  readonly help?: string;
}

/** Takes problems as they are found, so that one run tells of all of them. */
export type Report = (problem: Problem) => void;

/** The most errors that are kept of one file, and the most warnings. */
export const MOST_PROBLEMS = 100;

/**
 * Keeps the problems it is told: of errors and of warnings the first {@linkcode MOST_PROBLEMS} each,
 * and a word about the rest.
 */
export function collectProblems(): { readonly problems: readonly Problem[]; report: Report } {
  const problems: Problem[] = [];
  const counts = { error: 0, warning: 0 };
  const report: Report = (problem) => {
    const { severity } = problem;
    const count = ++counts[severity];
    if (count <= MOST_PROBLEMS) problems.push(problem);
    if (count !== MOST_PROBLEMS + 1) return;
    const message = `there are more ${severity}s than the first ${MOST_PROBLEMS} that are shown`;
    problems.push({ severity, message });
  };
  return { problems, report };
}

/**
 * The configuration, or a command that it names, does not give what is needed. Exit status 3.
 * `problems` has at least one error, and the warnings; `source` is what they point into.
 */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly Problem[];
  readonly source: Source | undefined;

  constructor(problems: readonly Problem[], source: Source | undefined, cause?: unknown) {
    super(summary(problems), cause === undefined ? undefined : { cause });
    this.problems = problems;
    this.source = source;
  }
}

function summary(problems: readonly Problem[]): string {
  const errors = problems.filter((problem) => problem.severity === "error");
  const first = errors[0];
  if (first === undefined) return "the configuration cannot be used";
  return errors.length === 1 ? first.message : `${first.message} (and ${errors.length - 1} more)`;
}

/** Said of a line that is not read, and so not shown either. */
export function longLine(file: string, line: number): Problem {
  const at = { file, line, column: 1, length: 1 };
  return { severity: "error", message: `this line is longer than ${MOST_IN_LINE} characters`, at };
}

/** The problems in the order of their places; those without a place come first. */
export function inOrder(problems: readonly Problem[]): readonly Problem[] {
  return problems.toSorted((a, b) =>
    (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0)
  );
}

/** How many characters of a word a message shows at most. */
const MOST_SHOWN = 60;

/** Text for a message: in double quotes, and not too long. */
export function quoted(text: string): string {
  const chars = [...text];
  return chars.length <= MOST_SHOWN ? `"${text}"` : `"${chars.slice(0, MOST_SHOWN).join("")}…"`;
}

/** A word for a message: what may be shown of it, in double quotes. */
export function quotedWord(word: Word): string {
  return quoted(word.text);
}
