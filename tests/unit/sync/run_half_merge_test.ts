/** Whole runs in which one half of a merge is written, the other is not, and somebody goes on. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Decide } from "../../../adapters/with_faults.ts";
import { withReadOnly } from "../../../adapters/with_read_only.ts";
import { SIDES } from "../../../lib/model/names.ts";
import type { Resolution } from "../../../lib/model/run.ts";
import { PLAIN_FORMAT as format } from "../../support/plain_format.ts";
import { event, type Fields, notWritten, through } from "./run_fields.ts";
import { type Two, two } from "./run_support.ts";

const x = (fields: Fields = {}): string =>
  event({ NOTE: "old", TITLE: "old", UID: "x", ...fields });

async function agreed(conflicts: Resolution = { kind: "merge" }): Promise<Two> {
  const world = two({ format, policy: { conflicts } });
  world.a.put("work", "x", x());
  await world.run();
  return world;
}

/** A has edited the note and b the title. */
async function edited(conflicts?: Resolution): Promise<Two> {
  const world = await agreed(conflicts);
  world.a.put("work", "x", x({ NOTE: "by a" }));
  world.b.put("work", "x", x({ TITLE: "by b" }));
  return world;
}

/** Runs until nothing is left to do; both sides then say this. */
async function restsAt(world: Two, text: string): Promise<void> {
  for (let times = 0; times < 3; times++) deepStrictEqual((await world.run()).conflicts, []);
  deepStrictEqual((await world.run()).done, []);
  for (const side of SIDES) strictEqual(world.items(side)["x"], text, side);
}

Deno.test("an edit that is taken back before its side has its half of the merge stays taken back", async () => {
  const world = await edited();
  deepStrictEqual((await world.run({ b: notWritten("update") })).done, ["update x on a"]);
  world.b.put("work", "x", x());
  await restsAt(world, x({ NOTE: "by a" }));
});

Deno.test("an edit that is taken back while the merge is written stays taken back", async () => {
  const world = await edited();
  const takesBack: Decide = ({ moment }) =>
    moment === "action"
      ? { kind: "meanwhile", happens: () => world.b.put("work", "x", x()) }
      : undefined;
  const { done, report } = await world.run({ b: takesBack });
  deepStrictEqual([done, report.changed], [["update x on a"], 1]);
  await restsAt(world, x({ NOTE: "by a" }));
});

const MERGES: readonly Resolution[] = [
  { kind: "merge" },
  { kind: "ask", decide: () => Promise.resolve({ kind: "merge" }) },
];

for (const merges of MERGES) {
  Deno.test(`whoever goes on editing before the other half is written is in conflict with nobody: ${merges.kind}`, async () => {
    const world = await edited(merges);
    await world.run({ b: notWritten("update") });
    world.b.put("work", "x", x({ TITLE: "by b again" }));
    await restsAt(world, x({ NOTE: "by a", TITLE: "by b again" }));
  });
}

Deno.test("the half of a merge that may not be written is written once it may", async () => {
  const world = await agreed();
  const allow = through(world.b, withReadOnly);
  world.a.put("work", "x", x({ TITLE: "by a" }));
  world.b.put("work", "x", x({ NOTE: "by b" }));
  await world.run();
  for (let times = 0; times < 2; times++) {
    const { done, held } = await world.run();
    deepStrictEqual([done, held], [[], ["read only on b"]]);
  }
  allow();
  await restsAt(world, x({ NOTE: "by b", TITLE: "by a" }));
});
