import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { alarm, bytesOf, calendar, card, digestOf, mergeOf, type Texts } from "./kit.ts";

/** An item as lines and alarms, in any order, with no line twice. */
type Lines = readonly string[];

const guest = fc.record({
  name: fc.constantFrom("ann", "bob", "eve"),
  answer: fc.constantFrom("ACCEPTED", "DECLINED"),
}).map(({ name, answer }) => `ATTENDEE;PARTSTAT=${answer}:mailto:${name}@example.com`);
const time = fc.nat(5).map((n) => `2026030${n + 1}T100000Z`);

const eventLine = fc.oneof(
  fc.constantFrom("Lunch", "Tea", "Dinner").map((text) => `SUMMARY:${text}`),
  fc.constantFrom("Here", "There").map((text) => `LOCATION:${text}`),
  time.map((at) => `DTSTART:${at}`),
  time.map((at) => `DTEND:${at}`),
  time.map((at) => `LAST-MODIFIED:${at}`),
  fc.nat(3).map((n) => `SEQUENCE:${n}`),
  fc.uniqueArray(time, { minLength: 1, maxLength: 3 }).map((some) => `EXDATE:${some.join(",")}`),
  fc.uniqueArray(fc.constantFrom("a", "b", "c\\, d"), { minLength: 1 })
    .map((some) => `CATEGORIES:${[...some].sort().join(",")}`),
  fc.nat(3).map((n) => `ATTACH:${n}`),
  fc.nat(3).map((n) => `X-REPEATED:${n}`),
  guest,
);

const cardLine = fc.oneof(
  fc.constantFrom("Ann", "Anna").map((text) => `FN:${text}`),
  fc.constantFrom("A;B", "C;D").map((text) => `N:${text}`),
  fc.record({ type: fc.constantFrom(";TYPE=home", ";TYPE=work", ""), number: fc.nat(3) })
    .map(({ type, number }) => `TEL${type}:${number}`),
  fc.nat(3).map((n) => `EMAIL:${n}@example.com`),
  fc.nat(3).map((n) => `MEMBER:${n}`),
  fc.nat(3).map((n) => `NOTE:${n}`),
  fc.nat(3).map((n) => `X-REPEATED:${n}`),
  fc.uniqueArray(fc.constantFrom("a", "b", "c"), { minLength: 1 })
    .map((some) => `CATEGORIES:${[...some].sort().join(",")}`),
);

/** What a text has once; of what is repeated every text has two. */
const single = (line: string): string =>
  /^(SUMMARY|LOCATION|DT|LAST|SEQ|EXDATE|CATEGORIES|FN|N|NOTE)[A-Z-]*:/.exec(line)?.[0] ??
    /mailto:.*/.exec(line)?.[0] ?? line;
const some = (line: fc.Arbitrary<string>) =>
  fc.uniqueArray(line, { maxLength: 8, selector: single })
    .map((lines) => [...lines, "X-REPEATED:8", "X-REPEATED:9"]);

const eventText = fc.record({
  some: some(eventLine),
  alarms: fc.uniqueArray(fc.constantFrom(5, 10, 15), { maxLength: 2 }),
}).map(({ some, alarms }) =>
  calendar(
    "BEGIN:VEVENT",
    "UID:1",
    ...some,
    ...alarms.flatMap((minutes) => alarm(`-PT${minutes}M`)),
    "END:VEVENT",
  )
);
const cardText = some(cardLine).map((some) => card(...some));

const DATES = ["20260309", "20260316", "20260323"] as const;

/** A series with overrides and zones. */
const seriesText = fc.record({
  start: fc.constantFrom(";TZID=Berlin:20260302T100000", ";TZID=Paris:20260303T100000"),
  rule: fc.constantFrom("WEEKLY", "DAILY"),
  summary: fc.constantFrom("Lunch", "Tea"),
  excluded: fc.subarray([...DATES]),
  overrides: fc.array(
    fc.record({
      date: fc.constantFrom(...DATES),
      summary: fc.constantFrom("Special", "Other"),
      alarms: fc.subarray([5, 10]),
    }),
    { maxLength: 3 },
  ),
}).map(({ start, rule, summary, excluded, overrides }) => {
  const zone = /TZID=(\w+)/.exec(start)?.[1] ?? "";
  const byDate = new Map(overrides.map((override) => [override.date, override]));
  return calendar(
    "BEGIN:VTIMEZONE",
    `TZID:${zone}`,
    "END:VTIMEZONE",
    "BEGIN:VEVENT",
    "UID:1",
    `DTSTART${start}`,
    `RRULE:FREQ=${rule}`,
    `SUMMARY:${summary}`,
    ...excluded.map((date) => `EXDATE;TZID=${zone}:${date}T100000`),
    "END:VEVENT",
    ...[...byDate.values()].flatMap(({ date, summary, alarms }) => [
      "BEGIN:VEVENT",
      "UID:1",
      `RECURRENCE-ID;TZID=${zone}:${date}T100000`,
      `SUMMARY:${summary}`,
      ...alarms.flatMap((minutes) => alarm(`-PT${minutes}M`)),
      "END:VEVENT",
    ]),
  );
});

