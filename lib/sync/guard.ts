/** Guards: rules that take actions out of a plan before they can do harm. Pure. */

import type { Ident, Side, Sides, StorageName } from "../model/names.ts";
import { otherSide, SIDES } from "../model/names.ts";
import type { CollectionPlan, Held } from "../model/plan.ts";
import { isEffect, type PlannedAction } from "../model/plan.ts";
import type { Policy } from "../model/run.ts";

export interface GuardInput {
  readonly plan: CollectionPlan;
  readonly policy: Policy;
  readonly names: Sides<StorageName>;
  readonly readOnly: Sides<boolean>;
  /** How many items each side holds now. */
  readonly present: Sides<number>;
  /** How many items both sides agreed on last. */
  readonly agreed: number;
  /** It is certain that both collections are the ones that were agreed on, even if one is empty. */
  readonly isCertain?: boolean;
  /** How many things on each side cannot be read and may be any item. */
  readonly strangers: Sides<number>;
  /** How many of those may well be readable in the next run. */
  readonly passing: Sides<number>;
  /** Deletions on each side that max_delete held in the last run, and of how many items. */
  readonly stillHeld: Sides<ReadonlyMap<Ident, number>>;
}

/** The plan without what the guards stop, and what that was. */
export function guard(input: GuardInput): CollectionPlan {
  return [emptied, unreadable, filtered, noDelete, readOnly, maxDelete].reduce(
    (plan, rule) => rule({ ...input, plan }),
    input.plan,
  );
}

/** The same for the mails of a mailbox that is deleted with all that is in it. */
export const guardDeletion = (input: GuardInput): CollectionPlan =>
  [noDelete, readOnly, maxDelete].reduce((plan, rule) => rule({ ...input, plan }), input.plan);

type Rule = (input: GuardInput) => CollectionPlan;

/** A side that holds nothing any more is taken for a fault before it is taken for a wish. */
const emptied: Rule = ({ plan, policy, names, present, agreed, isCertain }) => {
  if (policy.onEmpty === "sync") return plan;
  // A mailbox is known by its UIDVALIDITY: whoever reads mail empties INBOX every day.
  if (isCertain === true && agreed > 0) return plan;
  // A copy that goes one way and was emptied is only filled again; an original that is empty before
  // the first run would empty it.
  if (agreed === 0 && !policy.oneWay) return plan;
  const watched = policy.oneWay ? SIDES.filter((side) => side === "a") : SIDES;
  const side = watched.find((side) => present[side] === 0 && present[otherSide(side)] > 0);
  if (side === undefined) return plan;
  const on = otherSide(side);
  const deletions = plan.actions.filter((it) => it.kind === "delete" && it.on === on);
  return {
    ...plan,
    actions: [],
    conflicts: [],
    held: [...plan.held, {
      guard: "on_empty",
      on,
      actions: plan.actions.filter(isEffect).length,
      measured: { idents: new Set(deletions.map(({ ident }) => ident)), of: agreed },
      message: `${names[side]} has no items in "${plan.mapping.id}"${
        agreed === 0 ? "" : " any more"
      }; ${names[on]} still has ${present[on]}`,
      hint:
        `If you emptied it on purpose, run once with --allow-empty, or set "on_empty sync" in the pair.`,
    }],
  };
};

/**
 * An item that seems to be gone may be the one that cannot be read: it may have been moved. So
 * nothing is deleted because of a side that cannot be read in full, and nothing that was edited on
 * the other side is made anew on it. What is new on the other side may be there as well: it waits
 * for one run, if that may help, and no longer, as one broken item must not hold all others.
 */
const unreadable: Rule = ({ plan, names, strangers, passing }) =>
  SIDES.reduce((plan, side) => {
    if (strangers[side] === 0) return plan;
    const unread = strangers[side] === 1 ? "an item" : `${strangers[side]} items`;
    const why = `until ${unread} on ${names[side]} can be read`;
    const on = otherSide(side);
    const deletions = hold(
      plan,
      (action) => action.kind === "delete" && action.on === on,
      (actions) => waiting(on, actions, `deletions wait ${why}`),
    );
    return hold(
      deletions,
      (action) =>
        action.kind === "create" && action.on === side &&
        (action.why === "edit beats deletion" || passing[side] > 0),
      (actions) => waiting(side, actions, `new items wait ${why}`),
    );
  }, plan);

const waiting = (on: Side, actions: number, message: string): Held => ({
  guard: "unreadable",
  on,
  actions,
  message,
  hint: "Mend or remove what cannot be read, and run again.",
});

