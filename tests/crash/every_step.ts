/**
 * Every step at which a run can die. Each scenario runs once without an accident, to count its steps:
 * writes on a storage and transactions of the status. Then, for each of them, it runs from the same
 * start, dies there, and a new engine goes on with what is left on the storages and in the status.
 * That has to come to the same end, and a further run has nothing to do.
 */

import { deepStrictEqual, ok } from "node:assert/strict";
import { AT_ACTION } from "../sim/schedule.ts";
import type { Play, Start } from "./play.ts";
import type { Scenario } from "./scenarios.ts";

/** What a scenario comes to, and what is done there with conflicts. */
export interface Ending extends Pick<Scenario, "name" | "afterA" | "afterB" | "conflicts"> {
  /** After how many runs there is nothing left to be seen or done. Default: 1. */
  readonly runs?: number;
}

/** Gives back at how many steps the run could have died. */
export async function everyStep(scenario: Ending, begin: Start): Promise<number> {
  const smooth = await begin.play();
  const { points } = await smooth.run();
  for (let runs = scenario.runs ?? 1; runs > 1; runs--) await smooth.run();
  await isOver(smooth, scenario, scenario.name);
  for (const { at, what, kept } of points) {
    const play = await begin.play();
    await play.run([{ at, dies: kept }]);
    for (let runs = runsToMend(scenario); runs > 0; runs--) await play.run();
    await isOver(play, scenario, `${scenario.name}, dead at "${what}" (${kept} kept)`);
    await play.end();
  }
  await smooth.end();
  await begin.end();
  return points.length;
}

/** A copy has to be on both sides before what it is a copy of is overwritten: that takes a run more. */
export const runsToMend = ({ conflicts, runs = 1 }: Ending): number =>
  conflicts?.kind === "both" ? 2 : runs;

/** Both sides are as the table says, and a further run has nothing to do. */
export async function isOver(play: Play, scenario: Ending, what: string): Promise<void> {
  deepStrictEqual(play.sides(), [scenario.afterA, scenario.afterB], what);
  const effects = play.effects();
  const fetched = play.fetches();
  const status = await play.dump();
  await play.run();
  deepStrictEqual(play.effects(), effects, `${what}: the next run did something`);
  const unreadable = play.sides().join(" ").split("!").length - 1;
  // What could not be merged is looked at again: the pair may be told to do something else with it.
  const conflicts = scenario.conflicts === undefined || scenario.afterA === scenario.afterB ? 0 : 2;
  const may = unreadable + conflicts;
  ok(play.fetches() - fetched <= may, `${what}: the next run fetched something`);
  deepStrictEqual(await play.dump(), status, `${what}: the next run wrote something`);
}

/** Lets each effect go wrong in each way, and gives back how often something did. */
export async function everyFault(scenario: Ending, begin: Start): Promise<number> {
  const { actions } = await (await begin.play()).run();
  let accidents = 0;
  for (const [at, s] of actions.entries()) {
    for (const fault of ["fail before", "fail after", "refuse", "break"] as const) {
      for (const scope of fault === "refuse" || fault === "break" ? [0] : [0, 1, 2]) {
        const play = await begin.play();
        await play.run([{ at: AT_ACTION + at, fault, s, scope }]);
        for (let runs = runsToMend(scenario); runs > 0; runs--) await play.run();
        await isOver(play, scenario, `${scenario.name}, ${fault} at action ${at}, scope ${scope}`);
        accidents += 1;
      }
    }
  }
  return accidents;
}