const texts = fc.oneof(
  fc.record({ base: eventText, a: eventText, b: eventText }),
  fc.record({ base: cardText, a: cardText, b: cardText }),
);

/** As a server stores it that drops some lines and cuts others. */
const stored = (text: string): string =>
  text.replaceAll(/(X-REPEATED|NOTE|TEL.*):1\r\n|LOCATION:There\r\n/g, "")
    .replaceAll(/(ATTACH|EMAIL|TEL.*|SUMMARY):([23T].*)\r\n/g, "$1:$2~\r\n");

/** With a side b that is such a server, or is not. */
const served = (some: typeof texts) =>
  fc.tuple(some, fc.boolean()).map(([{ base, a, b }, lossy]) =>
    lossy ? { base, baseB: stored(base), a, b: stored(b) } : { base, baseB: base, a, b }
  );
const throughServer = served(texts);
const all = fc.oneof(texts, fc.record({ base: seriesText, a: seriesText, b: seriesText }));
const allThroughServer = served(all);

/** The lines of a text that say something of their own: no frame, no stamps; lists by value. */
function said(text: string): Lines {
  return text.split("\r\n")
    .filter((line) => !/^$|^BEGIN|^END|^LAST-MODIFIED|^SEQUENCE|^ACTION/.test(line))
    .flatMap((line) => {
      const list = /^(EXDATE|CATEGORIES):(.*)$/.exec(line);
      if (list === null) return [line];
      return (list[2] ?? "").split(/(?<!\\),/).map((value) => `${list[1] ?? ""}:${value}`);
    });
}

const runs = { numRuns: 500 };

Deno.test("what only one person edited is on both sides afterwards, and says the same", () => {
  fc.assert(
    fc.property(all, ({ base, a }) => {
      for (const edit of [{ base, a }, { base, b: a }]) {
        const result = mergeOf(edit);
        if (result.state !== "merged") throw new Error(JSON.stringify(result));
        equal(digestOf(result.sides.a), digestOf(bytesOf(a)));
        equal(digestOf(result.sides.b), digestOf(bytesOf(a)));
      }
    }),
    runs,
  );
});

Deno.test("what only one person edited never clashes, whatever the other side makes of items", () => {
  const some = fc.oneof(
    fc.tuple(eventText, eventText, eventText),
    fc.tuple(cardText, cardText, cardText),
    fc.tuple(seriesText, seriesText, seriesText),
  );
  fc.assert(
    fc.property(some, ([base, baseB, a]) => {
      const one = mergeOf({ base, baseB, a });
      const other = mergeOf({ base: baseB, baseB: base, b: a });
      if (one.state !== "merged" || other.state !== "merged") {
        throw new Error(JSON.stringify({ one, other }));
      }
      // Who edited it is left alone.
      deepEqual(one.sides.a, bytesOf(a));
      deepEqual(other.sides.b, bytesOf(a));
    }),
    runs,
  );
});

Deno.test("nothing is lost: what a person added is on both sides, what both keep stays", () => {
  fc.assert(
    fc.property(throughServer, ({ base, baseB, a, b }) => {
      const result = mergeOf({ base, baseB, a, b });
      if (result.state !== "merged") return;
      const before = new Set([...said(base), ...said(baseB)]);
      for (const bytes of [result.sides.a, result.sides.b]) {
        const after = new Set(said(new TextDecoder().decode(bytes)));
        for (const line of [...said(a), ...said(b)]) {
          if (!before.has(line)) equal(after.has(line), true, `${line} is missing`);
        }
        for (const line of said(a)) {
          if (said(b).includes(line)) equal(after.has(line), true, `${line} is missing`);
        }
        for (const line of after) {
          equal(said(a).includes(line) || said(b).includes(line), true, `${line} is nobody's`);
        }
      }
    }),
    runs,
  );
});

