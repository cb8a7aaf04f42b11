/**
 * Puts together what was changed on both sides, and settles conflicts the way the policy says.
 *
 * Each side has a base of its own, as a server may keep less than it was given: what it lost is
 * nobody's edit, and must not come back as one. So where the two bases differ, an edit is carried
 * over as the difference that it makes, and not as the bytes that it left behind.
 */

import { asSyncError, SyncError } from "../model/error.ts";
import type { Format } from "../model/format.ts";
import { bodyOf } from "../model/item.ts";
import type { Ident, Side, Sides } from "../model/names.ts";
import { ident as identOf, otherSide, SIDES } from "../model/names.ts";
import type { Conflict, PlannedAction, Problem, Source } from "../model/plan.ts";
import type { ConflictBytes, Resolution } from "../model/run.ts";
import type { Content } from "../model/storage.ts";
import type { ContentsInput } from "./contents.ts";
import { openBytes, type ReadBytes } from "./item_bytes.ts";
import type { Decisions } from "./reconcile.ts";

export interface MergeInput extends ContentsInput {
  readonly decided: Decisions;
  readonly format: Format | undefined;
  readonly resolution: Resolution;
  /** B is only a copy: it takes a's bytes as they are. */
  readonly oneWay: boolean;
  /** Whether an item of that ident was seen on a side. */
  readonly isNew: (ident: Ident) => boolean;
}

/** The decisions with merged content, and with fewer conflicts. */
export async function mergeEdits(input: MergeInput): Promise<Decisions> {
  const { decided, format } = input;
  if (format === undefined) return decided;
  const grafted = await graftAll(input, format);
  const settled = await settleAll(input, format);
  const actions = [...grafted.actions, ...settled.actions];
  return {
    actions: actions.length === decided.actions.length && settled.actions.length === 0
      ? actions
      : actions.sort(byIdent),
    conflicts: [...grafted.conflicts, ...settled.conflicts].sort(byIdent),
    problems: [...decided.problems, ...settled.problems],
  };
}

const byIdent = (one: { readonly ident: Ident }, other: { readonly ident: Ident }): number =>
  one.ident < other.ident ? -1 : one.ident > other.ident ? 1 : 0;

type Update = Extract<PlannedAction, { readonly kind: "update" }>;

/** Updates from a side that does not hold the same as the other: as the difference they make. */
async function graftAll(
  input: MergeInput,
  format: Format,
): Promise<Pick<Decisions, "actions" | "conflicts">> {
  const { actions } = input.decided;
  const updates = input.oneWay ? [] : actions.filter((it) => it.kind === "update");
  const base = await input.status.base(updates.map(({ ident }) => ident));
  const differing = updates.filter(({ ident }) => {
    const sides = base.get(ident)?.sides;
    return sides !== undefined && sides.a.digest !== sides.b.digest;
  });
  if (differing.length === 0) return { actions, conflicts: [] };
  const read = await openBytes(input, differing.map((it) => [it.ident, sidesOf(it)] as const));
  const instead = new Map<PlannedAction, readonly PlannedAction[]>();
  const conflicts: Conflict[] = [];
  for (const update of differing) {
    const sides = sidesOf(update);
    const bytes = await bytesOf(input, read, update.ident, sides);
    const merged = merge(format, update.ident, sides, bytes);
    if ("actions" in merged) {
      // Only one side was edited, so only the other one is written to.
      instead.set(update, only(update.on, merged.actions, update.ident, sides));
      continue;
    }
    // Better a question than an edit that takes with it what the other side had lost.
    const known = base.get(update.ident);
    conflicts.push({
      ident: update.ident,
      sides,
      ...(known === undefined ? {} : { base: known }),
      clashes: merged.clashes,
    });
    instead.set(update, []);
  }
  return { actions: actions.flatMap((action) => instead.get(action) ?? [action]), conflicts };
}

function only(
  on: Side,
  actions: readonly PlannedAction[],
  ident: Ident,
  sides: Sides<Source>,
): readonly PlannedAction[] {
  const wanted = actions.filter((it) => it.kind === "update" && it.on === on);
  return wanted.length > 0 ? wanted : [{ kind: "record", ident, sides }];
}

const sidesOf = ({ on, target, from }: Update): Sides<Source> =>
  on === "a" ? { a: target, b: from } : { a: from, b: target };

interface Settled {
  readonly actions: readonly PlannedAction[];
  readonly conflicts: readonly Conflict[];
  readonly problems: readonly Problem[];
}

async function settleAll(input: MergeInput, format: Format): Promise<Settled> {
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
      const merged = merge(format, ident, sides, bytes);
      return "actions" in merged ? merged : { clashes: merged.clashes };
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

function kept(side: Side, { ident, sides }: Conflict): Update {
  const on = otherSide(side);
  return { kind: "update", on, ident, target: sides[on], from: sides[side] };
}

interface MaybeBytes extends Pick<ConflictBytes, "base"> {
  readonly now: Sides<Uint8Array | undefined>;
}

async function bytesOf(
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

function merge(
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
  return written(format, ident, withBodies(sides, both), merged.sides);
}

const withBodies = (sides: Sides<Source>, bytes: Sides<Uint8Array>): Sides<Source> => ({
  a: { ...sides.a, body: bodyOf(bytes.a) },
  b: { ...sides.b, body: bodyOf(bytes.b) },
});

/** What has to be written for each side to hold these bytes. */
function written(
  format: Format,
  ident: Ident,
  sides: Sides<Source>,
  bytes: Sides<Uint8Array>,
): { readonly actions: readonly PlannedAction[] } {
  const updates = SIDES.flatMap((on): PlannedAction[] => {
    const content = contentOf(format, ident, bytes[on], sides[on]);
    if (content.digest === sides[on].digest) return [];
    const from = sides[otherSide(on)];
    return [{ kind: "update", on, ident, target: sides[on], from, merged: content }];
  });
  return { actions: updates.length > 0 ? updates : [{ kind: "record", ident, sides }] };
}

function contentOf(
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
  const merged = contentOf(format, copy, format.withUid(bytes, uid), sides.b);
  const creates = SIDES.map((on): PlannedAction => ({
    kind: "create",
    on,
    ident: copy,
    from: sides.b,
    why: "copy",
    merged,
  }));
  return { actions: [...creates, update] };
}
