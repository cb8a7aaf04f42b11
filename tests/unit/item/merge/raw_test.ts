import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { ITEM_LIMITS, parseComponents } from "../../../../lib/item/components.ts";
import { byteString, parseLine, unfold } from "../../../../lib/item/lines.ts";
import { readCalendarItem } from "../../../../lib/item/icalendar.ts";
import { mergeCalendar } from "../../../../lib/item/merge/mod.ts";
import { type RawComponent, rawOf, readRaw } from "../../../../lib/item/merge/raw.ts";
import { CALENDAR_RULES } from "../../../../lib/item/merge/rules.ts";
import { alarm, bytesOf, event, mergeOf } from "./kit.ts";

const CORPUS = new URL("../../../corpus/items/", import.meta.url);

function* corpus(): Generator<readonly [string, Uint8Array]> {
  for (const folder of [CORPUS, new URL("rewrites/", CORPUS)]) {
    for (const { name, isFile } of Deno.readDirSync(folder)) {
      if (isFile && name.endsWith(".ics")) yield [name, Deno.readFileSync(new URL(name, folder))];
    }
  }
}

function textsOf(component: RawComponent): readonly string[] {
  return component.body.flatMap((node) => node.kind === "line" ? [node.text] : textsOf(node));
}

Deno.test("an item that is taken apart gives back its bytes", () => {
  let count = 0;
  for (const [name, bytes] of corpus()) {
    if (readCalendarItem(bytes).state === "malformed") continue;
    const text = byteString(bytes);
    const roots = readRaw(text, CALENDAR_RULES);
    equal(roots?.map(rawOf).join(""), text, name);
    count++;
  }
  equal(count > 30, true);
});

Deno.test("its lines are the lines that are read elsewhere", () => {
  const piece = fc.constantFrom("\r\n", "\n", "\r", " ", "\t", "A:1", 'B;C="x:y":2', "x", "\xef");
  const text = fc.array(piece, { maxLength: 20 }).map((pieces) =>
    `BEGIN:VCALENDAR\n${pieces.join("")}\nEND:VCALENDAR\n`
  );
  fc.assert(
    fc.property(text, (text) => {
      if (!parseComponents(text, ITEM_LIMITS).ok) return;
      const [root] = readRaw(text, CALENDAR_RULES) ?? [];
      if (root === undefined) throw new Error("not read");
      equal(rawOf(root), text);
      const own = [...textsOf(root)].join("");
      equal(own, (unfold(text, Infinity) ?? []).slice(1, -1).filter(isProperty).join(""));
    }),
    { numRuns: 2000 },
  );
});

/** What is none belongs to the line before, and is not one of the texts. */
function isProperty(line: string, at: number): boolean {
  return at === 0 || parseLine(line).name !== "";
}

Deno.test("each item of the corpus, edited on both sides, keeps every other byte", () => {
  for (const [name, bytes] of corpus()) {
    if (readCalendarItem(bytes).state === "malformed") continue;
    const text = byteString(bytes);
    const component = /END:(VEVENT|VTODO)/i.exec(text);
    if (component === null) continue;
    const at = component.index;
    const add = (line: string) =>
      Uint8Array.from(text.slice(0, at) + line + text.slice(at), (char) => char.charCodeAt(0));
    const result = mergeCalendar({
      base: { a: bytes, b: bytes },
      now: { a: add("X-ONE:1\n"), b: add("X-TWO:2\n") },
    });
    if (result.state !== "merged") throw new Error(`${name}: ${JSON.stringify(result)}`);
    equal(byteString(result.sides.a).includes("X-TWO:2"), true, name);
    const without = (merged: Uint8Array) =>
      byteString(merged).replace(/X-ONE:1[\r\n]+/, "").replace(/X-TWO:2[\r\n]+/, "");
    deepEqual(without(result.sides.a), text, name);
    deepEqual(without(result.sides.b), text, name);
  }
});

Deno.test("what is large is merged in reasonable time", () => {
  const many = (count: number, line: (n: number) => string, between = "\r\n") =>
    Array.from({ length: count }, (_, n) => line(n)).join(between);
  const guests = (count: number) => many(count, (n) => `ATTENDEE:mailto:${n}@example.com`);
  const bases = [
    event(many(20_000, (n) => `X-A:${n}`)),
    event(guests(20_000)),
    event(`EXDATE:${many(80_000, (n) => `${20_000_000 + n}`, ",")}`),
    event(many(5_000, (n) => alarm(`-PT${n}M`).join("\r\n"))),
    event(`DESCRIPTION:${"x\r\n y".repeat(80_000)}`),
    event(`X:1${"\r\n".repeat(200_000)}`),
    event(many(60, () => "BEGIN:X"), guests(20_000), many(60, () => "END:X")),
  ];
  const started = performance.now();
  for (const base of bases) {
    const add = (line: string) => base.replace("UID:1\r\n", `UID:1\r\n${line}\r\n`);
    equal(mergeOf({ base, a: add("LOCATION:x"), b: add("URL:y") }).state, "merged");
  }
  equal(performance.now() - started < 60_000, true);
});

Deno.test("an item that would be too large together is not merged", () => {
  const filler = (char: string) => `X-${char}:${char.repeat(6 * 1024 * 1024)}`;
  const result = mergeCalendar({
    base: { a: bytesOf(event()), b: bytesOf(event()) },
    now: { a: bytesOf(event(filler("A"))), b: bytesOf(event(filler("B"))) },
  });
  equal(result.state, "unreadable");
});
