/**
 * What an effect needs in hand before it is begun: the bytes that it writes, and the bytes that it
 * overwrites or deletes (rule 10). What the survey did not keep is fetched again, many at a time.
 */

import type { Body, Fetched, Item } from "../model/item.ts";
import type { Digest, Href, Ident, Sides } from "../model/names.ts";
import { otherSide } from "../model/names.ts";
import type { BaseItem, Effect } from "../model/plan.ts";
import type { CollectionStatus, Intent } from "../model/status.ts";
import type { Collection, Content, Storage } from "../model/storage.ts";

export interface Ready {
  readonly effect: Effect;
  /** None for a deletion or a change of flags. */
  readonly content: Content | undefined;
  /** What is overwritten or deleted; a mail's bytes are yet to be read. */
  readonly attic: Intent["attic"] | Body;
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
  const base = await input.status.base(effects.map((effect) => effect.ident));
  for (const effect of effects) {
    if (needsSource(effect)) {
      asked[otherSide(effect.on)].push(effect.from.href);
    }
    if (effect.kind === "update" || effect.kind === "delete") {
      const partial = input.storages[effect.on].capabilities.partial === true;
      const attic = partial
        ? undefined
        : await heldAlready(input.status, effect, base.get(effect.ident));
      if (attic === undefined) asked[effect.on].push(effect.target.href);
      kept.set(effect, attic);
    }
  }
  const fetched = {
    a: await fetchAll(input, "a", asked.a),
    b: await fetchAll(input, "b", asked.b),
  };
  const isMail = input.storages.a.capabilities.kind === "mail";
  const ready: (Ready | Stale)[] = [];
  for (const effect of effects) {
    let content: Content | undefined;
    if (effect.kind === "create" || effect.kind === "update") {
      const { from, merged } = effect;
      const there = fetched[otherSide(effect.on)].get(from.href);
      const source = isMail ? present(there) : matching(there, effect.ident, from.digest);
      const body = merged?.body ?? from.body ?? source?.body;
      if (body === undefined) {
        ready.push({ effect, reason: "it changed on the other side meanwhile" });
        continue;
      }
      const flags = (effect.kind === "create" ? effect.flags : undefined) ?? from.flags;
      const mail = source?.mail === undefined ? {} : { mail: source.mail };
      content = merged ?? { digest: from.digest, flags, body, ...mail };
    }
    let attic: Ready["attic"] = kept.get(effect);
    if ((effect.kind === "update" || effect.kind === "delete") && attic === undefined) {
      const { target } = effect;
      const there = fetched[effect.on].get(target.href);
      const item = isMail ? present(there) : matching(there, effect.ident, target.digest);
      const old = item?.stored ?? item?.body;
      attic = isMail ? old : await old?.bytes();
      if (attic === undefined) {
        ready.push({ effect, reason: "it changed meanwhile" });
        continue;
      }
    }
    ready.push({ effect, content, attic });
  }
  return ready;
}

const needsSource = (
  effect: Effect,
): effect is Extract<Effect, { readonly kind: "create" | "update" }> =>
  (effect.kind === "create" || effect.kind === "update") &&
  effect.merged === undefined && effect.from.body === undefined;

/** What is overwritten, if the survey or the base has its bytes. */
async function heldAlready(
  status: CollectionStatus,
  { ident, on, target }: Extract<Effect, { readonly kind: "update" | "delete" }>,
  base: BaseItem | undefined,
): Promise<Intent["attic"]> {
  const bytes = await target.body?.bytes();
  if (bytes !== undefined) return bytes;
  // An interrupted run may have written what the base does not hold yet.
  if (base?.sides[on].digest !== target.digest) return undefined;
  return await status.baseBody(ident, on) === undefined ? undefined : "base";
}

/** What was fetched, if it still is what the plan has seen. */
export const matching = (
  fetched: Fetched | undefined,
  ident: Ident,
  digest: Digest,
): Item | undefined =>
  fetched?.state === "present" && fetched.item.ident === ident && fetched.item.digest === digest
    ? fetched.item
    : undefined;

/** Whatever is under a mail's UID is that mail: it has no other versions. */
const present = (fetched: Fetched | undefined): Item | undefined =>
  fetched?.state === "present" ? fetched.item : undefined;

/** What is said of these hrefs; what is not mentioned is left out. */
export async function fetchAll(
  { storages, collections, signal }: Pick<ContentsInput, "storages" | "collections" | "signal">,
  side: "a" | "b",
  hrefs: readonly Href[],
): Promise<ReadonlyMap<Href, Fetched>> {
  const found = new Map<Href, Fetched>();
  if (hrefs.length === 0) return found;
  for await (const batch of storages[side].fetch(collections[side], hrefs, { signal })) {
    for (const fetched of batch) {
      if (fetched.state === "present") found.set(fetched.item.href, fetched);
      else if (fetched.state === "unreadable") found.set(fetched.href, fetched);
    }
  }
  return found;
}
