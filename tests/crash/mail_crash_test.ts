import { ok } from "node:assert/strict";
import { everyFault, everyStep } from "./every_step.ts";
import { type MailManners, startMail } from "./mail_play.ts";
import { BY_GUID, MAIL_SCENARIOS, type MailScenario } from "./mail_scenarios.ts";

const SERVER = { keepsUids: false, modseq: true } as const;
const FILES = { keepsGuids: false, listsChanges: false } as const;

const MANNERS: readonly MailManners[] = [
  { name: "two Maildirs", pace: 0 },
  { name: "two Maildirs, in another order and several at a time", pace: 77, width: 4 },
  { name: "a Maildir and a server", pace: 0, b: SERVER },
  { name: "a server and an mbox", pace: 11, a: { ...SERVER, etagOnWrite: false }, b: FILES },
  { name: "two servers", pace: 5, width: 2, a: SERVER, b: { ...SERVER, listsChanges: false } },
];

const scenariosOf = ({ a }: MailManners): readonly MailScenario[] =>
  MAIL_SCENARIOS.filter(({ name }) => a?.keepsUids !== false || !BY_GUID.includes(name));

for (const manners of MANNERS) {
  Deno.test(`a run of mail may die at every step and is gone on with: ${manners.name}`, async () => {
    let points = 0;
    const scenarios = scenariosOf(manners);
    for (const scenario of scenarios) {
      points += await everyStep(scenario, await startMail(scenario, manners));
    }
    ok(points > 300, `only ${points} points`);
    console.log(`${points} points in ${scenarios.length} scenarios`);
  });
}

Deno.test("every effect on mail may fail, or its answer may be lost, and the next run comes to the same end", async () => {
  let accidents = 0;
  for (const manners of MANNERS) {
    for (const scenario of scenariosOf(manners)) {
      accidents += await everyFault(scenario, await startMail(scenario, manners));
    }
  }
  ok(accidents > 300, `only ${accidents} accidents`);
  console.log(`${accidents} accidents`);
});
