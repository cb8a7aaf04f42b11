/** Whole runs in which both sides were edited, and in which a storage keeps less than it is given. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { MemoryOptions } from "../../../adapters/memory/mod.ts";
import { SyncError } from "../../../lib/model/error.ts";
import type { Policy, Resolution } from "../../../lib/model/run.ts";
import { digest as digestOf, ident as identOf } from "../../../lib/model/names.ts";
import { PLAIN_FORMAT } from "../../support/plain_format.ts";
import { event, type Fields, LOSSY } from "./run_fields.ts";
import { type Two, two } from "./run_support.ts";

const format = PLAIN_FORMAT;

const AS_AGREED = { NOTE: "old", TITLE: "old", UID: "x" };

interface Setting {
  readonly conflicts?: Resolution;
  readonly policy?: Partial<Policy>;
  readonly b?: Partial<MemoryOptions>;
}

/** Both sides hold an item x; b as it makes of it. */
async function agreed({ conflicts = { kind: "merge" }, policy, b }: Setting = {}): Promise<Two> {
  const world = two({
    format,
    policy: { conflicts, ...policy },
    ...(b === undefined ? {} : { b }),
  });
  world.a.put("work", "x", event(AS_AGREED));
  await world.run();
  return world;
}

const REFUSED = new SyncError("no", { scope: "item", kind: "refused" });

const both = (world: Two) => ({ a: world.items("a"), b: world.items("b") });

async function isQuiet(world: Two): Promise<void> {
  const { done, conflicts, problems, held } = await world.run();
  deepStrictEqual([done, conflicts, problems, held], [[], [], [], []]);
}

/** What two people did to it. */
function edit(world: Two, a: Fields, b: Fields): void {
  world.a.put("work", "x", event({ ...AS_AGREED, ...a }));
  world.b.put("work", "x", event({ ...AS_AGREED, ...b }));
}

Deno.test("edits of different properties are in the result on both sides", async () => {
  const world = await agreed();
  edit(world, { TITLE: "by a" }, { NOTE: "by b" });
  const { done, conflicts } = await world.run();
  deepStrictEqual([done, conflicts], [["update x on a", "update x on b"], []]);
  const merged = event({ NOTE: "by b", TITLE: "by a", UID: "x" });
  deepStrictEqual(both(world), { a: { "x": merged }, b: { "x": merged } });
  await isQuiet(world);
  // And the next edit of one side travels as it is.
  world.b.put("work", "x", event({ NOTE: "again", TITLE: "by a", UID: "x" }));
  deepStrictEqual((await world.run()).done, ["update x on a"]);
  await isQuiet(world);
});

Deno.test("the same property edited differently stays a conflict, and says which", async () => {
  const world = await agreed();
  edit(world, { TITLE: "by a" }, { NOTE: "by b", TITLE: "by b" });
  for (let times = 0; times < 2; times++) {
    const { done, conflicts, plan } = await world.run();
    deepStrictEqual([done, conflicts], [[], ["x"]]);
    deepStrictEqual(plan.collections[0]?.conflicts[0]?.clashes, [
      { what: "TITLE", a: "by a", b: "by b" },
    ]);
  }
});

Deno.test("both sides of an item that was never agreed on are not merged", async () => {
  const world = two({ format, policy: { conflicts: { kind: "merge" } } });
  edit(world, { TITLE: "by a" }, { NOTE: "by b" });
  deepStrictEqual((await world.run()).conflicts, ["x"]);
});

