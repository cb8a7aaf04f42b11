/** Whole runs after the configuration has put collections together in another way. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { createMemory } from "../../../adapters/memory/mod.ts";
import { collectionId, type Side } from "../../../lib/model/names.ts";
import { PLAIN_FORMAT as format } from "../../support/plain_format.ts";
import { event, type Line, mapping, through } from "./run_fields.ts";
import { type Two, two } from "./run_support.ts";

/** What the configuration says, to be edited between two runs. */
const configured = (ids: readonly string[], ...mappings: readonly Line[]) => ({
  fromA: false,
  fromB: false,
  ids: ids.map(collectionId),
  mappings,
});

const everything = (...mappings: readonly Line[]) => ({
  ...configured([], ...mappings),
  fromA: true,
  fromB: true,
});

const ids = (world: Two, side: Side) => world[side].collections().map(({ id }) => id).sort();

Deno.test("an alias that is led to another collection deletes neither, though both are empty", async () => {
  const collections = configured([], mapping("main", "work", "work"));
  const world = two({ format, policy: { collections } });
  await world.run();
  collections.mappings = [mapping("main", "work", "new")];
  for (let times = 0; times < 2; times++) {
    await world.run();
    deepStrictEqual([ids(world, "a"), ids(world, "b")], [["work"], ["new", "work"]]);
  }
});

Deno.test("a collection that gets an alias leaves the empty one of its name on the other side", async () => {
  const collections = everything();
  const world = two({ format, policy: { collections } });
  await world.run();
  world.b.add("other");
  world.b.put("other", "x", event({ UID: "x" }));
  collections.mappings = [mapping("main", "work", "other")];
  for (let times = 0; times < 2; times++) {
    await world.run();
    deepStrictEqual(ids(world, "b"), ["other", "work"]);
  }
});

Deno.test("a url that leads to another server makes the collections there, and deletes none here", async () => {
  const world = two({ format });
  world.a.put("work", "x", event({ UID: "x" }));
  world.a.add("empty");
  await world.run();
  const fresh = createMemory({ name: "new-server", kind: "calendar" });
  through(world.b, () => fresh.open());
  for (let times = 0; times < 2; times++) {
    await world.run();
    deepStrictEqual(ids(world, "a"), ["empty", "work"]);
    deepStrictEqual(fresh.collections().map(({ id }) => id).sort(), ["empty", "work"]);
  }
  deepStrictEqual([...fresh.items("work").keys()].length, 1);
});

Deno.test("an alias that is called otherwise does not undo a deletion", async () => {
  const collections = configured([], mapping("old", "work", "work"));
  const world = two({ format, policy: { collections } });
  for (const uid of ["x", "y"]) world.a.put("work", uid, event({ UID: uid }));
  await world.run();
  world.a.remove("work", "x");
  collections.mappings = [mapping("new", "work", "work")];
  deepStrictEqual((await world.run()).done, ["delete x on b"]);
  deepStrictEqual((await world.run()).done, []);
});

Deno.test("two collections that go from their id to an alias are still the two that were in step", async () => {
  const collections = configured(["work"]);
  const world = two({ format, policy: { collections } });
  world.a.put("work", "x", event({ TITLE: "old", UID: "x" }));
  world.a.put("work", "y", event({ UID: "y" }));
  await world.run();
  world.a.remove("work", "y");
  world.a.put("work", "x", event({ TITLE: "by a", UID: "x" }));
  collections.ids = [];
  collections.mappings = [mapping("main", "work", "work")];
  const { done, conflicts } = await world.run();
  deepStrictEqual([done, conflicts], [["delete y on b", "update x on b"], []]);
});

Deno.test("a collection is not poured into one of its name that an alias has", async () => {
  const collections = everything(mapping("main", "work", "other"));
  const world = two({ format, policy: { collections } });
  world.b.add("other");
  world.a.put("work", "mine", event({ UID: "mine" }));
  world.b.put("other", "partner", event({ UID: "partner" }));
  world.b.put("work", "secret", event({ UID: "secret" }));
  for (let times = 0; times < 3; times++) {
    const { problems } = await world.run();
    deepStrictEqual(problems.map(({ kind }) => kind), ["duplicate"]);
  }
  deepStrictEqual(Object.keys(world.items("a")).sort(), ["mine", "partner"]);
  deepStrictEqual([...world.b.items("other").keys()].sort(), ["mine", "partner"]);
  deepStrictEqual([...world.b.items("work").keys()], ["secret"]);
});

Deno.test("a collection that another program has just made is looked into before it is written to", async () => {
  const world = two({ format });
  world.b.drop("work");
  world.a.put("work", "x", event({ UID: "x" }));
  const happens = () => {
    world.b.add("work");
    world.b.put("work", "named-otherwise.ics", event({ UID: "x" }));
  };
  const first = await world.run({
    b: ({ method }) => method === "createCollection" ? { kind: "meanwhile", happens } : undefined,
  });
  deepStrictEqual(first.done, []);
  for (let times = 0; times < 2; times++) {
    const { done, problems } = await world.run();
    deepStrictEqual([done, problems], [[], []]);
  }
  strictEqual(Object.keys(world.items("b")).length, 1);
  deepStrictEqual(await world.agreed(), ["x"]);
});
