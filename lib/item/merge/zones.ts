/** The definitions of the time zones that a merged item uses. */

import { otherSide, type Side, SIDES, type Sides } from "../../model/names.ts";
import { parseLine, parseParams, trimSpaces, unfold } from "../lines.ts";
import type { ChildChanges } from "./children.ts";
import type { Versions } from "./component.ts";
import { childrenOf, lineNamed, type RawComponent, rawOf } from "./raw.ts";
import { type Four, mapFour } from "./four.ts";
import { withLineEnd } from "./values.ts";

type Zones = ReadonlyMap<string, RawComponent>;

/**
 * Gives each side what it lacks of the other's zones, and takes away what nobody uses any more.
 * Servers have definitions of their own for the same name, which mean the same: where the two differ,
 * each side keeps its own, and it is no clash.
 */
export function mergeZones(
  four: Versions,
  sides: Sides<ChildChanges>,
  lineEnds: Sides<string>,
): void {
  const zones = mapFour<RawComponent | undefined, Zones>(four, zonesOf);
  const names = new Set(
    [zones.base.a, zones.base.b, zones.now.a, zones.now.b].flatMap((some) => [...some.keys()]),
  );
  if (names.size === 0) return;
  for (const side of SIDES) {
    const used = usedZones(four.now[side], sides[side], lineEnds[side]);
    for (const name of names) {
      mergeZone(name, zones, side, sides[side], used.has(name), lineEnds[side]);
    }
  }
}

function mergeZone(
  name: string,
  zones: Four<Zones>,
  side: Side,
  changes: ChildChanges,
  used: boolean,
  lineEnd: string,
): void {
  const other = otherSide(side);
  const { base, now } = mapFour(zones, (some) => some.get(name));
  const own = now[side];
  const others = now[other];
  if (own === undefined) {
    const added = base[other] === undefined && base[side] === undefined;
    if (others === undefined || !used && !added) return;
    changes.inserted.push({ name: "VTIMEZONE", raw: rawOf(others) });
    changes.changed = true;
    return;
  }
  // Only what both sides had alike, and this one left alone, is the other's to change.
  if (base[side]?.said !== own.said || base[other]?.said !== own.said) return;
  if (others === undefined ? used : others.said === own.said) return;
  const text = others === undefined ? undefined : withLineEnd(rawOf(others), lineEnd);
  changes.replaced.set(own, text);
  changes.changed = true;
}

function zonesOf(calendar: RawComponent | undefined): Zones {
  const zones = new Map<string, RawComponent>();
  for (const child of childrenOf(calendar)) {
    const line = lineNamed(child, "TZID");
    if (child.name === "VTIMEZONE" && line !== undefined) {
      zones.set(trimSpaces(line.line.value), child);
    }
  }
  return zones;
}

/** The zones that a side's components will refer to. */
function usedZones(
  calendar: RawComponent,
  { replaced, inserted }: ChildChanges,
  lineEnd: string,
): ReadonlySet<string> {
  const texts = inserted.map(({ raw }) => raw);
  for (const child of childrenOf(calendar)) {
    if (child.name === "VTIMEZONE") continue;
    texts.push(replaced.has(child) ? replaced.get(child) ?? "" : rawOf(child));
  }
  const used = new Set<string>();
  for (const text of unfold(texts.join(lineEnd), Infinity) ?? []) {
    if (!/TZID/i.test(text)) continue;
    for (const { name, values } of parseParams(parseLine(text).params)) {
      if (name === "TZID") values.forEach((value) => used.add(value));
    }
  }
  return used;
}
