import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { createMemory, type Memory, type MemoryOptions } from "../../../adapters/memory/mod.ts";
import { withFaults } from "../../../adapters/with_faults.ts";
import { SyncError } from "../../../lib/model/error.ts";
import { pairName, type Side, SIDES } from "../../../lib/model/names.ts";
import { isEffect, type Plan } from "../../../lib/model/plan.ts";
import { PLAIN_POLICY, type Policy, type Report, type Run } from "../../../lib/model/run.ts";
import { carryOut, prepare } from "../../../lib/sync/mod.ts";
import { memoryStatus } from "../../support/memory_status.ts";

interface World {
  readonly a: Memory;
  readonly b: Memory;
  /** @param mayFail Failures are told in the report; without it there must be none. */
  run(
    policy?: Partial<Policy>,
    mayFail?: boolean,
    instead?: Partial<Pick<Run, "signal" | "onEvent" | "storages">>,
  ): Promise<{ readonly plan: Plan; readonly report: Report }>;
}

const SUBSCRIBED: Partial<Policy> = { properties: ["subscribed"], maxDelete: undefined };

function world(options: Partial<Record<Side, Partial<MemoryOptions>>> = {}): World {
  const open = (side: Side) => createMemory({ name: side, kind: "mail", ...options[side] });
  const memories = { a: open("a"), b: open("b") };
  const status = memoryStatus();
  return {
    ...memories,
    async run(policy = {}, mayFail = false, instead = {}) {
      const prepared = await prepare({
        pair: pairName("pair"),
        storages: { a: memories.a.open(), b: memories.b.open() },
        status,
        policy: {
          collections: { fromA: true, fromB: true, ids: [] },
          ...PLAIN_POLICY,
          ...SUBSCRIBED,
          ...policy,
        },
        signal: new AbortController().signal,
        onEvent: () => {},
        ...instead,
      });
      const report = await carryOut(prepared);
      if (!mayFail) deepStrictEqual(report.failures, []);
      return { plan: prepared.plan, report };
    },
  };
}

/** What a mailbox holds: the GUID, a colon and the flags of each mail, by its UID. */
function mails(memory: Memory, id: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...memory.items(id)].map(([href, { flags }]) =>
      [href, `${memory.text(id, href)?.slice(4, 7)}:${flags.join(" ")}`] as const
    ),
  );
}

const text = (guid: string) => `UID:${guid}\nSubject: of ${guid}\n`;
const mailbox = (memory: Memory, id: string) =>
  memory.collections().find((it) => it.id === id)?.mailbox;

async function atRest({ run, a, b }: World, policy?: Partial<Policy>): Promise<void> {
  const before = [a.effects(), b.effects()];
  const { plan } = await run(policy);
  for (const it of plan.collections) {
    deepStrictEqual(it.actions.filter(isEffect), [], it.mapping.id);
    deepStrictEqual(it.held, []);
  }
  deepStrictEqual([a.effects(), b.effects()], before);
}

Deno.test("a first copy has the UIDs, the UIDVALIDITY and the GUID of the original", async () => {
  const it = world();
  it.a.add("INBOX", { subscribed: "yes" }, { uidValidity: 77, uidNext: 20 });
  it.b.add("INBOX");
  it.a.put("INBOX", "3", text("aaa"), { flags: ["\\Seen"] });
  it.a.put("INBOX", "9", text("bbb"), { flags: ["\\Flagged", "work"] });
  await it.run();
  deepStrictEqual(mails(it.b, "INBOX"), { 3: "aaa:\\Seen", 9: "bbb:\\Flagged work" });
  strictEqual(mailbox(it.b, "INBOX")?.uidValidity, 77);
  strictEqual(mailbox(it.b, "INBOX")?.uidNext, 20);
  strictEqual(mailbox(it.b, "INBOX")?.guid, mailbox(it.a, "INBOX")?.guid);
  strictEqual(it.b.collections()[0]?.properties.subscribed, "yes");
  await atRest(it);
});

