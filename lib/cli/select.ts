/** Which pairs, and which collections of them, the words of a command line mean. */

import { choosePairs, namedCollections } from "../config/choose.ts";
import type { Config, PairConfig } from "../config/config.ts";
import { nearest } from "../config/near.ts";
import { type CollectionId, collectionId } from "../model/names.ts";
import type { Plan } from "../model/plan.ts";
import { UsageError } from "./usage_error.ts";

/** A pair that was chosen, and only some of its collections if those were named. */
export interface Chosen {
  readonly pair: PairConfig;
  readonly only?: readonly CollectionId[];
}

/**
 * The pairs of `PAIR` and `PAIR/COLLECTION`, in the order of the configuration; all without any.
 * Throws `ConfigError` for pairs that are not there, and {@linkcode UsageError} for collections that
 * cannot be.
 */
export function choose(config: Config, targets: readonly string[]): readonly Chosen[] {
  const wanted = targets.map((target) => parseTarget(config, target));
  const pairs = choosePairs(config, wanted.map((it) => it.pair));
  return pairs.map((pair) => {
    const ofPair = wanted.filter((it) => it.pair === pair.name);
    const ids = ofPair.flatMap((it) => it.collection === undefined ? [] : [it.collection]);
    // The whole pair was named as well, or nothing was named at all.
    if (ids.length < ofPair.length || ids.length === 0) return { pair };
    for (const id of ids) mustBePossible(pair, id);
    return { pair, only: [...new Set(ids)].map(collectionId) };
  });
}

interface Target {
  readonly pair: string;
  readonly collection?: string;
}

/** A pair's name may hold slashes, and so may a collection's id: the longest pair that fits. */
function parseTarget(config: Config, target: string): Target {
  const names = config.pairs.map(({ name }): string => name);
  if (names.includes(target)) return { pair: target };
  const [pair] = names
    .filter((name) => target.startsWith(`${name}/`) && target.length > name.length + 1)
    .sort((left, right) => right.length - left.length);
  if (pair !== undefined) return { pair, collection: target.slice(pair.length + 1) };
  const [first = "", ...rest] = target.split("/");
  const collection = rest.join("/");
  // What a script left empty must not come to mean everything.
  if (rest.length > 0 && collection === "") {
    throw new UsageError(`"${target}" names no collection.`, [
      `Write "${first}" for the whole pair, or "${first}/COLLECTION".`,
    ]);
  }
  return collection === "" ? { pair: first } : { pair: first, collection };
}

/** Where a pair lists its collections one by one, no other can be meant. */
function mustBePossible({ name, collections }: PairConfig, id: string): void {
  const { all, fromA, fromB } = collections;
  const ids = namedCollections(collections);
  if (all || fromA || fromB || ids.some((it) => it === id)) return;
  const meant = nearest(id, ids);
  throw new UsageError(`The pair "${name}" has no collection "${id}".`, [
    ...(meant === undefined ? [] : [`did you mean "${name}/${meant}"?`]),
    ids.length === 0
      ? 'It has no collections at all: add "collections all" to it.'
      : `Its collections are ${ids.join(", ")}.`,
  ]);
}

/** Throws {@linkcode UsageError} where the pair turned out not to have what was named. */
export function mustBeThere({ pair, only }: Chosen, { collections }: Plan): void {
  const id = only?.find((it) => !collections.some(({ mapping }) => mapping.id === it));
  if (id === undefined) return;
  throw new UsageError(`Neither side of the pair "${pair.name}" has a collection "${id}".`, [
    `"dovetail discover ${pair.name}" lists those that are there.`,
  ]);
}

/** Throws {@linkcode UsageError} where there is nothing that could be brought in step. */
export function mustHavePairs({ file, pairs }: Config): void {
  if (pairs.length > 0) return;
  throw new UsageError("There is no pair to bring in step.", [
    `Add one to ${file}; "dovetail help config" shows how.`,
  ]);
}
