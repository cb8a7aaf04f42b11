/** The statuses of all pairs, and what is left of them when the process dies. */

import type { Ident } from "../../lib/model/names.ts";
import type { BaseItem } from "../../lib/model/plan.ts";
import type { CollectionKey, CollectionStatus, Status } from "../../lib/model/status.ts";
import { type MemoryStatus, memoryStatus } from "../support/memory_status.ts";

export interface StatusKeeper {
  /** The status of a pair as it is now. */
  open(pair: string): Status;
  /** The process dies; of the transactions under way, the first few are kept. */
  die(kept: number): void;
  /** Resolves when a new process may go on. */
  settled(): Promise<void>;
  /** All that the base holds. */
  base(
    pair: string,
    key: CollectionKey,
    status: CollectionStatus,
  ): Promise<ReadonlyMap<Ident, BaseItem>>;
  /** Everything that is kept, as text: the same text, the same status. */
  dump(): string;
}

/** Keeps them in memory. May be copied, to go on from here twice. */
export interface MemoryKeeper extends StatusKeeper {
  copy(): MemoryKeeper;
}

export function memoryKeeper(
  from: readonly (readonly [string, MemoryStatus])[] = [],
): MemoryKeeper {
  const statuses = new Map<string, MemoryStatus>(
    from.map(([pair, status]) => [pair, memoryStatus(status.snapshot())]),
  );
  const statusOf = (pair: string): MemoryStatus => {
    const known = statuses.get(pair) ?? memoryStatus();
    statuses.set(pair, known);
    return known;
  };
  return {
    open: statusOf,
    copy: () => memoryKeeper([...statuses]),
    die(kept) {
      for (const [pair, status] of statuses) {
        statuses.set(pair, memoryStatus(status.snapshot(kept)));
      }
    },
    settled: () => Promise.resolve(),
    async base(_pair, _key, status) {
      const idents = [...(await status.known("a")).values()].map((it) => it.ident);
      // Two items may have been under one href of one side, but not of both.
      idents.push(...[...(await status.known("b")).values()].map((it) => it.ident));
      return await status.base(idents);
    },
    dump: () =>
      JSON.stringify([...statuses].map(([pair, status]) => [
        pair,
        [...status.snapshot().collections.values()].map((kept) => ({
          ...kept,
          base: [...kept.base].sort(),
          bodies: [...kept.bodies].map(([ident, { a, b }]) => [ident, a?.length, b?.length]).sort(),
          intents: [...kept.intents],
          outcomes: kept.outcomes.size,
          attic: kept.attic.length,
        })),
      ])),
  };
}
