import { deepStrictEqual, ok, rejects } from "node:assert/strict";
import { atNth } from "../../../adapters/with_faults.ts";
import { SyncError } from "../../../lib/model/error.ts";
import { collectionId, SIDES } from "../../../lib/model/names.ts";
import { agreedOn, event, type Options, two } from "./run_support.ts";

const BOTH_WAYS: readonly Options[] = [
  { a: { listsChanges: true }, b: { listsChanges: true } },
  { a: { listsChanges: false }, b: { listsChanges: false } },
];

Deno.test("a side that was emptied is left alone, and so is the other, in both directions", async () => {
  for (const options of BOTH_WAYS) {
    for (const [emptied, kept] of [["a", "b"], ["b", "a"]] as const) {
      const world = await agreedOn(options, "one", "two");
      world[emptied].clear("work");
      for (let times = 0; times < 3; times++) {
        const { held, done } = await world.run();
        deepStrictEqual([held, done], [[`on_empty on ${kept}`], []]);
      }
      deepStrictEqual(Object.keys(world.items(kept)), ["one.ics", "two.ics"]);
      world[emptied].put("work", "one.ics", event("one", "as agreed"));
      world[emptied].put("work", "two.ics", event("two", "as agreed"));
      deepStrictEqual((await world.run()).done, []);
      deepStrictEqual(await world.agreed(), ["one", "two"]);
    }
  }
});

Deno.test("a side that was emptied empties the other where the pair says so", async () => {
  const world = await agreedOn({ policy: { onEmpty: "sync" } }, "one", "two");
  world.a.clear("work");
  deepStrictEqual((await world.run()).done, ["delete one on b", "delete two on b"]);
});

Deno.test("what an interrupted first run copied does not go with a side that is then emptied", async () => {
  const world = two();
  world.a.put("work", "one.ics", event("one", "of a"));
  const lost = new SyncError("no answer", { scope: "item", kind: "unreachable", retry: true });
  await world.run({
    b: atNth(
      1,
      { kind: "fail after", error: lost },
      ({ method, moment }) => method === "apply" && moment === "action",
    ),
  });
  deepStrictEqual(await world.agreed(), []);
  world.a.clear("work");
  const { held, done } = await world.run();
  deepStrictEqual([held, done], [["on_empty on b"], []]);
});

Deno.test("a collection that vanished from one side is neither emptied on the other nor made anew", async () => {
  for (const [gone, kept] of [["a", "b"], ["b", "a"]] as const) {
    const world = await agreedOn({}, "one", "two");
    world[gone].drop("work");
    for (let times = 0; times < 2; times++) {
      const { held, done, asked } = await world.run();
      deepStrictEqual([held, done, asked], [
        [`missing collection on ${kept}`],
        [],
        [`${kept} lists`],
      ]);
    }
    deepStrictEqual(Object.keys(world.items(kept)), ["one.ics", "two.ics"]);
    deepStrictEqual(world[gone].collections(), []);
  }
});

Deno.test("a collection that comes back empty is taken for a fault, and as it was for mended", async () => {
  const world = await agreedOn({}, "one", "two");
  world.a.drop("work");
  await world.run();
  world.a.add("work");
  deepStrictEqual((await world.run()).held, ["on_empty on b"]);
  for (const uid of ["one", "two"]) world.a.put("work", `${uid}.ics`, event(uid, "as agreed"));
  const { held, done } = await world.run();
  deepStrictEqual([held, done], [[], []]);
});

Deno.test("a configuration that points elsewhere deletes nothing, there or here", async () => {
  const world = await agreedOn({}, "one", "two");
  world.a.setIdentity("work", "memory:somewhere else");
  world.a.remove("work", "one.ics");
  world.a.put("work", "two.ics", event("two", "of elsewhere"));
  world.a.put("work", "three.ics", event("three", "of elsewhere"));
  const { done, conflicts } = await world.run();
  deepStrictEqual(done, ["create one on a", "create three on b"]);
  deepStrictEqual(conflicts, ["two"]);
});

Deno.test("what was agreed on is forgotten once a configuration points elsewhere", async () => {
  const world = await agreedOn({}, "one", "two");
  const [{ identity } = { identity: "" }] = world.a.collections();
  world.a.setIdentity("work", "memory:somewhere else");
  await world.run();
  await world.run();
  world.a.setIdentity("work", identity);
  world.a.remove("work", "one.ics");
  // As it was before, nobody can tell any more who deleted it: it comes back.
  deepStrictEqual((await world.run()).done, ["create one on a"]);
});

