/** What `check` finds, and how it is shown. */

import type { ConfigError } from "../../config/problem.ts";
import type { SyncError } from "../../model/error.ts";
import { exitOfError, type ExitStatus } from "../exit.ts";
import { causesOf, messageOf } from "../show/errors.ts";
import { errorFields } from "../show/json.ts";
import type { Screen } from "../show/screen.ts";
import { faint, line, plain, type Style, styled } from "../show/text.ts";
import { wrapped } from "../show/wrap.ts";

/** A warning changes no exit status; a failure keeps something from being brought in step. */
export type State = "ok" | "warning" | "failure";

/** What was looked at. */
export type Subject = "configuration" | "file" | "storage" | "status" | "pair";

export interface Finding {
  readonly state: State;
  readonly subject: Subject;
  readonly name: string;
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
  /** Of a failure. */
  readonly error?: SyncError | ConfigError;
}

/** Makes the findings about one thing. */
export interface Finder {
  ok(message: string): Finding;
  warning(message: string, hint?: string): Finding;
  failure(error: SyncError | ConfigError): Finding;
}

export function finderOf(subject: Subject, name: string): Finder {
  return {
    ok: (message) => ({ state: "ok", subject, name, message }),
    warning: (message, hint) => ({
      state: "warning",
      subject,
      name,
      message,
      ...(hint === undefined ? {} : { hint }),
    }),
    failure: (error) => {
      const hint = hintOf(error);
      return {
        state: "failure",
        subject,
        name,
        message: messageOf(error),
        ...(hint === undefined ? {} : { hint }),
        error,
      };
    },
  };
}

const hintOf = (error: SyncError | ConfigError): string | undefined =>
  "problems" in error ? error.problems.find((it) => it.help !== undefined)?.help : error.hint;

/** What a finding comes to. */
export function exitOfFinding({ error }: Finding): ExitStatus {
  if (error === undefined) return 0;
  return "problems" in error ? 3 : exitOfError(error);
}

const STYLES: Readonly<Record<State, Style>> = {
  ok: "good",
  warning: "warning",
  failure: "failure",
};

const WIDEST_STATE = "warning".length;
const INDENT = " ".repeat(WIDEST_STATE + 4);

export function showFinding(finding: Finding, screen: Screen): void {
  const { state, subject, name, message, error, hint } = finding;
  const look = screen.outLook;
  const head = [
    styled(STYLES[state], state.padEnd(WIDEST_STATE)),
    plain(`  ${subject} `),
    styled("name", name),
    plain(": "),
  ];
  for (const it of wrapped(head, message, look)) screen.print(it);
  for (const cause of error === undefined ? [] : causesOf(error)) {
    screen.print(line`${INDENT}${faint("because:")} ${messageOf(cause)}`);
  }
  if (hint !== undefined) {
    for (const it of wrapped([faint(`${INDENT}help: `)], hint, look)) screen.print(it);
  }
  screen.object({
    type: "check",
    subject,
    name,
    state,
    message,
    hint,
    ...(error === undefined ? {} : { error: errorFieldsOf(error) }),
  });
}

const errorFieldsOf = (error: SyncError | ConfigError) =>
  "problems" in error
    ? { kind: "configuration", scope: "storage", message: error.message, causes: [], retry: false }
    : errorFields(error);
