import { deepEqual, equal } from "node:assert/strict";
import { alarm, calendar, clashes, event, lines, merged, mergeOf, vevent } from "./kit.ts";

const START = "DTSTART:20260302T100000Z";
const END = "DTEND:20260302T110000Z";
const SUMMARY = "SUMMARY:Lunch";
const BASE = event(START, END, SUMMARY);

/** Both sides end up with this. */
function both(texts: Parameters<typeof merged>[0], expected: string): void {
  deepEqual(merged(texts), { a: expected, b: expected });
}

Deno.test("one moves the event, the other adds an alarm and a guest: both are in the result", () => {
  const moved = ["DTSTART:20260303T110000Z", "DTEND:20260303T120000Z"];
  const guest = "ATTENDEE;CN=Bob:mailto:bob@example.com";
  both(
    {
      base: BASE,
      a: event(...moved, SUMMARY),
      b: event(START, END, SUMMARY, guest, ...alarm("-PT10M")),
    },
    event(...moved, SUMMARY, guest, ...alarm("-PT10M")),
  );
});

Deno.test("what only one side edited goes over to the other", () => {
  both({ base: BASE, a: event(START, END, "SUMMARY:Dinner") }, event(START, END, "SUMMARY:Dinner"));
  both({ base: BASE, b: event(START, END) }, event(START, END));
  both({ base: BASE, b: event(START, END, SUMMARY, "URL:x") }, event(START, END, SUMMARY, "URL:x"));
});

Deno.test("where nobody edited anything, each side keeps its bytes", () => {
  const other = event(SUMMARY, "DTSTAMP:20260101T000000Z", START, END);
  deepEqual(merged({ base: BASE, b: other }), { a: BASE, b: other });
});

Deno.test("the same edit on both sides is no clash", () => {
  const same = event(START, END, "SUMMARY:Dinner");
  both({ base: BASE, a: same, b: same }, same);
  both({ base: BASE, a: event(START, END), b: event(START, END) }, event(START, END));
});

Deno.test("two edits of one property are a clash", () => {
  deepEqual(
    clashes({
      base: BASE,
      a: event(START, END, "SUMMARY:Dinner"),
      b: event(START, END, "SUMMARY:Tea"),
    }),
    ["SUMMARY: Dinner | Tea"],
  );
  deepEqual(
    clashes({ base: BASE, a: event(START, END), b: event(START, END, "SUMMARY:Tea") }),
    ["SUMMARY: - | Tea"],
  );
});

Deno.test("a start moved here and an end moved there are a clash", () => {
  deepEqual(
    clashes({
      base: BASE,
      a: event("DTSTART:20260302T090000Z", END, SUMMARY),
      b: event(START, "DTEND:20260302T120000Z", SUMMARY),
    }),
    ["DTEND, DTSTART: 20260302T110000Z, 20260302T090000Z | 20260302T120000Z, 20260302T100000Z"],
  );
});

Deno.test("a place named here and coordinates given there are a clash", () => {
  equal(
    clashes({
      base: event(START, "LOCATION:Here", "GEO:1;1"),
      a: event(START, "LOCATION:There", "GEO:1;1"),
      b: event(START, "LOCATION:Here", "GEO:2;2"),
    }).length,
    1,
  );
});

Deno.test("a server's rewriting is nobody's edit", () => {
  const servers = lines(
    "BEGIN:VCALENDAR",
    "PRODID:-//server//EN",
    "VERSION:2.0",
    "BEGIN:VEVENT",
    "SUMMARY:Lunch",
    "UID:1",
    END,
    START,
    "DTSTAMP:20260101T000000Z",
  );
  const rest = lines("END:VEVENT", "END:VCALENDAR");
  const a = event(START, END, "SUMMARY:Dinner");
  deepEqual(merged({ base: BASE, baseB: servers + rest, a }), {
    a,
    b: servers.replace("Lunch", "Dinner") + rest,
  });
});

Deno.test("what a server cut off or dropped stays where it is whole", () => {
  const whole = event(START, END, SUMMARY, "X-PLACE:geo:52.5,13.3", "COLOR:red", ...alarm("-PT5M"));
  const cut = event(START, END, SUMMARY, "X-PLACE:geo:52.5");
  const b = event(START, END, "SUMMARY:Dinner", "X-PLACE:geo:52.5");
  deepEqual(merged({ base: whole, baseB: cut, b }), {
    a: whole.replace("Lunch", "Dinner"),
    b,
  });
});

