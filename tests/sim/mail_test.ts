import { ok } from "node:assert/strict";
import { explore, reached } from "./check.ts";
import { databaseKeeper } from "./database_keeper.ts";
import { memoryKeeper } from "./keeper.ts";
import { mailPair, type MailSchedule } from "./mail/schedule.ts";
import { simulateMail } from "./mail/simulate.ts";
import { AT_ACTION } from "./schedule.ts";

/** Ways that an effect can take, and what a plan can have. */
const WAYS = [
  "create: done",
  "create: exists",
  "delete: done",
  "delete: changed",
  "setFlags: done",
  "setFlags: changed",
  "event: made",
  "event: unmade",
  "event: renamed",
  "event: property",
  "plan: numbers",
  "held: on_empty",
  "held: on_delete",
  "held: missing collection",
  "took: crash",
  "took: cancel",
  "took: edit",
  "took: fail before",
  "took: fail after",
  "took: break",
  "took: short",
  "took: endless",
  "took: unknown",
  "took: unreadable",
  "took: refuse",
  "took: away",
  "took: status",
];

Deno.test("two storages of mail keep every rule, whatever goes wrong and whoever is there meanwhile", async () => {
  const { counts, all } = await explore({
    file: "mail_test.ts",
    schedules: mailPair,
    simulate: simulateMail,
    share: 1 / 3,
  });
  if (all) reached(counts, WAYS, []);
});

Deno.test("two storages of mail keep every rule with their status in the real database", async () => {
  await explore({
    file: "mail_test.ts",
    schedules: mailPair,
    simulate: simulateMail,
    share: 1 / 250,
    keeper: databaseKeeper,
  });
});

/** What was found, as it was, and with everything a little earlier and later. */
const found = (await Deno.readTextFile(new URL("mail_seeds.txt", import.meta.url))).trim()
  .split("\n");
for (let at = 0; at + 1 < found.length; at += 2) {
  const [title = "", line = ""] = found.slice(at, at + 2);
  Deno.test(`found once of mail: ${title.replace(/^# /, "")}`, async () => {
    const schedule: MailSchedule = JSON.parse(line);
    for (let by = -15; by <= 15; by++) {
      const { violations } = await simulateMail(later(schedule, by), memoryKeeper(), new Map());
      ok(violations.length === 0, `${by} steps later: ${[...new Set(violations)].join("\n")}`);
    }
  });
}

const later = (schedule: MailSchedule, by: number): MailSchedule => ({
  ...schedule,
  rounds: schedule.rounds.map((round) => ({
    ...round,
    happens: round.happens.map((it) => it.at >= AT_ACTION ? it : { ...it, at: it.at + by }),
  })),
});
