/** What becomes of the properties of two collections: three-way, as items are. Pure. */

import type { CollectionId, Side, Sides } from "../model/names.ts";
import { otherSide, SIDES } from "../model/names.ts";
import type { PropertyAction, PropertyConflict } from "../model/plan.ts";
import type { Policy } from "../model/run.ts";
import type { PropertyBase } from "../model/status.ts";
import type { Properties, PropertyName } from "../model/storage.ts";

export interface PropertiesInput {
  /** What the collections are called: not their displaynames. */
  readonly ids: Sides<CollectionId>;
  readonly sides: Sides<Properties>;
  /** What each storage can keep. */
  readonly able: Sides<readonly PropertyName[]>;
  /** What each storage has and could not give now. Nothing is concluded from its absence. */
  readonly unread?: Sides<readonly PropertyName[]>;
  readonly base: PropertyBase;
  readonly policy: Pick<Policy, "properties" | "oneWay" | "conflicts">;
}

export interface PropertiesPlan {
  readonly actions: readonly PropertyAction[];
  readonly conflicts: readonly PropertyConflict[];
}

/** Decides each property by itself. Those that one of the storages cannot keep are left alone. */
export function planProperties(
  { ids, sides, able, unread, base, policy }: PropertiesInput,
): PropertiesPlan {
  const actions: PropertyAction[] = [];
  const conflicts: PropertyConflict[] = [];
  const names = policy.properties.filter((name) =>
    SIDES.every((side) => able[side].includes(name) && !unread?.[side].includes(name))
  );
  for (const name of names) {
    const before = base.get(name);
    // A collection that nobody has named is called by its id on some servers (Xandikos, Cyrus,
    // DAViCal): as long as nothing else is known, that is no name that somebody gave it.
    const given = (side: Side): string => {
      const value = plain(sides[side][name]);
      return name === "displayname" && before === undefined && value === ids[side] ? "" : value;
    };
    const values = { a: given("a"), b: given("b") };
    if (same(name, values.a, values.b)) {
      // That neither has it needs no writing down.
      const known = before ?? { a: "", b: "" };
      if (SIDES.some((side) => !same(name, known[side], values[side]))) {
        actions.push({ kind: "record", name, values });
      }
      continue;
    }
    const from = policy.oneWay ? oneWay(name, values, before) : newer(name, values, before);
    if (from === "neither") continue;
    const winner = from === "conflict" && policy.conflicts.kind === "keep"
      ? policy.conflicts.side
      : from;
    if (winner === "conflict") conflicts.push({ name, values });
    else actions.push(setting(name, winner, values));
  }
  return { actions, conflicts };
}

type Verdict = Side | "neither" | "conflict";

/** Each side is held against what that side said: what a server made of a value is no edit. */
function newer(
  name: PropertyName,
  values: Sides<string>,
  before: Sides<string> | undefined,
): Verdict {
  if (before === undefined) {
    const set = SIDES.filter((side) => values[side] !== "");
    return set.length === 1 ? set[0] ?? "conflict" : "conflict";
  }
  const edited = SIDES.filter((side) => !same(name, values[side], before[side]));
  if (edited.length === 0) return "neither";
  return edited.length === 1 ? edited[0] ?? "conflict" : "conflict";
}

function oneWay(
  name: PropertyName,
  values: Sides<string>,
  before: Sides<string> | undefined,
): Verdict {
  return before !== undefined && newer(name, values, before) === "neither" ? "neither" : "a";
}

function setting(name: PropertyName, from: Side, values: Sides<string>): PropertyAction {
  const on = otherSide(from);
  return {
    kind: "set",
    on,
    name,
    value: values[from] === "" ? undefined : values[from],
    was: values[on] === "" ? undefined : values[on],
  };
}

/** What is empty is not set, and what stands around a value does not belong to it. */
export const plain = (value: string | undefined): string => value?.trim() ?? "";

/** Whether two spellings mean the same: Apple's colours have eight digits, a vdir's have six. */
export function same(name: PropertyName, one: string, other: string): boolean {
  return name === "color" ? colour(one) === colour(other) : one === other;
}

const colour = (value: string): string => value.toLowerCase().replace(/^#([0-9a-f]{6})ff$/, "#$1");
