/** Execute: the only step that changes anything. One failure does not stop the others. */

import { asSyncError, type Scope, SyncError } from "../model/error.ts";
import type { Side, Sides } from "../model/names.ts";
import { SIDES } from "../model/names.ts";
import type { CollectionPlan, Effect, Mapping, Plan } from "../model/plan.ts";
import { isEffect } from "../model/plan.ts";
import type { Report, Run } from "../model/run.ts";
import type { Collection } from "../model/storage.ts";
import { allOf, eachOf } from "./bounded.ts";
import { carryOutSide } from "./carry_out_side.ts";
import { caughtUp } from "./catch_up.ts";
import {
  agreeOnMade,
  deleteCollections,
  makeCollections,
  setProperties,
} from "./collection_changes.ts";
import { needOf } from "./job.ts";
import type { Ledger, Tally } from "./ledger.ts";
import { newTally, openLedger, reportOf } from "./ledger.ts";
import { deleteMails } from "./mail/delete_mails.ts";
import { isMail } from "./mail/plan_mail.ts";
import { renameMailboxes } from "./mail/rename.ts";
import {
  numberedAnew,
  numberedLast,
  numberLast,
  raiseUidNext,
  renumberedIn,
} from "./mail/renumber.ts";
import type { Surveyed } from "./plan_collection.ts";
import type { Prepared } from "./prepare.ts";
import { keyOf } from "./plan_collection.ts";
import type { Seen, SideSurvey } from "./survey.ts";

/** How many collections are carried out at a time. */
const COLLECTIONS_AT_ONCE = 4;

/** How many mails a mailbox has at most that is listed once more after it was written to. */
const RELISTED = 2_000;

/** Carries out a plan. Does not throw: whatever failed is in the report. */
export async function carryOut(prepared: Prepared): Promise<Report> {
  const { run, plan, surveyed } = prepared;
  const tally = newTally();
  const collections = isMail(run) ? await renameMailboxes(run, plan, tally) : plan.collections;
  await eachOf(collections, COLLECTIONS_AT_ONCE, async (collection) => {
    const found = surveyed.get(collection.mapping.id);
    if (found === undefined) return;
    tally.skipped += collection.actions.filter(isEffect).length;
    if (run.signal.aborted) return;
    try {
      await carryOutAll(run, collection, found, tally);
    } catch (thrown) {
      const error = asSyncError(thrown, "collection");
      // Somebody else, perhaps another pair, made what was to be made: the next run looks into it.
      if (error.kind === "changed") tally.changed += 1;
      else tally.failures.push({ error });
    }
  });
  if (!run.signal.aborted) await forgetStale(run, plan, tally);
  return reportOf(plan, tally, run.signal.aborted);
}

/** What is known of collections that are no longer put together would be held against others. */
async function forgetStale(run: Run, { stale }: Plan, tally: Tally): Promise<void> {
  try {
    for (const key of stale) await run.status.collection(key).forget();
  } catch (thrown) {
    tally.failures.push({ error: asSyncError(thrown, "run") });
  }
}

/**
 * A mailbox with more new mails than are dealt with at a time is carried out part by part. What one
 * of them, or another mailbox, fails with stops nothing: only a storage that is gone does.
 */
async function carryOutAll(
  run: Run,
  plan: CollectionPlan,
  found: Surveyed,
  tally: Tally,
): Promise<void> {
  const before = tally.failures.length;
  const isLost = () => tally.failures.slice(before).some(({ error }) => LOST.has(error.scope));
  tally.skipped += plan.later ?? 0;
  let left = plan.later ?? 0;
  let mapping = await carryOutCollection(run, plan, found, tally);
  let { again } = found;
  while (again !== undefined && mapping !== undefined && !run.signal.aborted && !isLost()) {
    const next = await again(mapping);
    tally.failures.push(...next.plan.problems);
    const later = next.plan.later ?? 0;
    tally.skipped += next.plan.actions.filter(isEffect).length + later - left;
    left = later;
    if (next.found === undefined) return;
    mapping = await carryOutCollection(run, next.plan, next.found, tally);
    again = next.found.again;
  }
}

/** What keeps the rest of a mailbox from being carried out as well. */
const LOST: ReadonlySet<Scope> = new Set(["storage", "run"]);