Deno.test("a conflict is settled for a side, for the newest, or for both, as the pair says", async () => {
  const cases: readonly (readonly [Resolution, readonly string[]])[] = [
    [{ kind: "keep", side: "a" }, ["a"]],
    [{ kind: "keep", side: "b" }, ["b"]],
    [{ kind: "newest" }, ["b"]],
    [{ kind: "both" }, ["a", "b"]],
    [{ kind: "ask", decide: () => Promise.resolve({ kind: "keep", side: "b" }) }, ["b"]],
  ];
  for (const [conflicts, kept] of cases) {
    const world = await agreed({ conflicts });
    edit(world, { STAMP: "1", TITLE: "a" }, { STAMP: "2", TITLE: "b" });
    const ran = await world.run();
    deepStrictEqual([ran.conflicts, ran.problems], [[], []], conflicts.kind);
    for (const side of ["a", "b"] as const) {
      const titles = Object.values(world.items(side)).map((it) => /TITLE:(.)/.exec(it)?.[1]);
      deepStrictEqual(titles.sort(), kept, `${conflicts.kind} on ${side}`);
    }
    await isQuiet(world);
  }
});

Deno.test("the newest of two that do not say when they were edited is not guessed", async () => {
  const world = await agreed({ conflicts: { kind: "newest" } });
  edit(world, { TITLE: "by a" }, { TITLE: "by b" });
  deepStrictEqual((await world.run()).conflicts, ["x"]);
});

Deno.test("what is kept beside its rival is not overwritten before its copy is there", async () => {
  const world = await agreed({ conflicts: { kind: "both" } });
  edit(world, { TITLE: "by a" }, { TITLE: "by b" });
  const refuses = await world.run({
    a: (point) =>
      point.moment === "action" && point.action.kind === "create"
        ? { kind: "fail before", error: REFUSED }
        : undefined,
  });
  deepStrictEqual(refuses.done, ["create x-UIDxNOTEoldT on b"]);
  strictEqual(world.items("b")["x"], event({ ...AS_AGREED, TITLE: "by b" }));
  for (let times = 0; times < 3; times++) await world.run();
  strictEqual(Object.keys(world.items("a")).length, 2);
  deepStrictEqual(Object.keys(world.items("b")).length, 2);
  await isQuiet(world);
});

/** B, which loses photos, has lost that of x. */
async function withPhoto(etagOnWrite: boolean): Promise<Two> {
  const world = two({
    format,
    policy: { conflicts: { kind: "merge" } },
    b: { ...LOSSY, etagOnWrite },
  });
  world.a.put("work", "x", event({ ...AS_AGREED, PHOTO: "face" }));
  const { report } = await world.run();
  deepStrictEqual(report.altered.map(({ side, ident, what }) => [side, ident, what]), [
    ["b", "x", ["PHOTO"]],
  ]);
  strictEqual(world.items("b")["x"], event(AS_AGREED));
  await isQuiet(world);
  return world;
}

for (const etags of ["with", "without"] as const) {
  Deno.test(`what a storage lost does not come back as an edit, answered ${etags} an etag`, async () => {
    const world = await withPhoto(etags === "with");
    world.b.put("work", "x", event({ ...AS_AGREED, TITLE: "by b" }));
    const { done, report } = await world.run();
    deepStrictEqual([done, report.altered], [["update x on a"], []]);
    strictEqual(world.items("a")["x"], event({ ...AS_AGREED, PHOTO: "face", TITLE: "by b" }));
    strictEqual(world.items("b")["x"], event({ ...AS_AGREED, TITLE: "by b" }));
    await isQuiet(world);
  });

  Deno.test(`an edit beside what a storage lost goes there, answered ${etags} an etag`, async () => {
    const world = await withPhoto(etags === "with");
    world.a.put("work", "x", event({ ...AS_AGREED, NOTE: "by a", PHOTO: "face" }));
    deepStrictEqual((await world.run()).done, ["update x on b"]);
    strictEqual(world.items("b")["x"], event({ ...AS_AGREED, NOTE: "by a" }));
    await isQuiet(world);
  });

  Deno.test(`two edits of what a storage lost a part of combine, answered ${etags} an etag`, async () => {
    const world = await withPhoto(etags === "with");
    world.a.put("work", "x", event({ ...AS_AGREED, PHOTO: "face", TITLE: "by a" }));
    world.b.put("work", "x", event({ ...AS_AGREED, NOTE: "by b" }));
    deepStrictEqual((await world.run()).done, ["update x on a", "update x on b"]);
    const merged = { NOTE: "by b", TITLE: "by a", UID: "x" };
    strictEqual(world.items("a")["x"], event({ ...merged, PHOTO: "face" }));
    strictEqual(world.items("b")["x"], event(merged));
    await isQuiet(world);
  });
}

