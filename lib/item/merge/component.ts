/** Merges a component, and what is in it. */

import type { Clash } from "../../model/format.ts";
import type { Side, Sides } from "../../model/names.ts";
import { applyPatch } from "./apply.ts";
import { mergeChildren } from "./children.ts";
import { type Change, decide } from "./decide.ts";
import type { RawComponent } from "./raw.ts";
import type { Rules } from "./rules.ts";
import { readThings } from "./things.ts";

/** What is the same for the whole of an item. */
export interface Context {
  readonly rules: Rules;
  readonly lineEnds: Sides<string>;
}

export interface MergedComponent {
  readonly raws: Sides<string>;
  /** The names of the properties and components that are new on a side, without stamps. */
  readonly taken: Sides<ReadonlySet<string>>;
  /** Whether a side is to say anything else than it does now. */
  readonly changed: Sides<boolean>;
  readonly clashes: readonly Clash[];
}

/** The components of the four versions; what no side has now is not merged. */
export interface Versions {
  readonly base: Sides<RawComponent | undefined>;
  readonly now: Sides<RawComponent>;
}

/** Merges one component that both sides have. `place` says where it is, for clashes. */
export function mergeComponent(
  four: Versions,
  place: string | undefined,
  context: Context,
): MergedComponent {
  const { rules, lineEnds } = context;
  const things = readThings(four, rules);
  const decided = decide(things, four.now.a.name, rules);
  const children = mergeChildren(four, place, context);
  const clashes = decided.clashes.map((clash) => withPlace(clash, place));
  const sideOf = (side: Side) => {
    const changes = decided.changes[side];
    const { replaced, inserted, taken, changed } = children.sides[side];
    const names = changes.map(nameOf);
    const patch = { changes, replaced, inserted };
    return {
      raw: applyPatch(four.now[side], patch, rules, lineEnds[side]),
      taken: new Set([...names.filter((name) => rules.stamp(name) === undefined), ...taken]),
      changed: changed || names.some((name) => !rules.isIgnored(name)),
    };
  };
  const [a, b] = [sideOf("a"), sideOf("b")];
  return {
    raws: { a: a.raw, b: b.raw },
    taken: { a: a.taken, b: b.taken },
    changed: { a: a.changed, b: b.changed },
    clashes: [...clashes, ...children.clashes],
  };
}

function nameOf({ own, wanted }: Change): string {
  return (own ?? wanted)?.name ?? "";
}

function withPlace(clash: Clash, place: string | undefined): Clash {
  return place === undefined ? clash : { ...clash, component: place };
}