/** @returns The two collections as they are now; none where they were deleted. */
async function carryOutCollection(
  run: Run,
  plan: CollectionPlan,
  found: Surveyed,
  tally: Tally,
): Promise<Mapping | undefined> {
  if (plan.deletes.length > 0) {
    const isEmpty = await deleteMails(run, plan, found, tally);
    if (isEmpty) await deleteCollections(run, plan, found.deletionKey);
    return undefined;
  }
  const made = await makeCollections(run, plan);
  const mapping = await numberedAnew(run, plan, made);
  const { collections, status } = opened(run, mapping);
  await found.renew();
  await agreeOnMade(run, plan, collections, status);
  if (plan.properties.length > 0) await setProperties(run, plan, collections, status, tally);
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
  const noted = {
    a: renumberedIn(withHeld(found.surveys.a, plan, "b"), plan.numbers?.a),
    b: renumberedIn(withHeld(found.surveys.b, plan, "a"), plan.numbers?.b),
  };
  if (plan.actions.length > 0) await ledger.advance(noted, writing);
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
      format: run.format,
      nextId: () => id++,
      signal: run.signal,
    });
  const last = numberedLast(plan);
  const isEarly = (effect: Effect) => effect.kind === "create" && effect.on === last;
  if (last !== undefined) {
    await onSide(last, isEarly);
    await numberLast(run, plan, last, collections);
  }
  const first = (effect: Effect) =>
    effect.kind !== "delete" && needOf(effect) === undefined && !isEarly(effect);
  await allOf(SIDES.map((side) => onSide(side, first)));
  const second = await haveWhatTheyNeed(effects, ledger);
  await allOf(SIDES.map((side) => onSide(side, (effect) => second.has(effect))));
  // Deletions last: whatever goes wrong before them, nothing is gone yet.
  const third = await markedFirst(effects, ledger);
  await allOf(SIDES.map((side) => onSide(side, (effect) => third.has(effect))));

  if (plan.later === undefined) await raiseUidNext(run, plan, collections, ledger, tally);

  // Also after a run that was stopped or that failed in part. The cursors were read before the
  // listings, so whatever was changed since comes again; what was seen and not dealt with is kept;
  // and the intents without a result stay open, to be looked up.
  const surveys = { ...noted };
  for (const side of writing) {
    // A mailbox of which all was listed is listed by the next run rather than twice by this one.
    if (noted[side].isWhole === true && noted[side].present > RELISTED) {
      surveys[side] = { ...surveys[side], cursor: undefined };
      continue;
    }
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
  return mapping;
}

/** The survey with a note of what is gone and yet stays on the other side, `on`. */
function withHeld(survey: SideSurvey, { held }: CollectionPlan, on: Side): SideSurvey {
  const measured = held.find((it) => it.on === on && it.measured !== undefined)?.measured;
  const seen = survey.seen.map((it): Seen => {
    if (it.state !== "gone") return it;
    const ident = survey.known.get(it.href)?.ident;
    const of = ident !== undefined && measured?.idents.has(ident) ? measured.of : undefined;
    return { state: "gone", href: it.href, ...(of === undefined ? {} : { held: of }) };
  });
  return { ...survey, seen };
}

/** What overwrites something of which a copy had to be made, once the copy is there. */
async function haveWhatTheyNeed(
  effects: readonly Effect[],
  ledger: Ledger,
): Promise<ReadonlySet<Effect>> {
  const made = new Set(effects.flatMap((it) => it.kind === "create" ? [it.ident] : []));
  const ready = new Set<Effect>();
  for (const effect of effects) {
    const need = needOf(effect);
    if (need === undefined) continue;
    if (!made.has(need) || ledger.hasMoved(need)) ready.add(effect);
    else await ledger.changed(effect, undefined, "the copy of it could not be made");
  }
  return ready;
}

/** Deletions; of mails that are only marked on the other side, once they are marked there. */
async function markedFirst(
  effects: readonly Effect[],
  ledger: Ledger,
): Promise<ReadonlySet<Effect>> {
  const marks = new Map(effects.flatMap((it) => it.kind === "setFlags" ? [[it.ident, it]] : []));
  const ready = new Set<Effect>();
  for (const effect of effects) {
    if (effect.kind !== "delete") continue;
    const mark = marks.get(effect.ident);
    if (mark === undefined || ledger.isDone(mark)) ready.add(effect);
    else await ledger.changed(effect, undefined, "it could not be marked on the other side");
  }
  return ready;
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
