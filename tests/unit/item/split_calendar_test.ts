import { deepEqual, equal, match, notEqual, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { readCalendarItem } from "../../../lib/item/icalendar.ts";
import { NoItem, type Split, type SplitItem, type SplitOptions } from "../../../lib/item/split.ts";
import { splitCalendar } from "../../../lib/item/split_calendar.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const lines = (...all: readonly string[]): string => all.map((it) => `${it}\r\n`).join("");

function split(text: string, options?: SplitOptions): Extract<Split, { state: "split" }> {
  const result = splitCalendar(encode(text), options);
  if (result.state !== "split") throw new Error(result.reason);
  return result;
}

const texts = (items: readonly SplitItem[]): Readonly<Record<string, string>> =>
  Object.fromEntries(items.map((it) => [it.ident, decode(it.bytes())]));

const event = (uid: string, ...more: readonly string[]): string =>
  lines("BEGIN:VEVENT", `UID:${uid}`, ...more, "END:VEVENT");

const zone = (name: string, offset = "+0100"): string =>
  lines(
    "BEGIN:VTIMEZONE",
    `TZID:${name}`,
    "BEGIN:STANDARD",
    "DTSTART:19700101T000000",
    `TZOFFSETFROM:${offset}`,
    `TZOFFSETTO:${offset}`,
    "END:STANDARD",
    "END:VTIMEZONE",
  );

const HEAD = lines("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//example//feed//EN");
const TAIL = lines("END:VCALENDAR");

Deno.test("each UID is an item, with its overrides and in the calendar's wrapper", () => {
  const override = event("a", "RECURRENCE-ID:20260201T090000Z", "SUMMARY:later");
  const master = event("a", "RRULE:FREQ=DAILY", "SUMMARY:daily");
  const other = event("b", "SUMMARY:other");
  const { items } = split(HEAD + override + other + master + TAIL);
  deepEqual(texts(items), { a: HEAD + override + master + TAIL, b: HEAD + other + TAIL });
});

Deno.test("an item has the time zones that it names, wherever they stand, and no others", () => {
  const berlin = zone("Europe/Berlin");
  const odd = zone("Ahem: odd; zone");
  const a = event("a", "DTSTART;TZID=Europe/Berlin:20260201T090000");
  const b = event("b", 'DTSTART;VALUE=DATE-TIME;TZID="Ahem: odd; zone":20260201T090000');
  const c = event("c", "EXDATE;TZID=Europe/Ber", " lin:20260201T090000");
  const d = event("d", "DTSTART:20260201T090000Z", "SUMMARY:;TZID=Europe/Berlin:");
  const { items } = split(HEAD + odd + a + b + c + d + berlin + zone("Unused") + TAIL);
  deepEqual(texts(items), {
    a: HEAD + berlin + a + TAIL,
    b: HEAD + odd + b + TAIL,
    c: HEAD + berlin + c + TAIL,
    d: HEAD + d + TAIL,
  });
});

Deno.test("METHOD and what the calendar is called are not about the item", () => {
  const head = lines(
    "BEGIN:VCALENDAR",
    "METHOD:PUBLISH",
    "VERSION:2.0",
    "X-WR-CALNAME:Holidays",
    "CALSCALE:GREGORIAN",
    "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
    "PRODID:-//example//feed//EN",
  );
  const { items } = split(head + event("a") + TAIL);
  const kept = lines(
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "CALSCALE:GREGORIAN",
    "PRODID:-//example//feed//EN",
  );
  deepEqual(texts(items), { a: kept + event("a") + TAIL });
});

Deno.test("what an item needs and the calendar lacks is put in", () => {
  const { items } = split(lines("BEGIN:VCALENDAR") + event("a") + TAIL);
  const head = lines("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//dovetail//dovetail//EN");
  deepEqual(texts(items), { a: head + event("a") + TAIL });
});

Deno.test("line ends, folding, letter case and bytes that are no text stay as they are", () => {
  const text = "begin:vcalendar\nversion:2.0\nProdid:x\n\nBEGIN:VEVENT\r\nuid:fol\r\n ded\r" +
    "SUMMARY:x\n\n\ty\nEND:VEVENT\nEND:VCALENDAR";
  deepEqual(texts(split(text).items), { folded: `${text}\n` });
  const bytes = new Uint8Array([...encode(`${HEAD}BEGIN:VEVENT\r\nUID:x\r\nSUMMARY:`), 0xe9]);
  const whole = new Uint8Array([...bytes, ...encode(`\r\nEND:VEVENT\r\n${TAIL}`)]);
  const result = splitCalendar(whole);
  ok(result.state === "split");
  deepEqual(result.items[0]?.bytes(), whole);
});

Deno.test("an item without a UID gets one made of its content, the same each time", () => {
  const bare = (stamp: string) =>
    lines("BEGIN:VEVENT", `DTSTAMP:${stamp}`, "SUMMARY:bare", "END:VEVENT");
  const empty = lines("BEGIN:VEVENT", "UID:", "SUMMARY:empty", "END:VEVENT");
  const one = split(HEAD + bare("20260101T000000Z") + empty + TAIL).items;
  const two = split(HEAD + empty + bare("20260202T000000Z") + TAIL).items;
  deepEqual(new Set(one.map((it) => it.ident)), new Set(two.map((it) => it.ident)));
  equal(new Set(one.map((it) => it.ident)).size, 2);
  for (const { ident, bytes } of [...one, ...two]) {
    match(ident, /^[0-9a-f]{64}$/);
    const read = readCalendarItem(bytes());
    ok(read.state === "read");
    equal(read.ident, ident);
    equal(decode(bytes()).match(/^UID:/gm)?.length, 1);
  }
});

Deno.test("two items without a UID and with the same content are told apart", () => {
  const bare = lines("BEGIN:VEVENT", "SUMMARY:bare", "END:VEVENT");
  const [one, two] = split(HEAD + bare + bare + TAIL).items;
  equal(two?.ident, `${one?.ident}-2`);
});

Deno.test("UIDs made of the content stay when UIDs and stamps change, and only then", () => {
  const feed = (n: number, summary: string) =>
    HEAD +
    event(
      `random-${n}`,
      `DTSTAMP:2026010${n}T000000Z`,
      `SEQUENCE:${n}`,
      `LAST-MODIFIED:2026010${n}T000000Z`,
      "RRULE:FREQ=DAILY",
      `SUMMARY:${summary}`,
    ) +
    event(`random-${n}`, "RECURRENCE-ID:20260201T090000Z", "SUMMARY:later") + TAIL;
  const made = (text: string) => split(text, { uids: "content" }).items;
  const [one, ...others] = made(feed(1, "same"));
  const [two] = made(feed(2, "same"));
  const [three] = made(feed(1, "other"));
  equal(others.length, 0);
  equal(one?.ident, two?.ident);
  notEqual(one?.ident, three?.ident);
  const text = decode(one?.bytes() ?? encode(""));
  equal(text.match(new RegExp(`^UID:${one?.ident}\r$`, "gm"))?.length, 2);
  ok(!text.includes("random"));
});

Deno.test("several calendars one after the other are one", () => {
  const { items } = split(
    HEAD + event("a", "RRULE:FREQ=DAILY") + TAIL +
      HEAD + event("b") + event("a", "RECURRENCE-ID:20260201T090000Z") + TAIL,
  );
  deepEqual(items.map(({ ident }) => ident), ["a", "b"]);
  for (const item of items) equal(readCalendarItem(item.bytes()).state, "read");
});

Deno.test("a calendar without items has none", () => {
  deepEqual(split(HEAD + TAIL).items, []);
  deepEqual(split(`\ufeff${HEAD}${zone("Z")}${TAIL}`).items, []);
});

Deno.test("what is no calendar, or not all of one, is malformed as a whole", () => {
  const whole = HEAD + event("a") + event("b") + TAIL;
  const bad: Readonly<Record<string, string>> = {
    "is empty": "",
    "is empty ": "\r\n\r\n",
    'begins with "<!DOCTYPE html>"': "<!DOCTYPE html>\n<html></html>",
    "ends before END:VCALENDAR": HEAD + event("a"),
    "ends before END:VEVENT": whole.slice(0, whole.indexOf("UID:b")),
    "is no calendar: it holds BEGIN:VCARD": lines("BEGIN:VCARD", "UID:x", "END:VCARD"),
    "is no calendar: it holds BEGIN:VEVENT": event("a"),
    'goes on after its end with "trailing"': `${whole}trailing`,
    "has END:VEVENT where END:VCALENDAR is due": HEAD + lines("END:VEVENT") + TAIL,
    "holds NUL bytes": `${HEAD}\0${TAIL}`,
  };
  for (const [reason, text] of Object.entries(bad)) {
    const result = splitCalendar(encode(text));
    ok(result.state === "malformed", reason);
    ok(result.reason.startsWith(reason.trim()), result.reason);
    equal(result.kind, "malformed");
  }
});

Deno.test("every text that is cut short anywhere is malformed", () => {
  const whole = HEAD + zone("Z") + event("a", "DTSTART;TZID=Z:20260101T000000") + TAIL;
  for (let end = 0; end < whole.trimEnd().length; end++) {
    equal(splitCalendar(encode(whole.slice(0, end))).state, "malformed", `cut at ${end}`);
  }
});

Deno.test("what is over a limit is too large", () => {
  const limits = { bytes: 10_000, lines: 20, depth: 3, uid: 100 };
  const deep = lines("BEGIN:A", "BEGIN:B", "END:B", "END:A");
  for (
    const text of [
      HEAD + event("a", `SUMMARY:${"x".repeat(10_000)}`) + TAIL,
      HEAD + event("a", ...Array(20).fill("SUMMARY:x")) + TAIL,
      HEAD + lines("BEGIN:VEVENT") + deep + lines("END:VEVENT") + TAIL,
    ]
  ) {
    const result = splitCalendar(encode(text), { limits });
    ok(result.state === "malformed");
    equal(result.kind, "too large");
  }
});

Deno.test("a small feed whose items would all copy one huge time zone is refused", () => {
  const names = Array.from({ length: 20_000 }, (_, n) => `X-${n}:${"x".repeat(80)}`);
  const huge = zone("Z").replace("TZID:Z\r\n", lines("TZID:Z", ...names));
  const many = Array.from({ length: 1000 }, (_, n) => event(`${n}`, "DTSTART;TZID=Z:x")).join("");
  const result = splitCalendar(encode(HEAD + huge + many + TAIL));
  ok(result.state === "malformed");
  equal(result.kind, "too large");
});

Deno.test("with no edits the whole is as it was", () => {
  const text = `\ufeff\n${HEAD}X-WR-CALNAME:mine\r\n${zone("Z")}${event("a")}junk:1\n${TAIL}\n\n`;
  equal(decode(new Uint8Array(split(text).joined([]))), text.replace("\ufeff", ""));
  deepEqual(split(text).joined([]), encode(text));
});

Deno.test("an item that is added, replaced or removed leaves all other bytes alone", () => {
  const head = `${HEAD}X-WR-CALNAME:mine\n`;
  const berlin = zone("Europe/Berlin");
  const [a, b, c] = ["a", "b", "c"].map((uid) =>
    event(uid, "DTSTART;TZID=Europe/Berlin:20260201T090000", "SUMMARY:f\n ol\n\tded")
  );
  const text = head + berlin + a + b + c + TAIL;
  const whole = split(text);
  const [, itemB] = whole.items;
  ok(itemB);
  const newB = event("b", "SUMMARY:new") + event("b", "RECURRENCE-ID:20260201T090000Z");
  const moscow = zone("Europe/Moscow", "+0300");
  const d = event("d", "DTSTART;TZID=Europe/Moscow:20260201T090000");
  const joined = decode(whole.joined([
    { kind: "replace", item: itemB, bytes: encode(HEAD + newB + TAIL) },
    { kind: "add", bytes: encode(lines("BEGIN:VCALENDAR", "X-A:b") + moscow + d + TAIL) },
  ]));
  equal(joined, head + moscow + berlin + a + newB + c + d + TAIL);
  equal(
    decode(whole.joined([{ kind: "remove", item: itemB }])),
    head + berlin + a + c + TAIL,
  );
});

Deno.test("there is one definition of a zone: that of the others, or the new one if there are none", () => {
  const theirs = zone("Z", "+0100");
  const ours = zone("Z", "+0200");
  const uses = (uid: string) => event(uid, "DTSTART;TZID=Z:20260201T090000");
  const two = split(HEAD + theirs + uses("a") + uses("b") + TAIL);
  const one = split(HEAD + theirs + uses("a") + TAIL);
  const incoming = encode(HEAD + ours + uses("a") + TAIL);
  const [a] = two.items;
  const [only] = one.items;
  ok(a && only);
  equal(
    decode(two.joined([{ kind: "replace", item: a, bytes: incoming }])),
    HEAD + theirs + uses("a") + uses("b") + TAIL,
  );
  equal(
    decode(one.joined([{ kind: "replace", item: only, bytes: incoming }])),
    HEAD + ours + uses("a") + TAIL,
  );
  equal(decode(one.joined([{ kind: "remove", item: only }])), HEAD + TAIL);
  const spelled = encode(
    HEAD + theirs.replaceAll("TZOFFSET", "tzoffset") + uses("a") + TAIL,
  );
  equal(
    decode(one.joined([{ kind: "replace", item: only, bytes: spelled }])),
    HEAD + theirs + uses("a") + TAIL,
  );
});

Deno.test("nothing that is no item is put in", () => {
  const whole = split(HEAD + TAIL);
  for (const text of ["", "no item", HEAD + TAIL, event("a"), HEAD + event("a")]) {
    throws(() => whole.joined([{ kind: "add", bytes: encode(text) }]), NoItem);
  }
});

Deno.test("items that are split, added to an empty calendar and split again are the same", () => {
  const uid = fc.string({ minLength: 1, maxLength: 12 })
    .map((it) => it.replace(/[\s\\\p{C}]/gu, "x")).filter((it) => it !== "");
  const zoneName = fc.constantFrom("A", "B", "C/D");
  const anEvent = fc.record({ uid, zone: zoneName, summary: uid });
  fc.assert(
    fc.property(fc.array(anEvent, { maxLength: 8 }), fc.boolean(), (events, zonesLast) => {
      const zones = ["A", "B", "C/D"].map((it) => zone(it)).join("");
      const body = events.map(({ uid, zone, summary }) =>
        event(uid, `DTSTART;TZID=${zone}:20260101T000000`, `SUMMARY:${summary}`)
      ).join("");
      const first = split(HEAD + (zonesLast ? body + zones : zones + body) + TAIL);
      const empty = split(HEAD + TAIL);
      const joined = empty.joined(
        first.items.map((item) => ({ kind: "add", bytes: item.bytes() }) as const),
      );
      deepEqual(texts(split(decode(joined)).items), texts(first.items));
      for (const item of first.items) {
        const bytes = item.bytes();
        ok(bytes.byteLength <= item.size);
        const read = readCalendarItem(bytes);
        ok(read.state === "read");
        equal(read.ident, item.ident);
      }
    }),
    { numRuns: 60 },
  );
});

Deno.test("a hostile feed takes no longer than its size is worth", () => {
  const bare = lines("BEGIN:VEVENT", "SUMMARY:x", "END:VEVENT");
  const started = performance.now();
  const alike = split(HEAD + bare.repeat(30_000) + TAIL);
  equal(alike.items.at(-1)?.ident, `${alike.items[0]?.ident}-30000`);
  const zones = Array.from({ length: 20_000 }, (_, n) => `X;TZID=z${n}:x`);
  equal(split(HEAD + event("a", ...zones) + TAIL).items.length, 1);
  split(HEAD + event("a", `SUMMARY:${"a.b".repeat(500_000)}`, ...Array(20_000).fill(" x")) + TAIL);
  ok(performance.now() - started < 10_000);
  const many = splitCalendar(encode(HEAD + bare.repeat(200_001) + TAIL));
  ok(many.state === "malformed");
  equal(many.kind, "too large");
});
