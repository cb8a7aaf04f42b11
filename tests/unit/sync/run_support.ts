/** Two storages in memory, a status, and runs between them, for tests of whole runs. */

import { createMemory, type Memory, type MemoryOptions } from "../../../adapters/memory/mod.ts";
import { type Decide, withFaults } from "../../../adapters/with_faults.ts";
import type { SyncError } from "../../../lib/model/error.ts";
import type { Format } from "../../../lib/model/format.ts";
import { collectionId, ident, pairName, type Side, SIDES } from "../../../lib/model/names.ts";
import type { BaseItem, Plan } from "../../../lib/model/plan.ts";
import { PLAIN_POLICY, type Policy, type Report, type Run } from "../../../lib/model/run.ts";
import type { Storage } from "../../../lib/model/storage.ts";
import type { CollectionStatus } from "../../../lib/model/status.ts";
import {
  carryOut,
  type Decide as Answers,
  prepare,
  type Prepared,
  settleConflicts,
} from "../../../lib/sync/mod.ts";
import { type MemoryStatus, memoryStatus } from "../../support/memory_status.ts";

export interface Options {
  readonly kind?: "calendar" | "mail";
  readonly a?: Partial<MemoryOptions>;
  readonly b?: Partial<MemoryOptions>;
  readonly policy?: Partial<Policy>;
  /** Without it, nothing is merged. */
  readonly format?: Format;
}

/** What a run came to, in words. */
export interface Ran {
  readonly plan: Plan;
  readonly report: Report;
  /** What was done on the sides: `create x on b`, sorted. */
  readonly done: readonly string[];
  /** What was asked of each storage: `a lists`, `b fetches x.ics y.ics`, `b: create x.ics`. */
  readonly asked: readonly string[];
  readonly conflicts: readonly string[];
  readonly problems: readonly SyncError[];
  /** Guards that stopped something, and on which side. */
  readonly held: readonly string[];
}

export interface Two {
  readonly a: Memory;
  readonly b: Memory;
  readonly status: MemoryStatus;
  /** @throws {SyncError} Where the run could not even be planned. */
  run(faults?: Partial<Record<Side, Decide>>, status?: Partial<CollectionStatus>): Promise<Ran>;
  /** Settles the conflicts of a plan as somebody answers, and does nothing else of it. */
  settle(answers: Answers): Promise<Ran>;
  /** Plans, and leaves it at that. */
  plan(): Promise<Plan>;
  /** What each side holds in the collection `work`: the texts by their hrefs. */
  items(side: Side): Readonly<Record<string, string>>;
  /** What the base says about an item of `work`. */
  base(uid: string): Promise<BaseItem | undefined>;
  /** All that the base holds, as UIDs. */
  agreed(): Promise<readonly string[]>;
}

/** Both sides have an empty collection `work`. */
export function two(options: Options = {}): Two {
  const open = (side: Side): Memory => {
    const kind = options.kind ?? "calendar";
    const memory = createMemory({ name: side, kind, ...options[side] });
    memory.add("work");
    return memory;
  };
  const memories = { a: open("a"), b: open("b") };
  const status = memoryStatus();
  const policy: Policy = {
    collections: { fromA: true, fromB: true, ids: [] },
    ...PLAIN_POLICY,
    ...options.policy,
  };

  const runOf = (
    asked: string[],
    done: string[],
    faults: Partial<Record<Side, Decide>> = {},
    instead: Partial<CollectionStatus> = {},
  ): Run => {
    const storage = (side: Side): Storage => {
      const watched = watching(memories[side].open(), side, asked);
      const decide = faults[side];
      return decide === undefined ? watched : withFaults(watched, decide);
    };
    return {
      pair: pairName("pair"),
      storages: { a: storage("a"), b: storage("b") },
      status: { ...status, collection: (key) => ({ ...status.collection(key), ...instead }) },
      policy,
      ...(options.format === undefined ? {} : { format: options.format }),
      signal: new AbortController().signal,
      onEvent: (event) => {
        if (event.type !== "effect" || event.outcome !== "done") return;
        done.push(`${event.effect.kind} ${event.effect.ident} on ${event.effect.on}`);
      },
    };
  };
  const key = () => {
    const identity = (side: Side) =>
      memories[side].collections().find((it) => it.id === "work")?.identity ?? "";
    return { id: collectionId("work"), identities: { a: identity("a"), b: identity("b") } };
  };

  const ran = async (
    chosen: (prepared: Prepared) => Promise<Prepared>,
    faults?: Partial<Record<Side, Decide>>,
    instead?: Partial<CollectionStatus>,
  ): Promise<Ran> => {
    const asked: string[] = [];
    const done: string[] = [];
    const prepared = await chosen(await prepare(runOf(asked, done, faults, instead)));
    const report = await carryOut(prepared);
    const collections = prepared.plan.collections;
    return {
      plan: prepared.plan,
      report,
      done: done.sort(),
      asked,
      conflicts: collections.flatMap((it) => it.conflicts.map(({ ident }) => ident)),
      problems: collections.flatMap((it) => it.problems.map(({ error }) => error)),
      held: collections.flatMap((it) => it.held.map(({ guard, on }) => `${guard} on ${on}`)),
    };
  };

  return {
    ...memories,
    status,
    run: (faults, instead) => ran((prepared) => Promise.resolve(prepared), faults, instead),
    settle: (answers) => ran((prepared) => settleConflicts(prepared, answers)),
    plan: async () => (await prepare(runOf([], []))).plan,
    items: (side) =>
      Object.fromEntries(
        Array.from(memories[side].items("work").values(), ({ href, bytes }) =>
          [
            href,
            new TextDecoder().decode(bytes),
          ] as const).sort(),
      ),
    base: async (uid) => (await status.collection(key()).base([ident(uid)])).get(ident(uid)),
    agreed: async () =>
      Array.from((await status.collection(key()).known("a")).values(), (it) => it.ident).sort(),
  };
}

/** The storage, noting what is asked of it. */
function watching(storage: Storage, side: Side, asked: string[]): Storage {
  return {
    ...storage,
    createCollection(id, properties, signal) {
      asked.push(`${side}: make ${id}`);
      return storage.createCollection(id, properties, signal);
    },
    changes(collection, cursor, signal) {
      asked.push(`${side} lists`);
      return storage.changes(collection, cursor, signal);
    },
    fetch(collection, hrefs, options) {
      asked.push(`${side} fetches ${[...hrefs].sort().join(" ")}`);
      return storage.fetch(collection, hrefs, options);
    },
    apply(collection, actions, signal) {
      const noted = async function* () {
        for await (const action of actions) {
          asked.push(`${side}: ${action.kind} ${action.href}`);
          yield action;
        }
      };
      return storage.apply(collection, noted(), signal);
    },
  };
}

/** An item. */
export const event = (uid: string, says: string): string => `UID:${uid}\n${says}`;

/** Both sides agree on these, each under `x.ics` on both, and saying so. */
export async function agreedOn(options: Options, ...uids: readonly string[]): Promise<Two> {
  const world = two(options);
  for (const uid of uids) {
    for (const side of SIDES) world[side].put("work", `${uid}.ics`, event(uid, "as agreed"));
  }
  await world.run();
  return world;
}
