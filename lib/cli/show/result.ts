/** What a run came to, in one line of at most eighty columns. */

import { SIDES } from "../../model/names.ts";
import type { Effect, Plan } from "../../model/plan.ts";
import type { Report } from "../../model/run.ts";
import { counted, figure } from "./count.ts";
import { countsOf } from "./counts.ts";
import { isEmpty } from "./plan_contents.ts";
import { joinWith, type Line, line, name, type Span, styled } from "./text.ts";
import { columnsOf } from "./width.ts";

/** What was done and what was not, in numbers. */
export interface Tally {
  readonly created: number;
  readonly updated: number;
  readonly deleted: number;
  readonly marked: number;
  /** Collections that were made. */
  readonly made: number;
  /** Collections that were deleted. */
  readonly unmade: number;
  /** Properties of collections that were set. */
  readonly properties: number;
  /** Items of which a storage keeps something else than it was given. */
  readonly altered: number;
  readonly conflicts: number;
  readonly held: number;
  /** Found changed when they were to be written. */
  readonly changed: number;
  readonly failed: number;
  /** Not begun, because the run was stopped. */
  readonly skipped: number;
}

export const NOTHING: Tally = {
  created: 0,
  updated: 0,
  deleted: 0,
  marked: 0,
  made: 0,
  unmade: 0,
  properties: 0,
  altered: 0,
  conflicts: 0,
  held: 0,
  changed: 0,
  failed: 0,
  skipped: 0,
};

/** How many collections were made and deleted, which the report does not say. */
export type Made = Pick<Tally, "made" | "unmade">;

export function tallyOf(report: Report, { made, unmade }: Made): Tally {
  const done = (kind: Effect["kind"]) =>
    SIDES.reduce((sum, side) => sum + report.done[side][kind], 0);
  const counts = countsOf(report.plan);
  return {
    created: done("create"),
    updated: done("update"),
    deleted: done("delete"),
    marked: done("setFlags"),
    made,
    unmade,
    properties: report.properties,
    altered: report.altered.length,
    conflicts: counts.conflicts,
    held: counts.held,
    changed: report.changed,
    failed: counts.problems + report.failures.length,
    skipped: report.skipped,
  };
}

export function sumOf(tallies: readonly Tally[]): Tally {
  const add = (left: Tally, right: Tally): Tally => ({
    created: left.created + right.created,
    updated: left.updated + right.updated,
    deleted: left.deleted + right.deleted,
    marked: left.marked + right.marked,
    made: left.made + right.made,
    unmade: left.unmade + right.unmade,
    properties: left.properties + right.properties,
    altered: left.altered + right.altered,
    conflicts: left.conflicts + right.conflicts,
    held: left.held + right.held,
    changed: left.changed + right.changed,
    failed: left.failed + right.failed,
    skipped: left.skipped + right.skipped,
  });
  return tallies.reduce(add, NOTHING);
}

/** What is counted of a pair that could not be run at all. */
export const FAILED: Tally = { ...NOTHING, failed: 1 };

/** The most columns that a last line takes. */
const MOST_COLUMNS = 80;

/** The last line of a pair, or of all of them. */
export function resultLine(who: string, tally: Tally): Line {
  const failed = part(tally.failed, figure(tally.failed), "failure");
  const full = sentence(who, doneParts(tally), leftParts(tally), failed);
  if (columnsOf(full) <= MOST_COLUMNS) return full;
  const done = tally.created + tally.updated + tally.deleted + tally.marked + tally.made +
    tally.unmade + tally.properties;
  const left = tally.conflicts + tally.held + tally.changed + tally.skipped;
  return sentence(
    who,
    part(done, `${counted(done, "change")} made`),
    part(left, figure(left), "warning"),
    failed,
  );
}

function sentence(
  who: string,
  done: readonly Span[],
  leftOver: readonly Span[],
  failed: readonly Span[],
): Line {
  const left = [
    ...(leftOver.length > 0 ? [line`left: ${joinWith(", ", leftOver)}`] : []),
    ...(failed.length > 0 ? [line`failed: ${joinWith(", ", failed)}`] : []),
  ];
  if (left.length === 0) {
    return done.length === 0 ? inStep(who) : line`${name(who)}: ${joinWith(", ", done)}`;
  }
  const first = done.length === 0 ? line`nothing done` : joinWith(", ", done);
  return line`${name(who)}: ${first} (${joinWith("; ", left)})`;
}

const inStep = (who: string): Line => line`${name(who)}: everything is in step`;

function doneParts(tally: Tally): readonly Span[] {
  return [
    ...part(tally.made, `${counted(tally.made, "collection")} made`),
    ...part(tally.unmade, `${counted(tally.unmade, "collection")} deleted`),
    ...part(tally.properties, `${counted(tally.properties, "property", "properties")} set`),
    ...part(tally.created, `${figure(tally.created)} created`),
    ...part(tally.updated, `${figure(tally.updated)} updated`),
    ...part(tally.marked, `${figure(tally.marked)} marked`),
    ...part(tally.deleted, `${figure(tally.deleted)} deleted`),
  ];
}

function leftParts(tally: Tally): readonly Span[] {
  return [
    ...part(tally.conflicts, counted(tally.conflicts, "conflict"), "warning"),
    ...part(tally.held, `${figure(tally.held)} held`, "warning"),
    ...part(tally.changed, `${figure(tally.changed)} changed meanwhile`, "warning"),
    ...part(tally.skipped, `${figure(tally.skipped)} not begun`, "warning"),
  ];
}

const part = (value: number, text: string, style: Span["style"] = "plain"): readonly Span[] =>
  value > 0 ? [styled(style, text)] : [];

/** The last line of a pair whose plan was only shown. */
export function dryRunLine(plan: Plan): Line {
  return isEmpty(plan)
    ? inStep(plan.pair)
    : line`${name(plan.pair)}: nothing was changed, this was a dry run`;
}
