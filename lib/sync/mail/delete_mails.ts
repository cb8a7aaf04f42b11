/** Deletes the mails of a mailbox that is to be deleted, each after it went to the attic. */

import { type CollectionPlan, isEffect } from "../../model/plan.ts";
import type { Run } from "../../model/run.ts";
import { carryOutSide } from "../carry_out_side.ts";
import { openLedger, type Tally } from "../ledger.ts";
import type { Surveyed } from "../plan_collection.ts";

/** Whether nothing is left in it, as far as this run is concerned: the storage looks again. */
export async function deleteMails(
  run: Run,
  plan: CollectionPlan,
  found: Surveyed,
  tally: Tally,
): Promise<boolean> {
  const effects = plan.actions.filter(isEffect);
  const [side] = plan.deletes;
  const collection = side === undefined ? undefined : plan.mapping.sides[side];
  const { deletionKey: key } = found;
  if (effects.length === 0 || side === undefined || collection === undefined) return true;
  if (key === undefined) return true;
  const status = run.status.collection(key);
  const ledger = openLedger({
    collection: plan.mapping.id,
    status,
    tally,
    effects,
    found,
    onEvent: run.onEvent,
  });
  // Whoever gives the other one back meanwhile has it listed from the beginning: the base forgets.
  await status.conclude({ a: { observations: [] }, b: { observations: [] } });
  let id = await status.nextIntent();
  await carryOutSide({
    side,
    storages: run.storages,
    // The other one is gone, and nothing is asked of it.
    collections: { a: collection, b: collection },
    status,
    effects,
    ledger,
    tally,
    format: run.format,
    nextId: () => id++,
    signal: run.signal,
  });
  return !run.signal.aborted && effects.every(({ ident }) => ledger.hasMoved(ident));
}
