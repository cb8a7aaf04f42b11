import { deepStrictEqual } from "node:assert/strict";
import { atNth, type Decide } from "../../../adapters/with_faults.ts";
import { SyncError } from "../../../lib/model/error.ts";
import { SIDES } from "../../../lib/model/names.ts";
import { agreedOn, event, two } from "./run_support.ts";

/** The first fetch does not mention anything. */
const silent = (): Decide =>
  atNth(
    1,
    { kind: "unknown", which: () => true },
    ({ method, moment }) => method === "fetch" && moment === "batch",
  );

Deno.test("an item that cannot be read is left alone on both sides until it can be read", async () => {
  const world = await agreedOn({}, "one", "two");
  world.a.setUnreadable("work", "one.ics", true);
  world.b.put("work", "one.ics", event("one", "edited"));
  for (let times = 0; times < 2; times++) {
    const { done, problems } = await world.run();
    deepStrictEqual([done, problems.map(({ kind }) => kind)], [[], ["malformed"]]);
  }
  world.a.setUnreadable("work", "one.ics", false);
  deepStrictEqual((await world.run()).done, ["update one on a"]);
});

Deno.test("an item that cannot be read is not deleted with the other side's", async () => {
  const world = await agreedOn({}, "one", "two");
  world.a.setUnreadable("work", "one.ics", true);
  world.b.remove("work", "one.ics");
  deepStrictEqual((await world.run()).done, []);
  deepStrictEqual(Object.keys(world.items("a")), ["one.ics", "two.ics"]);
});

Deno.test("strangers that cannot be read hold deletions: one of them may be what seems gone", async () => {
  const world = await agreedOn({}, "one", "two", "three");
  world.a.remove("work", "one.ics");
  world.a.put("work", "moved.ics", event("one", "as agreed"));
  world.a.setUnreadable("work", "moved.ics", true);
  world.a.put("work", "two.ics", event("two", "edited"));
  const { done, held } = await world.run();
  deepStrictEqual([done, held], [["update two on b"], ["unreadable on b"]]);
  deepStrictEqual((await world.run()).held, ["unreadable on b"], "it is not forgotten");
  world.a.setUnreadable("work", "moved.ics", false);
  deepStrictEqual((await world.run()).done, []);
  deepStrictEqual((await world.base("one"))?.sides.a.href, "moved.ics");
});

Deno.test("strangers that cannot be read hold the return of what was edited on the other side", async () => {
  const world = await agreedOn({}, "one", "two");
  world.a.remove("work", "one.ics");
  world.a.put("work", "moved.ics", event("one", "as agreed"));
  world.a.setUnreadable("work", "moved.ics", true);
  world.b.put("work", "one.ics", event("one", "edited"));
  const { done, held } = await world.run();
  deepStrictEqual([done, held], [[], ["unreadable on a"]]);
  world.a.setUnreadable("work", "moved.ics", false);
  deepStrictEqual((await world.run()).done, ["update one on a"]);
});

Deno.test("one file moved over another and not to be read yet: neither item is deleted", async () => {
  const world = await agreedOn({}, "one", "two", "three");
  world.a.remove("work", "one.ics");
  world.a.put("work", "two.ics", event("one", "as agreed"));
  const { done, held } = await world.run({ a: silent() });
  deepStrictEqual([done, held], [[], ["unreadable on b"]]);
  deepStrictEqual((await world.run()).done, ["delete two on b"]);
});

Deno.test("a fetch that is silent about an item is not its absence, and the next run has it", async () => {
  const world = await agreedOn({}, "one", "two");
  world.a.put("work", "one.ics", event("one", "edited"));
  const { done, problems } = await world.run({ a: silent() });
  deepStrictEqual([done, problems.map(({ kind }) => kind)], [[], ["missing"]]);
  deepStrictEqual((await world.run()).done, ["update one on b"]);
});

