import { deepEqual, equal } from "node:assert/strict";
import { extentOf } from "../../../lib/item/extent.ts";
import { alarm, bytesOf, calendar, event, vevent } from "./merge/kit.ts";

/** As `VEVENT from .. to`, in days, without the day that is added on both sides. */
function extent(text: string): string {
  const found = extentOf(bytesOf(text));
  if (found === undefined) return "none";
  const day = (time: number | undefined, added: number) =>
    time === undefined ? "" : new Date(time + added * 86_400_000).toISOString().slice(0, 16);
  return `${found.component} ${day(found.from, 1)} .. ${day(found.to, -1)}`;
}

const START = "DTSTART:20260302T100000Z";

Deno.test("an event lasts from its start to its end, a day of it to the next", () => {
  const cases: readonly (readonly [readonly string[], string])[] = [
    [[START], "2026-03-02T10:00 .. 2026-03-02T10:00"],
    [[START, "DTEND:20260302T120000Z"], "2026-03-02T10:00 .. 2026-03-02T12:00"],
    [[START, "DURATION:P1DT1H"], "2026-03-02T10:00 .. 2026-03-03T11:00"],
    [["DTSTART;VALUE=DATE:20260302"], "2026-03-02T00:00 .. 2026-03-03T00:00"],
    [["DTSTART;TZID=X:20260302T100000"], "2026-03-02T10:00 .. 2026-03-02T10:00"],
    [[START, ...alarm("-P7D")], "2026-03-02T10:00 .. 2026-03-02T10:00"],
    [["SUMMARY:no time"], " .. "],
    [["DTSTART:nonsense"], " .. "],
    [[START, "DURATION:nonsense"], "2026-03-02T10:00 .. "],
  ];
  for (const [lines, wanted] of cases) equal(extent(event(...lines)), `VEVENT ${wanted}`);
});

Deno.test("what recurs lasts to its last instance, and where that is not known, for ever", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["RRULE:FREQ=DAILY", ""],
    ["RRULE:FREQ=DAILY;UNTIL=20260401T100000Z", "2026-04-01T10:00"],
    ["RRULE:FREQ=DAILY;UNTIL=20260401", "2026-04-02T00:00"],
    ["RRULE:FREQ=DAILY;COUNT=10", "2026-03-12T10:00"],
    ["RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=3;BYDAY=MO,FR", "2026-04-13T10:00"],
    ["RRULE:FREQ=MONTHLY;COUNT=2", "2026-05-03T10:00"],
    ["RRULE:FREQ=MONTHLY;COUNT=2;BYMONTHDAY=31", ""],
    ["RRULE:FREQ=YEARLY;COUNT=2;BYDAY=MO", ""],
    ["RRULE:FREQ=NEVER;COUNT=2", ""],
    ["RDATE:20260401T100000Z,20260501T100000Z", "2026-05-01T10:00"],
    ["RDATE;VALUE=PERIOD:20260401T100000Z/PT2H", "2026-04-01T12:00"],
    ["RDATE:nonsense", ""],
  ];
  for (const [line, to] of cases) {
    const from = line === "RDATE:nonsense" ? "" : "2026-03-02T10:00";
    equal(extent(event(START, line)), `VEVENT ${from} .. ${to}`, line);
  }
  equal(
    extent(event("DTSTART:20260131T100000Z", "RRULE:FREQ=MONTHLY;COUNT=2")),
    "VEVENT 2026-01-31T10:00 .. ",
  );
});

Deno.test("overrides belong to it", () => {
  const override = (...lines: readonly string[]) =>
    vevent("RECURRENCE-ID:20260302T100000Z", ...lines);
  equal(
    extent(calendar(...vevent(START), ...override("DTSTART:20270101T100000Z"))),
    "VEVENT 2026-03-02T10:00 .. 2027-01-01T10:00",
  );
  equal(
    extent(
      calendar(
        "BEGIN:VEVENT",
        "UID:1",
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20260302T100000Z",
        START,
        "END:VEVENT",
      ),
    ),
    "VEVENT 2026-03-02T10:00 .. ",
  );
});

Deno.test("a todo that is not finished has no end", () => {
  const todo = (...lines: readonly string[]) =>
    extent(calendar("BEGIN:VTODO", "UID:1", ...lines, "END:VTODO"));
  equal(todo("DUE:20260302T100000Z"), "VTODO 2026-03-02T10:00 .. ");
  equal(
    todo("DUE:20260302T100000Z", "STATUS:COMPLETED"),
    "VTODO 2026-03-02T10:00 .. 2026-03-02T10:00",
  );
  equal(todo("COMPLETED:20260302T100000Z"), "VTODO  .. ");
});

Deno.test("what cannot be read has no extent", () => {
  deepEqual(extentOf(bytesOf("BEGIN:VCARD\r\n")), undefined);
});
