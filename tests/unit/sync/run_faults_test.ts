import { deepStrictEqual, ok } from "node:assert/strict";
import { atNth, type Decide, type Point } from "../../../adapters/with_faults.ts";
import { SyncError } from "../../../lib/model/error.ts";
import { SIDES } from "../../../lib/model/names.ts";
import { agreedOn, event, type Two, two } from "./run_support.ts";

const action = ({ method, moment }: Point): boolean => method === "apply" && moment === "action";
const refused = new SyncError("no", { scope: "item", kind: "refused" });
const lost = new SyncError("no answer", { scope: "item", kind: "unreachable", retry: true });
const away = new SyncError("gone", { scope: "storage", kind: "unreachable", retry: true });
/** The first write is done, and nobody hears of it. */
const lostAnswer = (): Decide => atNth(1, { kind: "fail after", error: lost }, action);

Deno.test("one item that fails leaves its base as it was, and the others are done", async () => {
  const world = await agreedOn({}, "one", "two", "three");
  for (const uid of ["one", "two", "three"]) {
    world.a.put("work", `${uid}.ics`, event(uid, "edited"));
  }
  const { done, report } = await world.run({
    b: atNth(2, { kind: "fail before", error: refused }, action),
  });
  deepStrictEqual(done, ["update one on b", "update two on b"]);
  deepStrictEqual(report.failures.map(({ ident, error }) => [ident, error.kind]), [
    ["three", "refused"],
  ]);
  ok((await world.base("three"))?.sides.a.digest.includes("as agreed"));
  deepStrictEqual((await world.run()).done, ["update three on b"]);
});

Deno.test("one collection that fails leaves the others alone", async () => {
  const world = two();
  for (const side of [world.a, world.b]) side.add("home");
  world.a.put("home", "one.ics", event("one", "of a"));
  world.a.put("work", "two.ics", event("two", "of a"));
  const error = new SyncError("no", { scope: "collection", kind: "forbidden" });
  const { done, problems } = await world.run({
    a: atNth(
      1,
      { kind: "fail before", error },
      ({ method, moment }) => method === "changes" && moment === "call",
    ),
  });
  deepStrictEqual([done, problems.map(({ kind }) => kind)], [["create two on b"], ["forbidden"]]);
});

Deno.test("a storage that goes away ends its side: what was not begun is counted, and done later", async () => {
  const world = two();
  for (let n = 1; n <= 5; n++) world.a.put("work", `${n}.ics`, event(`${n}`, "of a"));
  world.b.put("work", "6.ics", event("6", "of b"));
  const { done, report } = await world.run({
    b: atNth(2, { kind: "fail before", error: away }, action),
  });
  deepStrictEqual(done, ["create 1 on b", "create 6 on a"]);
  deepStrictEqual(report.skipped, 3);
  deepStrictEqual((await world.run()).done.length, 4);
});

Deno.test("a create whose answer was lost makes no second copy, whatever the storage names it", async () => {
  for (const assignsHrefs of [true, false]) {
    const world = two({ b: { assignsHrefs } });
    world.a.put("work", "one.ics", event("one", "of a"));
    deepStrictEqual((await world.run({ b: lostAnswer() })).done, []);
    deepStrictEqual((await world.run()).done, []);
    deepStrictEqual(Object.values(world.items("b")), [event("one", "of a")]);
    deepStrictEqual(await world.agreed(), ["one"]);
  }
});

Deno.test("a create whose answer was lost, and then an edit of the source: no conflict", async () => {
  const world = two();
  world.a.put("work", "one.ics", event("one", "of a"));
  await world.run({ b: lostAnswer() });
  world.a.put("work", "one.ics", event("one", "edited"));
  const { done, conflicts } = await world.run();
  deepStrictEqual([done, conflicts], [["update one on b"], []]);
});

Deno.test("a create whose answer was lost, and then the source is deleted: the copy goes as well", async () => {
  const world = await agreedOn({}, "two");
  world.a.put("work", "one.ics", event("one", "of a"));
  await world.run({ b: lostAnswer() });
  world.a.remove("work", "one.ics");
  deepStrictEqual((await world.run()).done, ["delete one on b"]);
});

