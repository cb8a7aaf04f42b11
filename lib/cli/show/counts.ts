/** How much there is in a plan. */

import type { CollectionPlan, Held, Plan, PropertyAction } from "../../model/plan.ts";
import { counted, figure } from "./count.ts";
import type { Look } from "./look.ts";
import { type Line, plain, styled } from "./text.ts";
import { wrappedList } from "./wrap.ts";

type Setting = Extract<PropertyAction, { readonly kind: "set" }>;

export const isSetting = (it: PropertyAction): it is Setting => it.kind === "set";

/** What the configuration asks for is only told to those who want to know everything. */
export const isExpected = (held: Held): boolean => held.expected === true;

/** How much of each there is in a plan. */
export interface Counts {
  readonly made: number;
  /** Collections to be deleted. */
  readonly unmade: number;
  /** Properties to be set. */
  readonly properties: number;
  readonly create: number;
  readonly update: number;
  readonly delete: number;
  readonly setFlags: number;
  /** Found to be the same on both sides already. */
  readonly record: number;
  readonly conflicts: number;
  readonly held: number;
  readonly problems: number;
}

export function countsOf(plan: Plan): Counts {
  const sum = (of: (it: CollectionPlan) => number) =>
    plan.collections.reduce((total, it) => total + of(it), 0);
  const kind = (wanted: string) =>
    sum((it) => it.actions.filter((action) => action.kind === wanted).length);
  return {
    made: sum((it) => it.creates.length),
    unmade: sum((it) => it.deletes.length),
    properties: sum((it) => it.properties.filter(isSetting).length),
    create: kind("create"),
    update: kind("update"),
    delete: kind("delete"),
    setFlags: kind("setFlags"),
    record: kind("record"),
    conflicts: sum((it) => it.conflicts.length + it.propertyConflicts.length),
    // A collection that was not looked into counts as one.
    held: sum((it) =>
      it.held.filter((held) => !isExpected(held))
        .reduce((total, held) => total + Math.max(held.actions, 1), 0)
    ),
    problems: plan.problems.length + sum((it) => it.problems.length),
  };
}

export function countsLines(plan: Plan, look: Look): readonly Line[] {
  const counts = countsOf(plan);
  const parts = [
    counts.made > 0 ? plain(`${counted(counts.made, "collection")} to make`) : undefined,
    counts.unmade > 0
      ? styled("removed", `${counted(counts.unmade, "collection")} to delete`)
      : undefined,
    counts.properties > 0
      ? plain(`${counted(counts.properties, "property", "properties")} to set`)
      : undefined,
    counts.create > 0 ? plain(`${figure(counts.create)} to create`) : undefined,
    counts.update > 0 ? plain(`${figure(counts.update)} to update`) : undefined,
    counts.setFlags > 0 ? plain(`${figure(counts.setFlags)} to mark`) : undefined,
    counts.delete > 0 ? styled("removed", `${figure(counts.delete)} to delete`) : undefined,
    counts.conflicts > 0 ? styled("warning", counted(counts.conflicts, "conflict")) : undefined,
    counts.held > 0 ? styled("warning", `${figure(counts.held)} held`) : undefined,
    counts.problems > 0 ? styled("failure", counted(counts.problems, "problem")) : undefined,
  ].filter((it) => it !== undefined);
  return wrappedList("  ", parts, look);
}
