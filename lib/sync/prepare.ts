/** The line from two storages to a plan: survey, reconcile, guard. Changes nothing anywhere. */

import { cancelled } from "../model/error.ts";
import type { CollectionId } from "../model/names.ts";
import type { Plan } from "../model/plan.ts";
import type { Run } from "../model/run.ts";
import { allOf, eachOf } from "./bounded.ts";
import { pairMailboxes } from "./mail/pair_mailboxes.ts";
import { isMail } from "./mail/plan_mail.ts";
import { pairCollections, type PairingInput } from "./pairing.ts";
import { keeper, planCollection, type Surveyed, whereNothingIsWritten } from "./plan_collection.ts";

/** A plan, and what carrying it out needs besides. */
export interface Prepared {
  readonly run: Run;
  readonly plan: Plan;
  /** By the collection's id; none for a collection that could not be surveyed. */
  readonly surveyed: ReadonlyMap<CollectionId, Surveyed>;
}

/** How many collections are surveyed at a time. Requests are limited by each storage. */
const COLLECTIONS_AT_ONCE = 4;
/** How much content is kept between survey and execution, in bytes; more is fetched again. */
const KEPT_CONTENT = 48 * 1024 * 1024;

/**
 * Surveys both storages and plans what a run would do.
 * @throws {SyncError} Where a storage cannot be used at all. One collection's failure is in the plan.
 */
export async function prepare(run: Run): Promise<Prepared> {
  const { a, b } = run.storages;
  const [inA, inB, known] = await allOf([
    a.collections(run.signal),
    b.collections(run.signal),
    run.status.collections(),
  ]);
  const input: PairingInput = {
    collections: { a: inA, b: inB },
    names: { a: a.name, b: b.name },
    readOnly: whereNothingIsWritten(run),
    wanted: run.policy.collections,
    onDelete: run.policy.onDelete,
    oneWay: run.policy.oneWay,
    only: run.only,
    known,
    guards: {
      onEmpty: run.policy.onEmpty,
      noDelete: run.policy.noDelete,
      holds: {
        a: (identity) => a.holds?.(identity) ?? true,
        b: (identity) => b.holds?.(identity) ?? true,
      },
    },
  };
  const { pairings, stale } = isMail(run)
    ? pairMailboxes({
      ...input,
      exact: run.policy.exact ?? false,
      sharesGuids: a.capabilities.keepsGuids === true && b.capabilities.keepsGuids === true,
      localId: { a: (id) => a.localId?.(id) ?? id, b: (id) => b.localId?.(id) ?? id },
    })
    : pairCollections(input);
  run.onEvent({ type: "collections", count: pairings.length });
  const keep = keeper(KEPT_CONTENT);
  const surveyed = new Map<CollectionId, Surveyed>();
  const collections = await eachOf(pairings, COLLECTIONS_AT_ONCE, async (pairing) => {
    const { plan, found } = await planCollection(run, pairing, keep);
    if (found !== undefined) surveyed.set(pairing.mapping.id, found);
    run.onEvent({ type: "surveyed", collection: pairing.mapping.id });
    return plan;
  });
  if (run.signal.aborted) throw cancelled(run.signal.reason);
  return { run, surveyed, plan: { pair: run.pair, collections, problems: [], stale } };
}
