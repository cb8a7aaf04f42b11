/** What there is in a plan, and what of it a person has to see. */

import type { CollectionId, Ident } from "../../model/names.ts";
import { type CollectionPlan, isEffect, type Plan } from "../../model/plan.ts";
import { isExpected, isSetting } from "./counts.ts";
import { isRenumbered } from "./mailbox_rows.ts";

/** Whether there is nothing in the plan that changes anything. */
export const isIdle = (plan: Plan): boolean =>
  plan.collections.every((it) =>
    !it.actions.some(isEffect) && it.creates.length === 0 && it.deletes.length === 0 &&
    !it.properties.some(isSetting) && !isRenumbered(it)
  );

/**
 * What a person has to hear of in any case, as if it were the whole plan.
 * `isAnswered`: of which conflicts it is news that they are still there.
 */
export const troublesOf = (
  plan: Plan,
  isAnswered: (collection: CollectionId, ident: Ident) => boolean = () => false,
): Plan => ({
  ...plan,
  collections: plan.collections.map((
    { renames: _names, numbers: _are, uidNext: _next, ...it },
  ) => ({
    ...it,
    actions: [],
    creates: [],
    deletes: [],
    properties: [],
    conflicts: it.conflicts.filter(({ ident }) => isAnswered(it.mapping.id, ident)),
    propertyConflicts: [],
  })),
});

/** Whether there is anything in the plan that a person should see. */
export const isEmpty = (plan: Plan): boolean =>
  plan.problems.length === 0 && plan.collections.every(isQuiet);

/** Whether there is nothing in the collection's plan that a person should see. */
export const isQuiet = (it: CollectionPlan): boolean =>
  !it.actions.some(isEffect) && it.creates.length === 0 && it.deletes.length === 0 &&
  it.conflicts.length === 0 && it.propertyConflicts.length === 0 &&
  !it.properties.some(isSetting) && !isRenumbered(it) && it.problems.length === 0 &&
  it.held.every(isExpected);
