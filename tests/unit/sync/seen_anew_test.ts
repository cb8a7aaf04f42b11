/** A filter that is new, another one, or gone: what it does is nobody's edit, and nothing is lost by it. */

import { deepStrictEqual, doesNotMatch, match } from "node:assert/strict";
import type { Reading } from "../../../adapters/memory/shelf.ts";
import { type Transform, withFilter } from "../../../adapters/with_filter.ts";
import { dropFrom } from "../../../lib/item/filter.ts";
import { CALENDAR_FORMAT } from "../../../lib/item/format.ts";
import { readCalendarItem } from "../../../lib/item/icalendar.ts";
import { type Two, two } from "./run_support.ts";

const read = (bytes: Uint8Array): Reading => {
  const it = readCalendarItem(bytes);
  if (it.state === "malformed") throw it.error;
  return { ident: it.ident, digest: it.digest };
};

const ALARM = ["BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT5M", "DESCRIPTION:x", "END:VALARM"];

const event = (uid: string, ...lines: readonly string[]): string =>
  [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:x",
    "BEGIN:VEVENT",
    `UID:${uid}`,
    "DTSTAMP:20260101T000000Z",
    "DTSTART:20260301T100000Z",
    ...lines,
    "END:VEVENT",
    "END:VCALENDAR",
    "",
  ].join("\r\n");

const dropAlarms: Transform = (bytes) => Promise.resolve(dropFrom(bytes, ["VALARM"]));
const noSecrets: Transform = (bytes) =>
  Promise.resolve(new TextDecoder().decode(bytes).includes("SECRET") ? undefined : bytes);

interface Filtered extends Two {
  /** From the next run on. */
  filter(view: string | undefined, read?: Transform, write?: Transform): void;
}

function filtered(): Filtered {
  const world = two({
    format: CALENDAR_FORMAT,
    policy: { conflicts: { kind: "merge" } },
    a: { read },
    b: { read },
  });
  const open = world.b.open.bind(world.b);
  return {
    ...world,
    filter(view, read, write) {
      world.b.open = view === undefined ? open : (how) =>
        withFilter(open(how), {
          readItem: readCalendarItem,
          view,
          ...(read === undefined ? {} : { read }),
          ...(write === undefined ? {} : { write }),
        });
    },
  };
}

const onA = (world: Two): string => Object.values(world.items("a"))[0] ?? "";
const onB = (world: Two): string => Object.values(world.items("b"))[0] ?? "";

async function isQuiet(world: Two): Promise<void> {
  const { done, conflicts, asked } = await world.run();
  deepStrictEqual([done, conflicts, asked.filter((it) => it.includes("fetches"))], [[], [], []]);
}

Deno.test("a filter that is new takes nothing away on the other side", async () => {
  const world = filtered();
  world.a.put("work", "x.ics", event("x", "SUMMARY:old", ...ALARM));
  await world.run();
  world.filter("drop", dropAlarms, dropAlarms);
  const [href = ""] = world.b.items("work").keys();
  world.b.put("work", href, event("x", "SUMMARY:by b", ...ALARM));
  deepStrictEqual((await world.run()).done, ["update x on a"]);
  match(onA(world), /SUMMARY:by b[^]*VALARM/);
  await isQuiet(world);
});

Deno.test("nothing is written because of a filter that is new", async () => {
  const world = filtered();
  world.a.put("work", "x.ics", event("x", "SUMMARY:old", ...ALARM));
  await world.run();
  world.filter("drop", dropAlarms, dropAlarms);
  deepStrictEqual((await world.run()).done, []);
  await isQuiet(world);
  world.a.put("work", "x.ics", event("x", "SUMMARY:by a", ...ALARM));
  deepStrictEqual((await world.run()).done, ["update x on b"]);
  match(onB(world), /SUMMARY:by a[^]*VALARM/);
});

Deno.test("what a filter had hidden of an item comes over once it is gone, and is not taken away", async () => {
  const world = filtered();
  world.filter("drop", dropAlarms);
  world.b.put("work", "x.ics", event("x", "SUMMARY:old", ...ALARM));
  await world.run();
  doesNotMatch(onA(world), /VALARM/);
  world.filter(undefined);
  const [href = ""] = world.a.items("work").keys();
  world.a.put("work", href, event("x", "SUMMARY:by a"));
  await world.run();
  match(onA(world), /SUMMARY:by a[^]*VALARM/);
  match(onB(world), /SUMMARY:by a[^]*VALARM/);
  await isQuiet(world);
});

Deno.test("items that a filter had left out come over once it is gone", async () => {
  const world = filtered();
  world.filter("secrets", noSecrets);
  world.b.put("work", "x.ics", event("x", "SUMMARY:SECRET"));
  deepStrictEqual((await world.run()).done, []);
  await isQuiet(world);
  world.filter(undefined);
  deepStrictEqual((await world.run()).done, ["create x on a"]);
  await isQuiet(world);
});

Deno.test("an item that a filter leaves out under another name is neither deleted nor made twice", async () => {
  const world = filtered();
  world.filter("secrets", noSecrets);
  world.a.put("work", "x.ics", event("x", "SUMMARY:old"));
  world.a.put("work", "y.ics", event("y", "SUMMARY:old"));
  world.b.put("work", "other name.ics", event("y", "SUMMARY:SECRET"));
  deepStrictEqual((await world.run()).done, ["create x on b"]);
  const made = [...world.b.items("work").keys()].find((it) => it !== "other name.ics") ?? "";
  world.b.remove("work", made);
  world.b.put("work", "renamed.ics", event("x", "SUMMARY:SECRET"));
  deepStrictEqual((await world.run()).done, []);
  deepStrictEqual(Object.keys(world.items("a")), ["x.ics", "y.ics"]);
  deepStrictEqual(Object.keys(world.items("b")).length, 2);
});
