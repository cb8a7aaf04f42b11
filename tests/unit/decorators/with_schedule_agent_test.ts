import { deepEqual, equal } from "node:assert/strict";
import { withScheduleAgent } from "../../../adapters/with_schedule_agent.ts";
import { etag } from "../../../lib/model/names.ts";
import { event } from "../item/merge/kit.ts";
import { applied, create, seen, update, world } from "./kit.ts";

const GUESTS = ["ORGANIZER:mailto:a@b.example", "ATTENDEE:mailto:c@d.example"];
const INVITED = event("SUMMARY:Lunch", ...GUESTS);

const stored = (text: string | undefined) => text?.match(/SCHEDULE-AGENT=CLIENT/g)?.length ?? 0;

Deno.test("a copied event's guests are not invited by the server, and it reads as it was given", async () => {
  const it = world(withScheduleAgent);
  deepEqual(await applied(it, create(INVITED)), ["done with an etag"]);
  equal(stored(it.memory.text("work", "1.ics")), 2);
  equal(await seen(it), INVITED);
});

Deno.test("an event that was copied stays so when it is updated, with new guests too", async () => {
  const it = world(withScheduleAgent);
  await applied(it, create(INVITED));
  const version = [...it.memory.items("work").values()][0]?.etag ?? etag("");
  const more = event("SUMMARY:Lunch", ...GUESTS, "ATTENDEE:mailto:e@f.example");
  deepEqual(await applied(it, update(more, version)), ["done with an etag"]);
  equal(stored(it.memory.text("work", "1.ics")), 3);
  equal(await seen(it), more);
});

Deno.test("an event that the server schedules is left to it", async () => {
  const it = world(withScheduleAgent);
  const version = it.memory.put("work", "1.ics", INVITED);
  const changed = event("SUMMARY:Dinner", ...GUESTS);
  deepEqual(await applied(it, update(changed, version)), ["done with an etag"]);
  equal(it.memory.text("work", "1.ics"), changed);
});

Deno.test("an event that had no guests before is one whose guests are told elsewhere", async () => {
  const it = world(withScheduleAgent);
  const version = it.memory.put("work", "1.ics", event("SUMMARY:Lunch"));
  deepEqual(await applied(it, update(INVITED, version)), ["done with an etag"]);
  equal(stored(it.memory.text("work", "1.ics")), 2);
});

Deno.test("an event without guests is written as it is, and costs no request", async () => {
  const it = world(withScheduleAgent);
  const version = it.memory.put("work", "1.ics", event("SUMMARY:Lunch"));
  await applied(it, update(event("SUMMARY:Tea"), version), create(event("SUMMARY:New"), "2.ics"));
  deepEqual(it.asked, []);
  equal(it.memory.text("work", "1.ics"), event("SUMMARY:Tea"));
});

Deno.test("what somebody else said of the agent is not taken out", async () => {
  const it = world(withScheduleAgent);
  const own = event("ORGANIZER;SCHEDULE-AGENT=CLIENT:mailto:a@b.example");
  it.memory.put("work", "1.ics", own);
  equal(await seen(it), own);
});
