import { ok } from "node:assert/strict";
import { everyFault, everyStep } from "./every_step.ts";
import { type Manners, start } from "./play.ts";
import { MERGES, SCENARIOS } from "./scenarios.ts";

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
    for (const scenario of [...SCENARIOS, ...MERGES]) {
      points += await everyStep(scenario, await start(scenario, manners));
    }
    ok(points > 500, `only ${points} points`);
    console.log(`${points} points in ${SCENARIOS.length + MERGES.length} scenarios`);
  });
}

Deno.test("every effect may fail, or its answer may be lost, and the next run comes to the same end", async () => {
  let accidents = 0;
  for (const manners of MANNERS.slice(0, 2)) {
    for (const scenario of [...SCENARIOS, ...MERGES]) {
      accidents += await everyFault(scenario, await start(scenario, manners));
    }
  }
  ok(accidents > 500, `only ${accidents} accidents`);
  console.log(`${accidents} accidents`);
});