Deno.test("a repeated line that a server spells its own way is still the same line", () => {
  const base = event(START, "ATTACH:one", "ATTACH:http://x,y");
  const baseB = event(START, "ATTACH:one", "ATTACH:http://x");
  deepEqual(merged({ base, baseB, b: event(START, "ATTACH:one") }), {
    a: event(START, "ATTACH:one"),
    b: event(START, "ATTACH:one"),
  });
  // Another line is none that was spelt otherwise.
  const other = event(START, "ATTACH:one", "ATTACH:ftp://z");
  deepEqual(merged({ base, baseB: other, b: event(START, "ATTACH:one") }), {
    a: base,
    b: event(START, "ATTACH:one"),
  });
});

Deno.test("an answer of one guest and another guest combine", () => {
  const bob = "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:bob@example.com";
  const yes = "ATTENDEE;PARTSTAT=ACCEPTED:MAILTO:Bob@example.com";
  const eve = "ATTENDEE:mailto:eve@example.com";
  both(
    { base: event(START, bob), a: event(START, yes), b: event(START, bob, eve) },
    event(START, yes, eve),
  );
  deepEqual(
    clashes({
      base: event(START, bob),
      a: event(START, yes),
      b: event(START, bob.replace("NEEDS-ACTION", "DECLINED")),
    }),
    ["ATTENDEE: MAILTO:Bob@example.com | mailto:bob@example.com"],
  );
});

Deno.test("categories and exceptions are merged value by value", () => {
  const { a, b } = merged({
    base: event(START, "CATEGORIES:Home,Old", "EXDATE:20260303T100000Z,20260304T100000Z"),
    a: event(START, "CATEGORIES:Home,Old,Work", "EXDATE:20260303T100000Z"),
    b: event(
      START,
      "CATEGORIES:Home,Play\\, work",
      "EXDATE:20260303T100000Z,20260304T100000Z,20260305T100000Z",
    ),
  });
  equal(
    a,
    event(
      START,
      "CATEGORIES:Home,Work,Play\\, work",
      "EXDATE:20260303T100000Z",
      "EXDATE:20260305T100000Z",
    ),
  );
  equal(
    b,
    event(START, "CATEGORIES:Home,Play\\, work,Work", "EXDATE:20260303T100000Z,20260305T100000Z"),
  );
});

Deno.test("two different alarms are both kept, and one that both removed is gone", () => {
  const { a, b } = merged({
    base: event(START, ...alarm("-PT10M")),
    a: event(START, ...alarm("-PT15M")),
    b: event(START, ...alarm("-PT20M")),
  });
  equal(a, event(START, ...alarm("-PT15M"), ...alarm("-PT20M")));
  equal(b, event(START, ...alarm("-PT20M"), ...alarm("-PT15M")));
});

Deno.test("an alarm with a UID is one thing, which two cannot change in two ways", () => {
  const text = (trigger: string) => event(START, ...alarm(trigger, "UID:x"));
  both({ base: text("-PT10M"), a: text("-PT15M") }, text("-PT15M"));
  equal(
    clashes({
      base: text("-PT10M"),
      a: text("-PT15M"),
      b: event(START, ...alarm("-PT10M", "UID:x", "DESCRIPTION:Go")),
    }).length,
    1,
  );
});

Deno.test("an alarm that the server gave a UID and a text is still the same alarm", () => {
  const base = event(START, ...alarm("-PT10M"), ...alarm("-PT5M"));
  const theirs = alarm("-PT10M", "UID:x", "DESCRIPTION:Alarm");
  deepEqual(
    merged({
      base,
      baseB: event(START, ...theirs, ...alarm("-PT5M")),
      b: event(START, ...alarm("-PT5M")),
    }),
    { a: event(START, ...alarm("-PT5M")), b: event(START, ...alarm("-PT5M")) },
  );
});

