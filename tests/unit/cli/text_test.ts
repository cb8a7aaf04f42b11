import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { type Line, line, styled, textOf } from "../../../lib/cli/show/text.ts";
import { jsonLine, Screen } from "../../../lib/cli/show/screen.ts";
import { columns, columnsOf, cut, cutLine, padded } from "../../../lib/cli/show/width.ts";
import { wrapped } from "../../../lib/cli/show/wrap.ts";
import { nearest } from "../../../lib/config/near.ts";
import { type SafeText, safeText } from "../../../lib/model/text.ts";

// deno-lint-ignore no-control-regex -- these are what must not be there
const OBEYED = /[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

/** Text with the characters in it that matter here. */
const nasty = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      "\x1b",
      "\x9b",
      "\n",
      "\u202e",
      "日",
      "é",
      "e\u0301",
      "🎂",
      "👩‍👩‍👧",
      " ",
      "a",
      "\ud800",
    ),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }),
  ),
});

Deno.test("line makes everything that is put into it safe", () => {
  fc.assert(fc.property(nasty, nasty, (left, right) => {
    ok(!OBEYED.test(textOf(line`${left} and ${styled("failure", right)}`)));
  }));
  strictEqual(textOf(line`a ${"\x1b[2J"} b ${12}`), "a \\x1b[2J b 12");
});

Deno.test("a raw string cannot be printed: it does not compile", () => {
  const screen = new Screen({
    out: { look: { color: false, unicode: true, live: false }, write: () => {} },
    err: { look: { color: false, unicode: true, live: false }, write: () => {} },
  }, { json: false });
  const raw = "from outside".trim();
  // @ts-expect-error a string is no line
  const asString: Line = raw;
  // @ts-expect-error the text of a span is safe text, which a string is not
  const asSpan: Line = [{ text: raw, style: "plain" }];
  ok(asString !== undefined && asSpan !== undefined);
  screen.print(line`${raw}`);
});

Deno.test("columns counts wide characters as two and marks as none", () => {
  const table: readonly (readonly [string, number])[] = [
    ["", 0],
    ["abc", 3],
    ["日本語", 6],
    ["한국", 4],
    ["ｆｕｌｌ", 8],
    ["é", 1],
    ["e\u0301", 1],
    ["🎂", 2],
    ["❤️", 2],
    ["🇩🇪", 2],
    ["…", 1],
    ["ÄÖÜ", 3],
  ];
  for (const [text, width] of table) strictEqual(columns(text as SafeText), width, text);
});

Deno.test("cut keeps what fits and never more", () => {
  const mark = "…" as SafeText;
  strictEqual(cut(safeText("Dentist"), 7, mark), "Dentist");
  strictEqual(cut(safeText("Dentist"), 6, mark), "Denti…");
  strictEqual(cut(safeText("日本語"), 5, mark), "日本…");
  strictEqual(cut(safeText("日本語"), 4, mark), "日…");
  strictEqual(cut(safeText("日本語"), 0, mark), "");
  strictEqual(cut(safeText("a long one"), 2, "..." as SafeText), "..");
  fc.assert(fc.property(nasty, fc.nat(30), (raw, width) => {
    const text = safeText(raw);
    ok(columns(cut(text, width, mark)) <= width);
    const spans = [styled("plain", raw), styled("failure", raw)];
    ok(columnsOf(cutLine(spans, width, mark)) <= width);
    ok(columns(padded(cut(text, width, mark), width)) === width);
  }));
});

Deno.test("wrapped loses no word, and no line is wider than it must be", () => {
  const look = { color: false, unicode: true, live: false, width: 30 };
  const words = fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 });
  fc.assert(fc.property(words, (them) => {
    const lines = wrapped(line`head: `, them.join(" "), look).map(textOf);
    for (const it of lines) ok(it.length <= 30, it);
    deepStrictEqual(lines.join(" ").replace(/^head: /, "").split(/ +/), them);
  }));
});

Deno.test("JSON means the same value and has nothing in it that a terminal obeys", () => {
  fc.assert(fc.property(nasty, (text) => {
    const printed = jsonLine({ type: "x", text });
    ok(!OBEYED.test(printed));
    deepStrictEqual(JSON.parse(printed), JSON.parse(JSON.stringify({ type: "x", text })));
  }));
});

Deno.test("what was meant is found for the commands' usual slips", () => {
  const commands = ["sync", "check", "discover", "list"];
  strictEqual(nearest("snyc", commands), "sync");
  strictEqual(nearest("dicsover", commands), "discover");
  strictEqual(nearest("frobnicate", commands), undefined);
});
