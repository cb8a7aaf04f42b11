/** Which collections of the two storages belong together. Pure. */

import type { CollectionId, Side, Sides, StorageName } from "../model/names.ts";
import { collectionId, SIDES } from "../model/names.ts";
import type { Held, Mapping } from "../model/plan.ts";
import type { CollectionName } from "../model/run.ts";
import type { CollectionKey } from "../model/status.ts";
import type { Collection } from "../model/storage.ts";
import { claimed, hidden, sameId, shared } from "./pairing_problems.ts";
import { isOf, type Pairing, type PairingInput, type Pairings } from "./pairing_types.ts";
import { heldIfEmptied, vanished, wasInStep, withAnother } from "./vanished.ts";

export type { Pairing, PairingInput, Pairings } from "./pairing_types.ts";

/** Two names that the configuration, or a listing, puts together. */
interface Wanted {
  readonly id: CollectionId;
  readonly names: Sides<CollectionName>;
}

/** Puts collections together: those that are mapped by name, and the others by their id. */
export function pairCollections(input: PairingInput): Pairings {
  const mapped = (input.wanted.mappings ?? []).map(({ alias, a, b }): Wanted => ({
    id: alias,
    names: { a, b },
  }));
  const named = input.wanted.ids.map(sameOnBoth);
  // What has a line of its own is not taken a second time, by the id that it happens to have.
  const mine: Sides<ReadonlySet<Collection>> = {
    a: new Set(mapped.flatMap(({ names }) => found(names.a, input.collections.a))),
    b: new Set(mapped.flatMap(({ names }) => found(names.b, input.collections.b))),
  };
  const taken = new Set([...mapped, ...named].map(({ id }) => id));
  const listed = new Set<CollectionId>();
  for (const side of SIDES) {
    if (!(side === "a" ? input.wanted.fromA : input.wanted.fromB && !input.oneWay)) continue;
    for (const it of input.collections[side]) if (!mine[side].has(it)) listed.add(it.id);
  }
  if (input.wanted.fromA || input.wanted.fromB) {
    // One that was kept in step and vanished from the side that names them is still ours to mention.
    for (const key of input.known) {
      if (SIDES.some((side) => stillThere(key, side, input, mine))) listed.add(key.id);
    }
  }
  const free: Sides<readonly Collection[]> = {
    a: input.collections.a.filter((it) => !mine.a.has(it)),
    b: input.collections.b.filter((it) => !mine.b.has(it)),
  };
  const others = [...listed].filter((id) => !taken.has(id)).map(sameOnBoth);
  const all = [
    ...mapped.map((it) => pairOne(it, input.collections, input)).map((it) =>
      listed.has(it.mapping.id) ? { ...it, problems: [...it.problems, hidden(it.mapping.id)] } : it
    ),
    ...named.map((it) => pairOne(it, input.collections, input)),
    ...others.map((it) =>
      withAnother(withClaimed(pairOne(it, free, input), mine, input.names), input)
    ),
  ].map((it) => renamed(it, input.known));
  const pairings = withoutSharing(heldIfEmptied(all, input), input.names)
    .filter(({ mapping }) => input.only === undefined || input.only.includes(mapping.id))
    .sort((one, other) => one.mapping.id < other.mapping.id ? -1 : 1);
  return { pairings, stale: input.only === undefined ? staleKeys(all, input.known) : [] };
}

const sameOnBoth = (id: CollectionId): Wanted => ({ id, names: { a: { id }, b: { id } } });

const found = (name: CollectionName, among: readonly Collection[]): readonly Collection[] =>
  "id" in name
    ? among.filter((it) => it.id === name.id)
    : among.filter((it) => bare(it.href) === bare(name.href));

/** A collection's path, as a person may have written it: with the slash at its end, or without. */
const bare = (href: string): string => href.replace(/\/+$/, "");

function stillThere(
  key: CollectionKey,
  side: Side,
  { collections }: PairingInput,
  mine: Sides<ReadonlySet<Collection>>,
): boolean {
  return collections[side].some((it) =>
    it.id === key.id && it.identity === key.identities[side] && !mine[side].has(it)
  );
}