Deno.test("one way, the copy is made as the original is, whatever happened to it", async () => {
  const world = two({ format, policy: { oneWay: true } });
  world.a.put("work", "x", event(AS_AGREED));
  world.a.put("work", "y", event({ ...AS_AGREED, UID: "y" }));
  world.b.put("work", "z", event({ ...AS_AGREED, UID: "z" }));
  deepStrictEqual((await world.run()).done, ["create x on b", "create y on b", "delete z on b"]);
  world.b.put("work", "x", event({ ...AS_AGREED, TITLE: "by b" }));
  world.b.remove("work", "y");
  deepStrictEqual((await world.run()).done, ["create y on b", "update x on b"]);
  deepStrictEqual(both(world).a, both(world).b);
  edit(world, { TITLE: "by a" }, { TITLE: "by b" });
  deepStrictEqual((await world.run()).done, ["update x on b"]);
  strictEqual(world.items("a")["x"], event({ ...AS_AGREED, TITLE: "by a" }));
  await isQuiet(world);
});

Deno.test("new items that a side does not take in are left where they are, and nothing is deleted", async () => {
  const policy = {
    accepts: { a: undefined, b: ({ component }: { component: string }) => component === "VEVENT" },
  };
  const world = two({ format, policy });
  world.a.put("work", "x", event(AS_AGREED));
  world.a.put("work", "t", event({ TYPE: "VTODO", UID: "t" }));
  world.b.put("work", "u", event({ TYPE: "VTODO", UID: "u" }));
  for (const expected of [["create x on b"], []]) {
    const { done, held } = await world.run();
    deepStrictEqual([done, held], [expected, ["filter on b"]]);
  }
  // Once in step, an item stays so, whatever becomes of it.
  world.b.put("work", "x", event({ ...AS_AGREED, TYPE: "VTODO" }));
  deepStrictEqual((await world.run()).done, ["update x on a"]);
  // But what the filter hides is not deleted.
  world.a.remove("work", "x");
  for (let times = 0; times < 2; times++) {
    const { done, held } = await world.run();
    deepStrictEqual([done, held], [[], ["filter on b"]]);
  }
});

Deno.test("what a filter leaves out is neither there nor gone, and no problem either", async () => {
  const leftOut = new SyncError("left out", { scope: "item", kind: "left out" });
  let hides = (_text: string): boolean => false;
  const read = (bytes: Uint8Array) => {
    const text = new TextDecoder().decode(bytes);
    if (hides(text)) throw leftOut;
    return { ident: identOf(/UID:(.)/.exec(text)?.[1] ?? text), digest: digestOf(text) };
  };
  const world = two({ format, b: { read } });
  world.a.put("work", "x", event(AS_AGREED));
  world.b.put("work", "y", event({ ...AS_AGREED, UID: "y" }));
  await world.run();
  hides = (text) => text.includes("PRIVATE");
  world.b.put("work", "x", event({ ...AS_AGREED, PRIVATE: "yes" }));
  world.b.put("work", "z", event({ PRIVATE: "yes", UID: "z" }));
  world.a.remove("work", "y");
  // It holds up nobody else's deletion, and is not fetched again as long as it stays as it is.
  for (const expected of [["delete y on b"], []]) {
    const { done, problems, held, asked } = await world.run();
    deepStrictEqual([done, problems, held], [expected, [], []]);
    if (expected.length === 0) deepStrictEqual(asked.filter((it) => it.includes("fetches")), []);
  }
  strictEqual(world.items("a")["x"], event(AS_AGREED));
  world.b.put("work", "x", event({ ...AS_AGREED, TITLE: "shown again" }));
  deepStrictEqual((await world.run()).done, ["update x on a"]);
});
