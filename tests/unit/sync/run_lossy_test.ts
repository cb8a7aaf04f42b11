/** Whole runs with a storage that keeps less than it is given: what it lost stays on the other side. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Decide } from "../../../adapters/with_faults.ts";
import type { Format } from "../../../lib/model/format.ts";
import type { Resolution } from "../../../lib/model/run.ts";
import { PLAIN_FORMAT } from "../../support/plain_format.ts";
import { event, type Fields, LOSSY } from "./run_fields.ts";
import { type Two, two } from "./run_support.ts";

const x = (fields: Fields = {}): string => event({ TITLE: "old", UID: "x", ...fields });
const PHOTO = { PHOTO: "face" };

/** B has dropped the photo of an item x; y is in step as well. */
async function withPhoto(conflicts: Resolution, format: Format = PLAIN_FORMAT): Promise<Two> {
  const world = two({ format, policy: { conflicts }, b: LOSSY });
  world.a.put("work", "x", x({ ...PHOTO, STAMP: "1" }));
  world.a.put("work", "y", event({ TITLE: "old", UID: "y" }));
  await world.run();
  strictEqual(world.items("b")["x"], x({ STAMP: "1" }));
  return world;
}

for (const conflicts of [{ kind: "keep", side: "b" }, { kind: "newest" }] as const) {
  Deno.test(`the side that wins by ${conflicts.kind} does not take away what its storage had dropped`, async () => {
    const world = await withPhoto(conflicts);
    world.a.put("work", "x", x({ ...PHOTO, STAMP: "2", TITLE: "by a" }));
    world.b.put("work", "x", x({ STAMP: "3", TITLE: "by b" }));
    deepStrictEqual((await world.run()).conflicts, []);
    strictEqual(world.items("a")["x"], x({ ...PHOTO, STAMP: "3", TITLE: "by b" }));
    strictEqual(world.items("b")["x"], x({ STAMP: "3", TITLE: "by b" }));
    deepStrictEqual((await world.run()).done, []);
  });
}

Deno.test("an edit that beats a deletion comes back with what its storage had dropped", async () => {
  const world = await withPhoto({ kind: "merge" });
  world.a.remove("work", "x");
  world.b.put("work", "x", x({ STAMP: "3", TITLE: "by b" }));
  deepStrictEqual((await world.run()).done, ["create x on a"]);
  strictEqual(world.items("a")["x"], x({ ...PHOTO, STAMP: "3", TITLE: "by b" }));
});

Deno.test("an edit that cannot be put together with what was dropped is not overwritten by keep a", async () => {
  const merge: Format["merge"] = () => ({ state: "unreadable", reason: "too large" });
  const world = await withPhoto({ kind: "keep", side: "a" }, { ...PLAIN_FORMAT, merge });
  const edit = x({ STAMP: "1", TITLE: "by b" });
  world.b.put("work", "x", edit);
  for (let times = 0; times < 2; times++) {
    await world.run();
    strictEqual(world.items("b")["x"], edit);
  }
});

Deno.test("a photo that is dropped after items that were kept is noticed, and stays", async () => {
  const world = two({ format: PLAIN_FORMAT, policy: { conflicts: { kind: "merge" } }, b: LOSSY });
  for (const uid of ["a", "b", "c", "d"]) {
    world.a.put("work", uid, event({ TITLE: "plain", UID: uid }));
  }
  world.a.put("work", "x", x(PHOTO));
  const { report } = await world.run();
  deepStrictEqual(report.altered.map(({ side, ident, what }) => [side, ident, what]), [
    ["b", "x", ["PHOTO"]],
  ]);
  world.b.put("work", "x", x({ TITLE: "by b" }));
  deepStrictEqual((await world.run()).done, ["update x on a"]);
  strictEqual(world.items("a")["x"], x({ ...PHOTO, TITLE: "by b" }));
});

/** Something happens once, between a write and the look at what was written. */
function beforeItIsReadBack(happens: () => void): Decide {
  let wrote = false;
  return ({ method, moment }) => {
    if (method === "apply") wrote = true;
    if (!wrote || method !== "fetch" || moment !== "call") return undefined;
    wrote = false;
    return { kind: "meanwhile", happens };
  };
}

Deno.test("an edit made before a first write is looked at does not take the photo away", async () => {
  const world = two({ format: PLAIN_FORMAT, policy: { conflicts: { kind: "merge" } }, b: LOSSY });
  const edit = x({ TITLE: "by b" });
  let edits = 0;
  world.a.put("work", "x", x(PHOTO));
  await world.run({
    b: beforeItIsReadBack(() => {
      edits++;
      world.b.put("work", "x", edit);
    }),
  });
  strictEqual(edits, 1);
  for (let times = 0; times < 2; times++) {
    await world.run();
    strictEqual(/^PHOTO:face$/m.test(world.items("a")["x"] ?? ""), true);
    strictEqual(world.items("b")["x"], edit);
  }
});
