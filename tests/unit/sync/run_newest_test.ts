/** Whole runs with `conflict_resolution newest`: what an edit's time says, and when it says nothing. */

import { deepStrictEqual } from "node:assert/strict";
import { SIDES } from "../../../lib/model/names.ts";
import { CALENDARS, ics } from "./run_fields.ts";
import { type Ran, type Two, two } from "./run_support.ts";

/** Both sides agree on an event of January, and then hold these. */
async function edited(a: string, b: string): Promise<{ readonly world: Two; readonly ran: Ran }> {
  const world = two({ ...CALENDARS, policy: { conflicts: { kind: "newest" } } });
  for (const side of SIDES) world[side].put("work", "x.ics", ics("x", "old", "20260101"));
  await world.run();
  world.a.put("work", "x.ics", a);
  world.b.put("work", "x.ics", b);
  return { world, ran: await world.run() };
}

Deno.test("where an editor left the time as it was, nobody knows which edit is the newest", async () => {
  // The one without a time of its own was made in March, by a script or with vi.
  const [untouched, stamped] = [
    ics("x", "in March", "20260101"),
    ics("x", "in February", "20260201"),
  ];
  for (const [a, b] of [[untouched, stamped], [stamped, untouched]] as const) {
    const { world, ran } = await edited(a, b);
    deepStrictEqual([ran.done, ran.conflicts], [[], ["x"]]);
    deepStrictEqual([world.items("a"), world.items("b")], [{ "x.ics": a }, { "x.ics": b }]);
  }
});

Deno.test("where both edits have a time of their own, the later one is on both sides", async () => {
  const [late, early] = [ics("x", "in March", "20260301"), ics("x", "in February", "20260201")];
  for (const [a, b] of [[late, early], [early, late]] as const) {
    const { world, ran } = await edited(a, b);
    deepStrictEqual(ran.conflicts, []);
    for (const side of SIDES) deepStrictEqual(world.items(side), { "x.ics": late });
  }
});
