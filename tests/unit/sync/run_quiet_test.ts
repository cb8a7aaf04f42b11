import { deepStrictEqual } from "node:assert/strict";
import { SIDES } from "../../../lib/model/names.ts";
import { agreedOn, event, two } from "./run_support.ts";

Deno.test("a run with nothing to do makes one listing per side and nothing else", async () => {
  for (const listsChanges of [true, false]) {
    for (const etagOnWrite of [true, false]) {
      const world = two({ a: { listsChanges, etagOnWrite }, b: { listsChanges, etagOnWrite } });
      world.a.put("work", "one.ics", event("one", "of a"));
      world.b.put("work", "two.ics", event("two", "of b"));
      await world.run();
      const before = JSON.stringify(world.status.snapshot());
      for (let times = 0; times < 2; times++) {
        const { asked, plan } = await world.run();
        deepStrictEqual(asked, ["a lists", "b lists"]);
        deepStrictEqual(plan.collections.flatMap((it) => it.actions), []);
      }
      deepStrictEqual(JSON.stringify(world.status.snapshot()), before);
    }
  }
});

Deno.test("a run with nothing to do leaves the conflicts that it knows where they are", async () => {
  const world = two();
  world.a.put("work", "one.ics", event("one", "of a"));
  world.b.put("work", "one.ics", event("one", "of b"));
  await world.run();
  const { asked, conflicts } = await world.run();
  deepStrictEqual([asked, conflicts], [["a lists", "b lists"], ["one"]]);
});

Deno.test("only what changed is fetched, and with one request", async () => {
  const world = await agreedOn({}, "one", "two", "three", "four");
  world.a.put("work", "one.ics", event("one", "edited"));
  world.a.put("work", "three.ics", event("three", "edited"));
  deepStrictEqual((await world.run()).asked, [
    "a lists",
    "b lists",
    "a fetches one.ics three.ics",
    "b: update one.ics",
    "b: update three.ics",
    // To go on from here, and not from before what was written.
    "b lists",
  ]);
});

Deno.test("new etags without new content: fetched, recorded, and nothing is written", async () => {
  const world = await agreedOn({}, "one", "two");
  const etag = world.a.put("work", "one.ics", event("one", "as agreed"));
  const { done, asked } = await world.run();
  deepStrictEqual([done, asked], [[], ["a lists", "b lists", "a fetches one.ics"]]);
  deepStrictEqual((await world.base("one"))?.sides.a.etag, etag);
  deepStrictEqual((await world.run()).asked, ["a lists", "b lists"]);
});

Deno.test("a storage whose etags change at every listing is fetched each time, and never written", async () => {
  const world = await agreedOn({ b: { restlessEtags: true } }, "one", "two");
  for (let times = 0; times < 3; times++) {
    const { done, asked } = await world.run();
    deepStrictEqual([done, asked], [[], ["a lists", "b lists", "b fetches one.ics two.ics"]]);
  }
  world.a.put("work", "one.ics", event("one", "edited"));
  deepStrictEqual((await world.run()).done, ["update one on b"]);
});

Deno.test("a storage that lists each item more than once is taken at its last word", async () => {
  const world = await agreedOn({ a: { listsTwice: true }, b: { listsTwice: true } }, "one");
  world.a.put("work", "two.ics", event("two", "of a"));
  deepStrictEqual((await world.run()).done, ["create two on b"]);
  deepStrictEqual((await world.run()).asked, ["a lists", "b lists"]);
});

Deno.test("what a server makes of what it is given is not an edit", async () => {
  const rewrite = (bytes: Uint8Array) =>
    new TextEncoder().encode(`${new TextDecoder().decode(bytes)}\nsigned by the server`);
  const world = two({ b: { rewrite, etagOnWrite: false } });
  world.a.put("work", "one.ics", event("one", "of a"));
  deepStrictEqual((await world.run()).done, ["create one on b"]);
  deepStrictEqual((await world.run()).asked, ["a lists", "b lists"]);
  deepStrictEqual(world.items("a"), { "one.ics": event("one", "of a") });
  world.a.put("work", "one.ics", event("one", "edited"));
  deepStrictEqual((await world.run()).done, ["update one on b"]);
  world.b.put("work", "one", event("one", "edited on the server"));
  deepStrictEqual((await world.run()).done, ["update one on a"]);
});

Deno.test("items that came without an etag are read back a few at a time, not all at the end", async () => {
  const world = two({ b: { etagOnWrite: false } });
  for (let n = 0; n < 150; n++) world.a.put("work", `${n}.ics`, event(`${n}`, "of a"));
  const { asked, done } = await world.run();
  deepStrictEqual(done.length, 150);
  const kinds = asked.filter((it) => it.startsWith("b")).map((it) => it.split(" ")[1]);
  const fetches = kinds.filter((it) => it === "fetches").length;
  deepStrictEqual(fetches, 3);
  deepStrictEqual(kinds.indexOf("fetches") < kinds.lastIndexOf("create"), true);
});

Deno.test("a cursor that expired lists everything again, and deletes and copies nothing", async () => {
  const world = await agreedOn({}, "one", "two");
  for (const side of SIDES) world[side].expireCursors("work");
  deepStrictEqual((await world.run()).asked, ["a lists", "b lists"]);
});

Deno.test("planning alone writes nothing anywhere", async () => {
  const world = await agreedOn({}, "one", "two");
  world.a.add("home");
  world.a.put("home", "three.ics", event("three", "of a"));
  world.a.put("work", "one.ics", event("one", "edited"));
  world.b.remove("work", "two.ics");
  const before = JSON.stringify(world.status.snapshot());
  const plan = await world.plan();
  deepStrictEqual(plan.collections.map((it) => it.actions.map(({ kind }) => kind)), [
    ["create"],
    ["update", "delete"],
  ]);
  deepStrictEqual([world.a.effects(), world.b.effects()], [0, 0]);
  deepStrictEqual(JSON.stringify(world.status.snapshot()), before);
});