Deno.test("a UID that both gave to different mails is given up by both, as dsync predicts", async () => {
  const it = world();
  for (const side of SIDES) it[side].add("INBOX", {}, { uidValidity: 7 });
  it.a.put("INBOX", "1", text("aaa"));
  it.a.put("INBOX", "2", text("zzz"));
  it.b.put("INBOX", "1", text("mmm"));
  await it.run();
  for (const side of SIDES) {
    deepStrictEqual(mails(it[side], "INBOX"), { 2: "zzz:", 3: "aaa:", 4: "mmm:" }, side);
  }
  await atRest(it);
  // And once they agree on something.
  it.a.deliver("INBOX", text("ppp"));
  it.b.deliver("INBOX", text("ooo"));
  it.b.deliver("INBOX", text("qqq"));
  await it.run();
  for (const side of SIDES) {
    const now = mails(it[side], "INBOX");
    deepStrictEqual(Object.values(now).sort(), ["aaa:", "mmm:", "ooo:", "ppp:", "qqq:", "zzz:"]);
    deepStrictEqual(now, mails(it.a, "INBOX"));
  }
  await atRest(it);
});

Deno.test("mails of one GUID in one mailbox are kept one by one", async () => {
  const it = world();
  for (const side of SIDES) it[side].add("INBOX", {}, { uidValidity: 7 });
  for (const uid of ["1", "2", "5"]) it.a.put("INBOX", uid, text("aaa"));
  it.b.put("INBOX", "2", text("aaa"));
  await it.run();
  for (const side of SIDES) strictEqual(it[side].items("INBOX").size, 3);
  deepStrictEqual(mails(it.b, "INBOX"), mails(it.a, "INBOX"));
  await atRest(it);
  it.b.remove("INBOX", [...it.b.items("INBOX").keys()][1] ?? "");
  await it.run();
  strictEqual(it.a.items("INBOX").size, 2);
  deepStrictEqual(mails(it.b, "INBOX"), mails(it.a, "INBOX"));
  await atRest(it);
});

Deno.test("a mailbox that was renamed on one side is renamed on the other, also in a circle", async () => {
  const it = world();
  for (const id of ["INBOX", "one", "two", "one/in"]) it.a.add(id);
  it.b.add("INBOX");
  it.a.put("one", "1", text("aaa"));
  it.a.put("two", "1", text("bbb"));
  it.a.put("one/in", "1", text("ccc"));
  await it.run();
  it.a.rename("one", "three");
  await it.run();
  deepStrictEqual(it.b.collections().map(({ id }) => id).sort(), [
    "INBOX",
    "three",
    "three/in",
    "two",
  ]);
  await atRest(it);
  it.b.rename("three", "x");
  it.b.rename("two", "three");
  it.b.rename("x", "two");
  const { report } = await it.run();
  strictEqual(report.done.a.create + report.done.b.create, 0);
  for (const side of SIDES) {
    deepStrictEqual(mails(it[side], "two"), { 1: "aaa:" }, side);
    deepStrictEqual(mails(it[side], "three"), { 1: "bbb:" }, side);
    deepStrictEqual(mails(it[side], "two/in"), { 1: "ccc:" }, side);
  }
  await atRest(it);
});

Deno.test("a mailbox in one that is renamed alone on one side keeps its name on the other", async () => {
  const it = world();
  for (const id of ["INBOX", "one", "one/in"]) it.a.add(id);
  it.b.add("INBOX");
  it.a.put("one/in", "1", text("aaa"));
  await it.run();
  // The storage takes along what is in it, and somebody puts it back.
  it.a.rename("one", "two");
  it.a.rename("two/in", "one/in");
  it.a.deliver("one/in", text("bbb"));
  await it.run();
  for (const side of SIDES) {
    deepStrictEqual(it[side].collections().map(({ id }) => id).sort(), ["INBOX", "one/in", "two"]);
    strictEqual(it[side].items("one/in").size, 2);
  }
  await atRest(it);
});

Deno.test("a rename onto a name that the other side has given to a new mailbox is taken back", async () => {
  const it = world();
  for (const id of ["INBOX", "bar"]) it.a.add(id);
  it.b.add("INBOX");
  it.a.put("bar", "1", text("aaa"));
  await it.run();
  it.b.rename("bar", "foo");
  it.a.add("foo");
  it.a.deliver("foo", text("new"));
  await it.run();
  for (const side of SIDES) {
    deepStrictEqual(Object.values(mails(it[side], "bar")), ["aaa:"], side);
    deepStrictEqual(Object.values(mails(it[side], "foo")), ["new:"], side);
  }
  await atRest(it);
});

