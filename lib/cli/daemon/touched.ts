/** What a change that a storage tells of means for a pair. */

import { namedCollections } from "../../config/choose.ts";
import type { PairConfig } from "../../config/config.ts";
import { type CollectionId, type Href, SIDES, type StorageName } from "../../model/names.ts";
import type { Mapping } from "../../model/plan.ts";

export type Meaning =
  | { readonly kind: "collection"; readonly id: CollectionId }
  /** It may be a new one: the whole pair is looked at. */
  | { readonly kind: "pair" }
  /** It is none of the pair's. */
  | { readonly kind: "nothing" };

/** `known`: the collections of the pair as the last run of all of them found them. */
export function meaningOf(
  pair: PairConfig,
  known: readonly Mapping[] | undefined,
  storage: StorageName,
  href: Href | undefined,
): Meaning {
  if (known === undefined || href === undefined) return { kind: "pair" };
  const sides = SIDES.filter((side) => pair[side] === storage);
  const touched = known.find((it) => sides.some((side) => it.sides[side]?.href === href));
  if (touched !== undefined) return { kind: "collection", id: touched.id };
  const { all, fromA, fromB } = pair.collections;
  const isFixed = !(all || fromA || fromB);
  const areAllThere = known.length === namedCollections(pair.collections).length &&
    known.every((it) => it.sides.a !== undefined && it.sides.b !== undefined);
  return isFixed && areAllThere ? { kind: "nothing" } : { kind: "pair" };
}
