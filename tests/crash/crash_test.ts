import { ok } from "node:assert/strict";
import { FLAGS, MERGES, type Scenario, SCENARIOS } from "./scenarios.ts";
import { AT_ACTION } from "../sim/schedule.ts";
import { everyStep, isOver, runsToMend } from "./every_step.ts";
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
    for (const scenario of MERGES) points += await everyStep(scenario, "calendar", manners);
    for (const scenario of FLAGS) points += await everyStep(scenario, "mail", manners);
    ok(points > 500, `only ${points} points`);
    console.log(`${points} points in ${SCENARIOS.length + MERGES.length + FLAGS.length} scenarios`);
  });
}

Deno.test("every effect may fail, or its answer may be lost, and the next run comes to the same end", async () => {
  let accidents = 0;
  for (const manners of MANNERS.slice(0, 2)) {
    for (const scenario of SCENARIOS) accidents += await everyFault(scenario, "calendar", manners);
    for (const scenario of MERGES) accidents += await everyFault(scenario, "calendar", manners);
    for (const scenario of FLAGS) accidents += await everyFault(scenario, "mail", manners);
  }
  ok(accidents > 500, `only ${accidents} accidents`);
  console.log(`${accidents} accidents`);
});

async function everyFault(
  scenario: Scenario,
  kind: "calendar" | "mail",
  manners: Manners,
): Promise<number> {
  const begin = await start(scenario, kind, manners);
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
