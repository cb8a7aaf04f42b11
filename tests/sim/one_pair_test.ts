import { ok } from "node:assert/strict";
import { explore, reached } from "./check.ts";
import { memoryKeeper } from "./keeper.ts";
import { AT_ACTION, onePair, type Schedule } from "./schedule.ts";
import { simulate } from "./simulate.ts";

/** Ways that an effect can take, and the guards and problems that a plan can have. */
const WAYS = [
  "create: done",
  "create: exists",
  "effect: create failed",
  "update: done",
  "update: changed",
  "effect: update failed",
  "delete: done",
  "delete: changed",
  "effect: delete failed",
  "way: exists, so adopted",
  "way: exists, so another name",
  "way: exists, so left",
  "way: exists, and not to be read",
  "way: no etag, so read back",
  "way: no etag, and not to be read back",
  "way: changed before it was begun",
  "way: changed, so left",
  "way: the item failed",
  "way: the storage failed",
  "way: a side failed",
  "way: skipped",
  "way: made a collection",
  "held: on_empty",
  "held: on_delete",
  "held: read only",
  "held: unreadable",
  "plan: conflict",
  "plan: duplicate",
  "plan: malformed",
  "plan: missing",
  "plan: unreachable",
  "run: refused",
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

Deno.test("one pair keeps every rule, whatever goes wrong and whoever edits meanwhile", async () => {
  const { counts, all } = await explore({
    file: "one_pair_test.ts",
    schedules: onePair,
    simulate,
    share: 1,
  });
  if (all) reached(counts, WAYS);
});

/**
 * What was found: a line that says what it was, and a line with the schedule. It is run as it was, and
 * with everything a little earlier and later, as the steps of a run are not for ever the same.
 */
const found = (await Deno.readTextFile(new URL("seeds.txt", import.meta.url))).trim().split("\n");
for (let at = 0; at + 1 < found.length; at += 2) {
  const [title = "", line = ""] = found.slice(at, at + 2);
  Deno.test(`found once: ${title.replace(/^# /, "")}`, async () => {
    const schedule: Schedule = JSON.parse(line);
    for (let by = -15; by <= 15; by++) {
      const { violations } = await simulate(later(schedule, by), memoryKeeper(), new Map());
      ok(violations.length === 0, `${by} steps later: ${[...new Set(violations)].join("\n")}`);
    }
  });
}

const later = (schedule: Schedule, by: number): Schedule => ({
  ...schedule,
  rounds: schedule.rounds.map((round) => ({
    ...round,
    happens: round.happens.map((it) => it.at >= AT_ACTION ? it : { ...it, at: it.at + by }),
  })),
});
