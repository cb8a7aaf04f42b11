/** The plan of one collection: what both sides hold of it, what must be done, and what must not. */

import { asSyncError } from "../model/error.ts";
import type { Body } from "../model/item.ts";
import type { Ident, Side, Sides } from "../model/names.ts";
import { otherSide, SIDES } from "../model/names.ts";
import type { CollectionPlan, Mapping } from "../model/plan.ts";
import type { Run } from "../model/run.ts";
import type { CollectionKey, CollectionStatus, Intent } from "../model/status.ts";
import { allOf } from "./bounded.ts";
import { extentFor, withExtents } from "./extents.ts";
import { guard, type GuardInput } from "./guard.ts";
import { planMailboxDeletion } from "./mail/deletion.ts";
import { isMail, withIdents, withUids } from "./mail/plan_mail.ts";
import { rulesOf } from "./mail/rules.ts";
import { surveyMailboxes, surveyMore } from "./mail/survey_mailboxes.ts";
import type { Pairing } from "./pairing.ts";
import type { PropertiesPlan } from "./properties.ts";
import { planDeletion } from "./plan_deletion.ts";
import { planProperties } from "./properties.ts";
import { reconcile } from "./reconcile.ts";
import type { Resumed } from "./resume.ts";
import { resumed } from "./resume.ts";
import { type SeenAnew, seenAnew } from "./seen_anew.ts";
import type { SideSurvey } from "./survey.ts";
import { NOTHING_THERE, surveySide } from "./survey.ts";
import { itemViews, strangers, touchedIdents, unreadables } from "./view.ts";
import { withMerges } from "./with_merges.ts";

export interface Surveyed {
  /** None where the collection is yet to be made on a side: nothing is known of it then. */
  readonly status: CollectionStatus | undefined;
  readonly surveys: Sides<SideSurvey>;
  /** What an interrupted run had begun. */
  readonly open: readonly Intent[];
  /** What became of that. */
  readonly resumed: Resumed;
  /** Takes out of a plan for this collection what must not be done. */
  readonly guarded: (plan: CollectionPlan) => CollectionPlan;
  /** Has to be done before anything else: what was agreed on, as it is seen now. */
  readonly renew: () => Promise<void>;
  /** Of a mailbox that is deleted with what is in it: what it is known as. */
  readonly deletionKey?: CollectionKey;
  /** Of mailboxes with more new mails than are dealt with at a time: plans for the next of them. */
  readonly again?: (mapping: Mapping) => Promise<Planned>;
}

export interface Planned {
  readonly plan: CollectionPlan;
  readonly found: Surveyed | undefined;
}

export async function planCollection(
  run: Run,
  pairing: Pairing,
  keep: SurveyKeep,
): Promise<Planned> {
  const { mapping, held, problems, vanished, inDoubt, renames } = pairing;
  const empty: CollectionPlan = {
    mapping,
    ...(renames === undefined ? {} : { renames }),
    creates: [],
    deletes: [],
    properties: [],
    propertyConflicts: [],
    actions: [],
    conflicts: [],
    problems,
    held,
  };
  if (held.length > 0 || problems.length > 0) return { plan: empty, found: undefined };
  try {
    if (vanished !== undefined && isMail(run)) {
      return await planMailboxDeletion(run, empty, otherSide(vanished), pairing);
    }
    if (vanished !== undefined) {
      return await planDeletion(run, empty, otherSide(vanished), inDoubt);
    }
    return await surveyCollection(run, empty, keep);
  } catch (thrown) {
    const error = asSyncError(thrown, "collection");
    if (error.scope === "storage" || error.scope === "run") throw error;
    return { plan: { ...empty, problems: [{ error }] }, found: undefined };
  }
}

async function surveyCollection(
  run: Run,
  empty: CollectionPlan,
  keep: SurveyKeep,
): Promise<Planned> {
  const { mapping } = empty;
  const key = keyOf(mapping);
  const kept = key === undefined ? undefined : run.status.collection(key);
  const anew = kept === undefined ? [] : await seenAnewOn(run, kept);
  const status = anew.at(-1)?.status ?? kept;
  const surveys = isMail(run)
    ? await withIdents(run, mapping, status, await surveyMailboxes(run, mapping, status))
    : await surveyBoth(run, mapping, status, keep);
  const planned = await planSurveyed(run, empty, status, surveys);
  const renew = async () => {
    for (const it of anew) await it.renew();
  };
  return { plan: planned.plan, found: { ...planned.found, renew } };
}