Deno.test("a fetch that is silent once makes no second copy of what both sides have", async () => {
  const world = two();
  world.a.put("work", "here.ics", event("one", "same"));
  world.b.put("work", "there.ics", event("one", "same"));
  const { done, held } = await world.run({ a: silent() });
  deepStrictEqual([done, held], [[], ["unreadable on a"]]);
  deepStrictEqual((await world.run()).done, []);
  deepStrictEqual([world.a.effects(), world.b.effects()], [0, 0]);
});

Deno.test("one item that stays broken does not keep the others from being copied", async () => {
  const world = two();
  world.a.put("work", "broken.ics", event("broken", "of a"));
  world.a.setUnreadable("work", "broken.ics", true);
  world.b.put("work", "one.ics", event("one", "of b"));
  deepStrictEqual((await world.run()).done, ["create one on a"]);
});

Deno.test("what cannot be read under a new item's name is not taken for another item", async () => {
  const world = two();
  world.b.put("work", "one", event("one", "the same item, for all that is known"));
  world.b.setUnreadable("work", "one", true);
  world.a.put("work", "one.ics", event("one", "of a"));
  const { done, report } = await world.run();
  deepStrictEqual(done, []);
  deepStrictEqual(report.failures.map(({ error }) => error.kind), ["exists"]);
  deepStrictEqual(world.b.items("work").size, 1);
});

Deno.test("a listing that was cut short, or has no end, is an error and not a short list", async () => {
  const error = new SyncError("cut", { scope: "collection", kind: "unreachable", retry: true });
  for (const listsChanges of [true, false]) {
    const world = await agreedOn({ a: { listsChanges, batch: 1 } }, "one", "two", "three");
    world.a.remove("work", "three.ics");
    world.a.expireCursors("work");
    const cut: Decide = atNth(
      2,
      { kind: "short", keep: 0, error },
      ({ method, moment }) => method === "changes" && moment === "batch",
    );
    const { done, problems } = await world.run({ a: cut });
    deepStrictEqual([done, problems.map(({ kind }) => kind)], [[], ["unreachable"]]);
    deepStrictEqual((await world.run()).done, ["delete three on b"]);
  }
});

Deno.test("two items of one side with one UID are named, and kept, and nothing is done to either", async () => {
  const world = await agreedOn({}, "one", "two");
  world.a.put("work", "copy.ics", event("one", "a copy"));
  world.b.put("work", "one.ics", event("one", "edited"));
  for (let times = 0; times < 2; times++) {
    const { done, problems } = await world.run();
    deepStrictEqual([done, problems.map(({ kind }) => kind)], [[], ["duplicate"]]);
  }
  deepStrictEqual(Object.keys(world.items("a")), ["copy.ics", "one.ics", "two.ics"]);
  world.a.remove("work", "copy.ics");
  deepStrictEqual((await world.run()).done, ["update one on a"]);
});

Deno.test("two items that come to have one UID are kept, with a run in between and without", async () => {
  for (const between of [true, false]) {
    const world = await agreedOn({}, "one", "two");
    world.a.put("work", "one.ics", event("same", "as agreed"));
    if (between) await world.run();
    world.a.put("work", "two.ics", event("same", "as well"));
    const { problems } = await world.run();
    deepStrictEqual(problems.map(({ kind }) => kind), ["duplicate"]);
    deepStrictEqual(Object.values(world.items("a")).sort(), [
      event("same", "as agreed"),
      event("same", "as well"),
    ]);
  }
});

Deno.test("two items of a UID on the side that has them are not brought to the other", async () => {
  const world = two();
  for (const name of ["x.ics", "y.ics"]) world.a.put("work", name, event("one", name));
  deepStrictEqual((await world.run()).done, []);
  deepStrictEqual(world.items("b"), {});
});

Deno.test("a file that becomes unreadable as a whole storage does is no deletion on either side", async () => {
  const world = await agreedOn({}, "one", "two");
  for (const uid of ["one", "two"]) world.a.setUnreadable("work", `${uid}.ics`, true);
  deepStrictEqual((await world.run()).done, []);
  for (const side of SIDES) deepStrictEqual(world[side].items("work").size, 2);
});
