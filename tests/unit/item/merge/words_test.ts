import { deepEqual } from "node:assert/strict";
import { changesInWords, lostInWords } from "../../../../lib/item/merge/words.ts";
import { alarm, bytesOf, calendar, card, event, vevent } from "./kit.ts";

const START = "DTSTART:20260302T100000Z";
const END = "DTEND:20260302T110000Z";

function words(before: string, after: string): readonly string[] {
  const kind = before.startsWith("BEGIN:VCARD") ? "contacts" : "calendar";
  return changesInWords(bytesOf(before), bytesOf(after), kind);
}

const eventWords = (before: readonly string[], after: readonly string[]) =>
  words(event(...before), event(...after));

Deno.test("a move is told with its times, and the end only where the length is another", () => {
  deepEqual(
    eventWords([START, END], ["DTSTART:20260303T110000Z", "DTEND:20260303T120000Z"]),
    ["moved from Mon 2 March 2026 10:00 to Tue 3 March 2026 11:00"],
  );
  deepEqual(eventWords([START, END], [START, "DTEND:20260302T123000Z"]), [
    "end moved from Mon 2 March 2026 11:00 to Mon 2 March 2026 12:30",
  ]);
  deepEqual(eventWords([START, "DURATION:PT1H"], [START, "DURATION:PT1H30M"]), [
    "lasts 1 hour 30 minutes",
  ]);
  deepEqual(
    eventWords(["DTSTART;VALUE=DATE:20260302"], ["DTSTART;TZID=Europe/Berlin:20260302T090000"]),
    ["moved from Mon 2 March 2026 to Mon 2 March 2026 09:00 Europe/Berlin"],
  );
});

Deno.test("texts are told with what they were", () => {
  deepEqual(
    eventWords(
      ["SUMMARY:Lunch", "LOCATION:Here\\, now", "CATEGORIES:a,b"],
      ["SUMMARY:Dinner", "DESCRIPTION:Long", "CATEGORIES:a,c"],
    ),
    [
      "category removed: b",
      "summary: Lunch -> Dinner",
      "place removed: Here, now",
      "category added: c",
      "description added: Long",
    ],
  );
});

Deno.test("guests are told by their address, and by what they answered", () => {
  const bob = "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:bob@example.com";
  deepEqual(
    eventWords([bob, "ATTENDEE:mailto:eve@example.com"], [
      bob.replace("NEEDS-ACTION", "ACCEPTED"),
      "ATTENDEE;CN=Ann:mailto:ann@example.com",
    ]),
    [
      "guest bob@example.com: accepted",
      "guest removed: eve@example.com",
      "guest added: ann@example.com",
    ],
  );
});

Deno.test("alarms are told by when they go off", () => {
  deepEqual(
    eventWords([START, ...alarm("-PT10M")], [START, ...alarm("-P1DT2H"), ...alarm("PT0S")]),
    [
      "alarm removed (10 minutes before)",
      "alarm added (1 day 2 hours before)",
      "alarm added (at the start)",
    ],
  );
  deepEqual(
    eventWords([...alarm("-PT10M", "UID:x")], [...alarm("-PT15M", "UID:x")]),
    ["alarm changed (15 minutes before)"],
  );
});

Deno.test("of a series, rules, exceptions and single instances are told", () => {
  const weekly = [START, "RRULE:FREQ=WEEKLY"];
  deepEqual(
    eventWords(weekly, [START, "RRULE:FREQ=DAILY;INTERVAL=2;COUNT=5", "EXDATE:20260304T100000Z"]),
    [
      "repeats every 2 days, 5 times, was every week",
      "the one on Wed 4 March 2026 10:00 taken out",
    ],
  );
  const one = (summary: string) => vevent("RECURRENCE-ID:20260309T100000Z", `SUMMARY:${summary}`);
  deepEqual(words(event(...weekly), calendar(...vevent(...weekly), ...one("Special"))), [
    "the one on Mon 9 March 2026 10:00 changed by itself",
  ]);
  deepEqual(
    words(
      calendar(...vevent(...weekly), ...one("Special")),
      calendar(...vevent(...weekly), ...one("Other")),
    ),
    ["on Mon 9 March 2026 10:00: summary: Special -> Other"],
  );
});

Deno.test("of a card, numbers, labels and photos are told", () => {
  deepEqual(
    words(
      card("FN:Ann", "N:Example;Ann;;;", "TEL;TYPE=home:111", "PHOTO:data:a", "item1.URL:x"),
      card(
        "FN:Ann Lee",
        "N:Lee;Ann;;;",
        "TEL;TYPE=home:112",
        "item1.URL:x",
        "item1.X-ABLabel:Blog",
      ),
    ),
    [
      "phone: 111 -> 112",
      "url x: label Blog",
      "name: Ann -> Ann Lee",
      "parts of the name: Example, Ann -> Lee, Ann",
      "photo removed",
    ],
  );
});

Deno.test("what programs set on their own is not worth a word", () => {
  deepEqual(
    eventWords([START, "DTSTAMP:20260101T000000Z", "SEQUENCE:1"], [
      "DTSTAMP:20260102T000000Z",
      "SEQUENCE:2",
      START,
    ]),
    [],
  );
  deepEqual(words(event(START), "BEGIN:VCALENDAR\r\n"), []);
});

Deno.test("what a server lost is told by name and number", () => {
  const lost = (sent: string, stored: string) =>
    lostInWords(
      bytesOf(sent),
      bytesOf(stored),
      sent.startsWith("BEGIN:VCARD") ? "contacts" : "calendar",
    );
  deepEqual(
    lost(
      event(
        START,
        "ATTENDEE:mailto:a",
        "ATTENDEE:mailto:b",
        "X-PLACE:geo:52.5,13.3",
        ...alarm("-PT10M", "UID:x", "DESCRIPTION:Go"),
        ...alarm("-PT5M"),
      ),
      event(
        "DTSTAMP:20260101T000000Z",
        START,
        "X-PLACE:geo:52.5",
        "X-SERVER:new",
        ...alarm("-PT10M", "UID:x"),
      ),
    ),
    ["ATTENDEE dropped (2)", "VALARM DESCRIPTION dropped", "VALARM dropped", "X-PLACE changed"],
  );
  deepEqual(
    lost(
      card("FN:Ann", "PHOTO:data:image/jpeg;base64,A"),
      card("FN:Ann", "PHOTO:data:image/jpeg\\;base64"),
    ),
    ["PHOTO changed"],
  );
  deepEqual(lost(event(START), event(START)), []);
});
