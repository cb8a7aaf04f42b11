/**
 * A side whose items are seen otherwise than in the last run: a filter of its storage is new, another
 * one, or gone. What the filter does is nobody's edit. So what was agreed on is put through it as
 * well, and everything is looked into once more: what it hid until now is there, and is carried over.
 */

import type { Format } from "../model/format.ts";
import type { Digest, Ident, Side } from "../model/names.ts";
import { etag as etagOf, SIDES } from "../model/names.ts";
import type { BaseItem } from "../model/plan.ts";
import type { BaseMove, CollectionStatus } from "../model/status.ts";
import type { Storage } from "../model/storage.ts";
import { chunksOf } from "./bounded.ts";

export interface SeenAnew {
  /** As it would be if all had been seen like this from the beginning. */
  readonly status: CollectionStatus;
  /** Makes it so. */
  readonly renew: () => Promise<void>;
}

interface Renewed {
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

/** An etag that no version has, so that each is fetched. */
const NO_VERSION = etagOf("seen otherwise");
const MOVES_AT_ONCE = 1_000;

/** None where the side's items are seen as they were. */
export async function seenAnew(
  status: CollectionStatus,
  side: Side,
  storage: Storage,
  format: Format | undefined,
  signal: AbortSignal,
): Promise<SeenAnew | undefined> {
  if ((await status.view(side) ?? "") === (storage.view ?? "")) return undefined;
  const known = await status.known(side);
  const idents = new Set([...known.values()].map(({ ident }) => ident));
  const renewed = new Map<Ident, Renewed>();
  for (const ident of idents) {
    const bytes = await status.baseBody(ident, side);
    // What cannot be put through it stays as it is: then it may look edited, and is a question.
    const now = bytes === undefined ? undefined : await storage.reread?.(bytes, signal);
    const read = now === undefined ? undefined : format?.read(now);
    if (now !== undefined && read?.state === "read" && read.ident === ident) {
      renewed.set(ident, { digest: read.digest, bytes: now });
    }
  }
  const asSeen = (item: BaseItem): BaseItem => {
    const here = item.sides[side];
    const digest = renewed.get(item.ident)?.digest ?? here.digest;
    return { ...item, sides: { ...item.sides, [side]: { ...here, digest } } };
  };
  return {
    status: {
      ...status,
      cursor: (of) => of === side ? Promise.resolve(undefined) : status.cursor(of),
      observations: async (of) => {
        const all = await status.observations(of);
        return of === side ? all.filter((it) => it.state === "gone") : all;
      },
      known: async (of, hrefs) => {
        const found = await status.known(of, hrefs);
        if (of !== side) return found;
        return new Map(Array.from(found, ([href, it]) => {
          const digest = renewed.get(it.ident)?.digest ?? it.digest;
          return [href, { ...it, digest, etag: NO_VERSION }];
        }));
      },
      base: async (idents) =>
        new Map(
          Array.from(await status.base(idents), ([ident, item]) => [ident, asSeen(item)] as const),
        ),
      baseBody: async (ident, of) =>
        (of === side ? renewed.get(ident)?.bytes : undefined) ?? await status.baseBody(ident, of),
    },
    async renew() {
      const items = await status.base([...renewed.keys()]);
      const moves: BaseMove[] = [];
      for (const item of items.values()) {
        const bytes = renewed.get(item.ident)?.bytes;
        if (bytes === undefined) continue;
        const bodies: { a?: Uint8Array; b?: Uint8Array } = { [side]: bytes };
        for (const other of SIDES) {
          const kept = other === side ? undefined : await status.baseBody(item.ident, other);
          if (kept !== undefined) bodies[other] = kept;
        }
        moves.push({ kind: "set", item: asSeen(item), bodies });
      }
      for (const chunk of chunksOf(moves, MOVES_AT_ONCE)) {
        await status.settle(chunk.map((move) => ({ outcome: "done", move })));
      }
    },
  };
}
