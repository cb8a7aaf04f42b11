/** The bytes of items as each side holds them now: from the survey, the base, or the storage. */

import type { Href, Ident, Side, Sides } from "../model/names.ts";
import { SIDES } from "../model/names.ts";
import type { BaseItem, Source } from "../model/plan.ts";
import { type ContentsInput, fetchAll, matching } from "./contents.ts";

/** None where it is no longer as it was seen. */
export type ReadBytes = (
  ident: Ident,
  side: Side,
  source: Source,
) => Promise<Uint8Array | undefined>;

/**
 * Fetches what neither the survey nor the base has, all of it together.
 * @throws {SyncError} Where a storage cannot be asked at all.
 */
export async function openBytes(
  input: ContentsInput,
  items: readonly (readonly [Ident, Sides<Source>])[],
): Promise<ReadBytes> {
  const base = await input.status.base(items.map(([ident]) => ident));
  const fetched = { a: new Map(), b: new Map() };
  for (const side of SIDES) {
    const hrefs: Href[] = [];
    for (const [ident, { [side]: source }] of items) {
      const atHand = source.body !== undefined ||
        isBase(base.get(ident), side, source) &&
          await input.status.baseBody(ident, side) !== undefined;
      if (!atHand) hrefs.push(source.href);
    }
    for (const entry of await fetchAll(input, side, hrefs)) fetched[side].set(...entry);
  }
  return async (ident, side, source) => {
    if (source.body !== undefined) return await source.body.bytes();
    const there = fetched[side].get(source.href);
    if (there !== undefined) return await matching(there, ident, source.digest)?.body.bytes();
    return isBase(base.get(ident), side, source)
      ? await input.status.baseBody(ident, side)
      : undefined;
  };
}

const isBase = (base: BaseItem | undefined, side: Side, { digest }: Source): boolean =>
  base?.sides[side].digest === digest;
