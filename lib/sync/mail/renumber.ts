/** Numbers mailboxes as the plan says, before and after the mails themselves are dealt with. */

import { asSyncError } from "../../model/error.ts";
import { hrefOfUid, type Numbers } from "../../model/mail.ts";
import type { Side, Sides } from "../../model/names.ts";
import { otherSide, SIDES } from "../../model/names.ts";
import type { CollectionPlan, Mapping } from "../../model/plan.ts";
import type { Run } from "../../model/run.ts";
import type { CollectionKey } from "../../model/status.ts";
import type { Collection } from "../../model/storage.ts";
import type { Ledger, Tally } from "../ledger.ts";
import { keyOf } from "../plan_collection.ts";
import type { SideSurvey } from "../survey.ts";

/**
 * UIDVALIDITY, GUID, and the UIDs of mails that get others. A mailbox of another UIDVALIDITY or GUID
 * is another one to the status: what may be known of one that was like it once is forgotten.
 * @throws {SyncError} `changed` where mail came meanwhile that has one of the UIDs.
 */
export async function numberedAnew(
  run: Run,
  plan: CollectionPlan,
  mapping: Mapping,
): Promise<Mapping> {
  const last = numberedLast(plan);
  const numbers: NonNullable<CollectionPlan["numbers"]> = last === undefined
    ? plan.numbers ?? {}
    : onOne(plan, otherSide(last));
  const before = mapping.sides;
  const sides = { ...before };
  if (SIDES.some((side) => isCalledAnew(numbers[side]))) {
    await forgetAll(
      run,
      (key) => !isOf(key, before) && SIDES.some((side) => isOne(key, before, side)),
    );
  }
  for (const side of SIDES) {
    const collection = sides[side];
    const wanted = numbers[side];
    if (wanted === undefined || collection === undefined) continue;
    await forgetWhere(run, mapping, side, wanted);
    const now = await run.storages[side].renumber?.(collection, wanted, run.signal);
    // It need not tell again what it was not asked to change.
    if (now !== undefined) sides[side] = { ...now, properties: collection.properties };
  }
  if (SIDES.some((side) => sides[side]?.identity !== before[side]?.identity)) {
    await forgetAll(run, (key) => isOf(key, sides));
  }
  return { ...mapping, sides };
}

/** What was seen under a UID that another mail is about to have must not be taken for that one. */
async function forgetWhere(
  run: Run,
  mapping: Mapping,
  side: Side,
  { uids }: Numbers,
): Promise<void> {
  const key = keyOf(mapping);
  if (uids.size === 0 || key === undefined) return;
  const status = run.status.collection(key);
  const before = await status.observations(side);
  const observations = before.filter(({ href }) => !uids.has(href));
  if (before.length > 0) await status.conclude({ [side]: { observations } });
}

/** A survey with the hrefs that its mails have once they are numbered anew. */
export function renumberedIn(survey: SideSurvey, numbers: Numbers | undefined): SideSurvey {
  if (numbers === undefined || numbers.uids.size === 0) return survey;
  return {
    ...survey,
    seen: survey.seen.map((it) => {
      const uid = numbers.uids.get(it.href);
      return uid === undefined ? it : { ...it, href: hrefOfUid(uid) };
    }),
  };
}

const isCalledAnew = (numbers: NonNullable<CollectionPlan["numbers"]>[Side]): boolean =>
  numbers?.uidValidity !== undefined || numbers?.guid !== undefined;

type Both = Sides<Collection | undefined>;

const isOne = ({ identities }: CollectionKey, sides: Both, side: Side): boolean =>
  identities[side] === sides[side]?.identity;

const isOf = (key: CollectionKey, sides: Both): boolean =>
  SIDES.every((side) => isOne(key, sides, side));

/** What was known when the run began to change something: nothing newer speaks of the past. */
const KNOWN = new WeakMap<Run, Promise<readonly CollectionKey[]>>();

async function forgetAll(run: Run, which: (key: CollectionKey) => boolean): Promise<void> {
  const known = KNOWN.get(run) ?? run.status.collections();
  KNOWN.set(run, known);
  for (const key of await known) {
    if (which(key)) await run.status.collection(key).forget();
  }
}

const onOne = ({ numbers }: CollectionPlan, side: Side): NonNullable<CollectionPlan["numbers"]> => {
  const wanted = numbers?.[side];
  return wanted === undefined ? {} : { [side]: wanted };
};

/**
 * The side whose mails get higher UIDs than all that are new there. These come first then, so that no
 * UID comes after a higher one: Dovecot has to forget its indexes for that, under whoever uses them.
 */
export function numberedLast({ numbers, actions }: CollectionPlan): Side | undefined {
  return SIDES.find((side) => {
    const wanted = numbers?.[side];
    if (wanted === undefined || wanted.uids.size === 0 || isCalledAnew(wanted)) return false;
    const highest = actions.reduce((most, it) => Math.max(most, uidGiven(it, side)), 0);
    return highest > 0 && [...wanted.uids.values()].every((uid) => uid > highest);
  });
}

/** Numbers the mails of that side, once those that are new there have come. */
export async function numberLast(
  run: Run,
  plan: CollectionPlan,
  side: Side,
  collections: Sides<Collection>,
): Promise<void> {
  const wanted = plan.numbers?.[side];
  if (wanted === undefined) return;
  await forgetWhere(run, { ...plan.mapping, sides: collections }, side, wanted);
  await run.storages[side].renumber?.(collections[side], wanted, run.signal);
}

/** UIDNEXT, once every mail that was to come has come: it would be out of turn otherwise. */
export async function raiseUidNext(
  run: Run,
  plan: CollectionPlan,
  collections: Sides<Collection>,
  ledger: Pick<Ledger, "hasMoved">,
  tally: Tally,
): Promise<void> {
  for (const side of SIDES) {
    const uidNext = plan.uidNext?.[side];
    if (uidNext === undefined || run.signal.aborted) continue;
    const creates = plan.actions.filter((it) => it.kind === "create" && it.on === side);
    const highest = plan.actions.reduce((most, it) => Math.max(most, uidGiven(it, side)), 0);
    if (creates.length > 0 && highest + 1 >= uidNext) continue;
    if (!creates.every(({ ident }) => ledger.hasMoved(ident))) continue;
    try {
      await run.storages[side].renumber?.(
        collections[side],
        { uidNext, uids: new Map() },
        run.signal,
      );
    } catch (thrown) {
      tally.failures.push({ side, error: asSyncError(thrown, "collection") });
    }
  }
}

const uidGiven = (action: CollectionPlan["actions"][number], side: Side): number =>
  action.kind === "create" && action.on === side ? action.uid ?? 0 : 0;
