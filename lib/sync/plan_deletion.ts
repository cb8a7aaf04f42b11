/** The deletion of a collection that was deleted on the other side. */

import { otherSide, type Side } from "../model/names.ts";
import type { CollectionPlan, Held } from "../model/plan.ts";
import type { Run } from "../model/run.ts";
import type { Planned, Surveyed } from "./plan_collection.ts";
import { list, NOTHING_THERE } from "./survey.ts";

/** What the other side deleted goes here as well, if nothing is in it. */
export async function planDeletion(
  run: Run,
  empty: CollectionPlan,
  on: Side,
  inDoubt: Held | undefined,
): Promise<Planned> {
  const { mapping } = empty;
  const collection = mapping.sides[on];
  if (collection === undefined) return { plan: empty, found: undefined };
  const storage = run.storages[on];
  const { entries } = await list(storage, collection, undefined, run.signal);
  const found: Surveyed = {
    status: undefined,
    surveys: { a: NOTHING_THERE, b: NOTHING_THERE },
    open: [],
    resumed: { views: [], happened: new Set(), waiting: new Set() },
    guarded: (plan) => plan,
    renew: () => Promise.resolve(),
  };
  if (entries.size === 0 && inDoubt !== undefined) {
    return { plan: { ...empty, held: [inDoubt] }, found: undefined };
  }
  if (entries.size === 0) return { plan: { ...empty, deletes: [on] }, found };
  const gone = run.storages[otherSide(on)].name;
  const held: Held = {
    guard: "missing collection",
    on,
    actions: 0,
    message:
      `collection "${mapping.id}" was kept in step and is no longer on ${gone}; ${storage.name} still has ${entries.size} items in it`,
    hint:
      `Only an empty collection is deleted. Bring it back on ${gone}, or delete it on ${storage.name} as well.`,
  };
  return { plan: { ...empty, held: [held] }, found: undefined };
}
