/** Merges the components within a component: overrides, alarms, time zones. */

import type { Clash } from "../../model/format.ts";
import { otherSide, type Side, SIDES, type Sides } from "../../model/names.ts";
import { decodeBytes, excerpt, trimSpaces } from "../lines.ts";
import { type Context, mergeComponent, type MergedComponent, type Versions } from "./component.ts";
import { onlyOnes, rekeyed } from "./keys.ts";
import { childrenOf, lineNamed, type RawComponent, rawOf } from "./raw.ts";
import { seriesClashes } from "./series.ts";
import { type Four, mapFour } from "./four.ts";
import { mergeZones } from "./zones.ts";

/** What becomes of the components within one side's component. */
export interface ChildChanges {
  /** Text instead of a component, or `undefined` to drop it. */
  readonly replaced: Map<RawComponent, string | undefined>;
  readonly inserted: { readonly name: string; readonly raw: string }[];
  /** Names of the components that are not what they were, stamps aside. */
  readonly taken: Set<string>;
  /** Whether what the item says changes. */
  changed: boolean;
}

export interface MergedChildren {
  readonly sides: Sides<ChildChanges>;
  readonly clashes: readonly Clash[];
}

/** Components by keys that are the same in all versions. */
export type Keyed = ReadonlyMap<string, RawComponent>;

/** What came of one key. */
export interface MergedChild {
  readonly key: string;
  readonly now: Sides<RawComponent | undefined>;
  /** Where both sides have it. */
  readonly merged?: MergedComponent;
  /** The sides on which it is new, gone or otherwise than it was, stamps aside. */
  readonly taken: readonly Side[];
}

export function mergeChildren(
  four: Versions,
  place: string | undefined,
  context: Context,
): MergedChildren {
  const isCalendar = four.now.a.name === "VCALENDAR";
  const keyed = keyChildren(four);
  const sides = { a: noChanges(), b: noChanges() };
  const clashes: Clash[] = [];
  const children: MergedChild[] = [];
  for (const key of new Set([...keyed.now.a.keys(), ...keyed.now.b.keys()])) {
    const { child, clash } = mergeChild(key, keyed, sides, place, context);
    children.push(child);
    for (const one of clash) clashes.push(one);
  }
  if (isCalendar) {
    for (const clash of seriesClashes(children)) clashes.push(clash);
    mergeZones(four, sides, context.lineEnds);
  }
  return { sides, clashes };
}

function noChanges(): ChildChanges {
  return { replaced: new Map(), inserted: [], taken: new Set(), changed: false };
}

function mergeChild(
  key: string,
  keyed: Four<Keyed>,
  sides: Sides<ChildChanges>,
  place: string | undefined,
  context: Context,
): { readonly child: MergedChild; readonly clash: readonly Clash[] } {
  const { base, now } = mapFour(keyed, (children) => children.get(key));
  const child = { key, now };
  const { a, b } = now;
  const here = placeOf(a ?? b) ?? place;
  if (a !== undefined && b !== undefined) {
    if (base.a?.said === a.said && base.b?.said === b.said) {
      return { child: { ...child, taken: [] }, clash: [] };
    }
    const merged = mergeComponent({ base, now: { a, b } }, here, context);
    for (const side of SIDES) {
      const own = side === "a" ? a : b;
      sides[side].replaced.set(own, merged.raws[side]);
      if (merged.changed[side]) sides[side].changed = true;
      if (merged.taken[side].size > 0) sides[side].taken.add(own.name);
    }
    const taken = SIDES.filter((side) => merged.taken[side].size > 0);
    return { child: { ...child, merged, taken }, clash: merged.clashes };
  }
  const side = a === undefined ? "b" : "a";
  const own = now[side];
  const other = otherSide(side);
  if (own === undefined) return { child: { ...child, taken: [] }, clash: [] };
  if (base[other] !== undefined) {
    if (base[side]?.core !== own.core) {
      return { child: { ...child, taken: [] }, clash: [deletedClash(own, side, here)] };
    }
    sides[side].replaced.set(own, undefined);
    note(sides[side], own.name);
    return { child: { ...child, taken: [side] }, clash: [] };
  }
  // What only this side has ever had is none of the other's, unless it is new here.
  if (base[side]?.said === own.said) return { child: { ...child, taken: [] }, clash: [] };
  sides[other].inserted.push({ name: own.name, raw: rawOf(own) });
  note(sides[other], own.name);
  return { child: { ...child, taken: [other] }, clash: [] };
}

