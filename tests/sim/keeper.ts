/** The statuses of all pairs, and what is left of them when the process dies. */

import { type Ident, SIDES } from "../../lib/model/names.ts";
import type { BaseItem } from "../../lib/model/plan.ts";
import type { CollectionStatus, Status } from "../../lib/model/status.ts";
import { type MemoryStatus, memoryStatus } from "../support/memory_status.ts";

export interface StatusKeeper {
  /** The status of a pair as it is now. */
  open(pair: string): Promise<Status>;
  /** The process dies; of the transactions under way, the first few are kept. */
  die(kept: number): void;
  /** The runs are over: resolves when others may begin. */
  settled(): Promise<void>;
  /** The same statuses again, to go on from here twice. */
  copy(): Promise<StatusKeeper>;
  /** Leaves nothing behind. */
  end(): Promise<void>;
}

/** Keeps them in memory. */
export function memoryKeeper(
  from: readonly (readonly [string, MemoryStatus])[] = [],
): StatusKeeper {
  const statuses = new Map<string, MemoryStatus>(
    from.map(([pair, status]) => [pair, memoryStatus(status.snapshot())]),
  );
  return {
    open(pair) {
      const status = statuses.get(pair) ?? memoryStatus();
      statuses.set(pair, status);
      return Promise.resolve(status);
    },
    die(kept) {
      for (const [pair, status] of statuses) {
        statuses.set(pair, memoryStatus(status.snapshot(kept)));
      }
    },
    settled: () => Promise.resolve(),
    end: () => Promise.resolve(),
    copy: () => Promise.resolve(memoryKeeper([...statuses])),
  };
}

/** All that the base holds. */
export async function baseOf(status: CollectionStatus): Promise<ReadonlyMap<Ident, BaseItem>> {
  const idents = new Set<Ident>();
  for (const side of SIDES) {
    for (const { ident } of (await status.known(side)).values()) idents.add(ident);
  }
  return await status.base([...idents].sort());
}

/** All that a run could learn from a status, as text: the same text, the same status. */
export async function dumpOf(status: Status): Promise<string> {
  const all = [];
  for (const key of await status.collections()) {
    const collection = status.collection(key);
    const base = [...(await baseOf(collection)).values()];
    const sides = [];
    for (const side of SIDES) {
      sides.push({
        cursor: await collection.cursor(side),
        observations: await collection.observations(side),
        bodies: await Promise.all(
          base.map(async ({ ident }) => (await collection.baseBody(ident, side))?.length),
        ),
      });
    }
    const intents = [await collection.openIntents(), await collection.nextIntent()];
    all.push({ key, base, sides, intents });
  }
  return JSON.stringify(all);
}