Deno.test("an alarm that was dismissed on one side and removed on the other is removed", () => {
  both(
    {
      base: event(START, ...alarm("-PT10M", "UID:x")),
      a: event(START, ...alarm("-PT10M", "UID:x", "ACKNOWLEDGED:20260302T095000Z")),
      b: event(START),
    },
    event(START),
  );
});

Deno.test("an alarm that was changed on one side and removed on the other is a clash", () => {
  deepEqual(
    clashes({
      base: event(START, ...alarm("-PT10M", "UID:x")),
      a: event(START, ...alarm("-PT15M", "UID:x")),
      b: event(START),
    }),
    ["VALARM: -PT15M | -"],
  );
});

Deno.test("of two stamps the later wins, of two sequences the larger", () => {
  const text = (time: string, sequence: string, ...some: readonly string[]) =>
    event(START, `LAST-MODIFIED:2026${time}T000000Z`, `SEQUENCE:${sequence}`, ...some);
  deepEqual(
    merged({
      base: text("0101", "1", SUMMARY),
      a: text("0103", "9", SUMMARY, "LOCATION:Here"),
      b: text("0102", "10", "SUMMARY:Dinner"),
    }),
    {
      a: text("0103", "10", "SUMMARY:Dinner", "LOCATION:Here"),
      b: text("0103", "10", "SUMMARY:Dinner", "LOCATION:Here"),
    },
  );
});

const WEEKLY = ["DTSTART:20260302T100000Z", "RRULE:FREQ=WEEKLY"];
const override = (date: string, ...some: readonly string[]) =>
  vevent(`RECURRENCE-ID:${date}T100000Z`, `DTSTART:${date}T100000Z`, ...some);

Deno.test("an instance changed on one side and the series' title on the other combine", () => {
  const base = calendar(...vevent(...WEEKLY, SUMMARY), ...override("20260309", SUMMARY));
  both(
    {
      base,
      a: calendar(...vevent(...WEEKLY, SUMMARY), ...override("20260309", "SUMMARY:Special")),
      b: calendar(...vevent(...WEEKLY, "SUMMARY:Dinner"), ...override("20260309", SUMMARY)),
    },
    calendar(...vevent(...WEEKLY, "SUMMARY:Dinner"), ...override("20260309", "SUMMARY:Special")),
  );
});

Deno.test("two people may each change another instance", () => {
  const master = vevent(...WEEKLY, SUMMARY);
  const [one, two] = [override("20260309", "SUMMARY:One"), override("20260316", "SUMMARY:Two")];
  deepEqual(
    merged({
      base: calendar(...master),
      a: calendar(...master, ...one),
      b: calendar(...master, ...two),
    }),
    { a: calendar(...master, ...one, ...two), b: calendar(...master, ...two, ...one) },
  );
});

Deno.test("a series that was moved and an instance that was changed are a clash", () => {
  const moved = ["DTSTART:20260303T100000Z", "RRULE:FREQ=WEEKLY"];
  deepEqual(
    clashes({
      base: calendar(...vevent(...WEEKLY, SUMMARY)),
      a: calendar(...vevent(...moved, SUMMARY)),
      b: calendar(...vevent(...WEEKLY, SUMMARY), ...override("20260309", "SUMMARY:Special")),
    }),
    ["the series: DTSTART, RECURRENCE-ID: 20260303T100000Z | 20260309T100000Z"],
  );
  deepEqual(
    clashes({
      base: event(...WEEKLY),
      a: event(...WEEKLY, "EXDATE:20260309T100000Z"),
      b: event(...moved),
    }),
    ["the series: DTSTART, EXDATE: EXDATE | 20260303T100000Z"],
  );
});

Deno.test("an instance that was cancelled on one side and changed on the other is a clash", () => {
  deepEqual(
    clashes({
      base: calendar(...vevent(...WEEKLY)),
      a: calendar(...vevent(...WEEKLY, "EXDATE:20260309T100000Z")),
      b: calendar(...vevent(...WEEKLY), ...override("20260309", "SUMMARY:Special")),
    }),
    ["the series: EXDATE, RECURRENCE-ID: without 20260309T100000Z | 20260309T100000Z"],
  );
  deepEqual(
    clashes({
      base: calendar(...vevent(...WEEKLY), ...override("20260309", SUMMARY)),
      a: calendar(...vevent(...WEEKLY)),
      b: calendar(...vevent(...WEEKLY), ...override("20260309", "SUMMARY:Special")),
    }),
    ["the event on 2026-03-09: VEVENT: - | Special"],
  );
});

