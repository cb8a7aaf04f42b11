/**
 * Reconcile: what must be done so that both sides agree. A pure function of what was agreed on last
 * (base) and what each side holds now: no clock, no file, no network, no chance. The table of its
 * decisions is `tests/unit/sync/reconcile.golden.txt`.
 */

import { NO_FLAGS } from "../model/item.ts";
import type { Flags } from "../model/item.ts";
import type { Ident, Side, Sides } from "../model/names.ts";
import { otherSide, SIDES } from "../model/names.ts";
import type { BaseItem, Conflict, PlannedAction, Problem, Source } from "../model/plan.ts";
import { flagsOfNew, isDoomed, type IsShared, mergedFlags } from "./mail/flags.ts";
import type { ItemView } from "./view.ts";

export interface Decisions {
  readonly actions: readonly PlannedAction[];
  readonly conflicts: readonly Conflict[];
  readonly problems: readonly Problem[];
}

/** What is decided by, besides the items themselves. */
export interface Rules {
  /** B is to be as a is, whatever happened to it. */
  readonly oneWay: boolean;
  /** Which flags are kept in step. */
  readonly isShared: IsShared;
  /** Where mails that are marked as deleted are deleted for good. */
  readonly expunge: Sides<boolean>;
}

export const PLAIN_RULES: Rules = {
  oneWay: false,
  isShared: () => true,
  expunge: { a: false, b: false },
};

/** Decides each item by itself. What comes back is in the order of the views. */
export function reconcile(views: readonly ItemView[], rules: Rules = PLAIN_RULES): Decisions {
  const { oneWay } = rules;
  const actions: PlannedAction[] = [];
  const conflicts: Conflict[] = [];
  const problems: Problem[] = [];
  for (const view of views) {
    const { a, b } = view.sides;
    // An item that cannot be read blocks every action on it: too little is known to do anything
    // that is known to be right.
    if (a.state === "unreadable") problems.push(a.problem);
    if (b.state === "unreadable") problems.push(b.problem);
    if (a.state === "unreadable" || b.state === "unreadable") continue;
    // What a filter hides is neither there nor gone.
    if (a.state === "left out" || b.state === "left out") continue;

    // From here on each side either has the item or has not.
    if (a.state === "absent" && b.state === "absent") {
      if (view.base !== undefined) actions.push({ kind: "forget", ident: view.ident });
    } else if (a.state === "absent") {
      if (b.state === "present") {
        actions.push(
          ...oneWay ? [onlyOnCopy(b.version, view)] : onlyOn("b", b.version, view, rules),
        );
      }
    } else if (b.state === "absent") {
      actions.push(
        ...oneWay ? created("b", a.version, view, rules) : onlyOn("a", a.version, view, rules),
      );
    } else {
      const sides = { a: a.version, b: b.version };
      const decided = oneWay ? asOn(sides, view, rules) : onBoth(sides, view, rules);
      if ("conflict" in decided) conflicts.push(decided.conflict);
      else actions.push(...decided.actions);
    }
  }
  return { actions, conflicts, problems };
}

function created(
  on: Side,
  from: Source,
  { ident }: ItemView,
  { isShared, expunge }: Rules,
): readonly PlannedAction[] {
  // What is marked to be deleted goes where such mail is deleted, and does not come to be there.
  const there = otherSide(on);
  if (isDoomed(from.flags, expunge, there)) {
    return [{ kind: "delete", on: there, ident, target: from, why: "expunged" }];
  }
  if (isDoomed(from.flags, expunge, on)) return [];
  return [{ kind: "create", on, ident, from, why: "new", ...givenFlags(from.flags, isShared) }];
}

/** What is written instead of the flags that an item has where it comes from. */
function givenFlags(flags: Flags, isShared: IsShared): { readonly flags?: Flags } {
  const given = flagsOfNew(flags, isShared);
  return given.length === flags.length ? {} : { flags: given.length === 0 ? NO_FLAGS : given };
}

function onlyOn(
  side: Side,
  version: Source,
  view: ItemView,
  rules: Rules,
): readonly PlannedAction[] {
  const { ident, base } = view;
  const on = otherSide(side);
  if (base === undefined) return created(on, version, view, rules);
  // It was there, and the other side deleted it. An edit beats a deletion; what was not edited
  // follows it. Flags are no edit: a mail that was read and then deleted stays deleted.
  if (version.digest !== base.sides[side].digest) {
    return [{ kind: "create", on, ident, from: version, why: "edit beats deletion" }];
  }
  return [{ kind: "delete", on: side, ident, target: version, gone: base.sides[on] }];
}