Deno.test("where both names of a renamed mailbox were given to new ones, it gets another", async () => {
  const it = world();
  for (const id of ["INBOX", "foo"]) it.a.add(id);
  it.b.add("INBOX");
  it.a.put("foo", "1", text("aaa"));
  await it.run();
  it.a.rename("foo", "bar");
  it.b.add("bar");
  it.b.deliver("bar", text("bbb"));
  it.a.add("foo");
  it.a.deliver("foo", text("ccc"));
  await it.run();
  for (const side of SIDES) {
    deepStrictEqual(Object.values(mails(it[side], "bar")), ["bbb:"], side);
    deepStrictEqual(Object.values(mails(it[side], "foo")), ["ccc:"], side);
    strictEqual(it[side].collections().length, 4);
  }
  await atRest(it);
});

Deno.test("a mailbox that was deleted goes with its mails, but not with one that came meanwhile", async () => {
  const it = world();
  for (const id of ["INBOX", "old", "busy"]) it.a.add(id);
  it.b.add("INBOX");
  it.a.put("old", "1", text("aaa"));
  it.a.put("busy", "1", text("bbb"));
  await it.run();
  it.a.drop("old");
  it.a.drop("busy");
  it.b.deliver("busy", text("new"));
  const { plan } = await it.run();
  deepStrictEqual(it.b.collections().map(({ id }) => id).sort(), ["INBOX", "busy"]);
  strictEqual(it.b.items("busy").size, 2);
  deepStrictEqual(plan.collections.flatMap(({ held }) => held.map(({ guard }) => guard)), [
    "missing collection",
  ]);
});

Deno.test("a mailbox that was made anew under its name is another one: nothing is deleted for it", async () => {
  const it = world();
  for (const side of SIDES) it[side].add("INBOX");
  it.a.add("work", {}, { uidValidity: 5 });
  it.a.put("work", "1", text("aaa"));
  await it.run();
  it.a.drop("work");
  it.a.add("work", {}, { uidValidity: 6 });
  it.a.put("work", "1", text("bbb"));
  await it.run();
  for (const side of SIDES) {
    deepStrictEqual(Object.values(mails(it[side], "work")).sort(), ["aaa:", "bbb:"], side);
  }
  deepStrictEqual(mails(it.b, "work"), mails(it.a, "work"));
  await atRest(it);
});

Deno.test("one way, b is made the same as a: strays, flags, UIDs and mailboxes of its own", async () => {
  const backup: Partial<Policy> = { oneWay: true, exact: true, onEmpty: "sync" };
  const it = world();
  it.a.add("INBOX", {}, { uidValidity: 5 });
  it.a.add("work", {}, { uidValidity: 6 });
  for (const [uid, guid] of [["1", "aaa"], ["2", "bbb"], ["3", "ccc"]] as const) {
    it.a.put("INBOX", uid, text(guid), { flags: ["\\Seen"] });
  }
  it.b.add("INBOX", {}, { uidValidity: 9 });
  it.b.add("stray");
  it.b.put("stray", "1", text("sss"));
  it.b.put("INBOX", "1", text("ttt"));
  await it.run(backup);
  const same = () => {
    deepStrictEqual(mails(it.b, "INBOX"), mails(it.a, "INBOX"));
    deepStrictEqual(it.b.collections().map(({ id }) => id), ["INBOX", "work"]);
    strictEqual(mailbox(it.b, "INBOX")?.uidValidity, 5);
  };
  same();
  await atRest(it, backup);
  // Somebody has worked in the copy.
  it.b.remove("INBOX", "2");
  it.b.setFlags("INBOX", "1", ["\\Answered"]);
  it.b.deliver("INBOX", text("new"));
  it.b.add("mine");
  await it.run(backup);
  same();
  strictEqual(it.a.effects(), 0);
  await atRest(it, backup);
});

Deno.test("a storage that gives UIDs of its own is kept in step with one that keeps them", async () => {
  const it = world({ b: { keepsUids: false, keepsGuids: false } });
  it.a.add("INBOX", {}, { uidValidity: 5 });
  it.b.add("INBOX", {}, { uidValidity: 8 });
  it.b.put("INBOX", "4", text("bbb"));
  it.b.put("INBOX", "6", text("ddd"));
  await it.run();
  deepStrictEqual(mails(it.a, "INBOX"), { 4: "bbb:", 6: "ddd:" });
  strictEqual(mailbox(it.a, "INBOX")?.uidValidity, 8);
  it.a.deliver("INBOX", text("aaa"));
  it.b.deliver("INBOX", text("ccc"));
  await it.run();
  deepStrictEqual(Object.values(mails(it.a, "INBOX")).sort(), ["aaa:", "bbb:", "ccc:", "ddd:"]);
  deepStrictEqual(Object.values(mails(it.b, "INBOX")).sort(), ["aaa:", "bbb:", "ccc:", "ddd:"]);
  await atRest(it);
});