Deno.test("a storage that is not there ends the run, and nothing is concluded from it", async () => {
  const world = await agreedOn({}, "one", "two");
  world.a.setThere(false);
  const before = JSON.stringify(world.status.snapshot());
  await rejects(
    world.run(),
    (error) => error instanceof SyncError && error.scope === "storage" && error.kind === "missing",
  );
  deepStrictEqual(JSON.stringify(world.status.snapshot()), before);
  world.a.setThere(true);
  deepStrictEqual((await world.run()).done, []);
});

Deno.test("a side that may not be written is never written, and what it lacks is named", async () => {
  const world = two({ b: { readOnly: true } });
  world.a.put("work", "new.ics", event("new", "of a"));
  world.b.put("work", "one.ics", event("one", "of b"));
  world.b.put("work", "two.ics", event("two", "of b"));
  const first = await world.run();
  deepStrictEqual(first.done, ["create one on a", "create two on a"]);
  deepStrictEqual(first.held, ["read only on b"]);

  world.a.put("work", "one", event("one", "edited on a"));
  world.a.remove("work", "two");
  for (let times = 0; times < 3; times++) {
    const { done, held, plan } = await world.run();
    deepStrictEqual([done, held], [[], ["read only on b"]]);
    deepStrictEqual(plan.collections.flatMap((it) => it.held.map(({ actions }) => actions)), [3]);
  }
  world.b.put("work", "two.ics", event("two", "edited on b"));
  deepStrictEqual((await world.run()).done, ["create two on a"]);
  deepStrictEqual(world.b.effects(), 0);
  deepStrictEqual(world.items("b"), {
    "one.ics": event("one", "of b"),
    "two.ics": event("two", "edited on b"),
  });
});

Deno.test("two sides that may not be written are left as they are", async () => {
  const world = two({ a: { readOnly: true }, b: { readOnly: true } });
  world.a.put("work", "one.ics", event("one", "of a"));
  world.b.put("work", "two.ics", event("two", "of b"));
  const { done, held } = await world.run();
  deepStrictEqual([done, held], [[], ["read only on a", "read only on b"]]);
});

Deno.test("flags that may not be set on one side are not taken off the other for it", async () => {
  const world = two({ kind: "mail", b: { readOnly: true } });
  for (const side of SIDES) world[side].put("work", "1", event("one", "mail"));
  await world.run();
  world.a.put("work", "1", event("one", "mail"), { flags: ["seen"] });
  world.b.put("work", "1", event("one", "mail"), { flags: ["flagged"] });
  deepStrictEqual((await world.run()).done, ["setFlags one on a"]);
  world.b.put("work", "1", event("one", "mail"), { flags: ["answered", "flagged"] });
  await world.run();
  deepStrictEqual([...world.a.items("work").values()].map((it) => it.flags), [
    ["answered", "flagged", "seen"],
  ]);
});

Deno.test("a collection that is missing on one side is made there, with what the other has", async () => {
  const world = two({ b: { properties: ["color"] } });
  world.a.add("home", { displayname: "Home", color: "#ff0000" });
  world.a.put("home", "one.ics", event("one", "of a"));
  const { asked, done } = await world.run();
  ok(asked.includes("b: make home"));
  deepStrictEqual(done, ["create one on b"]);
  deepStrictEqual(
    world.b.collections().find((it) => it.id === "home")?.properties,
    { color: "#ff0000" },
  );
});

Deno.test("a collection is not made where nothing may be written", async () => {
  const world = two({ b: { readOnly: true } });
  world.a.add("home");
  world.a.put("home", "one.ics", event("one", "of a"));
  const { held } = await world.run();
  deepStrictEqual(held, ["read only on b"]);
  deepStrictEqual(world.b.collections().map((it) => it.id), ["work"]);
});

Deno.test("only the collections that are wanted are looked into", async () => {
  const policy = { collections: { fromA: false, fromB: false, ids: [collectionId("work")] } };
  const world = two({ policy });
  world.a.add("home");
  world.a.put("home", "one.ics", event("one", "of a"));
  deepStrictEqual((await world.run()).asked, ["a lists", "b lists"]);
  deepStrictEqual(world.b.collections().map((it) => it.id), ["work"]);
});