/** What a side's filter does not take in is neither brought there nor taken from there, nor deleted. */
const filtered: Rule = ({ plan, policy, names }) =>
  SIDES.reduce((plan, side) => {
    const accepts = policy.accepts[side];
    if (accepts === undefined) return plan;
    return hold(
      plan,
      (action) => {
        const extent =
          action.kind === "create" || (action.kind === "update" && action.isFirst === true)
            ? action.from.extent
            : action.kind === "delete"
            ? action.target.extent
            : undefined;
        return extent !== undefined && !accepts(extent);
      },
      (actions): Held => ({
        guard: "filter",
        on: side,
        actions,
        message: `left out by what ${names[side]} is limited to`,
        hint:
          "See item_types, start_date and end_date of the storage, or max_size and max_age of the pair.",
        expected: true,
      }),
    );
  }, plan);

/** What was deleted on the other side stays here. The base keeps it, or it would come back there. */
const noDelete: Rule = ({ plan, policy, names }) =>
  SIDES.reduce((plan, on) => {
    if (!policy.noDelete[on]) return plan;
    return hold(
      plan,
      (action) => action.kind === "delete" && action.on === on,
      (actions): Held => ({
        guard: "no_delete",
        on,
        actions,
        message: `nothing is ever deleted on ${names[on]}`,
        hint: `Take "no_delete" off ${names[on]}, or delete them there yourself.`,
        expected: true,
      }),
    );
  }, plan);

/** A fault deletes much at once more often than a person does. */
const maxDelete: Rule = ({ plan, policy, names, present, agreed, stillHeld }) =>
  SIDES.reduce((plan, on) => {
    const most = policy.maxDelete;
    // Whoever wants an emptied side to empty the other one wants just that.
    const isEmptied = present[otherSide(on)] === 0 && policy.onEmpty === "sync";
    if (most === undefined || isEmptied) return plan;
    const stops = (it: PlannedAction) =>
      it.kind === "delete" && it.on === on && it.why === undefined;
    const idents = new Set(plan.actions.filter(stops).map(({ ident }) => ident));
    // What was held is measured as it was then: new items beside it make it no smaller.
    const then = [...idents].flatMap((it) => stillHeld[on].get(it) ?? []);
    const now = agreed === 0 ? present[on] : Math.min(agreed, present[on]);
    const of = Math.min(now, ...then);
    if (idents.size <= most.count || idents.size * 100 <= most.percent * of) return plan;
    return hold(plan, stops, (actions): Held => ({
      guard: "max_delete",
      on,
      actions,
      measured: { idents, of },
      message: `${actions} of the ${present[on]} items of "${plan.mapping.id}" on ${
        names[on]
      } would be deleted`,
      hint:
        `If they are to go, run once with --allow-delete, or set "max_delete" in the pair higher.`,
    }));
  }, plan);

/** Nothing is written where nothing may be written. */
const readOnly: Rule = ({ plan: whole, names, readOnly }) =>
  SIDES.reduce((before, on) => {
    if (!readOnly[on]) return before;
    const properties = before.properties.filter((it) => it.kind !== "set" || it.on !== on);
    const plan = { ...before, properties };
    return hold(
      plan,
      (action) => isEffect(action) && action.on === on,
      (actions): Held => ({
        guard: "read only",
        on,
        actions,
        message: `nothing may be written to ${names[on]}`,
        hint: `Take "read_only" off ${names[on]}, or undo them on ${names[otherSide(on)]}.`,
      }),
    );
  }, whole);

function hold(
  plan: CollectionPlan,
  stops: (action: PlannedAction) => boolean,
  held: (actions: number) => Held,
): CollectionPlan {
  const copies = new Set(plan.actions.flatMap((it) => stops(it) ? copyOf(it) ?? [] : []));
  const actions = plan.actions.filter((action) => {
    const copy = copyOf(action);
    return !stops(action) && (copy === undefined || !copies.has(copy));
  });
  const stopped = plan.actions.length - actions.length;
  if (stopped === 0) return plan;
  return { ...plan, actions, held: [...plan.held, held(stopped)] };
}

/**
 * The copy that an action makes, or needs before it overwrites what that is a copy of. These are
 * held together: half a copy would look deleted in the next run, and without one nothing may go.
 */
function copyOf(action: PlannedAction): Ident | undefined {
  if (action.kind === "create" && action.why === "copy") return action.ident;
  return action.kind === "update" ? action.needs : undefined;
}
