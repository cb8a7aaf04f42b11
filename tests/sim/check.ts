/**
 * How simulations are run, and how one that finds a fault is told:
 *
 *     SIM_RUNS=100000 SIM_SEED=random deno test -A tests/sim
 *
 * SIM_RUNS: how many schedules of one pair, and a part of that of what takes longer. SIM_SEED: a
 * number, or `random`; by default always the same. SIM_PATH: with the seed, the one that failed.
 * What was found once is kept in `seeds.txt` and run every time.
 */

import { deepStrictEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { CELLS, type Counts } from "./counts.ts";
import { memoryKeeper, type StatusKeeper } from "./keeper.ts";
import type { Simulated } from "./simulate.ts";

/** How many schedules are run by default: what takes some 20 seconds on two cores. */
const RUNS = 6_000;
/** Run twice, one in so many schedules, to see that the same seed does the same. */
const TWICE = 20;

export type Simulate<S> = (
  schedule: S,
  keeper: StatusKeeper,
  counts: Counts,
) => Promise<Simulated>;

export interface Simulation<S> {
  readonly file: string;
  readonly schedules: fc.Arbitrary<S>;
  readonly simulate: Simulate<S>;
  /** How many of the schedules that are asked for. */
  readonly share: number;
  readonly keeper?: () => Promise<StatusKeeper> | StatusKeeper;
}

export interface Explored {
  readonly counts: Counts;
  /** Whether all schedules were run, and not one alone. */
  readonly all: boolean;
}

/** Runs schedules until one breaks a rule, and tells how to see that again. */
export async function explore<S>(
  { file, schedules, simulate, share, keeper = memoryKeeper }: Simulation<S>,
): Promise<Explored> {
  const play = async (schedule: S, counts: Counts): Promise<Simulated> => {
    const own = await keeper();
    try {
      return await simulate(schedule, own, counts);
    } finally {
      await own.end();
    }
  };
  const counts: Counts = new Map();
  const path = Deno.env.get("SIM_PATH");
  const seed = seedFrom(Deno.env.get("SIM_SEED"));
  const numRuns = Math.ceil(Number(Deno.env.get("SIM_RUNS") ?? RUNS) * share);
  let done = 0;
  let pairRuns = 0;
  const started = performance.now();
  const result = await fc.check(
    fc.asyncProperty(schedules, async (schedule) => {
      const once = await play(schedule, counts);
      pairRuns += once.runs;
      if (done++ % TWICE === 0) {
        const again = await play(schedule, new Map());
        deepStrictEqual(again.trace, once.trace, "I12: the same schedule took another course");
      }
      ok(once.violations.length === 0, [...new Set(once.violations)].join("\n"));
    }),
    { numRuns, seed, ...(path === undefined ? {} : { path }) },
  );
  const seconds = (performance.now() - started) / 1000;
  if (result.failed) throw told(file, result);
  console.log(
    `${done} schedules (seed ${seed}), ${pairRuns} runs in ${seconds.toFixed(1)} s: ` +
      `${Math.round(done / seconds)} schedules/s, ${Math.round(pairRuns / seconds)} runs/s`,
  );
  return { counts, all: path === undefined && numRuns >= RUNS * share };
}

function told<S>(file: string, result: fc.RunDetails<[S]>): Error {
  const cause = result.errorInstance;
  return new Error(
    `${cause instanceof Error ? cause.message : "a schedule broke a rule"}

to see it again:
  SIM_SEED=${result.seed} SIM_PATH=${result.counterexamplePath} deno test -A tests/sim/${file}

for seeds.txt:
${JSON.stringify(result.counterexample?.[0])}`,
    { cause },
  );
}

function seedFrom(given: string | undefined): number {
  if (given === undefined) return 1;
  return given === "random" ? crypto.getRandomValues(new Int32Array(1))[0] ?? 1 : Number(given);
}

/** Fails unless every decision and every way of an effect was reached. */
export function reached(
  counts: Counts,
  ways: readonly string[],
  cells: readonly string[] = CELLS,
): void {
  const wanted = [...cells.map((cell) => `cell: ${cell}`), ...ways];
  deepStrictEqual(wanted.filter((it) => !counts.has(it)), [], "the simulation did not reach these");
}
