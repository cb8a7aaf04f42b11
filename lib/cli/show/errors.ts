/** Errors as a person reads them: what, why, and what to do; no stack unless it is asked for. */

import { REDACTED } from "../../model/secret.ts";
import { SyncError } from "../../model/error.ts";
import type { Look } from "./look.ts";
import { faint, type Line, line, plain, strong, styled } from "./text.ts";
import { wrapped } from "./wrap.ts";

export interface ErrorView {
  /** What was being done, or where: the pair, the collection, the storage. */
  readonly where?: readonly string[];
  /** With stacks (`-vv`). */
  readonly stacks: boolean;
  readonly severity?: "error" | "warning";
}

/** The most causes that are followed, and lines and characters that are shown of one message. */
const MOST_CAUSES = 8;
const MOST_LINES = 12;
const MOST_CHARACTERS = 2000;

const OUR_FAULT =
  "This is a fault in dovetail itself, and not in what you did. Please report it, with what the " +
  "same command prints with -vv added.";

/** The error, its causes and its hint. */
export function errorLines(thrown: unknown, view: ErrorView, look: Look): readonly Line[] {
  const ours = isOurFault(thrown);
  const severity = view.severity ?? "error";
  const style = severity === "error" ? "failure" : "warning";
  const where = view.where ?? [];
  const say = ours ? faultOf : messageOf;
  const message = (ours ? "internal fault: " : "") + say(thrown);
  const [first = "", ...more] = linesIn([...where, message].join(": "));
  return [
    ...wrapped([styled(style, severity), plain(": ")], first, look),
    ...more.map((it) => line`  ${it}`),
    ...causesOf(thrown).flatMap((cause, depth) => causeLines(say(cause), depth, look)),
    ...(view.stacks ? stackLines(thrown) : []),
    ...hintsOf(thrown, ours).flatMap((hint) => wrapped([strong("help"), plain(": ")], hint, look)),
  ];
}

/** A mistake on the command line: what, and what to do about it. */
export function usageLines(message: string, help: readonly string[], look: Look): readonly Line[] {
  return [
    ...wrapped([styled("failure", "error"), plain(": ")], message, look),
    ...help.flatMap((hint) => wrapped([strong("help"), plain(": ")], hint, look)),
  ];
}

function causeLines(message: string, depth: number, look: Look): readonly Line[] {
  const indent = "  ".repeat(depth + 1);
  const [first = "", ...more] = linesIn(message);
  return [
    ...wrapped([faint(`${indent}because: `)], first, look),
    ...more.map((it) => line`${indent}  ${it}`),
  ];
}

/** The causes from the outermost in; those that only repeat what was said before are left out. */
export function causesOf(thrown: unknown): readonly unknown[] {
  const causes: unknown[] = [];
  const seen = new Set<unknown>([thrown]);
  let said = messageOf(thrown);
  let current = causeOf(thrown);
  while (current !== undefined && !seen.has(current) && causes.length < MOST_CAUSES) {
    seen.add(current);
    const message = messageOf(current);
    if (!said.includes(message)) {
      causes.push(current);
      said = message;
    }
    current = causeOf(current);
  }
  return causes;
}

const causeOf = (thrown: unknown): unknown => {
  if (!(thrown instanceof Error)) return undefined;
  if (thrown instanceof AggregateError) return thrown.cause ?? thrown.errors[0];
  return thrown.cause;
};

/** What it says, whatever it is. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message === "" ? thrown.name : thrown.message;
  // What is no error may be anything, also something that must not be seen.
  return typeof thrown === "string" ? thrown : REDACTED;
}

/** Likewise for a fault of ours: which kind of error it is helps to find it. */
function faultOf(thrown: unknown): string {
  const message = messageOf(thrown);
  const named = thrown instanceof Error && !["Error", "SyncError", message].includes(thrown.name);
  return named ? `${thrown.name}: ${message}` : message;
}

function isOurFault(thrown: unknown): boolean {
  return thrown instanceof SyncError ? thrown.kind === "internal" : true;
}

function hintsOf(thrown: unknown, ours: boolean): readonly string[] {
  const hint = thrown instanceof SyncError ? thrown.hint : undefined;
  return [...(hint === undefined ? [] : [hint]), ...(ours ? [OUR_FAULT] : [])];
}

function stackLines(thrown: unknown): readonly Line[] {
  return [thrown, ...causesOf(thrown)].flatMap((it) => {
    if (!(it instanceof Error) || it.stack === undefined) return [];
    return it.stack.split("\n").slice(0, 30).map((frame) => [faint(`  | ${frame}`)]);
  });
}

function linesIn(text: string): readonly string[] {
  const shown = text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)} [cut]` : text;
  const lines = shown.split(/\r?\n/).map((it) => it.trimEnd()).filter((it) => it !== "");
  return lines.length <= MOST_LINES ? lines : [...lines.slice(0, MOST_LINES), "[cut]"];
}
