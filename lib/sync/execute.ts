/** Execute: the only step that changes anything. One failure does not stop the others. */

import { asSyncError, SyncError } from "../model/error.ts";
import type { Side, Sides } from "../model/names.ts";
import { otherSide, SIDES } from "../model/names.ts";
import type { CollectionPlan, Effect, Mapping } from "../model/plan.ts";
import { isEffect } from "../model/plan.ts";
import type { Report, Run } from "../model/run.ts";
import type { Collection } from "../model/storage.ts";
import { allOf, eachOf } from "./bounded.ts";
import { carryOutSide } from "./carry_out_side.ts";
import { caughtUp } from "./catch_up.ts";
import type { Tally } from "./ledger.ts";
import { newTally, openLedger, reportOf } from "./ledger.ts";
import type { Prepared, Surveyed } from "./prepare.ts";
import { keyOf } from "./prepare.ts";

/** How many collections are carried out at a time. */
const COLLECTIONS_AT_ONCE = 4;

/** Carries out a plan. Does not throw: whatever failed is in the report. */
export async function carryOut(prepared: Prepared): Promise<Report> {
  const { run, plan, surveyed } = prepared;
  const tally = newTally();
  await eachOf(plan.collections, COLLECTIONS_AT_ONCE, async (collection) => {
    const found = surveyed.get(collection.mapping.id);
    if (found === undefined) return;
    tally.skipped += collection.actions.filter(isEffect).length;
    if (run.signal.aborted) return;
    try {
      await carryOutCollection(run, collection, found, tally);
    } catch (thrown) {
      tally.failures.push({ error: asSyncError(thrown, "collection") });
    }
  });
  return reportOf(plan, tally);
}

async function carryOutCollection(
  run: Run,
  plan: CollectionPlan,
  found: Surveyed,
  tally: Tally,
): Promise<void> {
  const mapping = await makeCollections(run, plan);
  const { collections, status } = opened(run, mapping);
  const effects = plan.actions.filter(isEffect);
  const ledger = openLedger({
    collection: mapping.id,
    status,
    tally,
    effects,
    found,
    onEvent: run.onEvent,
  });
  const writing = SIDES.filter((side) => effects.some((effect) => effect.on === side));
  // What came after a cursor and goes again need not be mentioned by a listing since that cursor. So
  // the base learns of nothing that is newer than the cursors, whenever this run may end.
  if (plan.actions.length > 0) await ledger.advance(found.surveys, writing);
  for (const side of SIDES) ledger.expect(side, found.surveys[side].known);
  await ledger.agree(plan.actions);

  let id = effects.length > 0 ? await status.nextIntent() : 0;
  const onSide = (side: Side, wanted: (effect: Effect) => boolean) =>
    carryOutSide({
      side,
      storages: run.storages,
      collections,
      status,
      effects: effects.filter((effect) => effect.on === side && wanted(effect)),
      ledger,
      tally,
      nextId: () => id++,
      signal: run.signal,
    });
  // Deletions last: whatever goes wrong before them, nothing is gone yet.
  await allOf(SIDES.map((side) => onSide(side, (effect) => effect.kind !== "delete")));
  await allOf(SIDES.map((side) => onSide(side, (effect) => effect.kind === "delete")));

  // Also after a run that was stopped or that failed in part. The cursors were read before the
  // listings, so whatever was changed since comes again; what was seen and not dealt with is kept;
  // and the intents without a result stay open, to be looked up.
  const surveys = { ...found.surveys };
  for (const side of writing) {
    const cursor = await caughtUp({
      storage: run.storages[side],
      collection: collections[side],
      side,
      status,
      survey: surveys[side],
      written: ledger.written(side),
      signal: run.signal,
    });
    surveys[side] = { ...surveys[side], cursor };
  }
  await ledger.conclude(surveys);
}

function opened(run: Run, mapping: Mapping): {
  readonly collections: Sides<Collection>;
  readonly status: ReturnType<Run["status"]["collection"]>;
} {
  const key = keyOf(mapping);
  const { a, b } = mapping.sides;
  if (key === undefined || a === undefined || b === undefined) {
    throw new SyncError(`collection "${mapping.id}" is not on both sides`, {
      scope: "collection",
      kind: "internal",
    });
  }
  return { collections: { a, b }, status: run.status.collection(key) };
}

/** Makes the collection where it is missing, with the properties that the other side has. */
async function makeCollections(run: Run, plan: CollectionPlan): Promise<Mapping> {
  const sides = { ...plan.mapping.sides };
  for (const side of plan.creates) {
    const storage = run.storages[side];
    const like = sides[otherSide(side)]?.properties ?? {};
    const kept = Object.fromEntries(
      storage.capabilities.properties.flatMap((name) => {
        const value = like[name];
        return value === undefined ? [] : [[name, value] as const];
      }),
    );
    sides[side] = await storage.createCollection(plan.mapping.id, kept, run.signal);
    run.onEvent({ type: "made", collection: plan.mapping.id, side });
  }
  return { ...plan.mapping, sides };
}
