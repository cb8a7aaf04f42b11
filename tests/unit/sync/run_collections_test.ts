/** Whole runs in which collections themselves change: deleted, made, and their properties edited. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Side } from "../../../lib/model/names.ts";
import { collectionId, href } from "../../../lib/model/names.ts";
import { agreedOn, event, type Options, type Two, two } from "./run_support.ts";

const propertiesOf = (world: Two, side: Side, id = "work") =>
  world[side].collections().find((it) => it.id === id)?.properties;

const ids = (world: Two, side: Side) => world[side].collections().map((it) => it.id);

/** Both agree on a collection without items. */
async function emptied(options: Options = {}): Promise<Two> {
  const world = await agreedOn(options, "one");
  for (const side of ["a", "b"] as const) world[side].remove("work", "one.ics");
  await world.run();
  return world;
}

Deno.test("an empty collection that was deleted on one side is deleted on the other, and forgotten", async () => {
  for (const [gone, left] of [["a", "b"], ["b", "a"]] as const) {
    const world = await emptied();
    // With nothing left at all, it may as well be a disk that is not mounted.
    world[gone].add("other");
    world[gone].drop("work");
    const { plan, held } = await world.run();
    deepStrictEqual([plan.collections.flatMap((it) => it.deletes), held], [[left], []]);
    deepStrictEqual([ids(world, "a"), ids(world, "b")], [["other"], ["other"]]);
    deepStrictEqual((await world.status.collections()).map(({ id }) => id), ["other"]);
    // One that is made under its name later is a new one.
    world[gone].add("work");
    world[gone].put("work", "two.ics", event("two", "new"));
    deepStrictEqual((await world.run()).done, [`create two on ${left}`]);
  }
});

Deno.test("on_delete skip leaves the other collection, and nobody is asked to do anything", async () => {
  const world = await emptied({ policy: { onDelete: "skip" } });
  world.a.drop("work");
  const { plan, held } = await world.run();
  deepStrictEqual(held, ["on_delete on b"]);
  deepStrictEqual(plan.collections[0]?.held[0]?.expected, true);
  deepStrictEqual(ids(world, "b"), ["work"]);
});

Deno.test("collections that have different names are made under their own", async () => {
  const world = two({
    policy: {
      collections: {
        fromA: false,
        fromB: false,
        ids: [],
        mappings: [{
          alias: collectionId("mine"),
          a: { id: collectionId("work") },
          b: { href: href("/dav/arbeit/") },
        }],
      },
    },
  });
  world.a.put("work", "one.ics", event("one", "x"));
  world.b.drop("work");
  deepStrictEqual((await world.run()).done, ["create one on b"]);
  deepStrictEqual(ids(world, "b"), ["arbeit"]);
});

Deno.test("properties travel three-way, and nothing is written where nothing changed", async () => {
  const world = await agreedOn({}, "one");
  world.a.setProperty("work", "displayname", "Work");
  world.b.setProperty("work", "color", "#ff0000");
  strictEqual((await world.run()).report.properties, 2);
  const both = { displayname: "Work", color: "#ff0000" };
  deepStrictEqual([propertiesOf(world, "a"), propertiesOf(world, "b")], [both, both]);
  strictEqual((await world.run()).report.properties, 0);
  world.b.setProperty("work", "displayname", undefined);
  world.a.setProperty("work", "color", "#00ff00");
  strictEqual((await world.run()).report.properties, 2);
  deepStrictEqual(propertiesOf(world, "a"), { color: "#00ff00" });
  deepStrictEqual(propertiesOf(world, "b"), { color: "#00ff00" });
});

Deno.test("other spellings of a property are no change", async () => {
  const world = await agreedOn({}, "one");
  for (
    const [name, a, b] of [
      ["color", "#FF0000", "#ff0000ff"],
      ["displayname", "Work\n", "Work"],
      ["description", "", undefined],
    ] as const
  ) {
    world.a.setProperty("work", name, a);
    world.b.setProperty("work", name, b);
  }
  for (let times = 0; times < 2; times++) {
    const { report, plan } = await world.run();
    deepStrictEqual([report.properties, plan.collections[0]?.propertyConflicts], [0, []]);
  }
});

Deno.test("a property that was changed on both sides is a conflict, or as the pair says", async () => {
  const edited = async (options: Options) => {
    const world = await agreedOn(options, "one");
    world.a.setProperty("work", "displayname", "by a");
    world.b.setProperty("work", "displayname", "by b");
    return { world, ran: await world.run() };
  };
  const { world, ran } = await edited({});
  deepStrictEqual(ran.plan.collections[0]?.propertyConflicts, [
    { name: "displayname", values: { a: "by a", b: "by b" } },
  ]);
  strictEqual(propertiesOf(world, "a")?.displayname, "by a");
  const kept = await edited({ policy: { conflicts: { kind: "keep", side: "b" } } });
  strictEqual(propertiesOf(kept.world, "a")?.displayname, "by b");
  const oneWay = await edited({ policy: { oneWay: true } });
  strictEqual(propertiesOf(oneWay.world, "b")?.displayname, "by a");
});

Deno.test("only the properties that the pair names, and that both sides can keep, are kept in step", async () => {
  const world = await agreedOn(
    { policy: { properties: ["displayname", "order"] }, b: { properties: ["displayname"] } },
    "one",
  );
  world.a.setProperty("work", "displayname", "Work");
  world.a.setProperty("work", "order", "3");
  world.a.setProperty("work", "color", "#00ff00");
  strictEqual((await world.run()).report.properties, 1);
  deepStrictEqual(propertiesOf(world, "b"), { displayname: "Work" });
});

Deno.test("many deletions at once are held, until somebody allows them", async () => {
  const uids = Array.from({ length: 20 }, (_, at) => `i${at}`);
  const world = await agreedOn({}, ...uids);
  for (const uid of uids.slice(0, 12)) world.a.remove("work", `${uid}.ics`);
  const { held, done } = await world.run();
  deepStrictEqual([held, done], [["max_delete on b"], []]);
  // Ten are always few enough, and half of them too.
  for (const uid of uids.slice(10, 12)) world.a.put("work", `${uid}.ics`, event(uid, "as agreed"));
  strictEqual((await world.run()).done.length, 10);
});

Deno.test("nothing is deleted where nothing may be, and it does not come back either", async () => {
  const world = await agreedOn({ policy: { noDelete: { a: false, b: true } } }, "one", "two");
  world.a.remove("work", "one.ics");
  for (let times = 0; times < 2; times++) {
    const { held, done, plan } = await world.run();
    deepStrictEqual([held, done], [["no_delete on b"], []]);
    strictEqual(plan.collections[0]?.held[0]?.expected, true);
  }
  world.b.remove("work", "two.ics");
  deepStrictEqual((await world.run()).done, ["delete two on a"]);
});

Deno.test("a name that a server made of the id is not taken for one that somebody gave", async () => {
  const world = await agreedOn({}, "one");
  world.b.setProperty("work", "displayname", "work");
  strictEqual((await world.run()).report.properties, 0);
  world.a.setProperty("work", "displayname", "Größe");
  strictEqual((await world.run()).report.properties, 1);
  strictEqual(propertiesOf(world, "b")?.displayname, "Größe");
  // Once somebody has, it is one like any other.
  world.b.setProperty("work", "displayname", "work");
  strictEqual((await world.run()).report.properties, 1);
  strictEqual(propertiesOf(world, "a")?.displayname, "work");
});
