/**
 * Puts together what was changed on both sides, and settles conflicts the way the policy says.
 *
 * Each side has a base of its own, as a server may keep less than it was given: what it lost is
 * nobody's edit, and must not come back as one. So where the two bases differ, an edit is carried
 * over as the difference that it makes, and not as the bytes that it left behind.
 */

import type { Format } from "../model/format.ts";
import { bodyOf } from "../model/item.ts";
import type { Ident, Side, Sides } from "../model/names.ts";
import { otherSide } from "../model/names.ts";
import type { Conflict, PlannedAction, Source } from "../model/plan.ts";
import { openBytes } from "./item_bytes.ts";
import { bytesOf, keptOn, merged, type MergeInput } from "./merged.ts";
import type { Decisions } from "./reconcile.ts";
import { settleAll } from "./settle.ts";

/** The decisions with merged content, and with fewer conflicts. */
export async function mergeEdits(input: MergeInput): Promise<Decisions> {
  const { decided, format } = input;
  if (format === undefined) return decided;
  const grafted = await graftAll(await withWhatWasLost(input, format), format);
  const conflicts = [...decided.conflicts, ...grafted.conflicts];
  const settled = await settleAll({ ...input, decided: { ...decided, conflicts } }, format);
  const actions = [...grafted.actions, ...settled.actions];
  return {
    actions: actions.length === decided.actions.length && settled.actions.length === 0
      ? actions
      : actions.sort(byIdent),
    conflicts: [...settled.conflicts].sort(byIdent),
    problems: [...decided.problems, ...settled.problems],
  };
}

const byIdent = (one: { readonly ident: Ident }, other: { readonly ident: Ident }): number =>
  one.ident < other.ident ? -1 : one.ident > other.ident ? 1 : 0;

/**
 * An edit that beats a deletion is made anew with what the edited side's storage had lost of the item
 * and the other one still had.
 */
async function withWhatWasLost(input: MergeInput, format: Format): Promise<MergeInput> {
  const beaten = input.decided.actions.filter((it) =>
    it.kind === "create" && it.why === "edit beats deletion"
  );
  if (input.oneWay || beaten.length === 0) return input;
  const base = await input.status.base(beaten.map(({ ident }) => ident));
  const actions = await Promise.all(input.decided.actions.map(async (action) => {
    const known = base.get(action.ident)?.sides;
    if (action.kind !== "create" || known === undefined || known.a.digest === known.b.digest) {
      return action;
    }
    const { ident, on, from } = action;
    const kept = await input.status.baseBody(ident, on);
    if (kept === undefined) return action;
    const there = { ...from, body: bodyOf(kept) };
    const sides = on === "a" ? { a: there, b: from } : { a: from, b: there };
    const read = await openBytes(input, [[ident, sides]]);
    const bytes = await bytesOf(input, read, ident, sides);
    const now = bytes.now[otherSide(on)];
    const whole = keptOn(on, format, ident, bytes, from);
    if (whole === undefined || now === undefined) return action;
    return { ...action, from: { ...from, body: bodyOf(now) }, merged: whole };
  }));
  return { ...input, decided: { ...input.decided, actions } };
}

type Update = Extract<PlannedAction, { readonly kind: "update" }>;

/** Updates from a side that does not hold the same as the other: as the difference they make. */
async function graftAll(
  input: MergeInput,
  format: Format,
): Promise<Pick<Decisions, "actions" | "conflicts">> {
  const { actions } = input.decided;
  const updates = input.oneWay ? [] : actions.filter((it) => it.kind === "update");
  const base = await input.status.base(updates.map(({ ident }) => ident));
  const differing = updates.filter(({ ident }) => {
    const sides = base.get(ident)?.sides;
    return sides !== undefined && sides.a.digest !== sides.b.digest;
  });
  if (differing.length === 0) return { actions, conflicts: [] };
  const read = await openBytes(input, differing.map((it) => [it.ident, sidesOf(it)] as const));
  const instead = new Map<PlannedAction, readonly PlannedAction[]>();
  const conflicts: Conflict[] = [];
  for (const update of differing) {
    const sides = sidesOf(update);
    const bytes = await bytesOf(input, read, update.ident, sides);
    const outcome = merged(format, update.ident, sides, bytes);
    if ("actions" in outcome) {
      // Only one side was edited, so only the other one is written to.
      instead.set(update, only(update.on, outcome.actions, update.ident, sides));
      continue;
    }
    // Better a question than an edit that takes with it what the other side had lost.
    const known = base.get(update.ident);
    conflicts.push({
      ident: update.ident,
      sides,
      ...(known === undefined ? {} : { base: known }),
      clashes: outcome.clashes,
      edited: update.on === "a" ? "b" : "a",
    });
    instead.set(update, []);
  }
  return { actions: actions.flatMap((action) => instead.get(action) ?? [action]), conflicts };
}

function only(
  on: Side,
  actions: readonly PlannedAction[],
  ident: Ident,
  sides: Sides<Source>,
): readonly PlannedAction[] {
  const wanted = actions.filter((it) =>
    it.kind === "record" || (it.kind === "update" && it.on === on)
  );
  return wanted.length > 0 ? wanted : [{ kind: "record", ident, sides }];
}

const sidesOf = ({ on, target, from }: Update): Sides<Source> =>
  on === "a" ? { a: target, b: from } : { a: from, b: target };
