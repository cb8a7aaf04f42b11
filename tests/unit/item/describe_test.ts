import { deepEqual, equal } from "node:assert/strict";
import { describe } from "../../../lib/item/describe.ts";

const corpus = new URL("../../corpus/items/", import.meta.url);

function item(component: string, ...lines: readonly string[]): Uint8Array {
  const zone = ["BEGIN:VTIMEZONE", "TZID:X", "BEGIN:STANDARD", "DTSTART:19700101T000000"];
  const all = ["BEGIN:VCALENDAR", ...zone, "END:STANDARD", "END:VTIMEZONE", `BEGIN:${component}`];
  const text = [...all, ...lines, `END:${component}`, "END:VCALENDAR", ""].join("\r\n");
  return new TextEncoder().encode(text);
}

Deno.test("the time is compact and says where it holds", async () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ["DTSTART;TZID=Europe/Berlin:20260314T103000", "2026-03-14 10:30 Europe/Berlin"],
    [
      'DTSTART;TZID="(UTC+01:00) Bern, Rom":20260314T103015',
      "2026-03-14 10:30:15 (UTC+01:00) Bern, Rom",
    ],
    ["DTSTART:20260314T103000Z", "2026-03-14 10:30 UTC"],
    ["DTSTART:20260314T103000", "2026-03-14 10:30"],
    ["DTSTART;VALUE=DATE:20260314", "2026-03-14"],
    ["DTSTART:20260314\r\nRRULE:FREQ=YEARLY", "2026-03-14 (yearly)"],
    [
      "DTSTART:20260314T103000Z\r\nRRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3",
      "2026-03-14 10:30 UTC (weekly)",
    ],
    ["DTSTART:20260314\r\nRRULE:FREQ=DAILY;INTERVAL=3", "2026-03-14 (every 3 days)"],
    ["DTSTART:20260314\r\nRRULE:bogus", "2026-03-14 (recurs)"],
    ["DTSTART:20260231", "2026-02-31"],
    ["DTSTART:tomorrow", undefined],
    ["SEQUENCE:1", undefined],
  ];
  for (const [lines, when] of cases) {
    const description = await describe(item("VEVENT", "SUMMARY:x", lines));
    deepEqual(description, {
      component: "event",
      summary: "x",
      ...(when === undefined ? {} : { when }),
    });
  }
});

Deno.test("a todo is shown with the date when it is due, or begins", async () => {
  const due = item("VTODO", "SUMMARY:x", "DTSTART:20260301", "DUE:20260314T103000Z");
  deepEqual(await describe(due), {
    component: "todo",
    summary: "x",
    when: "due 2026-03-14 10:30 UTC",
  });
  const begins = item("VTODO", "SUMMARY:x", "DTSTART:20260301");
  deepEqual(await describe(begins), { component: "todo", summary: "x", when: "2026-03-01" });
});

Deno.test("each kind of component has a word", async () => {
  const words = {
    VJOURNAL: "journal",
    VFREEBUSY: "free/busy",
    VAVAILABILITY: "availability",
    "X-A": "item",
  };
  for (const [name, word] of Object.entries(words)) {
    deepEqual(await describe(item(name, "SUMMARY:x")), { component: word, summary: "x" });
  }
});

Deno.test("the summary is unescaped, and not made fit for a terminal", async () => {
  const cases: readonly (readonly [string, string])[] = [
    ["SUMMARY:a\\, b\\; c\\nd", "a, b; c\nd"],
    ["SUMMARY;LANGUAGE=de:Größe 大 🎂", "Größe 大 🎂"],
    ["SUMMARY:esc \x1b[31m", "esc \x1b[31m"],
  ];
  for (const [line, summary] of cases) {
    equal((await describe(item("VEVENT", line))).summary, summary);
  }
});

Deno.test("overrides and alarms do not stand for their event", async () => {
  const bytes = Deno.readFileSync(new URL("recurrence.ics", corpus));
  equal((await describe(bytes)).summary, "Master");
  const alarm = item("VEVENT", "BEGIN:VALARM", "SUMMARY:alarm", "END:VALARM", "SUMMARY:event");
  equal((await describe(alarm)).summary, "event");
  const override = item("VEVENT", "RECURRENCE-ID:20260314", "SUMMARY:alone");
  equal((await describe(override)).summary, "alone");
});

Deno.test("a damaged item is described as far as it can be read", async () => {
  const cut = item("VEVENT", "SUMMARY:x", "DTSTART:20260314", "DESCRIPTION:long").subarray(0, -40);
  deepEqual(await describe(cut), { component: "event", summary: "x", when: "2026-03-14" });
  for (const name of ["bad_empty", "bad_html", "bad_utf16", "bad_vcard", "bad_no_event"]) {
    const bytes = Deno.readFileSync(new URL(`${name}.ics`, corpus));
    deepEqual(await describe(bytes), { component: "item" }, name);
  }
  for (const name of ["bad_nul", "bad_lone_end", "bad_truncated", "bad_text_after"]) {
    const { component } = await describe(Deno.readFileSync(new URL(`${name}.ics`, corpus)));
    equal(component, "event", name);
  }
});

Deno.test("every file of the corpus can be described", async () => {
  for (const { name } of Deno.readDirSync(corpus)) {
    if (name.endsWith(".ics")) await describe(Deno.readFileSync(new URL(name, corpus)));
  }
});
