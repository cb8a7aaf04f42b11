import { equal } from "node:assert/strict";
import { stampOf } from "../../../lib/item/newest.ts";
import { alarm, bytesOf, calendar, card, event, vevent } from "./merge/kit.ts";

Deno.test("an item's stamp is its latest LAST-MODIFIED, or else its latest DTSTAMP", () => {
  const stamp = (text: string) => {
    const time = stampOf(bytesOf(text), "calendar");
    return time === undefined ? undefined : new Date(time).toISOString();
  };
  equal(
    stamp(event("DTSTAMP:20270101T000000Z", "LAST-MODIFIED:20260302T100001Z")),
    "2026-03-02T10:00:01.000Z",
  );
  equal(stamp(event("DTSTAMP:20260302T100000Z")), "2026-03-02T10:00:00.000Z");
  equal(
    stamp(
      calendar(
        ...vevent("LAST-MODIFIED:20260302T100000Z"),
        ...vevent("LAST-MODIFIED:20260401T000000"),
      ),
    ),
    "2026-04-01T00:00:00.000Z",
  );
  // An alarm's and a zone's are not the item's.
  equal(stamp(event(...alarm("-PT10M", "LAST-MODIFIED:20260302T100000Z"))), undefined);
  equal(
    stamp(
      calendar("BEGIN:VTIMEZONE", "LAST-MODIFIED:20260302T100000Z", "END:VTIMEZONE", ...vevent()),
    ),
    undefined,
  );
  equal(stamp(event("LAST-MODIFIED:soon")), undefined);
});

Deno.test("a card's stamp is its REV, in each spelling that is in use", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["20260302T100000Z", "2026-03-02T10:00:00.000Z"],
    ["2026-03-02T10:00:00Z", "2026-03-02T10:00:00.000Z"],
    ["2026-03-02T10:00:00.123Z", "2026-03-02T10:00:00.000Z"],
    ["20260302T100000+0130", "2026-03-02T08:30:00.000Z"],
    ["2026-03-02T10:00:00-05:00", "2026-03-02T15:00:00.000Z"],
    ["2026-03-02", "2026-03-02T00:00:00.000Z"],
  ];
  for (const [value, wanted] of cases) {
    const time = stampOf(bytesOf(card(`REV:${value}`)), "contacts");
    equal(time === undefined ? undefined : new Date(time).toISOString(), wanted);
  }
  equal(stampOf(bytesOf(card("FN:x")), "contacts"), undefined);
  equal(stampOf(bytesOf(card("REV:20260302T100000Z")), "mail"), undefined);
});
