/** Which collections of the two storages belong together. Pure. */

import { SyncError } from "../model/error.ts";
import type { CollectionId, Side, Sides, StorageName } from "../model/names.ts";
import { otherSide, SIDES } from "../model/names.ts";
import type { Held, Mapping, Problem } from "../model/plan.ts";
import type { Policy } from "../model/run.ts";
import type { CollectionKey } from "../model/status.ts";
import type { Collection } from "../model/storage.ts";

export interface PairingInput {
  readonly collections: Sides<readonly Collection[]>;
  readonly names: Sides<StorageName>;
  readonly readOnly: Sides<boolean>;
  readonly wanted: Policy["collections"];
  readonly only: readonly CollectionId[] | undefined;
  /** What the status knows something about. */
  readonly known: readonly CollectionKey[];
}

/** A mapping, or why it is left alone. */
export interface Pairing {
  readonly mapping: Mapping;
  readonly held: readonly Held[];
  readonly problems: readonly Problem[];
}

/** Pairs collections by their id, sorted by it. */
export function pairCollections(input: PairingInput): readonly Pairing[] {
  const byId: Sides<ReadonlyMap<CollectionId, readonly Collection[]>> = {
    a: Map.groupBy(input.collections.a, (collection) => collection.id),
    b: Map.groupBy(input.collections.b, (collection) => collection.id),
  };
  const wanted = new Set<CollectionId>(input.wanted.ids);
  if (input.wanted.fromA) { for (const id of byId.a.keys()) wanted.add(id); }
  if (input.wanted.fromB) { for (const id of byId.b.keys()) wanted.add(id); }
  if (input.wanted.fromA || input.wanted.fromB) {
    // One that was kept in step and vanished from the side that names them is still ours to mention.
    for (const key of input.known) {
      if (SIDES.some((side) => stillThere(byId, key, side))) wanted.add(key.id);
    }
  }
  return [...wanted]
    .filter((id) => input.only === undefined || input.only.includes(id))
    .sort()
    .map((id) => pairOne(id, byId, input));
}

function stillThere(
  byId: Sides<ReadonlyMap<CollectionId, readonly Collection[]>>,
  key: CollectionKey,
  side: Side,
): boolean {
  return byId[side].get(key.id)?.some((it) => it.identity === key.identities[side]) ?? false;
}

function pairOne(
  id: CollectionId,
  byId: Sides<ReadonlyMap<CollectionId, readonly Collection[]>>,
  input: PairingInput,
): Pairing {
  const problems = SIDES.flatMap((side) => {
    const found = byId[side].get(id) ?? [];
    return found.length > 1 ? [sameId(id, side, found, input.names[side])] : [];
  });
  const mapping: Mapping = {
    id,
    sides: { a: byId.a.get(id)?.[0], b: byId.b.get(id)?.[0] },
  };
  if (problems.length > 0) return { mapping, held: [], problems };
  const held = SIDES.flatMap((side) =>
    mapping.sides[side] === undefined ? missing(mapping, side, input) : []
  );
  return { mapping, held, problems };
}

/** Why a collection that is missing on `side` is not made there, if it is not. */
function missing(mapping: Mapping, side: Side, input: PairingInput): readonly Held[] {
  const other = mapping.sides[otherSide(side)];
  const vanished = other !== undefined &&
    input.known.some((key) =>
      key.id === mapping.id && key.identities[otherSide(side)] === other.identity
    );
  if (vanished) {
    return [{
      guard: "missing collection",
      on: otherSide(side),
      actions: 0,
      message: `collection "${mapping.id}" was kept in step and is no longer on ${
        input.names[side]
      }`,
      hint: `Nothing was deleted on ${
        input.names[otherSide(side)]
      }. Bring it back, or delete it there as well.`,
    }];
  }
  if (input.readOnly[side]) {
    return [{
      guard: "read only",
      on: side,
      actions: 0,
      message: `collection "${mapping.id}" is not on ${
        input.names[side]
      }, where nothing may be written`,
      hint: `Take "read_only" off ${
        input.names[side]
      }, make the collection there, or leave it out of the pair.`,
    }];
  }
  return [];
}

function sameId(
  id: CollectionId,
  side: Side,
  found: readonly Collection[],
  name: StorageName,
): Problem {
  return {
    side,
    error: new SyncError(
      `${name} has ${found.length} collections with the id "${id}": ${
        found.map((it) => it.href).join(", ")
      }`,
      {
        scope: "collection",
        kind: "duplicate",
        hint: "Rename one of them; until then neither is kept in step.",
      },
    ),
  };
}
