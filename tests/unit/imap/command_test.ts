import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import {
  dateTime,
  flagList,
  isFlag,
  stringPart,
  textPart,
  timeOf,
} from "../../../lib/net/imap/command.ts";
import { numbersOf, rangesOf, setOf, sizeOf } from "../../../lib/net/imap/uid_set.ts";
import { withCrlf } from "../../../adapters/imap/with_crlf.ts";
import { lfToCrlf } from "../../../lib/item/mail/newlines.ts";
import { bodyOf } from "../../../lib/model/item.ts";

const uid = fc.integer({ min: 1, max: 0xffff_ffff });

Deno.test("a set of UIDs says the same numbers, each once and sorted", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(uid, fc.integer({ min: 1, max: 30 })), { minLength: 1 }),
      (uids) => {
        const ranges = rangesOf(setOf(uids));
        ok(ranges !== undefined);
        const sorted = [...new Set(uids)].sort((a, b) => a - b);
        deepStrictEqual([...numbersOf(ranges)], sorted);
        strictEqual(sizeOf(ranges), sorted.length);
      },
    ),
  );
  strictEqual(setOf([3, 1, 2, 7, 9, 8, 8]), "1:3,7:9");
});

Deno.test("what is no set of UIDs is not read as one", () => {
  for (const text of ["", "0", "1:*", "4294967296", "1,", "a", "1:2:3", "-1", "1 2"]) {
    strictEqual(rangesOf(text), undefined, text);
  }
  deepStrictEqual(rangesOf("9:7"), [[7, 9]]);
});

Deno.test("a date is read back to its second, whatever its zone", () => {
  fc.assert(fc.property(fc.integer({ min: -2_000_000_000, max: 250_000_000_000 }), (seconds) => {
    const text = dateTime(seconds * 1_000);
    ok(text !== undefined);
    strictEqual(timeOf(text.slice(1, -1)), seconds * 1_000);
  }));
  strictEqual(timeOf("17-Jul-1996 02:44:25 -0700"), Date.UTC(1996, 6, 17, 9, 44, 25));
  strictEqual(timeOf(" 1-jan-2024 00:30:00 +0530"), Date.UTC(2023, 11, 31, 19, 0, 0));
  for (const text of ["", "17-Foo-1996 02:44:25 -0700", "1996-07-17"]) {
    strictEqual(timeOf(text), undefined);
  }
  strictEqual(dateTime(NaN), undefined);
});

Deno.test("a string is quoted only where it can be", () => {
  strictEqual(stringPart('a "b" \\c'), '"a \\"b\\" \\\\c"');
  strictEqual(stringPart(""), '""');
  for (const text of ["a\r\nb", "a\0", "\u00fc", "x".repeat(600)]) {
    ok(stringPart(text) instanceof Uint8Array, JSON.stringify(text));
  }
  deepStrictEqual(textPart("\u00fc"), new Uint8Array([0xc3, 0xbc]));
});

Deno.test("no flag gets into a command that would end it", () => {
  for (const flag of ["\\Seen", "$Forwarded", "a-b_c.d/e:1", "[x"]) ok(isFlag(flag), flag);
  for (
    const flag of [
      "",
      "\\",
      "a b",
      "a)",
      "(",
      "a\r\nb",
      "{3}",
      "%",
      "*",
      '"',
      "a\\b",
      "]",
      "\u00fc",
    ]
  ) {
    ok(!isFlag(flag), flag);
  }
  strictEqual(flagList(["\\Seen", "a) X (b", "kw"]), "(\\Seen kw)");
});

Deno.test("a small mail gets the line ends that a streamed one gets", async () => {
  const byte = fc.constantFrom(10, 13, 65, 0, 255);
  await fc.assert(fc.asyncProperty(fc.array(byte, { maxLength: 30 }), async (list) => {
    const bytes = Uint8Array.from(list);
    const stream = bodyOf(bytes).stream().pipeThrough(lfToCrlf());
    deepStrictEqual([...withCrlf(bytes)], [
      ...new Uint8Array(await new Response(stream).arrayBuffer()),
    ]);
  }));
});
