import { deepStrictEqual, ok } from "node:assert/strict";
import { SIDES } from "../../../lib/model/names.ts";
import { agreedOn, event, two } from "./run_support.ts";

Deno.test("an item that is new on one side comes to the other, in both directions", async () => {
  const world = two();
  world.a.put("work", "one.ics", event("one", "of a"));
  world.b.put("work", "two.ics", event("two", "of b"));
  deepStrictEqual((await world.run()).done, ["create one on b", "create two on a"]);
  deepStrictEqual(world.items("a"), {
    "one.ics": event("one", "of a"),
    "two": event("two", "of b"),
  });
  deepStrictEqual(world.items("b"), {
    "one": event("one", "of a"),
    "two.ics": event("two", "of b"),
  });
});

Deno.test("an edit travels to the other side, in both directions, and keeps the name there", async () => {
  const world = await agreedOn({}, "one", "two");
  world.a.put("work", "one.ics", event("one", "edited"));
  world.b.put("work", "two.ics", event("two", "edited"));
  deepStrictEqual((await world.run()).done, ["update one on b", "update two on a"]);
  for (const side of SIDES) {
    deepStrictEqual(world.items(side), {
      "one.ics": event("one", "edited"),
      "two.ics": event("two", "edited"),
    });
  }
});

Deno.test("a deletion travels to the other side, in both directions", async () => {
  const world = await agreedOn({}, "one", "two", "three");
  world.a.remove("work", "one.ics");
  world.b.remove("work", "two.ics");
  deepStrictEqual((await world.run()).done, ["delete one on b", "delete two on a"]);
  for (const side of SIDES) deepStrictEqual(Object.keys(world.items(side)), ["three.ics"]);
  deepStrictEqual(await world.agreed(), ["three"]);
});

Deno.test("what is deleted and made anew with the same UID comes back on both sides", async () => {
  const world = await agreedOn({}, "one", "two");
  world.a.remove("work", "one.ics");
  await world.run();
  world.a.put("work", "one.ics", event("one", "as agreed"));
  deepStrictEqual((await world.run()).done, ["create one on b"]);
  deepStrictEqual(await world.agreed(), ["one", "two"]);
});

Deno.test("the same item on both sides and no status: it is recorded, and nothing is copied", async () => {
  const world = two();
  for (const side of SIDES) world[side].put("work", `of-${side}`, event("one", "same"));
  const { done, asked } = await world.run();
  deepStrictEqual(done, []);
  deepStrictEqual(asked, ["a lists", "b lists", "a fetches of-a", "b fetches of-b"]);
  deepStrictEqual((await world.base("one"))?.sides.b.href, "of-b");
});

Deno.test("the same UID, different content and no status: a conflict, and nothing is recorded", async () => {
  const world = two();
  world.a.put("work", "one.ics", event("one", "of a"));
  world.b.put("work", "one.ics", event("one", "of b"));
  for (let times = 0; times < 3; times++) {
    const { done, conflicts } = await world.run();
    deepStrictEqual([done, conflicts], [[], ["one"]]);
    deepStrictEqual(await world.agreed(), []);
  }
  deepStrictEqual(world.items("a"), { "one.ics": event("one", "of a") });
  deepStrictEqual(world.items("b"), { "one.ics": event("one", "of b") });
});

Deno.test("different edits on both sides are a conflict until one of them is made like the other", async () => {
  const world = await agreedOn({}, "one", "two");
  world.a.put("work", "one.ics", event("one", "of a"));
  world.b.put("work", "one.ics", event("one", "of b"));
  deepStrictEqual((await world.run()).conflicts, ["one"]);
  deepStrictEqual((await world.run()).conflicts, ["one"], "it is still told by the next run");
  world.b.put("work", "one.ics", event("one", "of a"));
  const { done, conflicts } = await world.run();
  deepStrictEqual([done, conflicts], [[], []]);
  ok((await world.base("one"))?.sides.b.digest.includes("of a"));
});

Deno.test("equal edits on both sides agree", async () => {
  const world = await agreedOn({}, "one");
  for (const side of SIDES) world[side].put("work", "one.ics", event("one", "the same edit"));
  const { done, conflicts } = await world.run();
  deepStrictEqual([done, conflicts], [[], []]);
  ok((await world.base("one"))?.sides.a.digest.includes("the same edit"));
});

Deno.test("changed on one side and deleted on the other: the changed version survives on both", async () => {
  const world = await agreedOn({}, "one", "two", "three");
  world.a.put("work", "one.ics", event("one", "edited"));
  world.b.remove("work", "one.ics");
  world.a.remove("work", "two.ics");
  world.b.put("work", "two.ics", event("two", "edited"));
  deepStrictEqual((await world.run()).done, ["create one on b", "create two on a"]);
  for (const side of SIDES) {
    deepStrictEqual(Object.values(world.items(side)).sort(), [
      event("one", "edited"),
      event("three", "as agreed"),
      event("two", "edited"),
    ]);
  }
});

Deno.test("deleted on both sides: it is forgotten", async () => {
  const world = await agreedOn({}, "one", "two");
  for (const side of SIDES) world[side].remove("work", "one.ics");
  deepStrictEqual((await world.run()).done, []);
  deepStrictEqual(await world.agreed(), ["two"]);
});

