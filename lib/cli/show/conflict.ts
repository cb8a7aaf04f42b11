/** A conflict as a person reads it: what changed, on which side, and when. */

import type { PairConfig } from "../../config/config.ts";
import type { Clash, Format } from "../../model/format.ts";
import {
  type CollectionId,
  type Side,
  SIDES,
  type Sides,
  type StorageName,
} from "../../model/names.ts";
import type { Conflict } from "../../model/plan.ts";
import type { ConflictBytes } from "../../model/run.ts";
import { type Described, nameOf } from "./describe.ts";
import { conflictObject } from "./json.ts";
import type { JsonObject } from "./screen.ts";
import { faint, type Line, line, name, strong, styled } from "./text.ts";

export interface ConflictInput {
  readonly kind: PairConfig["kind"];
  readonly bytes: ConflictBytes;
  readonly format: Format;
}

/** What there is to know of a conflict before it is settled. */
export interface ConflictSeen {
  /** As side a has it. */
  readonly described: Described | undefined;
  readonly sides: Sides<SideSeen>;
  /** What keeps the edits from being merged; none where they can be, or where that cannot be told. */
  readonly clashes: readonly Clash[];
}

export interface SideSeen {
  /** What is different from what both agreed on; or from the other side, where they never did. */
  readonly changes: readonly string[];
  /** When this edit was made, by its own word. An edit that does not say so has none. */
  readonly edited: Date | undefined;
}

export async function seen(input: ConflictInput): Promise<ConflictSeen> {
  const { bytes: { now }, kind } = input;
  const { describeItem } = await import("../../item/describe_item.ts");
  return {
    described: await describeItem(now.a, kind),
    sides: { a: await sideSeen("a", input), b: await sideSeen("b", input) },
    clashes: clashesIn(input),
  };
}

function clashesIn({ bytes: { now, base: { a, b } }, format }: ConflictInput): readonly Clash[] {
  if (a === undefined || b === undefined) return [];
  const merged = format.merge({ a, b }, now);
  return merged.state === "clash" ? merged.clashes : [];
}

async function sideSeen(side: Side, { bytes, format, kind }: ConflictInput): Promise<SideSeen> {
  const { changesInWords } = await import("../../item/merge/words.ts");
  const base = bytes.base[side];
  const before = base ?? bytes.now[side === "a" ? "b" : "a"];
  const stamp = format.stamp(bytes.now[side]);
  // Many programs leave the stamp as it was: then it is when the item was made, or edited before.
  const isOld = base !== undefined && format.stamp(base) === stamp;
  return {
    changes: await changesInWords(before, bytes.now[side], kind),
    edited: stamp === undefined || isOld ? undefined : new Date(stamp),
  };
}

export interface ConflictPlace {
  readonly collection: CollectionId;
  readonly conflict: Conflict;
  readonly names: Sides<StorageName>;
}

export function conflictLines(
  { described, sides, clashes }: ConflictSeen,
  { collection, conflict: { ident }, names }: ConflictPlace,
): readonly Line[] {
  const when = described?.when;
  const what = [...new Set(clashes.map((it) => it.what))];
  return [
    line`  ${strong(nameOf(described, ident))}${when === undefined ? "" : `  ${when}`}  ${
      faint(`in ${collection}`)
    }`,
    ...SIDES.flatMap((side) => sideLines(side, sides[side], names[side])),
    ...(what.length === 0
      ? []
      : [line`    ${styled("warning", "both changed:")} ${what.join(", ")}`]),
  ];
}

function sideLines(
  side: Side,
  { changes, edited }: SideSeen,
  storage: StorageName,
): readonly Line[] {
  const when = edited === undefined ? "" : `  edited ${timeOf(edited)}`;
  return [
    line`    ${name(side)} ${faint(`(${storage})`)}${faint(when)}`,
    ...(changes.length === 0 ? ["nothing but its spelling"] : changes).map((change) =>
      line`      ${change}`
    ),
  ];
}

/** To the minute, in UTC. */
const timeOf = (time: Date): string => `${time.toISOString().slice(0, 16).replace("T", " ")} UTC`;

/** The same for programs. */
export function seenObject(
  about: Readonly<Record<string, string>>,
  conflict: Conflict,
  { described, sides: { a, b }, clashes }: ConflictSeen,
): JsonObject {
  return {
    ...conflictObject(about, { ...conflict, clashes }, described),
    changes: { a: a.changes, b: b.changes },
    edited: { a: a.edited?.toISOString() ?? null, b: b.edited?.toISOString() ?? null },
  };
}