Deno.test("an update whose answer was lost, and then the source is put back: the copy follows", async () => {
  const world = await agreedOn({}, "one", "two");
  world.a.put("work", "one.ics", event("one", "edited"));
  await world.run({ b: lostAnswer() });
  world.a.put("work", "one.ics", event("one", "as agreed"));
  const { done, conflicts } = await world.run();
  deepStrictEqual([done, conflicts], [["update one on b"], []]);
  deepStrictEqual(world.items("a")["one.ics"], event("one", "as agreed"));
});

Deno.test("a deletion whose answer was lost, and then the source is made anew: it comes back", async () => {
  const world = await agreedOn({}, "one", "two");
  world.a.remove("work", "one.ics");
  await world.run({ b: lostAnswer() });
  world.a.put("work", "one.ics", event("one", "as agreed"));
  deepStrictEqual((await world.run()).done, ["create one on b"]);
});

Deno.test("what an interrupted run had begun is remembered while the item cannot be read", async () => {
  const world = await agreedOn({}, "two");
  world.a.put("work", "one.ics", event("one", "of a"));
  await world.run({ b: lostAnswer() });
  world.a.put("work", "one.ics", event("one", "edited"));
  await world.run({
    b: atNth(
      1,
      { kind: "unknown", which: () => true },
      ({ method, moment }) => method === "fetch" && moment === "batch",
    ),
  });
  const { done, conflicts } = await world.run();
  deepStrictEqual([done, conflicts], [["update one on b"], []]);
});

Deno.test("somebody edits an item while it is about to be overwritten: it is left, and then a conflict", async () => {
  const world = await agreedOn({}, "one", "two");
  world.a.put("work", "one.ics", event("one", "of a"));
  const happens = () => void world.b.put("work", "one.ics", event("one", "of b"));
  const { done, report } = await world.run({
    b: atNth(1, { kind: "meanwhile", happens }, action),
  });
  deepStrictEqual([done, report.changed], [[], 1]);
  deepStrictEqual(world.items("b")["one.ics"], event("one", "of b"));
  deepStrictEqual((await world.run()).conflicts, ["one"]);
});

Deno.test("somebody edits an item while it is about to be deleted: it survives on both sides", async () => {
  const world = await agreedOn({}, "one", "two");
  world.a.remove("work", "one.ics");
  const happens = () => void world.b.put("work", "one.ics", event("one", "edited"));
  const first = await world.run({ b: atNth(1, { kind: "meanwhile", happens }, action) });
  deepStrictEqual([first.done, first.report.changed], [[], 1]);
  deepStrictEqual((await world.run()).done, ["create one on a"]);
});

Deno.test("the same mail appears under the UID meanwhile, with other flags: they are merged", async () => {
  const world = two({ kind: "mail" });
  world.a.put("work", "1", event("one", "mail"), { flags: ["seen"] });
  const happens = () => void world.b.put("work", "1", event("one", "mail"), { flags: ["flagged"] });
  await world.run({ b: atNth(1, { kind: "meanwhile", happens }, action) });
  deepStrictEqual((await world.run()).done, ["setFlags one on a", "setFlags one on b"]);
});

Deno.test("everything that is overwritten or deleted is in the attic, as it was", async () => {
  const world = await agreedOn({}, "one", "two", "three");
  world.a.put("work", "one.ics", event("one", "edited"));
  world.b.remove("work", "two.ics");
  await world.run();
  deepStrictEqual(kept(world), [
    ["a", "delete", event("two", "as agreed")],
    ["b", "update", event("one", "as agreed")],
  ]);
});

Deno.test("every mail that is deleted is in the attic, as it was", async () => {
  const world = two({ kind: "mail" });
  for (const uid of ["1", "2", "3"]) world.a.put("work", uid, event(uid, "mail"));
  await world.run();
  world.a.remove("work", "1");
  world.b.remove("work", "2");
  await world.run();
  deepStrictEqual(kept(world), [
    ["a", "delete", event("2", "mail")],
    ["b", "delete", event("1", "mail")],
  ]);
});

const kept = ({ status }: Two) =>
  status.attic().map(({ intent, bytes }) => [
    intent.on,
    intent.kind,
    new TextDecoder().decode(bytes),
  ]).sort();

