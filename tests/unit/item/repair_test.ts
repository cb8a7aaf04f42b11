import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { readCalendarItem } from "../../../lib/item/icalendar.ts";
import { type Finding, repairItems, type RepairOptions } from "../../../lib/item/repair.ts";
import { readContact } from "../../../lib/item/vcard.ts";
import { href } from "../../../lib/model/names.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const lines = (...all: readonly string[]): string => all.map((it) => `${it}\r\n`).join("");
const event = (...more: readonly string[]): string => lines("BEGIN:VEVENT", ...more, "END:VEVENT");
const calendar = (...inner: readonly string[]): string =>
  lines("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN") + inner.join("") +
  lines("END:VCALENDAR");
const card = (...more: readonly string[]): string =>
  lines("BEGIN:VCARD", "VERSION:3.0", ...more, "END:VCARD");

const CALENDAR: RepairOptions = { kind: "calendar", unsafe: false };
const CONTACTS: RepairOptions = { kind: "contacts", unsafe: false };

function repair(
  texts: Readonly<Record<string, string>>,
  options: RepairOptions = CALENDAR,
): Readonly<Record<string, Finding>> {
  const items = Object.entries(texts).map(([name, text]) => ({
    href: href(name),
    bytes: encode(text),
  }));
  return Object.fromEntries(repairItems(items, options).map((it) => [it.href, it]));
}

function mended(finding: Finding | undefined): { readonly uid: string; readonly text: string } {
  ok(finding?.state === "flawed" && finding.mended !== undefined, JSON.stringify(finding));
  return { uid: finding.mended.uid, text: decode(finding.mended.bytes) };
}

Deno.test("items with UIDs that are their own are fine, whatever their names", () => {
  const found = repair({
    "a.ics": calendar(event("UID:a-1_2.3+4@example.org")),
    "odd folder/b%20c.ics": calendar(event("UID:b")),
    "c.ics": calendar(
      event("UID:c", "RRULE:FREQ=DAILY"),
      event("UID:c", "RECURRENCE-ID:20260101T000000Z"),
    ),
  });
  deepEqual(Object.values(found).map(({ state }) => state), ["fine", "fine", "fine"]);
});

Deno.test("an item without a UID gets one made of its content, in one line, and nothing else changes", () => {
  const one = calendar(event("SUMMARY:fol\r\n ded", "BEGIN:VALARM", "UID:alarm", "END:VALARM"));
  const { "a.ics": finding } = repair({ "a.ics": one });
  const { uid, text } = mended(finding);
  match(uid, /^[0-9a-f]{64}$/);
  equal(text, one.replace("BEGIN:VEVENT\r\n", `BEGIN:VEVENT\r\nUID:${uid}\r\n`));
  const read = readCalendarItem(encode(text));
  ok(read.state === "read");
  equal(read.ident, uid);
  const empty = mended(repair({ "a.ics": calendar(event("UID: ", "SUMMARY:x")) })["a.ics"]);
  equal(empty.text, calendar(event(`UID:${empty.uid}`, "SUMMARY:x")));
});

Deno.test("two items without a UID and with the same content get two", () => {
  const same = calendar(event("SUMMARY:same"));
  const found = repair({ "a.ics": same, "b.ics": same });
  equal(mended(found["b.ics"]).uid, `${mended(found["a.ics"]).uid}-2`);
});

Deno.test("a UID that is taken already is not given again", () => {
  const bare = calendar(event("SUMMARY:same"));
  const { uid } = mended(repair({ "a.ics": bare })["a.ics"]);
  const found = repair({ "a.ics": bare, "b.ics": calendar(event(`UID:${uid}`, "SUMMARY:z")) });
  equal(found["b.ics"]?.state, "fine");
  equal(mended(found["a.ics"]).uid, `${uid}-2`);
});

