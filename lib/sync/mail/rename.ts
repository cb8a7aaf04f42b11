/** Gives mailboxes the names that they have on the other side, in an order that is possible. */

import { asSyncError, SyncError } from "../../model/error.ts";
import type { CollectionId, Side, Sides } from "../../model/names.ts";
import { collectionId, SIDES } from "../../model/names.ts";
import type { CollectionPlan, Mapping, Plan } from "../../model/plan.ts";
import type { Run } from "../../model/run.ts";
import type { Collection, Storage } from "../../model/storage.ts";
import type { Tally } from "../ledger.ts";
import { temporaryName } from "./mailboxes.ts";

interface Wanted {
  readonly plan: CollectionPlan;
  readonly collection: Collection;
  readonly to: CollectionId;
}

/**
 * Renames what is to be renamed, parents before what is in them; those that take each other's names
 * go through a name that nobody has. What the status knows of two goes with them. Does not throw.
 * @returns The collections' plans as they are then; without those that could not be renamed.
 */
export async function renameMailboxes(
  run: Run,
  { collections }: Plan,
  tally: Tally,
): Promise<readonly CollectionPlan[]> {
  const renamed = new Map<CollectionPlan, Partial<Sides<Collection>>>();
  const failed = new Set<CollectionPlan>();
  for (const side of SIDES) {
    const all = collections.flatMap((plan): readonly Wanted[] => {
      const collection = plan.mapping.sides[side];
      if (collection === undefined) return [];
      return [{ plan, collection, to: plan.renames?.[side] ?? collection.id }];
    });
    if (all.every(({ collection, to }) => collection.id === to) || run.signal.aborted) continue;
    try {
      await renameOn(side, all, run, {
        done: (plan, collection) => renamed.set(plan, { ...renamed.get(plan), [side]: collection }),
        failed: (plan, error) => {
          failed.add(plan);
          tally.failures.push({ side, error });
        },
      });
    } catch (thrown) {
      // The storage cannot even be asked: what has its name already is carried out.
      tally.failures.push({ side, error: asSyncError(thrown, "storage") });
    }
  }
  const after: CollectionPlan[] = [];
  for (const plan of collections) {
    const isDone = SIDES.every((side) =>
      plan.renames?.[side] === undefined || renamed.get(plan)?.[side] !== undefined
    );
    if (failed.has(plan) || !isDone) continue;
    try {
      after.push(await underItsName(run, plan, renamed.get(plan)));
    } catch (thrown) {
      tally.failures.push({ error: asSyncError(thrown, "collection") });
    }
  }
  return after;
}

interface Results {
  readonly done: (plan: CollectionPlan, collection: Collection) => void;
  readonly failed: (plan: CollectionPlan, error: SyncError) => void;
}

async function renameOn(
  side: Side,
  all: readonly Wanted[],
  run: Run,
  results: Results,
): Promise<void> {
  const storage = run.storages[side];
  const isNamed = ({ collection, to }: Wanted) => collection.id === to;
  let left = all.filter((it) => !isNamed(it))
    .sort((one, other) => one.to < other.to ? -1 : 1);
  // One that is taken along with the mailbox that it is in gets its own name back.
  let named = all.filter(isNamed);
  let byId = await byIds(storage, run);
  while (left.length > 0 && !run.signal.aborted) {
    for (const { plan, collection, to } of left) {
      if (collection.id === to) results.done(plan, byId.get(to) ?? collection);
    }
    named = [...named, ...left.filter(isNamed)];
    left = left.filter((it) => !isNamed(it));
    // Parents first: some take along what is in them.
    const leaving = new Set<string>(left.map(({ collection }) => collection.id));
    const outer = left.filter(({ collection }) => !isInAny(collection.id, leaving));
    const next = outer.find((it) => !byId.has(it.to) && !isIntoItself(it));
    const one = next ?? outer.find((it) => leaving.has(it.to) || isIntoItself(it)) ?? outer[0];
    if (one === undefined) return;
    if (next === undefined && !leaving.has(one.to) && !isIntoItself(one)) {
      results.failed(one.plan, taken(one.to));
      left = left.filter((it) => it !== one);
      continue;
    }
    const from = one.collection.id;
    const to = next !== undefined
      ? one.to
      : freeName(isIntoItself(one) ? collectionId(one.to.replaceAll("/", "-")) : one.to, byId);
    try {
      const collection = byId.get(from);
      if (collection === undefined) throw gone(from);
      const now = await renameOne(storage, collection, to, run);
      run.onEvent({ type: "renamed", collection: one.plan.mapping.id, side });
      const isParent = [...byId.keys()].some((id) => id.startsWith(`${from}/`));
      // Only what a mailbox was in can have been taken along: nothing else is listed again for it.
      byId = isParent ? await byIds(storage, run) : withRenamed(byId, from, now);
      const inIt = isParent ? takenAlong(byId, from, to) : new Map<CollectionId, Collection>();
      const followed = (it: Wanted) => follow(it, inIt.get(it.collection.id));
      left = left.map((it) => it === one ? { ...it, collection: now } : followed(it));
      named = named.map(followed);
      left = [...left, ...named.filter((it) => !isNamed(it))];
      named = named.filter(isNamed);
    } catch (thrown) {
      results.failed(one.plan, asSyncError(thrown, "collection"));
      left = left.filter((it) => it !== one);
    }
  }
}