Deno.test("a status that cannot be written stops its side and is told, and nothing is lost", async () => {
  const world = two();
  for (const uid of ["one", "two", "three"]) {
    world.a.put("work", `${uid}.ics`, event(uid, "of a"));
  }
  const full = new SyncError("the disk is full", { scope: "run", kind: "quota" });
  const { report } = await world.run({}, {
    settle: () => Promise.reject(full),
  });
  ok(report.failures.length > 0);
  ok(report.failures.every(({ error }) => error === full));
  const { done } = await world.run();
  deepStrictEqual(Object.keys(world.items("b")).sort(), ["one", "three", "two"]);
  deepStrictEqual(await world.agreed(), ["one", "three", "two"]);
  ok(done.length <= 3);
});

Deno.test("nothing is written to a storage before the status knows of it", async () => {
  const world = await agreedOn({}, "one", "two");
  world.a.put("work", "one.ics", event("one", "edited"));
  world.a.remove("work", "two.ics");
  const full = new SyncError("the disk is full", { scope: "run", kind: "quota" });
  const { report, asked } = await world.run({}, { begin: () => Promise.reject(full) });
  deepStrictEqual(asked.filter((it) => it.startsWith("b:")), []);
  deepStrictEqual(world.b.effects(), 0);
  deepStrictEqual(report.skipped, 2);
});

Deno.test("what came and was recorded is missed when it goes, though the run never came to its end", async () => {
  const world = await agreedOn({}, "two", "three");
  // Cursors that a listing may go on from.
  await world.run();
  for (const side of SIDES) world[side].put("work", "one.ics", event("one", "on both"));
  const full = new SyncError("the disk is full", { scope: "run", kind: "quota" });
  const [key] = await world.status.collections();
  ok(key !== undefined);
  const status = world.status.collection(key);
  let recorded = false;
  await world.run({}, {
    settle: (settlements) => {
      recorded = true;
      return status.settle(settlements);
    },
    conclude: (sides) => recorded ? Promise.reject(full) : status.conclude(sides),
  });
  deepStrictEqual(await world.agreed(), ["one", "three", "two"]);
  world.a.remove("work", "one.ics");
  deepStrictEqual((await world.run()).done, ["delete one on b"]);
});

Deno.test("what stood under a name goes just before ours comes: ours is not taken for it", async () => {
  const world = await agreedOn({}, "one", "three");
  // Two items with one UID on b, one of them under the name that the new item will get.
  world.b.put("work", "two", event("one", "a copy"));
  world.a.put("work", "two.ics", event("two", "of a"));
  const happens = () => void world.b.remove("work", "two");
  const first = await world.run({ b: atNth(1, { kind: "meanwhile", happens }, action) });
  deepStrictEqual(first.done, ["create two on b"]);
  for (let times = 0; times < 2; times++) deepStrictEqual((await world.run()).done, []);
  deepStrictEqual(Object.values(world.items("a")).length, 3);
  deepStrictEqual(await world.agreed(), ["one", "three", "two"]);
});

Deno.test("an item is overwritten by ours just as it is copied: its end is seen by the next run", async () => {
  const world = await agreedOn({}, "two", "three");
  world.a.put("work", "one.ics", event("one", "of a"));
  // Under the name that the new item will get stands another new one, until somebody replaces it.
  world.b.put("work", "one", event("other", "of b"));
  const happens = () => void world.b.put("work", "one", event("one", "of a"));
  const first = await world.run({ b: atNth(1, { kind: "meanwhile", happens }, action) });
  deepStrictEqual(first.done, ["create one on b", "create other on a"]);
  deepStrictEqual((await world.run()).done, ["delete other on a"]);
  deepStrictEqual(await world.agreed(), ["one", "three", "two"]);
});

Deno.test("an intent that a newer one took the place of is not taken up again", async () => {
  const world = await agreedOn({}, "two", "three");
  world.a.put("work", "one.ics", event("one", "first"));
  await world.run({ b: atNth(1, { kind: "fail before", error: lost }, action) });
  world.a.put("work", "one.ics", event("one", "second"));
  const [key] = await world.status.collections();
  ok(key !== undefined);
  const status = world.status.collection(key);
  // The second is written down, and nothing after it.
  let over = false;
  await world.run({}, {
    settle: (some) => {
      if (over) return Promise.reject(lost);
      over = some.some(({ move }) => move !== undefined);
      return status.settle(some);
    },
    conclude: (sides) => over ? Promise.reject(lost) : status.conclude(sides),
  });
  world.b.put("work", "one", event("one", "first"));
  deepStrictEqual((await world.run()).done, ["update one on a"]);
});