function pairOne(
  { id, names }: Wanted,
  collections: Sides<readonly Collection[]>,
  input: PairingInput,
): Pairing {
  const there = { a: found(names.a, collections.a), b: found(names.b, collections.b) };
  const problems = SIDES.flatMap((side) =>
    there[side].length > 1 ? [sameId(names[side], side, there[side], input.names[side])] : []
  );
  const ids = { a: idOf(names.a), b: idOf(names.b) };
  const mapping: Mapping = {
    id,
    sides: { a: there.a[0], b: there.b[0] },
    ...(ids.a === id && ids.b === id ? {} : { ids }),
  };
  if (problems.length > 0) return { mapping, held: [], problems };
  const missing = SIDES.filter((side) => mapping.sides[side] === undefined);
  const [side] = missing;
  if (side === undefined) return { mapping, held: [], problems };
  const isCopy = input.oneWay && side === "b";
  if (missing.length === 1 && !isCopy && wasInStep(mapping, side, input)) {
    return vanished(mapping, side, input);
  }
  return { mapping, held: missing.flatMap((it) => cannotMake(mapping, it, input)), problems };
}

/** What a collection that has to be made is called: the last part of its path, if that was given. */
const idOf = (name: CollectionName): CollectionId =>
  "id" in name ? name.id : collectionId(decoded(bare(name.href).split("/").at(-1) ?? ""));

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    if (error instanceof URIError) return segment;
    throw error;
  }
}

/** What was kept in step under another alias goes on where it was. */
function renamed(pairing: Pairing, known: readonly CollectionKey[]): Pairing {
  const { mapping } = pairing;
  const keys = known.filter((it) => isOf(it, mapping));
  const [key] = keys;
  if (key === undefined || keys.some(({ id }) => id === mapping.id)) return pairing;
  return { ...pairing, mapping: { ...mapping, knownAs: key.id } };
}

/** The place where a collection would have to be made is taken by one that is mapped to another. */
function withClaimed(
  pairing: Pairing,
  all: Sides<ReadonlySet<Collection>>,
  names: Sides<StorageName>,
): Pairing {
  const { mapping } = pairing;
  const problems = SIDES.flatMap((side) =>
    mapping.sides[side] === undefined && [...all[side]].some(({ id }) => id === mapping.id)
      ? [claimed(side, mapping.id, names[side])]
      : []
  );
  if (problems.length === 0) return pairing;
  const { vanished: _left, ...rest } = pairing;
  return { ...rest, problems: [...pairing.problems, ...problems] };
}

/** Why a collection that is missing on `side` is not made there, if it is not. */
export function cannotMake(mapping: Mapping, side: Side, input: PairingInput): readonly Held[] {
  if (!input.readOnly[side]) return [];
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

/** A collection that is put together with two others would carry the items of one to the other. */
function withoutSharing(
  pairings: readonly Pairing[],
  names: Sides<StorageName>,
): readonly Pairing[] {
  const sharing = { a: sharers(pairings, "a"), b: sharers(pairings, "b") };
  return pairings.map((pairing) => {
    const problems = SIDES.flatMap((side) => {
      const identity = pairing.mapping.sides[side]?.identity;
      const ids = identity === undefined ? undefined : sharing[side].get(identity);
      return ids === undefined ? [] : [shared(side, ids, names[side])];
    });
    if (problems.length === 0) return pairing;
    const { vanished: _left, ...rest } = pairing;
    return { ...rest, problems: [...pairing.problems, ...problems] };
  });
}

/** The pairings that have a collection of that side in common, by its identity. */
function sharers(
  pairings: readonly Pairing[],
  side: Side,
): ReadonlyMap<string, readonly CollectionId[]> {
  const ids = new Map<string, CollectionId[]>();
  for (const { mapping } of pairings) {
    const identity = mapping.sides[side]?.identity;
    if (identity === undefined) continue;
    ids.set(identity, [...ids.get(identity) ?? [], mapping.id]);
  }
  return new Map([...ids].filter(([, sharing]) => sharing.length > 1));
}

/** As long as nothing is known of what took its place, it may be one of these that comes back. */
function staleKeys(
  pairings: readonly Pairing[],
  known: readonly CollectionKey[],
): readonly CollectionKey[] {
  return known.filter((key) =>
    !pairings.some(({ mapping }) => isOf(key, mapping)) &&
    pairings.filter(({ mapping }) => mapping.id === key.id).every(({ mapping }) =>
      known.some((it) => it.id === key.id && isOf(it, mapping))
    )
  );
}
