import { deepEqual, equal, notDeepEqual, notEqual } from "node:assert/strict";
import { describe } from "../../../lib/item/describe.ts";
import { readCalendarItem } from "../../../lib/item/icalendar.ts";
import { editEvent, generateEvents } from "../../support/events.ts";

function read(bytes: Uint8Array): { readonly ident: string; readonly digest: string } {
  const item = readCalendarItem(bytes);
  if (item.state === "malformed") throw item.error;
  return item;
}

const text = (bytes: Uint8Array): string => new TextDecoder("utf-8", { fatal: true }).decode(bytes);

Deno.test("generated events are the same for the same seed, and others for another", () => {
  deepEqual(generateEvents(20, 7), generateEvents(20, 7));
  deepEqual(generateEvents(20, 7).slice(0, 10), generateEvents(10, 7));
  notDeepEqual(generateEvents(1, 7), generateEvents(1, 8));
});

Deno.test("generated events are of the size of real ones", () => {
  const items = generateEvents(500, 1);
  const mean = items.reduce((sum, { bytes }) => sum + bytes.length, 0) / items.length;
  equal(mean > 1100 && mean < 1300, true, `${mean} bytes`);
});

Deno.test("generated items have a UID, a digest and a safe file name each", () => {
  const items = generateEvents(300, 1, { todos: 20 });
  for (const { uid, name, bytes } of items) {
    equal(read(bytes).ident, uid);
    equal(/^[0-9a-f-]{36}\.ics$/.test(name), true, name);
  }
  equal(new Set(items.map(({ bytes }) => read(bytes).digest)).size, 300);
  equal(new Set(items.map(({ name }) => name)).size, 300);
});

Deno.test("generated items are CRLF throughout, in UTF-8, and folded at 75 bytes", () => {
  for (const { bytes } of generateEvents(300, 2, { todos: 20 })) {
    const whole = text(bytes);
    equal(whole.endsWith("\r\n"), true);
    equal(/[^\r]\n|\r[^\n]/.test(whole), false);
    for (const line of whole.split("\r\n")) {
      equal(new TextEncoder().encode(line).length <= 75, true, line);
    }
  }
});

Deno.test("generated events hold everything that is hard", () => {
  const whole = generateEvents(300, 3).map(({ bytes }) => text(bytes).replaceAll("\r\n ", "")).join(
    "",
  );
  const needles = [
    "TZID=Asia/Tokyo:",
    /DTSTART:\d{8}T\d{6}Z/,
    /DTSTART:\d{8}T\d{6}\r/,
    "DTSTART;VALUE=DATE:",
    "RRULE:",
    /EXDATE.*,/,
    "RECURRENCE-ID",
    "BEGIN:VALARM",
    'CN="Müller, Jürgen"',
    "CATEGORIES:",
    "X-EXAMPLE-NOTE;",
    "🎂",
  ];
  for (const needle of needles) {
    equal(
      typeof needle === "string" ? whole.includes(needle) : needle.test(whole),
      true,
      `${needle}`,
    );
  }
});

Deno.test("folds within a character are made only where they are asked for", () => {
  const [item] = generateEvents(1, 1);
  const sharp = generateEvents(200, 1, { foldAnywhere: true });
  equal(sharp.some(({ bytes }) => new TextDecoder().decode(bytes).includes("\ufffd")), true);
  equal(
    read(sharp[0]?.bytes ?? new Uint8Array()).digest,
    read(item?.bytes ?? new Uint8Array()).digest,
  );
});

Deno.test("an edit changes the summary and keeps the item", async () => {
  for (const { uid, bytes } of generateEvents(100, 4, { todos: 20 })) {
    const first = editEvent(bytes, 1);
    const second = editEvent(first, 2);
    equal(read(first).ident, uid);
    equal(new Set([bytes, first, second].map((version) => read(version).digest)).size, 3);
    notEqual(read(editEvent(bytes, 2)).digest, read(first).digest);
    const before = (await describe(bytes)).summary;
    equal((await describe(first)).summary, `${before} (edit 1)`);
    equal((await describe(second)).summary, `${before} (edit 2)`);
    equal((await describe(first)).when, (await describe(bytes)).when);
    deepEqual(editEvent(bytes, 1), first);
  }
});
