import { deepEqual, equal } from "node:assert/strict";
import { commandTransform, type Transform, withFilter } from "../../../adapters/with_filter.ts";
import { busyOnly, dropFrom } from "../../../lib/item/filter.ts";
import { readCalendarItem } from "../../../lib/item/icalendar.ts";
import { LeftOut } from "../../../lib/item/left_out.ts";
import { SyncError } from "../../../lib/model/error.ts";
import { href } from "../../../lib/model/names.ts";
import type { Action } from "../../../lib/model/storage.ts";
import { alarm, calendar, event } from "../item/merge/kit.ts";
import {
  applied,
  create,
  inWords,
  NEVER,
  NO_ETAG,
  remove,
  seen,
  update,
  type World,
  world,
} from "./kit.ts";

const START = "DTSTART:20260302T100000Z";
const ALARM = alarm("-PT10M");
const dropAlarms: Transform = (bytes) => Promise.resolve(dropFrom(bytes, ["VALARM"]));
const busy: Transform = (bytes) => Promise.resolve(busyOnly(bytes));
const leaveOut: Transform = () => Promise.resolve(undefined);

function filtered(ways: { readonly read?: Transform; readonly write?: Transform }): World {
  return world((storage) => withFilter(storage, { ...ways, readItem: readCalendarItem }));
}

Deno.test("what is read is filtered, with a digest of its own; the storage keeps all", async () => {
  const it = filtered({ read: dropAlarms });
  it.memory.put("work", "1.ics", event(START, ...ALARM));
  equal(await seen(it), event(START));
  equal(it.memory.text("work", "1.ics"), event(START, ...ALARM));
});

Deno.test("an item that is left out is there and cannot be read, and is no problem", async () => {
  const it = filtered({ read: leaveOut });
  it.memory.put("work", "1.ics", event(START));
  equal(await seen(it), "unreadable: the item is left out by a filter");
  const [[fetched] = []] = await Array.fromAsync(
    it.storage.fetch(it.collection, [href("1.ics")], { signal: NEVER }),
  );
  equal(fetched?.state === "unreadable" && fetched.error instanceof LeftOut, true);
});

Deno.test("what is written is filtered, and said to be altered where it reads otherwise", async () => {
  const it = filtered({ write: dropAlarms });
  deepEqual(await applied(it, create(event(START, ...ALARM))), ["done, but altered"]);
  equal(it.memory.text("work", "1.ics"), event(START));
  deepEqual(await applied(it, create(event(START), "2.ics")), ["done with an etag"]);
});

Deno.test("an item that is left out when it is written is not written, and others are", async () => {
  const it = filtered({
    write: (bytes) =>
      Promise.resolve(new TextDecoder().decode(bytes).includes("SECRET") ? undefined : bytes),
  });
  deepEqual(
    (await applied(it, create(event("SUMMARY:SECRET")), create(event(START), "2.ics"))).toSorted(),
    ["done with an etag", "failed: the item is left out by a filter"],
  );
  deepEqual([...it.memory.items("work").keys()], ["2.ics"]);
});

Deno.test("an update leaves in place what the filter hides", async () => {
  const it = filtered({ read: dropAlarms, write: dropAlarms });
  const held = it.memory.put("work", "1.ics", event(START, "SUMMARY:Lunch", ...ALARM));
  const given = event(START, "SUMMARY:Dinner", ...alarm("-PT1H"));
  deepEqual(await applied(it, update(given, held)), ["done, but altered"]);
  equal(it.memory.text("work", "1.ics"), event(START, "SUMMARY:Dinner", ...ALARM));
  equal(await seen(it), event(START, "SUMMARY:Dinner"));
});

Deno.test("a busy event that was moved keeps its title where it has one", async () => {
  const it = filtered({ read: busy });
  const held = it.memory.put("work", "1.ics", event(START, "SUMMARY:Doctor", "LOCATION:Here"));
  equal(await seen(it), event(START, "SUMMARY:Busy"));
  const moved = event("DTSTART:20260303T100000Z", "SUMMARY:Busy");
  deepEqual(await applied(it, update(moved, held)), ["done with an etag"]);
  equal(
    it.memory.text("work", "1.ics"),
    event("DTSTART:20260303T100000Z", "SUMMARY:Doctor", "LOCATION:Here"),
  );
});

Deno.test("an update of nothing but what may not be seen writes nothing", async () => {
  const it = filtered({ write: busy });
  await applied(it, create(event(START, "SUMMARY:Doctor")));
  const [stored] = it.memory.items("work").values();
  const effects = it.memory.effects();
  deepEqual(await applied(it, update(event(START, "SUMMARY:Dentist"), stored?.etag ?? NO_ETAG)), [
    "done",
  ]);
  equal(it.memory.effects(), effects);
  deepEqual(await applied(it, update(event(START, "SUMMARY:Dentist"), NO_ETAG)), ["changed"]);
});

