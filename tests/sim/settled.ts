/** What must hold once nothing goes wrong any more: both sides agree, and a run has nothing to do. */

import type { Ident } from "../../lib/model/names.ts";
import { otherSide, SIDES } from "../../lib/model/names.ts";
import type { CollectionPlan, Plan } from "../../lib/model/plan.ts";
import { isEffect } from "../../lib/model/plan.ts";
import type { Report } from "../../lib/model/run.ts";
import type { Ran } from "./simulate.ts";
import { meaning } from "./text.ts";
import { readingOf } from "./readings.ts";
import { itemsOf, type Pair } from "./world.ts";

/** Both sides hold the same, but for what the plan names (I2). */
export function asAgreed(
  { pair, prepared, report }: Ran,
  excused: ReadonlySet<string>,
): readonly string[] {
  if (prepared === undefined || report === undefined) {
    return [`I2: a run of ${pair.name} with nothing in its way did not come to its end`];
  }
  const named = new Set<string>([...stuck(report), ...excused]);
  return [
    ...report.failures.flatMap(({ ident, error }) =>
      ident !== undefined && named.has(ident) ? [] : [`I2: ${pair.name}: ${error.message}`]
    ),
    ...prepared.plan.collections.flatMap((it) => differences(pair, it, named)),
  ];
}

/** New items whose name is taken by something that nobody can read: said anew in each run. */
const stuck = (report: Report): Set<Ident> =>
  new Set(
    report.failures.flatMap((it) =>
      it.ident !== undefined && it.error.kind === "exists" ? [it.ident] : []
    ),
  );

function differences(
  pair: Pair,
  plan: CollectionPlan,
  stuck: ReadonlySet<string>,
): readonly string[] {
  const { id } = plan.mapping;
  const named = new Set<string>(stuck);
  for (const { ident } of plan.conflicts) named.add(ident);
  for (const { ident, side, href } of plan.problems) {
    if (ident !== undefined) named.add(ident);
    // It is named by its href: nobody can read what is in it.
    const item = itemsOf(pair.stores[side ?? "a"], id).find((it) => it.href === href);
    const reading = item && readingOf(item.bytes);
    if (reading !== undefined) named.add(reading.ident);
  }
  if (plan.problems.some((it) => it.ident === undefined && it.href === undefined)) return [];
  // Nobody looked into the collection, or nothing at all was to be done in it.
  if (
    plan.held.some((it) =>
      it.guard === "on_empty" || it.guard === "on_delete" || it.guard === "missing collection"
    )
  ) {
    return [];
  }
  const mayLack = (ident: Ident, side: "a" | "b"): boolean =>
    plan.held.some((it) =>
      (it.guard === "read only" && it.on === side) ||
      it.guard === "unreadable" ||
      (it.guard === "read only" && it.on === otherSide(side))
    ) && !named.has(ident);
  const held = { a: contents(pair, "a", id), b: contents(pair, "b", id) };
  return SIDES.flatMap((side) =>
    [...held[side]].flatMap(([ident, said]) =>
      named.has(ident) || held[otherSide(side)].get(ident) === said ||
        mayLack(ident as Ident, otherSide(side))
        ? []
        : [
          `I2: ${pair.name} ${id}: ${side} has ${ident} as ${JSON.stringify(said)}, the other as ${
            JSON.stringify(held[otherSide(side)].get(ident))
          }`,
        ]
    )
  );
}

/** What each item means, with its flags. One that is there twice has both. */
function contents(pair: Pair, side: "a" | "b", id: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { bytes, flags } of itemsOf(pair.stores[side], id)) {
    const reading = readingOf(bytes);
    if (reading === undefined) continue;
    // Flags that cannot be set where nothing may be written are not missed there.
    const counted = SIDES.some((it) => pair.stores[it].shape.readOnly) ? [] : flags;
    const said = `${meaning(reading.digest)}${counted}`;
    const more = found.get(reading.ident);
    found.set(reading.ident, more === undefined ? said : `${more} and ${said}`);
  }
  return found;
}

/** A run with nothing to do changes nothing, and fetches nothing but what it cannot read (I3). */
export function idly({ pair, prepared, report, fetched, effects }: Ran): readonly string[] {
  const named = report === undefined ? new Set<Ident>() : stuck(report);
  if (prepared !== undefined && writesAgain(pair, prepared.plan)) return [];
  const wrong: string[] = [];
  if (effects > 0) wrong.push(`I3: ${pair.name} made ${effects} effects where nothing was to do`);
  for (const { mapping, actions } of prepared?.plan.collections ?? []) {
    const left = actions.filter((it) => isEffect(it) && !named.has(it.ident));
    if (left.length > 0) wrong.push(`I3: ${pair.name} ${mapping.id} still plans ${left.length}`);
  }
  for (const { side, id, href } of fetched) {
    const store = pair.stores[side];
    if (store.shape.etags === "restless") continue;
    const item = itemsOf(store, id).find((it) => it.href === href);
    const reading = item && readingOf(item.bytes);
    if (item?.unreadable !== undefined || (item && reading === undefined)) continue;
    // Names are looked into that an item cannot have.
    if (named.size > 0) continue;
    wrong.push(`I3: ${pair.name} fetched ${href} of ${store.name} again`);
  }
  return wrong;
}

/**
 * An item has taken the place of one that cannot be dealt with yet, and a storage adds something of
 * its own to what is written: the base cannot move, so that it is written again. A known limit.
 */
const writesAgain = (pair: Pair, plan: Plan): boolean =>
  SIDES.some((side) => pair.stores[side].shape.rewrites === "content") &&
  plan.collections.some((it) => it.problems.length > 0 || it.held.length > 0);

/** Whether every run writes something into the status: new etags, or what it tries once more. */
export const writesAlways = ({ pair, prepared, report }: Ran): boolean =>
  (prepared !== undefined && writesAgain(pair, prepared.plan)) ||
  SIDES.some((side) => pair.stores[side].shape.etags === "restless") ||
  (report !== undefined && stuck(report).size > 0);