Deno.test("of items with one UID all but the first get a new one, in all of their components", () => {
  const master = event("UID:same", "RRULE:FREQ=DAILY", "SUMMARY:x");
  const override = event("RECURRENCE-ID:20260101T000000Z", "UID;X=y:sa", " me", "SUMMARY:y");
  const found = repair({
    "c.ics": calendar(event("UID:same", "SUMMARY:c")),
    "b.ics": calendar(override, master),
    "a.ics": calendar(event("UID:same", "SUMMARY:a")),
  });
  equal(found["a.ics"]?.state, "fine");
  const [b, c] = [mended(found["b.ics"]), mended(found["c.ics"])];
  notEqual(b.uid, c.uid);
  equal(
    b.text,
    calendar(
      event("RECURRENCE-ID:20260101T000000Z", `UID:${b.uid}`, "SUMMARY:y"),
      event(`UID:${b.uid}`, "RRULE:FREQ=DAILY", "SUMMARY:x"),
    ),
  );
  ok(found["c.ics"]?.state === "flawed");
  deepEqual(
    [found["c.ics"].flaw, found["c.ics"].uid, found["c.ics"].keeper],
    ["double UID", "same", "a.ics"],
  );
});

Deno.test("the item that is named after the UID keeps it", () => {
  const found = repair({
    "/dav/a.ics": calendar(event("UID:x@example.org", "SUMMARY:a")),
    "/dav/x%40example.org.ics": calendar(event("UID:x@example.org", "SUMMARY:b")),
  });
  equal(found["/dav/a.ics"]?.state, "flawed");
  equal(found["/dav/x%40example.org.ics"]?.state, "fine");
});

Deno.test("an override without a UID gets that of its master, as it is spelled there", () => {
  const text = calendar(
    event("UID;X=y:lo", " ng\\,er", "RRULE:FREQ=DAILY"),
    event("RECURRENCE-ID:20260101T000000Z", "SUMMARY:y"),
  );
  const { uid, text: after } = mended(repair({ "a.ics": text })["a.ics"]);
  equal(uid, "long,er");
  equal(
    after,
    text.replace("BEGIN:VEVENT\r\nRECU", "BEGIN:VEVENT\r\nUID;X=y:lo\r\n ng\\,er\r\nRECU"),
  );
});

Deno.test("a master and its overrides without a UID get one and the same", () => {
  const text = calendar(event("RRULE:FREQ=DAILY"), event("RECURRENCE-ID:20260101T000000Z"));
  const { uid, text: after } = mended(repair({ "a.ics": text })["a.ics"]);
  equal(after.match(new RegExp(`^UID:${uid}\r$`, "gm"))?.length, 2);
});

Deno.test("an unsafe UID is left alone unless it is asked for", () => {
  const texts = Object.fromEntries(
    ["a b", "a/b", "ä", "{x}", "100%25", "u".repeat(300)].map((uid, n) => [
      `${n}.ics`,
      calendar(event(`UID:${uid}`, `SUMMARY:${n}`)),
    ]),
  );
  for (const finding of Object.values(repair(texts))) {
    ok(finding.state === "flawed");
    equal(finding.flaw, "unsafe UID");
    equal(finding.mended, undefined);
  }
  for (const finding of Object.values(repair(texts, { ...CALENDAR, unsafe: true }))) {
    match(mended(finding).uid, /^[0-9a-f]{64}$/);
  }
});

