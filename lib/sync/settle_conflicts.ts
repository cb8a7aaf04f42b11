/** Settles the conflicts of a plan one by one, as somebody says, and plans nothing else. */

import { cancelled } from "../model/error.ts";
import type { CollectionId } from "../model/names.ts";
import { SIDES } from "../model/names.ts";
import type { CollectionPlan, Conflict, PropertyAction, PropertyConflict } from "../model/plan.ts";
import type { ConflictBytes, Resolution } from "../model/run.ts";
import type { Surveyed } from "./plan_collection.ts";
import type { Prepared } from "./prepare.ts";
import { withMerges } from "./with_merges.ts";

/** Says what becomes of an item; what it throws leaves it, and is a problem of the plan. */
export type DecideItem = (
  collection: CollectionId,
  conflict: Conflict,
  bytes: ConflictBytes,
) => Promise<Resolution>;

/** Says what a property is to be on both sides: `undefined` leaves the conflict. */
export type DecideProperty = (
  collection: CollectionId,
  conflict: PropertyConflict,
) => Promise<string | undefined>;

export interface Decide {
  readonly item: DecideItem;
  readonly property: DecideProperty;
}

/**
 * A plan that settles conflicts and does nothing else. They are asked about one after another, in the
 * order of the plan. Collections that are not on both sides have none, and are left out. Throws
 * `cancelled` where the run is stopped meanwhile.
 */
export async function settleConflicts(prepared: Prepared, decide: Decide): Promise<Prepared> {
  const { run: { signal } } = prepared;
  const collections: CollectionPlan[] = [];
  for (const plan of prepared.plan.collections) {
    const found = prepared.surveyed.get(plan.mapping.id);
    if (found?.status === undefined) continue;
    collections.push(await settled(prepared, plan, found, decide));
    if (signal.aborted) throw cancelled(signal.reason);
  }
  return { ...prepared, plan: { ...prepared.plan, collections, problems: [], stale: [] } };
}

async function settled(
  { run }: Prepared,
  plan: CollectionPlan,
  found: Surveyed,
  decide: Decide,
): Promise<CollectionPlan> {
  const { id } = plan.mapping;
  const asking = {
    ...run,
    policy: {
      ...run.policy,
      conflicts: {
        kind: "ask",
        decide: (conflict, bytes) => decide.item(id, conflict, bytes),
      } satisfies Resolution,
    },
  };
  const { status, surveys, guarded } = found;
  const merged = await withMerges(asking, plan.mapping, {
    status,
    surveys,
    decided: { actions: [], conflicts: plan.conflicts, problems: [] },
  });
  const properties: PropertyAction[] = [];
  const propertyConflicts: PropertyConflict[] = [];
  for (const conflict of plan.propertyConflicts) {
    const value = await decide.property(id, conflict);
    if (value === undefined) propertyConflicts.push(conflict);
    else properties.push(...settings(conflict, value));
  }
  return guarded({
    ...plan,
    ...merged,
    creates: [],
    deletes: [],
    properties,
    propertyConflicts,
    held: [],
  });
}

const settings = ({ name, values }: PropertyConflict, value: string): readonly PropertyAction[] =>
  SIDES.filter((side) => values[side] !== value).map((on) => ({
    kind: "set",
    on,
    name,
    value: value === "" ? undefined : value,
    was: values[on] === "" ? undefined : values[on],
  }));