/** One way: what only the copy has goes. */
function onlyOnCopy(target: Source, { ident, base }: ItemView): PlannedAction {
  const gone = base?.sides.a;
  return { kind: "delete", on: "b", ident, target, ...(gone === undefined ? {} : { gone }) };
}

/** One way: b is made as a is, unless neither was changed since it was. */
function asOn(sides: Sides<Source>, view: ItemView, rules: Rules): OnBoth {
  const { ident, base } = view;
  const asLeft = SIDES.every((side) => sides[side].digest === base?.sides[side].digest);
  if (sides.a.digest !== sides.b.digest && !asLeft) {
    const first = base === undefined ? { isFirst: true } as const : {};
    return { actions: [{ ...update("b", sides, ident), ...first }] };
  }
  return { actions: agree(sides, view, rules) };
}

type OnBoth =
  | { readonly actions: readonly PlannedAction[] }
  | { readonly conflict: Conflict };

function onBoth(sides: Sides<Source>, view: ItemView, rules: Rules): OnBoth {
  const { ident, base } = view;
  if (sides.a.digest === sides.b.digest) return { actions: agree(sides, view, rules) };

  // The two say different things. Each side is held against what that side held, so that what a
  // server rewrote when it stored the item is not taken for somebody's edit.
  const edited = (side: Side) => sides[side].digest !== base?.sides[side].digest;
  if (base === undefined) return { conflict: { ident, sides } };
  if (edited("a") && edited("b")) return { conflict: { ident, sides, base } };
  if (edited("a")) return { actions: [update("b", sides, ident)] };
  if (edited("b")) return { actions: [update("a", sides, ident)] };
  return { actions: agree(sides, view, rules) };
}

const update = (
  on: Side,
  sides: Sides<Source>,
  ident: Ident,
): Extract<PlannedAction, { readonly kind: "update" }> => ({
  kind: "update",
  on,
  ident,
  target: sides[on],
  from: sides[otherSide(on)],
});

/** Both say the same; what is left are the flags, and where and as which version they hold it. */
function agree(sides: Sides<Source>, view: ItemView, rules: Rules): readonly PlannedAction[] {
  const { ident, base } = view;
  const { isShared, oneWay, expunge } = rules;
  const flags = mergedFlags({
    now: { a: sides.a.flags, b: sides.b.flags },
    base: base === undefined ? undefined : { a: base.sides.a.flags, b: base.sides.b.flags },
    isShared,
    oneWay,
  });
  const effects = SIDES.flatMap((on): readonly PlannedAction[] => {
    const target = sides[on];
    if (isDoomed(flags[on], expunge, on)) {
      const why = isDoomed(flags[otherSide(on)], expunge, otherSide(on))
        ? "expunged on both"
        : "expunged";
      return [{ kind: "delete", on, ident, target, why }];
    }
    if (sameFlags(target.flags, flags[on])) return [];
    // As it is, not as it will be: its own change of flags may be held or fail.
    const from = sides[otherSide(on)];
    return [{ kind: "setFlags", on, ident, target, flags: flags[on], from }];
  });
  if (effects.length === 0) return recorded(sides, view);
  // Once one of them is gone, nothing but the base tells that the other is to go as well.
  const isFirst = base === undefined && effects.some((it) => it.kind === "delete");
  return isFirst ? [...recorded(sides, view), ...effects] : effects;
}

/** Only where, and as which version, the sides hold it is new, if anything is. */
function recorded(sides: Sides<Source>, { ident, base }: ItemView): readonly PlannedAction[] {
  const known = base !== undefined &&
    SIDES.every((side) => sameVersion(sides[side], base.sides[side]));
  return known ? [] : [{ kind: "record", ident, sides }];
}

const sameVersion = (now: Source, then: BaseItem["sides"]["a"]): boolean =>
  now.href === then.href && now.etag === then.etag && now.digest === then.digest &&
  sameFlags(now.flags, then.flags);

export const sameFlags = (some: Flags, others: Flags): boolean =>
  some.length === others.length && some.every((flag, at) => flag === others[at]);
