/** Conflicts that are settled one by one, beside other things that the plan would do. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { SIDES } from "../../../lib/model/names.ts";
import type { Resolution } from "../../../lib/model/run.ts";
import type { Decide } from "../../../lib/sync/mod.ts";
import { PLAIN_FORMAT as format } from "../../support/plain_format.ts";
import { event, type Fields } from "./run_fields.ts";
import { type Two, two } from "./run_support.ts";

const x = (fields: Fields): string => event({ UID: "x", ...fields });

/** The same answer to all that is asked about items, and none to the rest. */
const answering = (resolution: Resolution): Decide => ({
  item: () => Promise.resolve(resolution),
  property: () => Promise.resolve(undefined),
});

/** X is in step, and so is a collection without items; then x is edited on both sides. */
async function inConflict(): Promise<Two> {
  const world = two({ format });
  world.a.add("empty");
  world.a.put("work", "x", x({ STAMP: "1", TITLE: "old" }));
  await world.run();
  world.a.put("work", "x", x({ STAMP: "2", TITLE: "by a" }));
  world.b.put("work", "x", x({ STAMP: "3", TITLE: "by b" }));
  return world;
}

Deno.test("a conflict is settled though a collection of the pair is yet to be made", async () => {
  const world = await inConflict();
  world.a.add("new");
  const { done, report, asked } = await world.settle(answering({ kind: "keep", side: "a" }));
  deepStrictEqual([done, report.failures], [["update x on b"], []]);
  // Nothing else of the plan is done meanwhile.
  deepStrictEqual(asked.filter((it) => it.includes("make")), []);
  strictEqual(world.items("b")["x"], x({ STAMP: "2", TITLE: "by a" }));
});

Deno.test("a conflict is settled though a collection of the pair has vanished from a side", async () => {
  const world = await inConflict();
  world.a.drop("empty");
  const { done, report } = await world.settle(answering({ kind: "keep", side: "b" }));
  deepStrictEqual([done, report.failures], [["update x on a"], []]);
  deepStrictEqual(world.b.collections().map(({ id }) => id).sort(), ["empty", "work"]);
});

Deno.test("an item's conflict is settled beside a property's that nobody answers", async () => {
  const world = await inConflict();
  world.a.setProperty("work", "color", "#ff0000");
  world.b.setProperty("work", "color", "#00ff00");
  const { done, plan, report } = await world.settle(answering({ kind: "newest" }));
  deepStrictEqual([done, report.failures], [["update x on a"], []]);
  const values = { a: "#ff0000", b: "#00ff00" };
  deepStrictEqual(plan.collections.flatMap((it) => it.propertyConflicts), [
    { name: "color", values },
  ]);
  for (const side of SIDES) {
    strictEqual(world.items(side)["x"], x({ STAMP: "3", TITLE: "by b" }));
    const work = world[side].collections().find(({ id }) => id === "work");
    strictEqual(work?.properties.color, values[side]);
  }
});

Deno.test("a conflict that is answered with nothing stays as it is", async () => {
  const world = await inConflict();
  const { done, conflicts } = await world.settle(answering({ kind: "none" }));
  deepStrictEqual([done, conflicts], [[], ["x"]]);
});
