/** Settles conflicts the way the policy says, as far as that can be done. */

import { asSyncError } from "../model/error.ts";
import type { Format } from "../model/format.ts";
import type { Side } from "../model/names.ts";
import { ident as identOf, otherSide, SIDES } from "../model/names.ts";
import type { Conflict, PlannedAction, Problem } from "../model/plan.ts";
import type { Resolution } from "../model/run.ts";
import { openBytes, type ReadBytes } from "./item_bytes.ts";
import {
  bytesOf,
  contentOf,
  keptOn,
  type MaybeBytes,
  merged,
  type MergeInput,
  withBodies,
  written,
} from "./merged.ts";

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
      const outcome = await settle({ input, format, read, conflict }, input.resolution);
      if ("actions" in outcome) actions.push(...outcome.actions);
      else left.push({ ...conflict, ...outcome });
    } catch (thrown) {
      const error = asSyncError(thrown, "item");
      if (error.kind === "cancelled" || input.signal.aborted) throw error;
      left.push(conflict);
      problems.push({ ident: conflict.ident, error });
    }
  }
  return { actions, conflicts: left, problems };
}

type Outcome = { readonly actions: readonly PlannedAction[] } | Pick<Conflict, "clashes">;

const LEFT: Outcome = {};

interface Settling {
  readonly input: MergeInput;
  readonly format: Format;
  readonly read: ReadBytes;
  readonly conflict: Conflict;
  /** Somebody has looked at it, and says so. */
  readonly isAsked?: true;
}

async function settle(settling: Settling, resolution: Resolution): Promise<Outcome> {
  const { input, format, read, conflict, isAsked } = settling;
  const { ident, sides } = conflict;
  if (resolution.kind === "none") return LEFT;
  // Only one side was edited: a rule for two edits would overwrite the only one that there is.
  if (conflict.edited !== undefined && resolution.kind !== "ask" && !isAsked) return LEFT;
  const bytes = await bytesOf(input, read, ident, sides);
  const { a, b } = bytes.now;
  if (resolution.kind === "keep") return keeping(settling, resolution.side, bytes);
  if (a === undefined || b === undefined) return LEFT;
  const now = { a, b };
  switch (resolution.kind) {
    case "newest": {
      const stamps = { a: editedAt(format, a, bytes.base.a), b: editedAt(format, b, bytes.base.b) };
      if (stamps.a === undefined || stamps.b === undefined || stamps.a === stamps.b) return LEFT;
      return keeping(settling, stamps.a > stamps.b ? "a" : "b", bytes);
    }
    case "merge": {
      const outcome = merged(format, ident, sides, bytes);
      return "actions" in outcome ? outcome : { clashes: outcome.clashes };
    }
    case "both":
      return await keptBoth(settling, b, bytes);
    case "content":
      return written(format, ident, withBodies(sides, now), {
        a: resolution.bytes,
        b: resolution.bytes,
      });
    case "ask": {
      const answer = await resolution.decide(conflict, { now, base: bytes.base });
      return await settle({ ...settling, isAsked: true }, answer);
    }
  }
}

/** A stamp that the edit has not touched says nothing of it. */
function editedAt(
  format: Format,
  now: Uint8Array,
  base: Uint8Array | undefined,
): number | undefined {
  const stamp = format.stamp(now);
  return base !== undefined && format.stamp(base) === stamp ? undefined : stamp;
}

type Update = Extract<PlannedAction, { readonly kind: "update" }>;

/**
 * One side's version on both. Where its storage keeps less of the item than the other, that is not
 * taken away there; where this cannot be done, it stays a conflict, unless somebody has said so.
 */
function keeping(settling: Settling, side: Side, bytes: MaybeBytes): Outcome {
  const update = keptWhole(settling, side, bytes);
  return update === undefined ? LEFT : { actions: [update] };
}

function keptWhole(
  { format, conflict, isAsked }: Settling,
  side: Side,
  bytes: MaybeBytes,
): Update | undefined {
  const { ident, sides, base } = conflict;
  const on = otherSide(side);
  const plain: Update = { kind: "update", on, ident, target: sides[on], from: sides[side] };
  if (base === undefined || base.sides.a.digest === base.sides.b.digest) return plain;
  const content = keptOn(on, format, ident, bytes, sides[on]);
  if (content === undefined) return isAsked ? plain : undefined;
  return { ...plain, merged: content };
}

/** How many copies of one version are looked for before a conflict is left. */
const COPIES = 8;

/**
 * A's version stays; b's is made a second item on both sides, under a UID that depends on what it
 * says alone, so that an interrupted run goes on with the same copy. A copy that somebody has
 * touched since is not the one that has to be there: then a further one is made.
 */
async function keptBoth(
  settling: Settling,
  bytes: Uint8Array,
  all: MaybeBytes,
): Promise<Outcome> {
  const { input, format, conflict: { ident, sides } } = settling;
  const update = keptWhole(settling, "a", all);
  if (update === undefined) return LEFT;
  const first = `${ident}-${sides.b.digest.replace(/[^a-z0-9]/gi, "").slice(0, 12)}`;
  for (let count = 1; count <= COPIES; count++) {
    const uid = count === 1 ? first : `${first}-${count}`;
    const copy = identOf(uid);
    const content = contentOf(format, copy, format.withUid(bytes, uid), sides.b);
    const known = (await input.status.base([copy])).get(copy);
    if (known !== undefined) {
      const isThere = input.isUntouched(copy) && known.sides.b.digest === content.digest;
      if (isThere) return { actions: [{ ...update, needs: copy }] };
      continue;
    }
    // It is on its way to the other side: once it is there, what it is a copy of can go.
    if (input.isNew(copy)) return LEFT;
    const creates = SIDES.map((on): PlannedAction => ({
      kind: "create",
      on,
      ident: copy,
      from: sides.b,
      why: "copy",
      merged: content,
    }));
    return { actions: [...creates, { ...update, needs: copy }] };
  }
  return LEFT;
}
