/** Two storages and a status on which a scenario is played, as often as wanted, from the same start. */

import { createMemory, type Memory, type Stored } from "../../adapters/memory/mod.ts";
import type { Format } from "../../lib/model/format.ts";
import { collectionId, pairName, type Side, SIDES } from "../../lib/model/names.ts";
import { PLAIN_POLICY, type Resolution, type Run } from "../../lib/model/run.ts";
import { carryOut, prepare } from "../../lib/sync/mod.ts";
import { PLAIN_FORMAT } from "../support/plain_format.ts";
import { dumpOf, memoryKeeper, type StatusKeeper } from "../sim/keeper.ts";
import type { Happening } from "../sim/schedule.ts";
import { newStage, type Stage } from "../sim/stage.ts";
import { type Clerk, stagedStatus, stagedStorage, type Witness } from "../sim/staged.ts";
import { readItem, textOf, withNoise } from "../sim/text.ts";
import type { Scenario } from "./scenarios.ts";

export interface Manners {
  readonly name: string;
  /** Decides which of the steps that fall together comes first. */
  readonly pace: number;
  readonly width?: number;
  readonly listsChanges?: boolean;
  readonly etagOnWrite?: boolean;
  readonly assignsHrefs?: boolean;
  /** Whether the storages add what the digest ignores. */
  readonly noise?: boolean;
}

/** A step to die at. */
export interface Point {
  readonly at: number;
  readonly what: string;
  /** Of the transactions under way, so many are durable. */
  readonly kept: number;
}

/** How a run went. */
export interface Course {
  /** The steps at which it could have died. */
  readonly points: readonly Point[];
  /** How many actions came to be carried out, and on which of the sides. */
  readonly actions: readonly number[];
}

export interface Play {
  /** Runs, until it is over or dead, with what happens to it. */
  run(happens?: readonly Happening[]): Promise<Course>;
  /** What a and b hold, as the table writes it. */
  sides(): readonly string[];
  /** How often anything was written to a storage. */
  effects(): number;
  /** How many items were fetched. */
  fetches(): number;
  /** All of the status but the cursors, as text. */
  dump(): Promise<string>;
  /** Leaves nothing behind. */
  end(): Promise<void>;
}

/** The point where the run of a scenario begins. */
export interface Start {
  /** From there, once more. */
  play(): Promise<Play>;
  end(): Promise<void>;
}

/** Brings both sides to the point where the run begins. */
export async function start(
  scenario: Scenario,
  manners: Manners,
  keeper: StatusKeeper = memoryKeeper(),
): Promise<Start> {
  const { noise, name: _, pace: __, width: ___, ...behaviour } = manners;
  const open = (name: Side): Memory =>
    createMemory({
      name,
      kind: "calendar",
      read: readItem,
      ...behaviour,
      ...(noise
        ? {
          rewrite: (bytes) =>
            new TextEncoder().encode(withNoise(new TextDecoder().decode(bytes), name)),
        }
        : {}),
    });
  const memories = { a: open("a"), b: open("b") };
  for (const side of SIDES) {
    if (scenario[side] !== "none" || scenario.base !== "") memories[side].add("work");
    if (scenario.base !== "") fill(memories[side], scenario.base);
  }
  if (scenario.base !== "") await played(memories, keeper, manners).run();
  for (const side of SIDES) if (scenario[side] !== "none") fill(memories[side], scenario[side]);
  await keeper.settled();
  return {
    play: async () =>
      played(
        { a: memories.a.copy(), b: memories.b.copy() },
        await keeper.copy(),
        manners,
        scenario.conflicts,
      ),
    end: () => keeper.end(),
  };
}

interface Wanted {
  readonly at: string;
  readonly text: string;
  readonly flags: readonly string[];
  readonly unreadable: boolean;
}

/** `x1/2@name+flag!` */
function wantedOf(word: string): Wanted {
  const [, uid = "", value = "", second, at, flags, broken] =
    /^(.)(\d)(?:\/(\d))?(?:@(\w+))?(?:\+([\w,]+))?(!?)$/.exec(word) ?? [];
  if (uid === "") throw new RangeError(`"${word}" is no item`);
  return {
    at: at ?? (uid === "-" ? "plain" : uid),
    text: textOf(uid === "-" ? undefined : uid, value) +
      (second === undefined ? "" : `TEXT:${second}\n`),
    flags: flags?.split(",") ?? [],
    unreadable: broken === "!",
  };
}

