/**
 * Every step at which a run can die. Each scenario runs once without an accident, to count its steps:
 * writes on a storage and transactions of the status. Then, for each of them, it runs from the same
 * start, dies there, and a new engine goes on with what is left on the storages and in the status.
 * That has to come to the same end, and a further run has nothing to do.
 */

import { deepStrictEqual, ok } from "node:assert/strict";
import { FLAGS, type Scenario, SCENARIOS } from "./scenarios.ts";
import { type Manners, start } from "./play.ts";

/** Storages differ in what they tell, and in how the steps of both sides fall together. */
const MANNERS: readonly Manners[] = [
  { name: "plain storages", pace: 0 },
  { name: "plain storages, in another order", pace: 11 },
  { name: "several at a time, in a third order", pace: 77, width: 4 },
  { name: "no cursors", pace: 0, listsChanges: false },
  { name: "no etags", pace: 5, etagOnWrite: false },
  { name: "servers that add to what they are given", pace: 0, noise: true },
  { name: "names that the storage gives", pace: 3, assignsHrefs: true },
];

for (const manners of MANNERS) {
  Deno.test(`a run may die at every step and is gone on with: ${manners.name}`, async () => {
    let points = 0;
    for (const scenario of SCENARIOS) points += await everyStep(scenario, "calendar", manners);
    for (const scenario of FLAGS) points += await everyStep(scenario, "mail", manners);
    ok(points > 500, `only ${points} points`);
    console.log(`${points} points in ${SCENARIOS.length + FLAGS.length} scenarios`);
  });
}

async function everyStep(
  scenario: Scenario,
  kind: "calendar" | "mail",
  manners: Manners,
): Promise<number> {
  const begin = await start(scenario, kind, manners);
  const after = [scenario.afterA, scenario.afterB];
  const smooth = begin.play();
  const steps = await smooth.run();
  deepStrictEqual(smooth.sides(), after, scenario.name);
  await idle(smooth, scenario.name);

  for (const at of steps) {
    const what = `${scenario.name}, dead at "${at.what}" (${at.kept} kept)`;
    const play = begin.play();
    await play.run(at);
    await play.run();
    deepStrictEqual(play.sides(), after, what);
    await idle(play, what);
  }
  return steps.length;

  async function idle(play: ReturnType<typeof begin.play>, what: string): Promise<void> {
    const before = play.effects();
    const fetched = play.fetches();
    const status = await play.dump();
    await play.run();
    deepStrictEqual(play.effects(), before, `${what}: the next run did something`);
    const unreadable = play.sides().join(" ").split("!").length - 1;
    ok(play.fetches() - fetched <= unreadable, `${what}: the next run fetched something`);
    deepStrictEqual(await play.dump(), status, `${what}: the next run wrote something`);
  }
}