function note(changes: ChildChanges, name: string): void {
  changes.taken.add(name);
  changes.changed = true;
}

/** One person deleted what the other edited. */
function deletedClash(own: RawComponent, side: Side, place: string | undefined): Clash {
  const line = lineNamed(own, "SUMMARY") ?? lineNamed(own, "TRIGGER") ?? lineNamed(own, "DTSTART");
  const text = line === undefined ? own.name : excerpt(decodeBytes(line.line.value));
  return {
    what: own.name,
    ...(place === undefined ? {} : { component: place }),
    ...(side === "a" ? { a: text } : { b: text }),
  };
}

/** Components that are told apart by their UID and the instance that they stand for. */
const NOUNS: ReadonlyMap<string, string> = new Map([
  ["VEVENT", "event"],
  ["VTODO", "todo"],
  ["VJOURNAL", "journal entry"],
]);

/** Where an override is, in words: `the event on 2026-03-01`. */
function placeOf(component: RawComponent | undefined): string | undefined {
  const noun = NOUNS.get(component?.name ?? "");
  if (component === undefined || noun === undefined) return undefined;
  const line = lineNamed(component, "RECURRENCE-ID");
  if (line === undefined) return undefined;
  const date = /^(\d{4})(\d\d)(\d\d)/.exec(line.line.value);
  const when = date === null
    ? excerpt(line.line.value)
    : `${date[1] ?? ""}-${date[2] ?? ""}-${date[3] ?? ""}`;
  return `the ${noun} on ${when}`;
}

/**
 * The components within, but for a calendar's time zones, by keys: the UID, and of an override its
 * RECURRENCE-ID; an alarm without a UID is told apart by what it says, so that another alarm is
 * another one.
 */
export function keyChildren(four: Four<RawComponent | undefined>): Four<Keyed> {
  return keyAlike(mapFour(four, (component) => {
    const children = childrenOf(component);
    return numbered(
      component?.name === "VCALENDAR"
        ? children.filter(({ name }) => name !== "VTIMEZONE")
        : children,
    );
  }));
}

function numbered(children: readonly RawComponent[]): Keyed {
  const keyed = new Map<string, RawComponent>();
  const counts = new Map<string, number>();
  for (const child of children) {
    const id = idOf(child);
    const count = counts.get(id) ?? 0;
    counts.set(id, count + 1);
    keyed.set(count === 0 ? id : `${id}\r${count}`, child);
  }
  return keyed;
}

/** Gives an alarm that a server spells its own way, or gave a UID, the key of the one it was. */
function keyAlike({ base, now }: Four<Keyed>): Four<Keyed> {
  const only = (some: Keyed, ...others: readonly Keyed[]) =>
    [...some].filter(([key]) => !others.some((other) => other.has(key)));
  const trigger = (child: RawComponent) => lineNamed(child, "TRIGGER")?.canonical.join("\n") ?? "";
  const theirs = onlyOnes(only(base.a, base.b, now.b), trigger);
  const keys = new Map<string, string>();
  for (const [text, key] of onlyOnes(only(base.b, base.a, now.a), trigger)) {
    const same = theirs.get(text);
    if (same !== undefined) keys.set(key, same);
  }
  return {
    base: { a: base.a, b: rekeyed(base.b, keys) },
    now: { a: now.a, b: rekeyed(now.b, keys) },
  };
}

function idOf(child: RawComponent): string {
  const uid = valueOf(child, "UID") ?? valueOf(child, "X-WR-ALARMUID");
  if (NOUNS.has(child.name)) {
    const instance = lineNamed(child, "RECURRENCE-ID")?.canonical.join("\n") ?? "";
    return `${child.name}\n${uid ?? ""}\n${instance}`;
  }
  return uid === undefined ? `${child.name}\n\n${child.core}` : `${child.name}\n${uid}`;
}

function valueOf(component: RawComponent, name: string): string | undefined {
  const value = trimSpaces(lineNamed(component, name)?.line.value ?? "");
  return value === "" ? undefined : value;
}
