/** Changes of the collections themselves: made, deleted, and their properties set. */

import { asSyncError, SyncError } from "../model/error.ts";
import type { CollectionId, Side, Sides } from "../model/names.ts";
import { otherSide, SIDES } from "../model/names.ts";
import type { CollectionPlan, Mapping, PropertyAction } from "../model/plan.ts";
import type { Run } from "../model/run.ts";
import type { CollectionKey, CollectionStatus } from "../model/status.ts";
import type { Collection, PropertyName } from "../model/storage.ts";
import type { Tally } from "./ledger.ts";
import { plain, same } from "./properties.ts";

/** Makes the collection where it is missing, with the properties that the other side has. */
export async function makeCollections(run: Run, plan: CollectionPlan): Promise<Mapping> {
  const sides = { ...plan.mapping.sides };
  for (const side of plan.creates) {
    const storage = run.storages[side];
    const model = sides[otherSide(side)];
    const like = model?.properties ?? {};
    const kept = Object.fromEntries(
      storage.capabilities.properties.flatMap((name) => {
        const value = like[name];
        const wanted = value !== undefined && run.policy.properties.includes(name);
        return wanted ? [[name, value] as const] : [];
      }),
    );
    const id = plan.mapping.ids?.[side] ?? plan.mapping.id;
    try {
      sides[side] = await storage.createCollection(id, kept, run.signal, model?.components);
    } catch (thrown) {
      throw await isMadeMeanwhile(run, side, id, thrown) ? madeMeanwhile(id, thrown) : thrown;
    }
    run.onEvent({ type: "made", collection: plan.mapping.id, side });
  }
  return { ...plan.mapping, sides };
}

/**
 * A mailbox that was made with a subscription is subscribed on both sides from then on. Of other
 * properties only the next listing tells what became of them: servers change them as they like.
 */
export async function agreeOnMade(
  { policy }: Run,
  { creates }: CollectionPlan,
  { a, b }: Sides<Collection>,
  status: CollectionStatus,
): Promise<void> {
  const values = { a: plain(a.properties.subscribed), b: plain(b.properties.subscribed) };
  if (creates.length === 0 || !policy.properties.includes("subscribed")) return;
  if (values.a === values.b) await status.setProperties(new Map([["subscribed", values]]));
}

async function isMadeMeanwhile(
  run: Run,
  side: Side,
  id: CollectionId,
  thrown: unknown,
): Promise<boolean> {
  if (asSyncError(thrown, "collection").kind !== "exists") return false;
  return (await run.storages[side].collections(run.signal)).some((it) => it.id === id);
}

/** Nobody has looked into it yet, so nothing may be written there. */
const madeMeanwhile = (id: CollectionId, cause: unknown): SyncError =>
  new SyncError(`the collection "${id}" was made meanwhile`, {
    scope: "collection",
    kind: "changed",
    retry: true,
    cause,
  });

/** Deletes a collection that is empty, as the other side deleted its own, and forgets the two. */
export async function deleteCollections(
  run: Run,
  plan: CollectionPlan,
  known?: CollectionKey,
): Promise<void> {
  for (const side of plan.deletes) {
    const collection = plan.mapping.sides[side];
    if (collection === undefined) continue;
    await run.storages[side].deleteCollection(collection, run.signal);
    run.onEvent({ type: "unmade", collection: plan.mapping.id, side });
    if (known !== undefined) {
      await run.status.collection(known).forget();
      continue;
    }
    for (const key of await run.status.collections()) {
      const same = key.id === plan.mapping.id && key.identities[side] === collection.identity;
      if (same) await run.status.collection(key).forget();
    }
  }
}

/** Sets properties, and moves their base. One that fails does not stop the others. */
export async function setProperties(
  run: Run,
  plan: CollectionPlan,
  collections: Sides<Collection>,
  status: CollectionStatus,
  tally: Tally,
): Promise<void> {
  const agreed = new Map<PropertyName, Sides<string>>();
  const set: Setting[] = [];
  // They were read before everything else, perhaps long ago: no server sets them on a condition.
  const before: Partial<Record<Side, Collection["properties"]>> = {};
  for (const side of SIDES) {
    const isSet = plan.properties.some((it) => it.kind === "set" && it.on === side);
    const now = isSet && !run.signal.aborted
      ? await valuesNow(run, side, collections[side])
      : undefined;
    if (now !== undefined) before[side] = now;
  }
  for (const action of plan.properties) {
    if (action.kind === "record") {
      agreed.set(action.name, action.values);
      continue;
    }
    if (run.signal.aborted) break;
    const { on, name, value } = action;
    const now = before[on];
    if (now !== undefined && same(name, plain(now[name]), plain(value))) {
      // It is so by now: a mailbox that was renamed has the subscription of its new name.
      const values = { a: plain(value), b: plain(value) };
      agreed.set(name, values);
      continue;
    }
    if (!same(name, plain(before[on]?.[name]), plain(collections[on].properties[name]))) {
      tally.changed += 1;
      run.onEvent({
        type: "property",
        collection: plan.mapping.id,
        action,
        error: changedMeanwhile(name),
      });
      continue;
    }
    try {
      await run.storages[on].setProperty(collections[on], name, value, run.signal);
      set.push(action);
      tally.properties += 1;
      run.onEvent({ type: "property", collection: plan.mapping.id, action });
    } catch (thrown) {
      const error = asSyncError(thrown, "item");
      tally.failures.push({ side: on, error });
      run.onEvent({ type: "property", collection: plan.mapping.id, action, error });
    }
  }
  for (const side of SIDES) {
    const here = set.filter((it) => it.on === side);
    if (here.length === 0) continue;
    const now = await valuesNow(run, side, collections[side]);
    for (const { name, value } of here) {
      const given = plain(value);
      // As the server has it from now on, which may be another spelling, or nothing at all.
      const kept = now === undefined ? given : plain(now[name]);
      agreed.set(name, side === "a" ? { a: kept, b: given } : { a: given, b: kept });
    }
  }
  await status.setProperties(agreed);
}

const changedMeanwhile = (name: PropertyName): SyncError =>
  new SyncError(`the ${name} was changed meanwhile`, {
    scope: "item",
    kind: "changed",
    retry: true,
    hint: "The next run looks at it again.",
  });

type Setting = Extract<PropertyAction, { readonly kind: "set" }>;

async function valuesNow(
  run: Run,
  side: Side,
  { identity }: Collection,
): Promise<Collection["properties"] | undefined> {
  const all = await run.storages[side].collections(run.signal);
  return all.find((it) => it.identity === identity)?.properties;
}