/** The plan for what was surveyed, and for what was left for later once that is carried out. */
async function planSurveyed(
  run: Run,
  empty: CollectionPlan,
  status: CollectionStatus | undefined,
  surveys: Sides<SideSurvey>,
): Promise<{ readonly plan: CollectionPlan; readonly found: Surveyed }> {
  const { mapping } = empty;
  const { a, b } = surveys;
  const open = await status?.openIntents() ?? [];
  const base = await status?.base([...touchedIdents(surveys)]) ?? new Map();
  const names = { a: run.storages.a.name, b: run.storages.b.name };
  const after = resumed(itemViews(surveys, base, names), open, surveys);
  const decided = await withMerges(run, mapping, {
    status,
    surveys,
    decided: reconcile(after.views, rulesOf(run, surveys)),
  });
  const unknown = { a: strangers("a", a), b: strangers("b", b) };
  const properties = await propertiesOf(run, mapping, status);
  const limits: Omit<GuardInput, "plan"> = {
    policy: run.policy,
    names,
    readOnly: whereNothingIsWritten(run),
    present: { a: a.present, b: b.present },
    agreed: (await status?.size() ?? 0) +
      after.views.filter((it) => it.base !== undefined && !base.has(it.ident)).length,
    strangers: { a: unreadables(a), b: unreadables(b) },
    passing: { a: a.passing, b: b.passing },
    isCertain: isMail(run),
    stillHeld: { a: heldIn(b), b: heldIn(a) },
  };
  const guarded = (plan: CollectionPlan) => guard({ ...limits, plan });
  const allowed = guarded({
    ...empty,
    creates: SIDES.filter((side) => mapping.sides[side] === undefined),
    actions: await withExtents(decided.actions, status, extentFor(run)),
    conflicts: decided.conflicts,
    properties: properties.actions,
    propertyConflicts: properties.conflicts,
    problems: [...decided.problems, ...unknown.a, ...unknown.b],
  });
  const plan = isMail(run)
    ? await withUids(run, allowed, status, surveys, limits.readOnly)
    : allowed;
  const renew = () => Promise.resolve();
  const found: Surveyed = { status, surveys, open, resumed: after, guarded, renew };
  const later = (a.later?.uids.length ?? 0) + (b.later?.uids.length ?? 0);
  if (later === 0) return { plan, found };
  const again = async (mapping: Mapping): Promise<Planned> => {
    const key = keyOf(mapping);
    const status = key === undefined ? undefined : run.status.collection(key);
    const more = await surveyMore(run, mapping, status, surveys);
    const named = await withIdents(run, mapping, status, more);
    return await planSurveyed(run, { ...empty, mapping }, status, named);
  };
  return { plan: { ...plan, later }, found: { ...found, again } };
}

async function surveyBoth(
  run: Run,
  mapping: Mapping,
  status: CollectionStatus | undefined,
  keep: SurveyKeep,
): Promise<Sides<SideSurvey>> {
  const extent = extentFor(run);
  const survey = (side: Side): Promise<SideSurvey> => {
    const collection = mapping.sides[side];
    if (collection === undefined) return Promise.resolve(NOTHING_THERE);
    return surveySide({
      storage: run.storages[side],
      collection,
      side,
      status,
      keep,
      ...(extent === undefined ? {} : { extent }),
      signal: run.signal,
      onEvent: run.onEvent,
    });
  };
  const [a, b] = await allOf([survey("a"), survey("b")]);
  return { a, b };
}

/** Of each side that is seen otherwise than before, on top of each other. */
async function seenAnewOn(run: Run, kept: CollectionStatus): Promise<readonly SeenAnew[]> {
  const anew: SeenAnew[] = [];
  for (const side of SIDES) {
    const status = anew.at(-1)?.status ?? kept;
    const it = await seenAnew(status, side, run.storages[side], run.format, run.signal);
    if (it !== undefined) anew.push(it);
  }
  return anew;
}

/** What is gone from a side and was too much to be deleted on the other one, and of how many. */
const heldIn = ({ seen, known }: SideSurvey): ReadonlyMap<Ident, number> =>
  new Map(
    seen.flatMap((it) => {
      const ident = known.get(it.href)?.ident;
      return it.state === "gone" && it.held !== undefined && ident !== undefined
        ? [[ident, it.held]]
        : [];
    }),
  );

async function propertiesOf(
  { storages, policy }: Run,
  { sides: { a, b } }: Mapping,
  status: CollectionStatus | undefined,
): Promise<PropertiesPlan> {
  if (a === undefined || b === undefined) return { actions: [], conflicts: [] };
  return planProperties({
    ids: { a: a.id, b: b.id },
    sides: { a: a.properties, b: b.properties },
    unread: { a: a.unread ?? [], b: b.unread ?? [] },
    able: { a: storages.a.capabilities.properties, b: storages.b.capabilities.properties },
    base: await status?.properties() ?? new Map(),
    policy,
  });
}

/** What the status calls this mapping, once both of its collections are there. */
export function keyOf(mapping: Mapping): CollectionKey | undefined {
  const { a, b } = mapping.sides;
  if (a === undefined || b === undefined) return undefined;
  return { id: mapping.knownAs ?? mapping.id, identities: { a: a.identity, b: b.identity } };
}

/** Where nothing is written: because nothing may be, or because it goes one way only. */
export const whereNothingIsWritten = (run: Run): Sides<boolean> => ({
  a: run.storages.a.capabilities.readOnly || run.policy.oneWay,
  b: run.storages.b.capabilities.readOnly,
});

export type SurveyKeep = (body: Body) => Body | undefined;

/** Keeps bodies until there are `room` bytes of them; mail is never kept, it comes from its storage. */
export function keeper(room: number): SurveyKeep {
  let left = room;
  return (body) => {
    if (body.size > left) return undefined;
    left -= body.size;
    return body;
  };
}
