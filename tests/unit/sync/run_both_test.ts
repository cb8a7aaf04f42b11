/** Whole runs with `conflict_resolution both`: no version is overwritten before its copy is safe. */

import { deepStrictEqual, match, ok } from "node:assert/strict";
import { withReadOnly } from "../../../adapters/with_read_only.ts";
import type { Extent } from "../../../lib/model/format.ts";
import { type Side, SIDES } from "../../../lib/model/names.ts";
import type { Policy } from "../../../lib/model/run.ts";
import { PLAIN_FORMAT as format } from "../../support/plain_format.ts";
import { event, everywhere, type Fields, notMentioned, notWritten, through } from "./run_fields.ts";
import { type Two, two } from "./run_support.ts";

const keepingBoth = (policy: Partial<Policy> = {}): Two =>
  two({ format, policy: { conflicts: { kind: "both" }, ...policy } });

/** What was written to x on each side; `b`, what else is in that side's version. */
function edit(world: Two, b: Fields = {}): void {
  world.a.put("work", "x", event({ TITLE: "by a", UID: "x" }));
  world.b.put("work", "x", event({ TITLE: "by b", UID: "x", ...b }));
}

/** What was done in some runs, one after another. */
async function doneIn(runs: number, world: Two): Promise<readonly string[]> {
  const done: string[] = [];
  for (let times = 0; times < runs; times++) done.push(...(await world.run()).done);
  return done;
}

/** Both versions are somewhere. */
function nothingIsLost(world: Two): void {
  match(everywhere(world), /by a/);
  match(everywhere(world), /by b/);
}

for (const side of SIDES) {
  Deno.test(`in a first run with ${side} read-only, no copy comes and goes`, async () => {
    const world = keepingBoth();
    through(world[side], withReadOnly);
    edit(world);
    const done = await doneIn(6, world);
    deepStrictEqual(done.filter((it) => it.startsWith("delete")), []);
    ok(done.length <= 1, done.join());
    nothingIsLost(world);
  });

  Deno.test(`where ${side} has become read-only, runs come to rest with both versions`, async () => {
    const world = keepingBoth();
    world.a.put("work", "x", event({ TITLE: "old", UID: "x" }));
    world.a.put("work", "y", event({ UID: "y" }));
    await world.run();
    through(world[side], withReadOnly);
    edit(world);
    const done = await doneIn(4, world);
    deepStrictEqual(done.filter((it) => it.startsWith("delete")), []);
    deepStrictEqual(await doneIn(2, world), []);
    nothingIsLost(world);
  });
}

Deno.test("a first run in which another item cannot be read loses neither version", async () => {
  const world = keepingBoth();
  edit(world);
  world.a.put("work", "z", event({ UID: "z" }));
  await world.run({ a: notMentioned("z") });
  nothingIsLost(world);
  await doneIn(4, world);
  nothingIsLost(world);
});

Deno.test("a run in which an item of each side cannot be read overwrites nothing without a copy", async () => {
  const world = keepingBoth();
  world.a.put("work", "x", event({ TITLE: "old", UID: "x" }));
  await world.run();
  edit(world);
  world.a.put("work", "z", event({ UID: "z" }));
  world.b.put("work", "w", event({ UID: "w" }));
  const unread = notMentioned("z", "w");
  await world.run({ a: unread, b: unread });
  nothingIsLost(world);
  await doneIn(3, world);
  nothingIsLost(world);
});

Deno.test("a version whose copy no side takes in is not overwritten", async () => {
  const accepts: Policy["accepts"] = {
    a: undefined,
    b: ({ component }: Extent) => component !== "OLD",
  };
  const world = keepingBoth({ accepts });
  world.a.put("work", "x", event({ TITLE: "old", UID: "x" }));
  await world.run();
  // It was moved into the past, before what b takes in.
  edit(world, { TYPE: "OLD" });
  await doneIn(3, world);
  nothingIsLost(world);
});

/** The copies are made, and the original cannot be overwritten yet. */
async function copied(): Promise<
  { readonly world: Two; readonly copy: Readonly<Record<Side, string>> }
> {
  const world = keepingBoth();
  world.a.put("work", "x", event({ TITLE: "old", UID: "x" }));
  world.a.put("work", "y", event({ TITLE: "old", UID: "y" }));
  await world.run();
  edit(world);
  await world.run({ b: notWritten("update") });
  const copyOn = (side: Side) => {
    const [copy, ...more] = Object.keys(world.items(side)).filter((it) => it !== "x" && it !== "y");
    ok(copy !== undefined && more.length === 0);
    return copy;
  };
  return { world, copy: { a: copyOn("a"), b: copyOn("b") } };
}

for (const sides of [["a"], ["b"], ["a", "b"]] as const) {
  Deno.test(`a copy that is deleted on ${sides.join(" and ")} before its original is overwritten is made again`, async () => {
    const { world, copy } = await copied();
    for (const side of sides) world[side].remove("work", copy[side]);
    await doneIn(3, world);
    nothingIsLost(world);
  });
}

Deno.test("a copy that is edited before its original is overwritten does not stand for it", async () => {
  const { world, copy: { a } } = await copied();
  world.a.put("work", a, (world.items("a")[a] ?? "").replace("by b", "edited"));
  await doneIn(3, world);
  nothingIsLost(world);
  match(everywhere(world), /edited/);
});
