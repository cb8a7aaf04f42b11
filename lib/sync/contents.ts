/**
 * What an effect needs in hand before it is begun: the bytes that it writes, and the bytes that it
 * overwrites or deletes (rule 10). What the survey did not keep is fetched again, many at a time.
 */

import type { Item } from "../model/item.ts";
import type { Digest, Href, Sides } from "../model/names.ts";
import { otherSide } from "../model/names.ts";
import type { Effect } from "../model/plan.ts";
import type { CollectionStatus, Intent } from "../model/status.ts";
import type { Collection, Content, Storage } from "../model/storage.ts";

export interface Ready {
  readonly effect: Effect;
  /** None for a deletion or a change of flags. */
  readonly content: Content | undefined;
  readonly attic: Intent["attic"];
}

/** An effect whose items are no longer what the plan had seen. */
export interface Stale {
  readonly effect: Effect;
  readonly reason: string;
}

export interface ContentsInput {
  readonly storages: Sides<Storage>;
  readonly collections: Sides<Collection>;
  readonly status: CollectionStatus;
  readonly signal: AbortSignal;
}

/** @throws {SyncError} Where a storage cannot be asked at all. */
export async function withContents(
  input: ContentsInput,
  effects: readonly Effect[],
): Promise<readonly (Ready | Stale)[]> {
  const kept = new Map<Effect, Intent["attic"]>();
  const asked: Record<"a" | "b", Href[]> = { a: [], b: [] };
  for (const effect of effects) {
    if ((effect.kind === "create" || effect.kind === "update") && effect.from.body === undefined) {
      asked[otherSide(effect.on)].push(effect.from.href);
    }
    if (effect.kind === "update" || effect.kind === "delete") {
      const attic = await heldAlready(input.status, effect);
      if (attic === undefined) asked[effect.on].push(effect.target.href);
      kept.set(effect, attic);
    }
  }
  const fetched = {
    a: await fetchItems(input, "a", asked.a),
    b: await fetchItems(input, "b", asked.b),
  };
  const ready: (Ready | Stale)[] = [];
  for (const effect of effects) {
    let content: Content | undefined;
    if (effect.kind === "create" || effect.kind === "update") {
      const { from } = effect;
      const body = from.body ??
        matching(fetched[otherSide(effect.on)].get(from.href), from.digest)?.body;
      if (body === undefined) {
        ready.push({ effect, reason: "it changed on the other side meanwhile" });
        continue;
      }
      content = { digest: from.digest, flags: from.flags, body };
    }
    let attic = kept.get(effect);
    if ((effect.kind === "update" || effect.kind === "delete") && attic === undefined) {
      const { target } = effect;
      attic = await matching(fetched[effect.on].get(target.href), target.digest)?.body.bytes();
      if (attic === undefined) {
        ready.push({ effect, reason: "it changed meanwhile" });
        continue;
      }
    }
    ready.push({ effect, content, attic });
  }
  return ready;
}

/** What is overwritten, if the survey or the base has its bytes. */
async function heldAlready(
  status: CollectionStatus,
  effect: Extract<Effect, { readonly kind: "update" | "delete" }>,
): Promise<Intent["attic"]> {
  const bytes = await effect.target.body?.bytes();
  if (bytes !== undefined) return bytes;
  const base = await status.baseBody(effect.ident, effect.on);
  return base === undefined ? undefined : "base";
}

const matching = (item: Item | undefined, digest: Digest): Item | undefined =>
  item?.digest === digest ? item : undefined;

/** The items under these hrefs that could be read. */
export async function fetchItems(
  { storages, collections, signal }: Pick<ContentsInput, "storages" | "collections" | "signal">,
  side: "a" | "b",
  hrefs: readonly Href[],
): Promise<ReadonlyMap<Href, Item>> {
  const items = new Map<Href, Item>();
  if (hrefs.length === 0) return items;
  for await (const batch of storages[side].fetch(collections[side], hrefs, { signal })) {
    for (const fetched of batch) {
      if (fetched.state === "present") items.set(fetched.item.href, fetched.item);
    }
  }
  return items;
}