Deno.test("an update where nothing is hidden is written as it was given", async () => {
  const it = filtered({ read: dropAlarms });
  const held = it.memory.put("work", "1.ics", event("SUMMARY:Lunch", START));
  deepEqual(await applied(it, update(event(START, "SUMMARY:Tea"), held)), ["done with an etag"]);
  equal(it.memory.text("work", "1.ics"), event(START, "SUMMARY:Tea"));
});

Deno.test("preconditions are the storage's: what changed meanwhile is not overwritten", async () => {
  const it = filtered({ read: dropAlarms });
  const old = it.memory.put("work", "1.ics", event(START, ...ALARM));
  it.memory.put("work", "1.ics", event(START, "SUMMARY:New", ...ALARM));
  deepEqual(await applied(it, update(event(START, "SUMMARY:Mine"), old)), ["changed"]);
  deepEqual(await applied(it, update(event(START), NO_ETAG, "gone.ics")), ["changed"]);
  deepEqual(await applied(it, create(event(START))), ["exists"]);
  deepEqual(await applied(it, remove(old)), ["changed"]);
});

Deno.test("a filter that fails keeps its item from passing, either way, and no other", async () => {
  const fails: Transform = (bytes) => {
    if (!new TextDecoder().decode(bytes).includes("BAD")) return Promise.resolve(bytes);
    return Promise.reject(new SyncError("no", { scope: "item", kind: "refused" }));
  };
  const it = filtered({ read: fails, write: fails });
  it.memory.put("work", "1.ics", event("SUMMARY:BAD"));
  it.memory.put("work", "2.ics", event("SUMMARY:good"));
  equal(await seen(it), "unreadable: no");
  equal(await seen(it, "2.ics"), event("SUMMARY:good"));
  deepEqual(await applied(it, create(event("SUMMARY:BAD"), "3.ics")), ["failed: no"]);
});

Deno.test("a filter that makes something else than an item of it makes it unreadable", async () => {
  const it = filtered({ read: () => Promise.resolve(new TextEncoder().encode("nonsense")) });
  it.memory.put("work", "1.ics", event(START));
  equal((await seen(it)).startsWith("unreadable: the item begins with"), true);
});

Deno.test("results come while the next action is waited for", async () => {
  const it = filtered({ write: leaveOut });
  let next = () => {};
  const stream = async function* (): AsyncGenerator<Action> {
    yield create(event(START));
    await new Promise<void>((resolve) => next = resolve);
    yield create(event(START), "2.ics");
  };
  const results: string[] = [];
  for await (const result of it.storage.apply(it.collection, stream(), NEVER)) {
    results.push(inWords(result));
    next();
  }
  equal(results.length, 2);
});

Deno.test("whoever stops reading ends it", async () => {
  const it = filtered({ write: dropAlarms });
  const stream = async function* (): AsyncGenerator<Action> {
    await Promise.resolve();
    yield create(event(START));
    yield create(event(START), "2.ics");
  };
  for await (const _ of it.storage.apply(it.collection, stream(), NEVER)) break;
});

Deno.test("a signal stops it without results for the rest", async () => {
  const controller = new AbortController();
  const it = filtered({
    write: (bytes, signal) => {
      controller.abort();
      signal.throwIfAborted();
      return Promise.resolve(bytes);
    },
  });
  const stream = async function* (): AsyncGenerator<Action> {
    await Promise.resolve();
    yield create(event(START));
  };
  const results = await Array.fromAsync(
    it.storage.apply(it.collection, stream(), controller.signal),
  );
  deepEqual(results, []);
});

const sh = (script: string) => commandTransform(["sh", "-c", script]);

Deno.test("a program has the item on its input, and what it prints is the item", async () => {
  const it = filtered({ read: sh("sed s/Lunch/Dinner/") });
  it.memory.put("work", "1.ics", event("SUMMARY:Lunch"));
  equal(await seen(it), event("SUMMARY:Dinner"));
});

Deno.test("a program that prints nothing leaves the item out", async () => {
  const it = filtered({ read: sh("cat >/dev/null") });
  it.memory.put("work", "1.ics", event(START));
  equal(await seen(it), "unreadable: the item is left out by a filter");
});

Deno.test("a program that fails says why", async () => {
  const it = filtered({ read: sh("echo cannot >&2; exit 3") });
  it.memory.put("work", "1.ics", event(START));
  equal(await seen(it), 'unreadable: the filter "sh" ended with status 3: cannot');
  const missing = filtered({ read: commandTransform(["/no/such/program"]) });
  missing.memory.put("work", "1.ics", event(START));
  equal(await seen(missing), 'unreadable: the filter "/no/such/program" cannot be started');
});

Deno.test("a program need not read what it is given", async () => {
  const big = calendar("BEGIN:VEVENT", "UID:1", `X-BIG:${"x".repeat(2_000_000)}`, "END:VEVENT");
  const it = filtered({ read: sh("echo fail >&2; exit 1") });
  it.memory.put("work", "1.ics", big);
  equal(await seen(it), 'unreadable: the filter "sh" ended with status 1: fail');
});
