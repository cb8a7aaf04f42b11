/** Whole runs in which a guard holds something, and goes on holding it. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Extent } from "../../../lib/model/format.ts";
import { PLAIN_FORMAT as format } from "../../support/plain_format.ts";
import { event } from "./run_fields.ts";
import { type Two, two } from "./run_support.ts";

const ids = (world: Two, side: "a" | "b") => world[side].collections().map(({ id }) => id).sort();
const onlyEvents = ({ component }: Extent): boolean => component === "VEVENT";

Deno.test("deletions that max_delete held are held again, whatever was made beside them", async () => {
  const world = two({ format });
  for (let n = 0; n < 20; n++) world.a.put("work", `old${n}`, event({ UID: `old${n}` }));
  await world.run();
  // A feed with stable_uids switched on, or a calendar that was imported anew: other UIDs for all.
  world.a.clear("work");
  for (let n = 0; n < 20; n++) world.a.put("work", `new${n}`, event({ UID: `new${n}` }));
  const first = await world.run();
  deepStrictEqual([first.held, first.done.length], [["max_delete on b"], 20]);
  for (let times = 0; times < 3; times++) {
    const { held, done } = await world.run();
    deepStrictEqual([held, done], [["max_delete on b"], []]);
  }
  strictEqual(Object.keys(world.items("b")).length, 40);
});

Deno.test("no_delete keeps an empty collection that was deleted on the other side", async () => {
  const world = two({ format, policy: { noDelete: { a: false, b: true } } });
  await world.run();
  // What is left on a says that it is no disk that is not mounted.
  world.a.add("other");
  world.a.drop("work");
  for (let times = 0; times < 2; times++) {
    const { held, plan } = await world.run();
    deepStrictEqual(held, ["no_delete on b"]);
    deepStrictEqual(plan.collections.flatMap((it) => it.deletes), []);
    deepStrictEqual(ids(world, "b"), ["other", "work"]);
  }
});

Deno.test("a storage without any collections deletes none on the other side, not even empty ones", async () => {
  for (const [gone, left] of [["a", "b"], ["b", "a"]] as const) {
    const world = two({ format });
    world.a.put("work", "x", event({ UID: "x" }));
    for (const id of ["later", "holidays"]) {
      world.a.add(id, { displayname: `Name of ${id}`, color: "#ff0000" });
    }
    await world.run();
    const before = world[left].collections();
    // A mount point that is there, and empty.
    for (const id of ["work", "later", "holidays"]) world[gone].drop(id);
    for (let times = 0; times < 2; times++) {
      const { held, plan } = await world.run();
      deepStrictEqual(held.length, 3);
      deepStrictEqual(plan.collections.flatMap((it) => it.deletes), []);
      deepStrictEqual(world[left].collections(), before);
    }
  }
});

Deno.test("one way, an original that is empty from the first run on does not empty the copy", async () => {
  const world = two({ format, policy: { oneWay: true } });
  for (let n = 0; n < 10; n++) world.b.put("work", `i${n}`, event({ UID: `i${n}` }));
  for (let times = 0; times < 2; times++) {
    const { held, done } = await world.run();
    deepStrictEqual([held, done], [["on_empty on b"], []]);
  }
  strictEqual(Object.keys(world.items("b")).length, 10);
});

Deno.test("one way, what the copy's item types hide is not deleted from it", async () => {
  const policy = { oneWay: true, accepts: { a: undefined, b: onlyEvents } };
  const world = two({ format, policy });
  world.a.put("work", "x", event({ UID: "x" }));
  world.b.put("work", "t", event({ TYPE: "VTODO", UID: "t" }));
  await world.run();
  deepStrictEqual(Object.keys(world.items("b")).sort(), ["t", "x"]);
});

Deno.test("one way, what the original's item types hide is not written over the copy's", async () => {
  const policy = { oneWay: true, accepts: { a: onlyEvents, b: undefined } };
  const world = two({ format, policy });
  const theirs = event({ TITLE: "by b", TYPE: "VTODO", UID: "t" });
  world.a.put("work", "t", event({ TITLE: "by a", TYPE: "VTODO", UID: "t" }));
  world.b.put("work", "t", theirs);
  deepStrictEqual((await world.run()).done, []);
  strictEqual(world.items("b")["t"], theirs);
});

Deno.test("what left the window of a side is edited as before, and not deleted", async () => {
  let isPast = false;
  const accepts = {
    a: undefined,
    b: ({ component }: Extent) => !isPast || component !== "OLD",
  };
  const world = two({ format, policy: { accepts } });
  world.a.put("work", "y", event({ UID: "y" }));
  world.a.put("work", "x", event({ TYPE: "OLD", UID: "x" }));
  await world.run();
  isPast = true;
  world.a.put("work", "x", event({ TITLE: "edited", TYPE: "OLD", UID: "x" }));
  deepStrictEqual((await world.run()).done, ["update x on b"]);
  world.a.remove("work", "x");
  const { done, held } = await world.run();
  deepStrictEqual([done, held], [[], ["filter on b"]]);
  deepStrictEqual(Object.keys(world.items("b")).sort(), ["x", "y"]);
});
