/** What has to be written for both sides to hold each other's edits. */

import { SyncError } from "../model/error.ts";
import type { Format } from "../model/format.ts";
import { bodyOf } from "../model/item.ts";
import type { Ident, Side, Sides } from "../model/names.ts";
import { otherSide, SIDES } from "../model/names.ts";
import type { Conflict, PlannedAction, Source } from "../model/plan.ts";
import type { ConflictBytes, Resolution } from "../model/run.ts";
import type { Content } from "../model/storage.ts";
import type { ContentsInput } from "./contents.ts";
import type { ReadBytes } from "./item_bytes.ts";
import type { Decisions } from "./reconcile.ts";

export interface MergeInput extends ContentsInput {
  readonly decided: Decisions;
  readonly format: Format | undefined;
  readonly resolution: Resolution;
  /** B is only a copy: it takes a's bytes as they are. */
  readonly oneWay: boolean;
  /** Whether an item of that ident was seen on a side. */
  readonly isNew: (ident: Ident) => boolean;
  /** Whether nobody has touched an item that the base holds, on either side. */
  readonly isUntouched: (ident: Ident) => boolean;
}

/** The bytes of an item, as far as they can be had. */
export interface MaybeBytes extends Pick<ConflictBytes, "base"> {
  readonly now: Sides<Uint8Array | undefined>;
}

export async function bytesOf(
  { status }: MergeInput,
  read: ReadBytes,
  ident: Ident,
  sides: Sides<Source>,
): Promise<MaybeBytes> {
  const one = async (side: Side) => ({
    base: await status.baseBody(ident, side),
    now: await read(ident, side, sides[side]),
  });
  const [a, b] = [await one("a"), await one("b")];
  return { now: { a: a.now, b: b.now }, base: { a: a.base, b: b.base } };
}

/** The edits of both sides together; what clashes where they cannot be. */
export function merged(
  format: Format,
  ident: Ident,
  sides: Sides<Source>,
  bytes: MaybeBytes,
): { readonly actions: readonly PlannedAction[] } | Required<Pick<Conflict, "clashes">> {
  const { now, base } = bytes;
  if (
    now.a === undefined || now.b === undefined || base.a === undefined || base.b === undefined
  ) return { clashes: [] };
  const both = { a: now.a, b: now.b };
  const merged = format.merge({ a: base.a, b: base.b }, both);
  if (merged.state === "clash") return { clashes: merged.clashes };
  if (merged.state === "unreadable") return { clashes: [] };
  const halves = {
    a: halfOf(format, ident, "a", { a: base.a, b: base.b }, both, sides.a),
    b: halfOf(format, ident, "b", { a: base.a, b: base.b }, both, sides.b),
  };
  return written(format, ident, withBodies(sides, both), merged.sides, halves);
}

/** What `on` held when both agreed, with the other side's edits and none of its own. */
function halfOf(
  format: Format,
  ident: Ident,
  on: Side,
  base: Sides<Uint8Array>,
  now: Sides<Uint8Array>,
  source: Source,
): Content | undefined {
  const half = format.merge(base, on === "a" ? { a: base.a, b: now.b } : { a: now.a, b: base.b });
  return half.state === "merged" ? contentOf(format, ident, half.sides[on], source) : undefined;
}

export const withBodies = (sides: Sides<Source>, bytes: Sides<Uint8Array>): Sides<Source> => ({
  a: { ...sides.a, body: bodyOf(bytes.a) },
  b: { ...sides.b, body: bodyOf(bytes.b) },
});

/** What has to be written for each side to hold these bytes. */
export function written(
  format: Format,
  ident: Ident,
  sides: Sides<Source>,
  bytes: Sides<Uint8Array>,
  halves?: Sides<Content | undefined>,
): { readonly actions: readonly PlannedAction[] } {
  const updates = SIDES.flatMap((on): Extract<PlannedAction, { readonly kind: "update" }>[] => {
    const content = contentOf(format, ident, bytes[on], sides[on]);
    if (content.digest === sides[on].digest) return [];
    const from = sides[otherSide(on)];
    return [{ kind: "update", on, ident, target: sides[on], from, merged: content }];
  });
  if (updates.length === 0) return { actions: [{ kind: "record", ident, sides }] };
  if (updates.length === 1) return { actions: updates };
  return {
    actions: updates.map((update) => {
      const half = halves?.[update.on];
      return half === undefined ? update : { ...update, half };
    }),
  };
}

/**
 * What `on` is to hold where the other side's version is kept: that, without what its storage had
 * lost of the item before. None where it cannot be told.
 */
export function keptOn(
  on: Side,
  format: Format,
  ident: Ident,
  { now, base }: MaybeBytes,
  source: Source,
): Content | undefined {
  const kept = now[otherSide(on)];
  if (base.a === undefined || base.b === undefined || kept === undefined) return undefined;
  const bases = { a: base.a, b: base.b };
  const result = format.merge(bases, on === "a" ? { a: base.a, b: kept } : { a: kept, b: base.b });
  return result.state === "merged" ? contentOf(format, ident, result.sides[on], source) : undefined;
}

export function contentOf(
  format: Format,
  ident: Ident,
  bytes: Uint8Array,
  { flags }: Pick<Source, "flags">,
): Content {
  const read = format.read(bytes);
  if (read.state === "malformed") throw read.error;
  if (read.ident !== ident) {
    throw new SyncError(`the result has the UID "${read.ident}" instead of "${ident}"`, {
      scope: "item",
      kind: "malformed",
      hint: "Leave the UID as it is.",
    });
  }
  return { digest: read.digest, flags, body: bodyOf(bytes) };
}
