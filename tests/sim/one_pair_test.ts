import { ok } from "node:assert/strict";
import { explore, reached } from "./check.ts";
import { memoryKeeper } from "./keeper.ts";
import { onePair, type Schedule } from "./schedule.ts";
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
  "setFlags: done",
  "setFlags: changed",
  "effect: setFlags failed",
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
  "held: missing collection",
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
    runs: 4_000,
  });
  if (all) reached(counts, WAYS);
});

/** Lines of what was found, each after a line with what it was. */
const found = (await Deno.readTextFile(new URL("seeds.txt", import.meta.url))).trim().split("\n");
for (let at = 0; at + 1 < found.length; at += 2) {
  const [title = "", line = ""] = found.slice(at, at + 2);
  Deno.test(`found once: ${title.replace(/^# /, "")}`, async () => {
    const schedule: Schedule = JSON.parse(line);
    const { violations } = await simulate(schedule, memoryKeeper(), new Map());
    ok(violations.length === 0, [...new Set(violations)].join("\n"));
  });
}