Deno.test("what is beyond repair is said, left alone, and does not keep the others from it", () => {
  const reasons: Readonly<Record<string, RegExp>> = {
    "": /is empty/,
    "no item": /begins with/,
    [lines("BEGIN:VCALENDAR")]: /ends before END:VCALENDAR/,
    [calendar()]: /holds no event/,
    [event("UID:x")]: /is no calendar/,
    [card("UID:x")]: /is no calendar/,
    [calendar(event("UID:p"), event("UID:q"))]: /holds 2 items/,
    [calendar(event("SUMMARY:p"), event("SUMMARY:q"))]: /holds 2 items, not all with a UID/,
    [calendar(event("UID:p")) + calendar(event("UID:p"))]: /holds 2 calendars/,
  };
  const texts = Object.keys(reasons);
  const found = repair({
    ...Object.fromEntries(texts.map((text, n) => [`${n}.ics`, text])),
    "bare.ics": calendar(event("SUMMARY:bare")),
  });
  for (const [n, text] of texts.entries()) {
    const finding = found[`${n}.ics`];
    ok(finding?.state === "beyond repair", text);
    match(finding.reason, reasons[text] ?? /^$/);
  }
  mended(found["bare.ics"]);
});

Deno.test("an override in a file of its own does not get a UID of its own", () => {
  const found = repair({
    "a.ics": calendar(event("UID:x", "RECURRENCE-ID:20260101T000000Z")),
    "b.ics": calendar(event("UID:x", "RRULE:FREQ=DAILY")),
  });
  equal(found["b.ics"]?.state, "fine");
  ok(found["a.ics"]?.state === "beyond repair");
  match(found["a.ics"].reason, /only overrides what b\.ics holds/);
});

Deno.test("contacts are mended likewise, with VERSION still the first line", () => {
  const found = repair({
    "a.vcf": card("FN:A"),
    "b.vcf": card("UID:x", "FN:B"),
    "c.vcf": card("UID:x", "FN:C"),
    "d.vcf": lines("BEGIN:VCARD", "VERSION:2.1", "FN:D", "END:VCARD"),
    "e.vcf": card("UID:urn:uuid:2f0c1b3e-7d55-4c21-9a11-0d1f2b3c4d5e", "FN:E"),
  }, CONTACTS);
  const { uid, text } = mended(found["a.vcf"]);
  equal(text, card("FN:A", `UID:${uid}`));
  equal(found["b.vcf"]?.state, "fine");
  equal(mended(found["c.vcf"]).text, card(`UID:${mended(found["c.vcf"]).uid}`, "FN:C"));
  equal(found["d.vcf"]?.state, "beyond repair");
  equal(found["e.vcf"]?.state, "fine");
});

Deno.test("whatever was mended is fine afterwards, in any order, and says the same but for the UID", () => {
  const uid = fc.constantFrom(undefined, "", "a", "b", "a b", "ä");
  const items = fc.array(fc.record({ uid, summary: fc.constantFrom("x", "y") }), { maxLength: 7 });
  fc.assert(
    fc.property(items, fc.boolean(), fc.boolean(), (made, cards, backwards) => {
      const options: RepairOptions = { kind: cards ? "contacts" : "calendar", unsafe: true };
      const texts = Object.fromEntries(made.map(({ uid, summary }, n) => {
        const inner = [...(uid === undefined ? [] : [`UID:${uid}`]), `SUMMARY:${summary}`];
        return [`item-${n}`, cards ? card(...inner) : calendar(event(...inner))];
      }));
      const found = repair(texts, options);
      const reversed = Object.fromEntries(Object.entries(texts).toReversed());
      if (backwards) deepEqual(repair(reversed, options), found);
      const after = Object.fromEntries(
        Object.entries(texts).map(([name, text]) => {
          const finding = found[name];
          return [name, finding?.state === "flawed" ? mended(finding).text : text];
        }),
      );
      const without = (text: string) => text.replaceAll(/^UID:.*\r\n/gm, "");
      for (const [name, text] of Object.entries(texts)) {
        equal(without(after[name] ?? ""), without(text));
      }
      ok(Object.values(repair(after, options)).every(({ state }) => state === "fine"));
      const read = cards ? readContact : readCalendarItem;
      const idents = Object.values(after).map((text) => {
        const said = read(encode(text));
        return said.state === "read" ? said.ident : "";
      });
      equal(new Set(idents).size, made.length);
    }),
    { numRuns: 100 },
  );
});