Deno.test("mails that are marked go for good where the pair says so, and do not come back", async () => {
  const expunge: Partial<Policy> = { mail: { expunge: { a: false, b: true } } };
  const it = world();
  for (const side of SIDES) it[side].add("INBOX", {}, { uidValidity: 5 });
  for (const uid of ["1", "2"]) it.a.put("INBOX", uid, text(`aa${uid}`));
  await it.run(expunge);
  it.a.setFlags("INBOX", "1", ["\\Deleted"]);
  it.a.put("INBOX", "3", text("aa3"), { flags: ["\\Deleted"] });
  await it.run(expunge);
  deepStrictEqual(mails(it.a, "INBOX"), { 1: "aa1:\\Deleted", 2: "aa2:", 3: "aa3:\\Deleted" });
  deepStrictEqual(mails(it.b, "INBOX"), { 2: "aa2:" });
  await atRest(it, expunge);
});

Deno.test("mailboxes that are called otherwise are joined by their special use, and stay so called", async () => {
  const it = world();
  for (const side of SIDES) it[side].add("INBOX");
  it.a.add("Sent", {}, { specialUse: "\\Sent" });
  it.b.add("Sent Items", {}, { specialUse: "\\Sent" });
  it.a.put("Sent", "1", text("aaa"));
  await it.run();
  await atRest(it);
  deepStrictEqual(Object.values(mails(it.b, "Sent Items")), ["aaa:"]);
  strictEqual(it.b.collections().length, 2);
});

Deno.test("flags and keywords that are not kept in step, or cannot be kept, stay as they are", async () => {
  const it = world({ b: { keeps: ["\\Seen", "\\Flagged"] } });
  for (const side of SIDES) it[side].add("INBOX", {}, { uidValidity: 5 });
  it.a.put("INBOX", "1", text("aaa"), { flags: ["\\Seen", "work"] });
  await it.run();
  deepStrictEqual(mails(it.b, "INBOX"), { 1: "aaa:\\Seen" });
  it.b.setFlags("INBOX", "1", ["\\Flagged", "\\Seen"]);
  await it.run();
  deepStrictEqual(mails(it.a, "INBOX"), { 1: "aaa:\\Flagged \\Seen work" });
  await atRest(it);
});

Deno.test("a mailbox with more new mails than a part holds comes over whole, whatever fails elsewhere", async () => {
  const it = world();
  for (const id of ["INBOX", "other"]) it.a.add(id);
  it.b.add("INBOX");
  const count = 10_100;
  for (let at = 1; at <= count; at++) it.a.put("INBOX", `${at}`, text(`${at}`.padStart(6, "0")));
  it.a.put("other", "1", text("bad"));
  const error = new SyncError("no", { scope: "item", kind: "refused" });
  const b = withFaults(
    it.b.open(),
    (point) =>
      point.moment === "action" && point.action.ident === "bad"
        ? { kind: "fail before", error }
        : undefined,
  );
  const { plan, report } = await it.run(undefined, true, { storages: { a: it.a.open(), b } });
  deepStrictEqual(report.failures.map(({ ident }) => ident), ["bad"]);
  strictEqual(plan.collections.find(({ mapping }) => mapping.id === "INBOX")?.later, 100);
  deepStrictEqual([...it.b.items("INBOX").keys()], [...it.a.items("INBOX").keys()]);
  deepStrictEqual([report.done.b.create, report.skipped], [count, 0]);
  await it.run();
  strictEqual(it.b.items("other").size, 1);
  await atRest(it);
});

Deno.test("a run that is stopped between two parts says that it was, and how much is left", async () => {
  const it = world();
  it.a.add("INBOX");
  it.b.add("INBOX");
  for (let at = 1; at <= 10_050; at++) it.a.put("INBOX", `${at}`, text(`${at}`.padStart(6, "0")));
  const stop = new AbortController();
  let done = 0;
  const { report } = await it.run(undefined, true, {
    signal: stop.signal,
    onEvent: ({ type }) => {
      if (type === "effect" && ++done === 10_000) stop.abort();
    },
  });
  deepStrictEqual([report.interrupted, report.skipped], [true, 50]);
  await it.run();
  strictEqual(it.b.items("INBOX").size, 10_050);
  await atRest(it);
});