Deno.test("merging again changes nothing, whichever side was written", () => {
  fc.assert(
    fc.property(allThroughServer, ({ base, baseB, a, b }) => {
      const bases = { base, baseB };
      const result = mergeOf({ ...bases, a, b });
      if (result.state !== "merged") return;
      const done = {
        a: new TextDecoder().decode(result.sides.a),
        b: new TextDecoder().decode(result.sides.b),
      };
      for (const now of [done, { a: done.a, b }, { a, b: done.b }]) {
        const again = mergeOf({ ...bases, ...now });
        if (again.state !== "merged") throw new Error(JSON.stringify({ now, again }));
        equal(digestOf(again.sides.a), digestOf(result.sides.a), "a");
        equal(digestOf(again.sides.b), digestOf(result.sides.b), "b");
      }
    }),
    runs,
  );
});

Deno.test("it does not matter which side is called a", () => {
  fc.assert(
    fc.property(allThroughServer, ({ base, baseB, a, b }) => {
      const one = mergeOf({ base, baseB, a, b });
      const other = mergeOf({ base: baseB, baseB: base, a: b, b: a });
      equal(one.state, other.state);
      if (one.state === "merged" && other.state === "merged") {
        equal(digestOf(one.sides.a), digestOf(other.sides.b));
        equal(digestOf(one.sides.b), digestOf(other.sides.a));
      }
      if (one.state === "clash" && other.state === "clash") {
        deepEqual(
          one.clashes.map(({ what, a, b }) => `${what}: ${a} | ${b}`).sort(),
          other.clashes.map(({ what, a, b }) => `${what}: ${b} | ${a}`).sort(),
        );
      }
    }),
    runs,
  );
});

Deno.test("edits of different things on two equal sides never clash, and come out the same", () => {
  const names = ["SUMMARY", "LOCATION", "DTSTART", "URL", "ATTACH", "ATTENDEE", "EXDATE"] as const;
  const value = fc.option(fc.constantFrom("mailto:x", "mailto:y"), { nil: undefined });
  const values = fc.record(Object.fromEntries(names.map((name) => [name, value])));
  fc.assert(
    fc.property(
      values,
      values,
      values,
      fc.array(fc.boolean(), { minLength: names.length, maxLength: names.length }),
      (base, a, b, whose) => {
        const text = (own: typeof base, isOwn: (at: number) => boolean) =>
          calendar(
            "BEGIN:VEVENT",
            "UID:1",
            ...names.flatMap((name, at) => {
              const text = (isOwn(at) ? own : base)[name];
              return text === undefined ? [] : [`${name}:${text}`];
            }),
            "END:VEVENT",
          );
        // Who moves a series and who takes an instance out are one person here.
        const isA = (at: number) => whose[names[at] === "EXDATE" ? 2 : at] === true;
        const result = mergeOf({
          base: text(base, () => false),
          a: text(a, isA),
          b: text(b, (at) => !isA(at)),
        });
        if (result.state !== "merged") throw new Error(JSON.stringify(result));
        equal(digestOf(result.sides.a), digestOf(result.sides.b));
        const both = calendar(
          "BEGIN:VEVENT",
          "UID:1",
          ...names.flatMap((name, at) => {
            const text = (isA(at) ? a : b)[name];
            return text === undefined ? [] : [`${name}:${text}`];
          }),
          "END:VEVENT",
        );
        equal(digestOf(result.sides.a), digestOf(bytesOf(both)));
      },
    ),
    runs,
  );
});

Deno.test("whatever the four hold, it does not throw, and what comes of it can be read", () => {
  const junk = fc.array(
    fc.constantFrom("BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:1", "X", " x", "", "\tSUMMARY", "A:1"),
    { maxLength: 6 },
  );
  const text = fc.tuple(junk, junk).map(([before, within]) =>
    ["BEGIN:VCALENDAR", ...before.slice(0, 1), "BEGIN:VEVENT", ...within, "END:VEVENT"]
      .join("\n") + "\nEND:VCALENDAR"
  );
  fc.assert(
    fc.property(text, text, text, (base, a, b) => {
      const result = mergeOf({ base, a, b } satisfies Texts);
      if (result.state !== "merged") return;
      digestOf(result.sides.a);
      digestOf(result.sides.b);
    }),
    runs,
  );
});
