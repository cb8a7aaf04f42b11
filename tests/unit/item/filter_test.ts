import { equal } from "node:assert/strict";
import { busyOnly, dropFrom } from "../../../lib/item/filter.ts";
import { alarm, bytesOf, calendar, card, event, textOf, vevent } from "./merge/kit.ts";

const START = "DTSTART:20260302T100000Z";

function dropped(text: string, ...names: readonly string[]): string | undefined {
  const result = dropFrom(bytesOf(text), names);
  return result === undefined ? undefined : textOf(result);
}

Deno.test("properties and components of a name are left out, and nothing else is touched", () => {
  const text = event(
    START,
    "ATTENDEE;CN=A:mailto:a",
    "attendee;CN=B",
    " :mailto:b",
    "DESCRIPTION:ATTENDEE:x",
    ...alarm("-PT5M", "ATTENDEE:mailto:c"),
  );
  equal(
    dropped(text, "attendee", "VALARM"),
    event(START, "DESCRIPTION:ATTENDEE:x"),
  );
  equal(
    dropped(text.replaceAll("\r\n", "\n"), "VALARM", "ATTENDEE", "DESCRIPTION"),
    event(START).replaceAll("\r\n", "\n"),
  );
});

Deno.test("an item that has nothing of it keeps its bytes", () => {
  const bytes = bytesOf(event(START));
  equal(dropFrom(bytes, ["VALARM", "X-*"]), bytes);
});

Deno.test("a star stands for all that begins so", () => {
  equal(dropped(event("X-A:1", "X-APPLE-B:2", START), "X-APPLE-*"), event("X-A:1", START));
});

Deno.test("what an item is nothing without stays", () => {
  equal(dropped(event(START), "UID", "DTSTART", "BEGIN", "*", "VCALENDAR"), undefined);
  equal(dropped(event(START), "UID", "DTSTART", "BEGIN", "VERSION"), event(START));
});

Deno.test("an item of a kind that is left out is left out", () => {
  const todo = calendar("BEGIN:VTODO", "UID:1", "END:VTODO");
  equal(dropped(todo, "VTODO"), undefined);
  equal(dropped(event(START), "VTODO"), event(START));
});

Deno.test("what is no property goes with the one before it", () => {
  equal(dropped(event("COMMENT:a", "more of it", START), "COMMENT"), event(START));
});

Deno.test("a label goes with what it is the label of", () => {
  const text = card(
    "FN:A",
    "item1.TEL:1",
    "item1.X-ABLabel:Boat",
    "item2.URL:2",
    "item2.X-ABLabel:B",
  );
  equal(dropped(text, "TEL"), card("FN:A", "item2.URL:2", "item2.X-ABLabel:B"));
});

Deno.test("of an event that is busy only its time is left", () => {
  const text = calendar(
    "X-WR-CALNAME:Private",
    "BEGIN:VTIMEZONE",
    "TZID:X",
    "X-LIC-LOCATION:X",
    "END:VTIMEZONE",
    ...vevent(
      START,
      "RRULE:FREQ=DAILY",
      "SUMMARY:Secret",
      "LOCATION:Here",
      "TRANSP:OPAQUE",
      ...alarm("-PT5M"),
    ),
    ...vevent("RECURRENCE-ID:20260303T100000Z", "SUMMARY:More", START, "X-SECRET: yes", " folded"),
  );
  const result = busyOnly(bytesOf(text));
  equal(
    result && textOf(result),
    calendar(
      "BEGIN:VTIMEZONE",
      "TZID:X",
      "X-LIC-LOCATION:X",
      "END:VTIMEZONE",
      ...vevent(START, "RRULE:FREQ=DAILY", "TRANSP:OPAQUE", "SUMMARY:Busy"),
      ...vevent("RECURRENCE-ID:20260303T100000Z", START, "SUMMARY:Busy"),
    ),
  );
});

Deno.test("what is no event, or cannot be read, does not say who is busy", () => {
  equal(busyOnly(bytesOf(calendar("BEGIN:VTODO", "UID:1", "END:VTODO"))), undefined);
  equal(busyOnly(bytesOf("BEGIN:VCALENDAR\r\nSECRET")), undefined);
  equal(busyOnly(bytesOf(card("FN:A"))), undefined);
});
