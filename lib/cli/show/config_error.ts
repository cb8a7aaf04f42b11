/** What is wrong with a configuration, as lines and as objects. */

import { ConfigError, inOrder, type Problem } from "../../config/problem.ts";
import { renderProblems, type ReportLine, type Role } from "../../config/report.ts";
import type { Source } from "../../config/tree.ts";
import type { ExitStatus } from "../exit.ts";
import { causesOf, messageOf } from "./errors.ts";
import type { JsonObject, Screen } from "./screen.ts";
import { faint, type Line, line, type Style } from "./text.ts";

/** The roles of a report in our styles. */
const STYLES: Readonly<Record<Role, Style>> = {
  error: "failure",
  warning: "warning",
  note: "name",
  help: "strong",
  message: "strong",
  text: "plain",
  place: "plain",
  frame: "faint",
  source: "plain",
};

export const asLine = (reported: ReportLine): Line =>
  reported.map(({ text, role }) => ({ text, style: STYLES[role] }));

/** Everything that is wrong with a configuration. */
export function showConfigError(error: ConfigError, screen: Screen): ExitStatus {
  sayWarnings(error.problems, error.source, screen);
  for (const cause of causesOf(error)) screen.say(line`  ${faint("because:")} ${messageOf(cause)}`);
  return 3;
}

/** Problems that may be no errors: they are said, and nothing else comes of it. */
export function sayWarnings(
  problems: readonly Problem[],
  source: Source | undefined,
  screen: Screen,
): void {
  for (const reported of renderProblems(problems, source)) screen.say(asLine(reported));
  for (const problem of inOrder(problems)) screen.object(configObject(problem));
}

function configObject({ severity, message, at, help }: Problem): JsonObject {
  return {
    type: "config",
    severity,
    message,
    file: at?.file,
    line: at?.line,
    column: at?.column,
    help,
  };
}
