/** The exit statuses: what each means, and which one a run comes to. */

import { type ErrorKind, SyncError } from "../model/error.ts";
import type { Plan, Problem } from "../model/plan.ts";
import type { Report } from "../model/run.ts";

/** What a command comes to. The numbers are dsync's, refined. */
export type ExitStatus = 0 | 1 | 2 | 3 | 4 | 5 | 130;

export interface ExitMeaning {
  readonly status: ExitStatus;
  readonly meaning: string;
}

/** For `help` and the manual. */
export const EXIT_STATUSES: readonly ExitMeaning[] = [
  { status: 0, meaning: "Everything is in step." },
  { status: 1, meaning: "Something failed. The rest was done." },
  {
    status: 2,
    meaning: "Nothing failed, but some changes were left: a conflict, a guard, or something " +
      "that changed meanwhile. Running again or deciding helps.",
  },
  {
    status: 3,
    meaning:
      "The command line or the configuration is wrong. Nothing was done; where a command of " +
      "one storage gives no value, nothing for its pairs.",
  },
  { status: 4, meaning: "A storage cannot be reached, or refuses the credentials." },
  { status: 5, meaning: "Another run of the same pair is going on." },
  { status: 130, meaning: "Interrupted. Running again goes on where it stopped." },
];

/** Where several pairs come to several statuses, the first of these that is among them counts. */
const WORST_FIRST: readonly ExitStatus[] = [130, 3, 1, 4, 5, 2, 0];

/** What several pairs come to together; nothing at all is in step. */
export function combined(statuses: readonly ExitStatus[]): ExitStatus {
  return WORST_FIRST.find((status) => statuses.includes(status)) ?? 0;
}

/** What an error that ended a command, or one pair's part of it, comes to. */
export function exitOfError(error: unknown): ExitStatus {
  if (!(error instanceof SyncError)) return 1;
  const stopsMore = error.scope === "storage" || error.scope === "run" ||
    error.kind === "cancelled";
  return stopsMore ? EXIT_OF_KIND[error.kind] : 1;
}

/** For errors that stop a storage or a run. One item's or collection's is a failure among others. */
const EXIT_OF_KIND: Readonly<Record<ErrorKind, ExitStatus>> = {
  unreachable: 4,
  unauthorised: 4,
  missing: 4,
  forbidden: 1,
  changed: 1,
  exists: 1,
  refused: 1,
  malformed: 1,
  "too large": 1,
  quota: 1,
  "left out": 0,
  duplicate: 1,
  locked: 5,
  cancelled: 130,
  internal: 1,
};

/** What a plan that is only shown comes to: what a run would leave, or could not do. */
export function exitOfPlan(plan: Plan): ExitStatus {
  const left = plan.collections.some((it) =>
    it.conflicts.length > 0 || it.propertyConflicts.length > 0 ||
    it.held.some((held) => held.expected !== true)
  );
  const problems = [...plan.problems, ...plan.collections.flatMap((it) => it.problems)];
  return combined([left ? 2 : 0, ...problems.map(exitOfProblem)]);
}

/** What a run that went to its end comes to. */
export function exitOfReport(report: Report): ExitStatus {
  return combined([
    exitOfPlan(report.plan),
    report.changed > 0 ? 2 : 0,
    report.skipped > 0 && report.interrupted ? 130 : 0,
    ...report.failures.map(exitOfProblem),
  ]);
}

const exitOfProblem = (problem: Problem): ExitStatus => exitOfError(problem.error);
