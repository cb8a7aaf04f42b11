/** A conflict as a person reads it: what changed, on which side, and when. */

import type { PairConfig } from "../../config/config.ts";
import type { Format } from "../../model/format.ts";
import type { CollectionId, Side, Sides, StorageName } from "../../model/names.ts";
import type { Conflict } from "../../model/plan.ts";
import type { ConflictBytes } from "../../model/run.ts";
import { nameOf } from "./describe.ts";
import { faint, type Line, line, name, strong, styled } from "./text.ts";

export interface ConflictView {
  readonly pair: PairConfig;
  readonly collection: CollectionId;
  readonly conflict: Conflict;
  readonly bytes: ConflictBytes;
  readonly names: Sides<StorageName>;
  readonly format: Format;
}

export async function conflictLines(view: ConflictView): Promise<readonly Line[]> {
  const { conflict, collection, bytes, names, pair } = view;
  const { describeItem } = await import("../../item/describe_item.ts");
  const described = await describeItem(bytes.now.a, pair.kind);
  const when = described?.when;
  const clashes = clashesIn(view);
  return [
    line`  ${strong(nameOf(described, conflict.ident))}${when === undefined ? "" : `  ${when}`}  ${
      faint(`in ${collection}`)
    }`,
    ...await sideLines("a", view, names.a),
    ...await sideLines("b", view, names.b),
    ...(clashes.length === 0
      ? []
      : [line`    ${styled("warning", "both changed:")} ${[...new Set(clashes)].join(", ")}`]),
  ];
}

/** What keeps the edits from being merged; nothing where they can be. */
function clashesIn({ bytes: { now, base: { a, b } }, format }: ConflictView): readonly string[] {
  if (a === undefined || b === undefined) return [];
  const merged = format.merge({ a, b }, now);
  return merged.state === "clash" ? merged.clashes.map(({ what }) => what) : [];
}

async function sideLines(
  side: Side,
  { bytes, format, pair }: ConflictView,
  storage: StorageName,
): Promise<readonly Line[]> {
  const { changesInWords } = await import("../../item/merge/words.ts");
  const base = bytes.base[side];
  // Where they never agreed, what one has is told as what it says beside the other.
  const before = base ?? bytes.now[side === "a" ? "b" : "a"];
  const changes = await changesInWords(before, bytes.now[side], pair.kind);
  const stamp = format.stamp(bytes.now[side]);
  const edited = stamp === undefined ? "" : `  edited ${timeOf(stamp)}`;
  return [
    line`    ${name(side)} ${faint(`(${storage})`)}${faint(edited)}`,
    ...(changes.length === 0 ? ["nothing but its spelling"] : changes).map((change) =>
      line`      ${change}`
    ),
  ];
}

/** In UTC, to the minute, as everywhere. */
const timeOf = (stamp: number): string =>
  new Date(stamp).toISOString().slice(0, 16).replace("T", " ");