Deno.test("an item without a UID is known by what it says; an edit makes another item of it", async () => {
  const world = two();
  world.a.put("work", "plain", "no more than this");
  await world.run();
  deepStrictEqual(Object.values(world.items("b")), ["no more than this"]);
  world.a.put("work", "plain", "a little more");
  world.a.put("work", "other", "and another");
  await world.run();
  deepStrictEqual(Object.values(world.items("b")).sort(), ["a little more", "and another"]);
  deepStrictEqual((await world.run()).done, []);
});

Deno.test("a UID that changes inside a file: the old item goes, the new one comes", async () => {
  for (const listsChanges of [true, false]) {
    const world = await agreedOn({ a: { listsChanges }, b: { listsChanges } }, "one", "two");
    world.a.put("work", "one.ics", event("another", "as agreed"));
    deepStrictEqual((await world.run()).done, ["create another on b", "delete one on b"]);
    deepStrictEqual(await world.agreed(), ["another", "two"]);
    deepStrictEqual((await world.run()).done, []);
    world.a.remove("work", "one.ics");
    deepStrictEqual((await world.run()).done, ["delete another on b"]);
  }
});

Deno.test("two files that swap their UIDs: nothing is copied, and both hrefs are known", async () => {
  for (const listsChanges of [true, false]) {
    const world = await agreedOn({ a: { listsChanges } }, "one", "two");
    world.a.put("work", "one.ics", event("two", "as agreed"));
    world.a.put("work", "two.ics", event("one", "as agreed"));
    deepStrictEqual((await world.run()).done, []);
    deepStrictEqual((await world.base("one"))?.sides.a.href, "two.ics");
    deepStrictEqual((await world.base("two"))?.sides.a.href, "one.ics");
    world.a.remove("work", "one.ics");
    deepStrictEqual((await world.run()).done, ["delete two on b"]);
  }
});

Deno.test("an item that is moved on one side: no write, no fetch on the other, and then nothing", async () => {
  const world = await agreedOn({}, "one", "two");
  world.a.remove("work", "one.ics");
  world.a.put("work", "moved.ics", event("one", "as agreed"));
  const { done, asked } = await world.run();
  deepStrictEqual(done, []);
  deepStrictEqual(asked, ["a lists", "b lists", "a fetches moved.ics"]);
  deepStrictEqual((await world.base("one"))?.sides.a.href, "moved.ics");
  deepStrictEqual((await world.run()).asked, ["a lists", "b lists"]);
});

Deno.test("an item that is moved and edited is updated on the other side, not made anew", async () => {
  const world = await agreedOn({}, "one", "two");
  world.a.remove("work", "one.ics");
  world.a.put("work", "moved.ics", event("one", "edited"));
  deepStrictEqual((await world.run()).done, ["update one on b"]);
  deepStrictEqual(world.items("b")["one.ics"], event("one", "edited"));
});

Deno.test("a new etag on one side and an edit on the other: only the edit travels", async () => {
  const world = await agreedOn({}, "one");
  world.a.put("work", "one.ics", event("one", "as agreed"));
  world.b.put("work", "one.ics", event("one", "edited"));
  deepStrictEqual((await world.run()).done, ["update one on a"]);
});

Deno.test("UIDs and hrefs of any script are carried as they are, and make safe names", async () => {
  const world = two();
  world.a.put("work", "../ü ☃.ics", event("../日本/\u202eevil", "text"));
  deepStrictEqual((await world.run()).done, ["create ../日本/\u202eevil on b"]);
  const [name = ""] = Object.keys(world.items("b"));
  ok(/^[A-Za-z0-9_@+=-][A-Za-z0-9_.@+=-]*$/.test(name), name);
  deepStrictEqual(Object.values(world.items("b")), [event("../日本/\u202eevil", "text")]);
  deepStrictEqual((await world.run()).done, []);
});

Deno.test("the name of a new item is taken by another one: it gets another name", async () => {
  const world = two();
  world.b.put("work", "one", event("somebody else", "of b"));
  world.a.put("work", "one.ics", event("one", "of a"));
  deepStrictEqual((await world.run()).done, ["create one on b", "create somebody else on a"]);
  deepStrictEqual(Object.values(world.items("b")).sort(), [
    event("one", "of a"),
    event("somebody else", "of b"),
  ]);
  deepStrictEqual((await world.run()).done, []);
});

Deno.test("flags of mail are merged one by one, and a mail that was read and deleted stays deleted", async () => {
  const world = two({ kind: "mail" });
  for (const side of SIDES) {
    for (const [at, uid] of [["1", "one"], ["2", "two"]] as const) {
      world[side].put("work", at, event(uid, "mail"), { flags: ["flagged"] });
    }
  }
  await world.run();
  world.a.put("work", "1", event("one", "mail"), { flags: ["flagged", "seen"] });
  world.b.put("work", "1", event("one", "mail"), { flags: [] });
  world.a.put("work", "2", event("two", "mail"), { flags: ["flagged", "seen"] });
  world.b.remove("work", "2");
  deepStrictEqual((await world.run()).done, [
    "delete two on a",
    "setFlags one on a",
    "setFlags one on b",
  ]);
  for (const side of SIDES) {
    deepStrictEqual([...world[side].items("work").values()].map((it) => it.flags), [["seen"]]);
  }
  deepStrictEqual((await world.run()).asked, ["a lists", "b lists"]);
});
