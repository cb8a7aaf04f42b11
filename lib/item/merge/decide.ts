/** Which things of one side go over to the other, and which cannot. */

import type { Clash } from "../../model/format.ts";
import { otherSide, type Side, SIDES, type Sides } from "../../model/names.ts";
import { decodeBytes, excerpt } from "../lines.ts";
import type { Rules } from "./rules.ts";
import type { Four } from "./four.ts";
import type { Thing, Things } from "./things.ts";

/** What one side is to have instead of what it has. */
export interface Change {
  readonly own: Thing | undefined;
  /** As the other side has it. */
  readonly wanted: Thing | undefined;
}

export interface Decided {
  /** What changes on each side. */
  readonly changes: Sides<readonly Change[]>;
  readonly clashes: readonly Clash[];
}

interface Verdict {
  readonly key: string;
  readonly name: string;
  /** The sides whose person changed it. */
  readonly edited: readonly Side[];
  /** Both sides say the same of it now. */
  readonly agree: boolean;
}

/** Decides thing by thing. `component` is the name of the component they belong to. */
export function decide(four: Four<Things>, component: string, rules: Rules): Decided {
  const verdicts = verdictsOf(four);
  const changes: Record<Side, Change[]> = { a: [], b: [] };
  const take = (to: Side, key: string) => {
    const wanted = four.now[otherSide(to)].get(key);
    changes[to].push({ own: four.now[to].get(key), wanted });
  };
  const clashes: Clash[] = [];
  const clusters = new Map<string, Verdict[]>();
  for (const verdict of verdicts) {
    const { key, name, edited } = verdict;
    const stamp = rules.stamp(name);
    if (stamp === "own") continue;
    if (stamp !== undefined) {
      const to = loserOf(four.now, verdict, stamp);
      if (to !== undefined) take(to, key);
      continue;
    }
    const gone = SIDES.find((side) => !four.now[side].has(key));
    if (edited.length === 2 && gone !== undefined && !verdict.agree && rules.isEdited(name)) {
      // An edit beats a deletion: that it was the same number is our guess (see `things.ts`).
      take(gone, key);
      continue;
    }
    const cluster = rules.cluster(component, name);
    // Of a list, a value is there or it is not: there is nothing else to tell apart.
    const id = cluster === undefined ? `\n${key}` : cluster;
    const members = clusters.get(id) ?? [];
    members.push(verdict);
    clusters.set(id, members);
    const [only] = edited;
    if (edited.length === 1 && only !== undefined && !verdict.agree) take(otherSide(only), key);
  }
  for (const members of clusters.values()) {
    const both = SIDES.every((side) => members.some(({ edited }) => edited.includes(side)));
    const apart = members.filter(({ agree }) => !agree);
    if (both && apart.length > 0) clashes.push(clashOf(four.now, apart));
  }
  clashes.sort((one, other) => one.what < other.what ? -1 : one.what > other.what ? 1 : 0);
  const whole = (side: Side) => wholeLists(four, side, changes[side], verdicts);
  return { changes: { a: whole("a"), b: whole("b") }, clashes };
}

/**
 * Where one person changed a list that both sides had alike, and the other did not, the other's
 * lines are taken as they are instead of value by value: the order of a card's CATEGORIES counts.
 */
function wholeLists(
  { base, now }: Four<Things>,
  to: Side,
  changes: readonly Change[],
  verdicts: readonly Verdict[],
): readonly Change[] {
  const ofList = ({ own, wanted }: Change) => (own ?? wanted)?.value !== undefined;
  const names = new Set(changes.filter(ofList).map(({ own, wanted }) => (own ?? wanted)?.name));
  for (const { name, edited } of verdicts) if (edited.includes(to)) names.delete(name);
  const keys = (things: Things, name: string | undefined) =>
    [...things].filter(([, thing]) => thing.name === name).map(([key]) => key).sort().join("\n");
  for (const name of names) if (keys(base.a, name) !== keys(base.b, name)) names.delete(name);
  if (names.size === 0) return changes;
  const kept = changes.filter((change) =>
    !ofList(change) || !names.has((change.own ?? change.wanted)?.name)
  );
  const linesOf = (things: Things, name: string | undefined): Thing | undefined => {
    const lines = new Set(
      [...things.values()].filter((thing) => thing.name === name).flatMap(({ lines }) => lines),
    );
    const [first, ...others] = lines;
    if (first === undefined || name === undefined) return undefined;
    return { name, id: name, said: "", lines: [first, ...others], group: first.line.group };
  };
  const taken = [...names].map((name): Change => ({
    own: linesOf(now[to], name),
    wanted: linesOf(now[otherSide(to)], name),
  }));
  return [...kept, ...taken];
}

function verdictsOf(four: Four<Things>): readonly Verdict[] {
  const { base, now } = four;
  const keys = new Set([base.a, base.b, now.a, now.b].flatMap((things) => [...things.keys()]));
  const verdicts: Verdict[] = [];
  for (const key of keys) {
    const edited = SIDES.filter((side) => base[side].get(key)?.said !== now[side].get(key)?.said);
    if (edited.length === 0) continue;
    const name = SIDES.map((side) => now[side].get(key) ?? base[side].get(key))
      .find((thing) => thing !== undefined)?.name ?? "";
    const agree = now.a.get(key)?.said === now.b.get(key)?.said;
    verdicts.push({ key, name, edited, agree });
  }
  return verdicts;
}

/** The side that takes the other's stamp: the one that left it alone, or whose is the lesser. */
function loserOf(
  now: Sides<Things>,
  { key, edited, agree }: Verdict,
  stamp: "later" | "larger",
): Side | undefined {
  if (agree) return undefined;
  const [only] = edited;
  if (edited.length === 1 && only !== undefined) return otherSide(only);
  const [a, b] = SIDES.map((side) => stampValue(now[side].get(key), stamp));
  if (a === undefined || b === undefined) return a === undefined ? "a" : "b";
  return a === b ? undefined : a < b ? "a" : "b";
}

function stampValue(thing: Thing | undefined, stamp: "later" | "larger"): number | undefined {
  const value = thing?.lines[0].line.value;
  if (value === undefined) return undefined;
  // A time in digits only: 20260301T100000Z, or a vCard's 2026-03-01T10:00:00Z.
  const digits = stamp === "later"
    ? value.replaceAll(/\D/g, "").slice(0, 14).padEnd(14, "0")
    : value;
  const number = Number(digits);
  return Number.isFinite(number) ? number : -Infinity;
}

function clashOf(now: Sides<Things>, apart: readonly Verdict[]): Clash {
  const names = [...new Set(apart.map(({ name }) => name))].sort();
  const said = (side: Side) => {
    const values = names.flatMap((wanted) => apart.filter(({ name }) => name === wanted))
      .flatMap(({ key }) => now[side].get(key)?.lines[0] ?? [])
      .map(({ line }) => decodeBytes(line.value));
    return values.length === 0 ? undefined : excerpt(values.join(", "));
  };
  const [a, b] = [said("a"), said("b")];
  return {
    what: names.join(", "),
    ...(a === undefined ? {} : { a }),
    ...(b === undefined ? {} : { b }),
  };
}
