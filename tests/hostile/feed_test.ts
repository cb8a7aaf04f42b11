/** Feeds and files that are damaged in any way: nothing is thrown, and nothing is made up. */

import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { readCalendarItem } from "../../lib/item/icalendar.ts";
import { repairItems } from "../../lib/item/repair.ts";
import { splitCalendar } from "../../lib/item/split_calendar.ts";
import { splitCards } from "../../lib/item/split_cards.ts";
import { NoItem } from "../../lib/item/split.ts";
import { href } from "../../lib/model/names.ts";

const corpus = new URL("../corpus/items/", import.meta.url);
const FILES: readonly Uint8Array[] = Array.from(Deno.readDirSync(corpus))
  .filter(({ name }) => name.endsWith(".ics"))
  .map(({ name }) => Deno.readFileSync(new URL(name, corpus)));

/** Several files of the corpus one after the other, with a piece cut out and another put in. */
const damaged = fc.record({
  files: fc.array(fc.constantFrom(...FILES), { minLength: 1, maxLength: 3 }),
  at: fc.nat(10_000),
  cut: fc.nat(40),
  put: fc.oneof(
    fc.uint8Array({ maxLength: 6 }),
    fc.constantFrom("\r\n", "\n ", "BEGIN:VEVENT\r\n", "END:VEVENT\r\n", "UID:", ";TZID=Z:", "\0")
      .map((text) => new TextEncoder().encode(text)),
  ),
}).map(({ files, at, cut, put }) => {
  const whole = files.flatMap((file) => [...file]);
  const start = whole.length === 0 ? 0 : at % whole.length;
  return new Uint8Array([...whole.slice(0, start), ...put, ...whole.slice(start + cut)]);
});

const text = (bytes: Uint8Array): string => new TextDecoder("latin1").decode(bytes);

Deno.test("however a calendar is damaged, it is split as a whole or not at all", () => {
  fc.assert(
    fc.property(damaged, (bytes) => {
      const split = splitCalendar(bytes);
      if (split.state === "malformed") return;
      deepEqual(split.joined([]), bytes);
      const idents = new Set(split.items.map(({ ident }) => ident));
      equal(idents.size, split.items.length);
      for (const item of split.items) {
        const read = readCalendarItem(item.bytes());
        ok(read.state === "malformed" || read.ident === item.ident);
        ok(item.bytes().byteLength <= item.size);
      }
      // What is taken out is gone, and all others are as they were. (Of two that are alike and have no
      // UID, the later one moves up when the earlier one goes.)
      const others = split.items.slice(0, -1);
      const last = split.items.at(-1);
      if (last === undefined) return;
      const after = splitCalendar(split.joined([{ kind: "remove", item: last }]));
      ok(after.state === "split");
      deepEqual(
        after.items.map((it) => text(it.bytes())),
        others.map((it) => text(it.bytes())),
      );
    }),
    { numRuns: 400 },
  );
});

Deno.test("whatever is put into a calendar is in it afterwards, or is refused", () => {
  const empty = splitCalendar(
    new TextEncoder().encode("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"),
  );
  ok(empty.state === "split");
  fc.assert(
    fc.property(damaged, (bytes) => {
      let joined: Uint8Array;
      try {
        joined = empty.joined([{ kind: "add", bytes }]);
      } catch (thrown) {
        ok(thrown instanceof NoItem);
        return;
      }
      const after = splitCalendar(joined);
      ok(after.state === "split");
      ok(after.items.length > 0);
    }),
    { numRuns: 300 },
  );
});

Deno.test("no bytes make splitting or repairing throw", () => {
  fc.assert(
    fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 200 })), (bytes) => {
      splitCards(bytes);
      for (const kind of ["calendar", "contacts"] as const) {
        for (const unsafe of [true, false]) {
          equal(repairItems([{ href: href("x"), bytes }], { kind, unsafe }).length, 1);
        }
      }
    }),
    { numRuns: 300 },
  );
});
