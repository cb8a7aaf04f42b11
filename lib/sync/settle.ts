/** Settles conflicts the way the policy says, as far as that can be done. */

import { asSyncError } from "../model/error.ts";
import type { Format } from "../model/format.ts";
import type { Side } from "../model/names.ts";
import { ident as identOf, otherSide, SIDES } from "../model/names.ts";
import type { Conflict, PlannedAction, Problem } from "../model/plan.ts";
import type { Resolution } from "../model/run.ts";
import { openBytes, type ReadBytes } from "./item_bytes.ts";
import { bytesOf, contentOf, merged, type MergeInput, withBodies, written } from "./merged.ts";

export interface Settled {
  readonly actions: readonly PlannedAction[];
  readonly conflicts: readonly Conflict[];
  readonly problems: readonly Problem[];
}

export async function settleAll(input: MergeInput, format: Format): Promise<Settled> {
  const { conflicts } = input.decided;
  if (input.resolution.kind === "none" || conflicts.length === 0) {
    return { actions: [], conflicts, problems: [] };
  }
  const read = await openBytes(input, conflicts.map((it) => [it.ident, it.sides] as const));
  const actions: PlannedAction[] = [];
  const left: Conflict[] = [];
  const problems: Problem[] = [];
  for (const conflict of conflicts) {
    try {
      const outcome = await settle(input, format, read, conflict, input.resolution);
      if ("actions" in outcome) actions.push(...outcome.actions);
      else left.push({ ...conflict, ...outcome });
    } catch (thrown) {
      left.push(conflict);
      problems.push({ ident: conflict.ident, error: asSyncError(thrown, "item") });
    }
  }
  return { actions, conflicts: left, problems };
}

type Outcome = { readonly actions: readonly PlannedAction[] } | Pick<Conflict, "clashes">;

const LEFT: Outcome = {};

async function settle(
  input: MergeInput,
  format: Format,
  read: ReadBytes,
  conflict: Conflict,
  resolution: Resolution,
): Promise<Outcome> {
  const { ident, sides } = conflict;
  if (resolution.kind === "none") return LEFT;
  if (resolution.kind === "keep") return { actions: [kept(resolution.side, conflict)] };
  const bytes = await bytesOf(input, read, ident, sides);
  const { a, b } = bytes.now;
  if (a === undefined || b === undefined) return LEFT;
  const now = { a, b };
  switch (resolution.kind) {
    case "newest": {
      const stamps = { a: format.stamp(a), b: format.stamp(b) };
      if (stamps.a === undefined || stamps.b === undefined || stamps.a === stamps.b) return LEFT;
      return { actions: [kept(stamps.a > stamps.b ? "a" : "b", conflict)] };
    }
    case "merge": {
      const outcome = merged(format, ident, sides, bytes);
      return "actions" in outcome ? outcome : { clashes: outcome.clashes };
    }
    case "both":
      return await keptBoth(input, format, conflict, b);
    case "content":
      return written(format, ident, withBodies(sides, now), {
        a: resolution.bytes,
        b: resolution.bytes,
      });
    case "ask":
      return await settle(
        input,
        format,
        read,
        conflict,
        await resolution.decide(conflict, { now, base: bytes.base }),
      );
  }
}

function kept(
  side: Side,
  { ident, sides }: Conflict,
): Extract<PlannedAction, { readonly kind: "update" }> {
  const on = otherSide(side);
  return { kind: "update", on, ident, target: sides[on], from: sides[side] };
}

/**
 * A's version stays; b's is made a second item on both sides, under a UID that depends on what it
 * says alone, so that an interrupted run goes on with the same copy.
 */
async function keptBoth(
  input: MergeInput,
  format: Format,
  conflict: Conflict,
  bytes: Uint8Array,
): Promise<Outcome> {
  const { ident, sides } = conflict;
  const uid = `${ident}-${sides.b.digest.replace(/[^a-z0-9]/gi, "").slice(0, 12)}`;
  const copy = identOf(uid);
  const update: PlannedAction = { ...kept("a", conflict), needs: copy };
  if ((await input.status.base([copy])).has(copy)) return { actions: [update] };
  // It is on its way to the other side: once it is there, what it is a copy of can go.
  if (input.isNew(copy)) return LEFT;
  const content = contentOf(format, copy, format.withUid(bytes, uid), sides.b);
  const creates = SIDES.map((on): PlannedAction => ({
    kind: "create",
    on,
    ident: copy,
    from: sides.b,
    why: "copy",
    merged: content,
  }));
  return { actions: [...creates, update] };
}