/** Makes the collection hold these and nothing else, and touches nothing that it holds already. */
function fill(memory: Memory, items: string): void {
  const wanted = items.split(" ").filter((it) => it !== "").map(wantedOf);
  for (const [href] of memory.items("work")) {
    if (!wanted.some((it) => it.at === href)) memory.remove("work", href);
  }
  for (const { at, text, flags, unreadable } of wanted) {
    const same = memory.text("work", at) === text &&
      String([...memory.items("work").values()].find((it) => it.href === at)?.flags) ===
        String(flags);
    if (!same) memory.put("work", at, text, { flags });
    if (unreadable) memory.setUnreadable("work", at, true);
  }
}

/** The table's word for an item; where it is does not matter. */
function wordOf({ bytes, flags, unreadable }: Stored): string {
  const { ident, digest } = readItem(bytes);
  const uid = digest.startsWith("UID:") ? ident : "-";
  const value = /SAYS:(\d)/.exec(digest)?.[1] ?? "";
  const second = /TEXT:(\d)/.exec(digest)?.[1];
  const marks = `${flags.length === 0 ? "" : `+${flags}`}${unreadable === undefined ? "" : "!"}`;
  return `${uid}${value}${second === undefined ? "" : `/${second}`}${marks}`;
}

const FORMAT: Format = {
  ...PLAIN_FORMAT,
  read: (bytes) => ({ state: "read", ...readItem(bytes) }),
};

const UNSEEN: Omit<Witness, "fetched"> = {
  listed: () => {},
  looks: () => {},
  made: () => {},
  acts: () => {},
  acted: () => {},
};
const UNWRITTEN: Clerk = { writes: () => {}, intends: () => {}, begun: () => {} };
/** Steps between which something is different on a storage or in the status. */
const COUNTS =
  /action|done|status (begin|settle|conclude|rename|forget|properties)|(create|delete|rename)Collection|renumber|setProperty/;

/** What there was in a run to go wrong. */
export function courseOf(stage: Stage): Course {
  const actions = stage.trace.flatMap((what) => {
    const [, side] = /^(\d) apply action/.exec(what) ?? [];
    return side === undefined ? [] : [Number(side)];
  });
  const points = stage.trace.flatMap((what, index): Point[] => {
    if (!COUNTS.test(what)) return [];
    const point = { at: index + 1, what };
    return what.endsWith("under way")
      ? [{ ...point, kept: 0 }, { ...point, kept: 9 }]
      : [{ ...point, kept: 0 }];
  });
  return { points, actions };
}

function played(
  memories: Readonly<Record<Side, Memory>>,
  keeper: StatusKeeper,
  manners: Manners,
  conflicts: Resolution = { kind: "none" },
): Play {
  let fetches = 0;
  const witness: Witness = { ...UNSEEN, fetched: (_, hrefs) => void (fetches += hrefs.length) };
  return {
    async run(happens = []) {
      const stage = newStage({
        happens,
        stores: 2,
        pace: manners.pace,
        edit: () => {},
        die: (kept) => keeper.die(kept),
      });
      const storage = (side: Side, at: number) =>
        stagedStorage({ at, memory: memories[side], width: manners.width ?? 1 }, stage, witness);
      const run: Run = {
        pair: pairName("pair"),
        storages: { a: storage("a", 0), b: storage("b", 1) },
        status: stagedStatus(await keeper.open("pair"), stage, UNWRITTEN),
        policy: {
          ...PLAIN_POLICY,
          conflicts,
          collections: { fromA: true, fromB: true, ids: [collectionId("work")] },
        },
        format: FORMAT,
        signal: stage.signal,
        onEvent: () => {},
      };
      try {
        await carryOut(await prepare(run));
      } catch (thrown) {
        if (stage.process.alive) throw thrown;
      }
      // What had come as far as a storage is still done there.
      for (let left = 60; left > 0; left--) await undefined;
      await keeper.settled();
      return courseOf(stage);
    },
    sides: () =>
      SIDES.map((side) => [...memories[side].items("work").values()].map(wordOf).sort().join(" ")),
    effects: () => memories.a.effects() + memories.b.effects(),
    fetches: () => fetches,
    end: () => keeper.end(),
    dump: async () => (await dumpOf(await keeper.open("pair"))).replace(/"cursor":"[^"]*",/g, ""),
  };
}