const zone = (name: string, offset = "+0100") => [
  "BEGIN:VTIMEZONE",
  `TZID:${name}`,
  "BEGIN:STANDARD",
  "DTSTART:19700101T000000",
  `TZOFFSETFROM:${offset}`,
  `TZOFFSETTO:${offset}`,
  "END:STANDARD",
  "END:VTIMEZONE",
];
const at = (name: string, ...some: readonly string[]) =>
  vevent(`DTSTART;TZID=${name}:20260302T100000`, ...some);

Deno.test("an event that is moved to another zone takes its definition along", () => {
  both(
    {
      base: calendar(...zone("Berlin"), ...at("Berlin", SUMMARY)),
      a: calendar(...zone("Paris"), ...at("Paris", SUMMARY)),
      b: calendar(...zone("Berlin"), ...at("Berlin", "SUMMARY:Dinner")),
    },
    calendar(...zone("Paris"), ...at("Paris", "SUMMARY:Dinner")),
  );
});

Deno.test("a zone that one side still uses is not taken away with the other's", () => {
  const exception = "EXDATE;TZID=Berlin:20260309T100000";
  const { a } = merged({
    base: calendar(...zone("Berlin"), ...at("Berlin")),
    a: calendar(...zone("Berlin"), ...at("Berlin", exception)),
    b: calendar(...vevent("DTSTART;TZID=Berlin:20260302T100000", SUMMARY)),
  });
  equal(a, calendar(...zone("Berlin"), ...at("Berlin", exception, SUMMARY)));
});

Deno.test("two definitions of one zone are no clash: each side keeps its own", () => {
  const [one, two] = [zone("Berlin", "+0100"), zone("Berlin", "+0101")];
  deepEqual(
    merged({
      base: calendar(...one, ...at("Berlin")),
      baseB: calendar(...two, ...at("Berlin")),
      a: calendar(...one, ...at("Berlin", SUMMARY)),
    }),
    {
      a: calendar(...one, ...at("Berlin", SUMMARY)),
      b: calendar(...two, ...at("Berlin", SUMMARY)),
    },
  );
});

Deno.test("a line that goes over is folded as it was, and ends as the lines there do", () => {
  const folded = "DESCRIPTION:one\r\n  two";
  const { a } = merged({
    base: BASE.replaceAll("\r\n", "\n"),
    baseB: BASE,
    b: event(START, END, SUMMARY, folded),
  });
  equal(a, event(START, END, SUMMARY, folded).replaceAll("\r\n", "\n"));
});

Deno.test("a value that joins a list is folded between letters", () => {
  const long = `CATEGORIES:${"ä".repeat(30)}`;
  const { a } = merged({
    base: event(START, long),
    a: event(START, `${long},x`),
    b: event(START, `${long},${"ö".repeat(30)}`),
  });
  const [, first = "", second = ""] = /(CATEGORIES.*)\r\n (.*)\r\n/.exec(a) ?? [];
  equal(first + second, `${long},x,${"ö".repeat(30)}`);
  equal(new TextEncoder().encode(first).length <= 75, true);
});

Deno.test("a todo finished here and half done there is a clash", () => {
  const todo = (...some: readonly string[]) =>
    calendar("BEGIN:VTODO", "UID:1", ...some, "END:VTODO");
  equal(
    clashes({
      base: todo("PERCENT-COMPLETE:10"),
      a: todo("PERCENT-COMPLETE:10", "STATUS:COMPLETED"),
      b: todo("PERCENT-COMPLETE:50"),
    }).length,
    1,
  );
});

Deno.test("what cannot be read is not merged", () => {
  deepEqual(mergeOf({ base: BASE, a: BASE.replace("END:VEVENT\r\n", "") }), {
    state: "unreadable",
    reason: "what a holds: the item has END:VCALENDAR where END:VEVENT is due (line 9)",
  });
  equal(mergeOf({ base: "", b: BASE }).state, "unreadable");
});
