/** Edits of a series and of its instances that cannot both be had. */

import type { Clash } from "../../model/format.ts";
import { otherSide, type Side, SIDES } from "../../model/names.ts";
import { decodeBytes, excerpt } from "../lines.ts";
import type { MergedChild } from "./children.ts";
import { lineNamed, linesOf, type RawComponent } from "./raw.ts";
import { splitValues } from "./values.ts";

/** They say which instances there are; overrides and exceptions refer to those by their time. */
const INSTANCES = ["DTSTART", "RRULE", "EXRULE"] as const;

/**
 * What one person did to the series as a whole and the other to one instance: the series was moved,
 * so that the instance is no more where the edit says; or the instance was taken out by an EXDATE,
 * and edited.
 */
export function seriesClashes(children: readonly MergedChild[]): readonly Clash[] {
  const clashes: Clash[] = [];
  const masters = children.filter(({ now }) => !isOverride(now.a ?? now.b));
  const overrides = children.filter(({ now }) => isOverride(now.a ?? now.b));
  for (const master of masters) {
    for (const side of SIDES) {
      const clash = movedClash(master, overrides, side) ?? excludedClash(master, overrides, side);
      if (clash !== undefined) clashes.push(clash);
    }
  }
  return clashes;
}

function isOverride(component: RawComponent | undefined): boolean {
  return component !== undefined && lineNamed(component, "RECURRENCE-ID") !== undefined;
}

/** `side` moved the series, and the other edited instances. */
function movedClash(
  { now, merged }: MergedChild,
  overrides: readonly MergedChild[],
  side: Side,
): Clash | undefined {
  const other = otherSide(side);
  const own = now[side];
  const moved = merged?.taken[other];
  if (own === undefined || moved === undefined || !INSTANCES.some((name) => moved.has(name))) {
    return undefined;
  }
  const edited = overrides.filter(({ taken }) => taken.includes(side))
    .flatMap(({ now }) => recurrenceId(now[other] ?? now[side])).sort();
  const excluded = ["EXDATE", "RDATE"].filter((name) => merged?.taken[side].has(name));
  const instances = [...edited, ...excluded];
  if (instances.length === 0) return undefined;
  const what = INSTANCES.filter((name) => moved.has(name));
  const line = lineNamed(own, what[0] ?? "DTSTART");
  return sided(
    [...what, ...(edited.length > 0 ? ["RECURRENCE-ID"] : []), ...excluded].join(", "),
    side,
    line?.line.value ?? "",
    instances.join(", "),
  );
}

/** `side` took an instance out, and the other edited it. */
function excludedClash(
  { now, merged }: MergedChild,
  overrides: readonly MergedChild[],
  side: Side,
): Clash | undefined {
  const other = otherSide(side);
  if (merged?.taken[other].has("EXDATE") !== true) return undefined;
  const excluded = excludedBy(now[side]);
  for (const instance of excludedBy(now[other])) excluded.delete(instance);
  const edited = overrides.filter(({ taken }) => taken.includes(side))
    .flatMap(({ now }) => recurrenceId(now[other])).filter((it) => excluded.has(it)).sort();
  if (edited.length === 0) return undefined;
  const instances = edited.join(", ");
  return sided("EXDATE, RECURRENCE-ID", side, `without ${instances}`, instances);
}

function excludedBy(component: RawComponent | undefined): Set<string> {
  const lines = linesOf(component).filter(({ line }) => line.name === "EXDATE");
  return new Set(lines.flatMap(({ line }) => splitValues(line)));
}

function recurrenceId(component: RawComponent | undefined): readonly string[] {
  const line = component === undefined ? undefined : lineNamed(component, "RECURRENCE-ID");
  return line === undefined ? [] : [line.line.value];
}

function sided(what: string, side: Side, own: string, others: string): Clash {
  const component = "the series";
  const [first, second] = [excerpt(decodeBytes(own)), excerpt(decodeBytes(others))];
  return side === "a"
    ? { what, component, a: first, b: second }
    : { what, component, a: second, b: first };
}