/** No mailbox can be moved into itself, but through another name it comes to be there. */
const isIntoItself = ({ collection, to }: Wanted): boolean => to.startsWith(`${collection.id}/`);

/** Whether a mailbox lies within one of these. */
function isInAny(id: CollectionId, ids: ReadonlySet<string>): boolean {
  for (let end = id.lastIndexOf("/"); end > 0; end = id.lastIndexOf("/", end - 1)) {
    if (ids.has(id.slice(0, end))) return true;
  }
  return false;
}

const follow = (wanted: Wanted, collection: Collection | undefined): Wanted =>
  collection === undefined ? wanted : { ...wanted, collection };

async function byIds(
  storage: Storage,
  run: Run,
): Promise<ReadonlyMap<CollectionId, Collection>> {
  const there = await storage.collections(run.signal);
  return new Map(there.map((it) => [it.id, it] as const));
}

function withRenamed(
  byId: ReadonlyMap<CollectionId, Collection>,
  from: CollectionId,
  now: Collection,
): ReadonlyMap<CollectionId, Collection> {
  const after = new Map(byId);
  after.delete(from);
  return after.set(now.id, now);
}

/** What a server renamed with the mailbox that it was in (RFC 3501 section 6.3.5), by its old id. */
function takenAlong(
  byId: ReadonlyMap<CollectionId, Collection>,
  from: CollectionId,
  to: CollectionId,
): ReadonlyMap<CollectionId, Collection> {
  return new Map(
    [...byId].flatMap(([id, it]): readonly (readonly [CollectionId, Collection])[] => {
      if (!id.startsWith(`${to}/`)) return [];
      const was = collectionId(`${from}${id.slice(to.length)}`);
      return byId.has(was) ? [] : [[was, it]];
    }),
  );
}

async function renameOne(
  storage: Storage,
  collection: Collection,
  to: CollectionId,
  run: Run,
): Promise<Collection> {
  if (storage.renameCollection === undefined) {
    throw new SyncError(`${storage.name} cannot rename collections`, {
      scope: "collection",
      kind: "internal",
    });
  }
  return await storage.renameCollection(collection, to, run.signal);
}

function freeName(id: CollectionId, taken: ReadonlyMap<CollectionId, unknown>): CollectionId {
  for (let count = 1;; count++) {
    const name = temporaryName(id, count);
    if (!taken.has(name)) return name;
  }
}

/** Somebody made one of that name just now: the next run looks into it. */
const taken = (id: CollectionId): SyncError =>
  new SyncError(`a mailbox "${id}" was made meanwhile`, {
    scope: "collection",
    kind: "changed",
    retry: true,
    hint: "Run again.",
  });

const gone = (id: CollectionId): SyncError =>
  new SyncError(`the mailbox "${id}" is gone`, {
    scope: "collection",
    kind: "changed",
    retry: true,
  });

/** The plan of a collection that has its name, and of which the status knows by that name. */
async function underItsName(
  run: Run,
  plan: CollectionPlan,
  renamed: Partial<Sides<Collection>> | undefined,
): Promise<CollectionPlan> {
  const { mapping } = plan;
  const { a, b } = mapping.sides;
  if (a === undefined || b === undefined) {
    return renamed === undefined
      ? plan
      : { ...plan, mapping: { ...mapping, sides: { a, b, ...renamed } } };
  }
  const sides: Sides<Collection> = { a, b, ...renamed };
  if (mapping.knownAs === undefined) return { ...plan, mapping: { ...mapping, sides } };
  const key = { id: mapping.id, identities: { a: sides.a.identity, b: sides.b.identity } };
  const before = { id: mapping.knownAs, identities: { a: a.identity, b: b.identity } };
  await run.status.rename(before, key);
  const { knownAs: _over, ids: _were, ...rest } = mapping;
  const now: Mapping = { ...rest, sides };
  return { ...plan, mapping: now };
}
