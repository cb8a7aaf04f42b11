import assert from "node:assert/strict";
import fc from "fast-check";
import { piecesOf } from "../../../lib/config/tree.ts";
import { parse, type Plain } from "./support.ts";

/** Texts that are right, and the tree of each. */
const ACCEPTED: readonly (readonly [rule: string, text: string, tree: readonly Plain[]])[] = [
  ["an empty file has no directives", "", []],
  ["blank lines and blanks are nothing", "\n \t\n\n", []],
  ["a directive is a name and its parameters", "a b c\n", [["a", "b", "c"]]],
  ["the last line may go without an end", "a b", [["a", "b"]]],
  ["lines may end as Windows ends them", "a b\r\nc {\r\n}\r\n", [["a", "b"], ["c", []]]],
  ["blanks and tabs separate words, and stand before and after", " \ta \t b\t ", [["a", "b"]]],
  ["a no-break space is an ordinary character", "a b\u00a0c", [["a", "b\u00a0c"]]],
  ["a comment is a line that begins with #", "# a\n  \t# b {\na", [["a"]]],
  ["a # inside a word is an ordinary character", "a b#c d#", [["a", "b#c", "d#"]]],
  ["double quotes hold blanks, braces and other quotes", `a "b {'#} c"`, [["a", "b {'#} c"]]],
  [
    "a backslash in double quotes makes a quote or itself literal",
    String.raw`a "b\"c\\d"`,
    [["a", String.raw`b"c\d`]],
  ],
  ["a tab may stand in quotes", `a "b\tc" 'd\te'`, [["a", "b\tc", "d\te"]]],
  [
    "single quotes hold everything as it is",
    String.raw`a 'b\"c\n {}# '`,
    [["a", String.raw`b\"c\n {}# `]],
  ],
  ["quoted words may be empty", `a "" ''`, [["a", "", ""]]],
  ["a name may be quoted", `"a b" c\n'#d'`, [["a b", "c"], ["#d"]]],
  [
    "a backslash in an atom makes the next character literal",
    String.raw`a b\ c \"d \{ \} \\ e\n`,
    [["a", "b c", '"d', "{", "}", "\\", "en"]],
  ],
  ["a quoted brace is a parameter", `a "{" '}'`, [["a", "{", "}"]]],
  ["a block is the lines between braces", "a b {\n c d\n e\n}\n", [["a", "b", [["c", "d"], [
    "e",
  ]]]]],
  ["blocks may be empty", "a {\n}\nb {}\nc { }", [["a", []], ["b", []], ["c", []]]],
  ["blocks nest", "a {\n b {\n  c {\n  }\n }\n}", [["a", [["b", [["c", []]]]]]]],
  ["content may begin right behind the brace", "a { b c\n d\n}", [["a", [["b", "c"], ["d"]]]]],
  ["a comment may begin right behind the brace", "a { # b\n c\n}", [["a", [["c"]]]]],
  ["names repeat, and order is kept", "b 1\na 2\nb 3", [["b", "1"], ["a", "2"], ["b", "3"]]],
  ["names keep their letter case", "A a\na A", [["A", "a"], ["a", "A"]]],
  ["any Unicode character makes words", "größe 日本語 🗓️", [["größe", "日本語", "🗓️"]]],
];

for (const [rule, text, tree] of ACCEPTED) {
  Deno.test(`scfg: ${rule}`, () => {
    const result = parse(text);
    assert.deepEqual(result.problems, []);
    assert.deepEqual(result.tree, tree);
  });
}

/** Texts with mistakes: what is said, and what is read all the same. */
const MISTAKES:
  readonly (readonly [text: string, said: readonly string[], tree: readonly Plain[]])[] = [
    ["a it's", ["1:5+1 a single quote inside a word that is not quoted"], [["a", "it's"]]],
    ['a b"c" d', ["1:4+1 a double quote inside a word that is not quoted"], [["a", 'b"c"', "d"]]],
    ["a ${B}/c", ['1:4+1 "{" inside a word that is not quoted'], [["a", "${B}/c"]]],
    ["a b}c", ['1:4+1 "}" inside a word that is not quoted'], [["a", "b}c"]]],
    ['a "b', ["1:3+2 this quote is not closed on its line"], [["a", "b"]]],
    ['a "b\nc" d', [
      "1:3+2 this quote is not closed on its line",
      "2:2+1 a double quote inside a word that is not quoted",
    ], [["a", "b"], ['c"', "d"]]],
    ['a "b\\\nc', ["1:3+3 this quote is not closed on its line"], [["a", "b\\"], ["c"]]],
    ["a 'b", ["1:3+2 this quote is not closed on its line"], [["a", "b"]]],
    ["a 'b\nc", ["1:3+2 this quote is not closed on its line"], [["a", "b"], ["c"]]],
    ['a "b"c', ["1:6+1 a blank is missing after the closing quote"], [["a", "b", "c"]]],
    [`a "b"'c'`, ["1:6+1 a blank is missing after the closing quote"], [["a", "b", "c"]]],
    ["a 'b'{\n}", ["1:6+1 a blank is missing after the closing quote"], [["a", "b", []]]],
    ["a b\\", ["1:4+1 nothing follows this backslash"], [["a", "b"]]],
    ["a{\n b\n}", ['1:2+1 a blank is missing before "{"'], [["a", [["b"]]]]],
    ["a b{ \n}", ['1:4+1 a blank is missing before "{"'], [["a", "b", []]]],
    ["a {\n b\n", ["1:3+1 this block is never closed"], [["a", [["b"]]]]],
    ["a {\n b {\n", [
      "1:3+1 this block is never closed",
      "2:4+1 this block is never closed",
    ], [["a", [["b", []]]]]],
    ["a\n}\nb", ['2:1+1 this "}" closes nothing'], [["a"], ["b"]]],
    ["a {\n}\n}\n}", ['3:1+1 this "}" closes nothing', '4:1+1 this "}" closes nothing'], [[
      "a",
      [],
    ]]],
    ["a { b c }", ['1:9+1 "}" must stand on a line of its own'], [["a", [["b", "c"]]]]],
    ["a {\n b c }\nd", ['2:6+1 "}" must stand on a line of its own'], [["a", [["b", "c"]]], ["d"]]],
    ["a {\n b c}\nd", ['2:5+1 "}" must stand on a line of its own'], [["a", [["b", "c"]]], ["d"]]],
    ["a {\n} b c", ['2:3+1 nothing may follow "}" on its line'], [["a", []], ["b", "c"]]],
    ["a b\n{\n c\n}", ['2:1+1 "{" must stand on the line of its directive'], [["a", "b", [["c"]]]]],
    ["{\n c\n}\nd", ['1:1+1 "{" must stand on the line of its directive'], [["d"]]],
    ["a\u0007b \u0001c", [
      "1:2+1 control character U+0007 in a word",
      "1:5+1 control character U+0001 in a word",
    ], [["a\u0007b", "\u0001c"]]],
    ["a \"\u0000\" '\u007f'", [
      "1:4+1 control character U+0000 in a word",
      "1:8+1 control character U+007F in a word",
    ], [["a", "\u0000", "\u007f"]]],
    ['a \\\u0001 "\\\u0002" \\\t', [
      "1:4+1 control character U+0001 in a word",
      "1:8+1 control character U+0002 in a word",
    ], [["a", "\u0001", "\u0002", "\t"]]],
    ["a b\rc", ["1:4+1 control character U+000D in a word"], [["a", "b\rc"]]],
    ["a b #c d", [
      '1:5+2 warning: "#" begins no comment here: it is a parameter like any other',
    ], [["a", "b", "#c", "d"]]],
    [String.raw`a "b\nc"`, [
      "1:5+2 warning: this backslash is left out, but pimsync keeps it",
    ], [["a", "bnc"]]],
  ];

for (const [text, problems, tree] of MISTAKES) {
  Deno.test(`scfg: reading goes on after the mistake in ${JSON.stringify(text)}`, () => {
    const result = parse(text);
    assert.deepEqual(result.problems, problems);
    assert.deepEqual(result.tree, tree);
  });
}

Deno.test("scfg: a directive whose words are uncertain is marked, so that no more is said of it", () => {
  const broken = (text: string) =>
    parse(text).parsed.directives.map((each) => each.broken ?? false);
  assert.deepEqual(broken("a it's\nb c\nd 'e"), [true, false, true]);
  assert.deepEqual(broken("storage x{\n}"), [false]);
  assert.deepEqual(broken(String.raw`a "b\nc" #d`), [false]);
});

Deno.test("scfg: each word knows its line, column and length, in characters", () => {
  const text = "url  \"c d\"\n\tpath 日本 '🗓️' x {\n";
  const { parsed } = parse(text);
  const spans = parsed.directives.flatMap(({ name, params }) => [name, ...params])
    .map(({ text, span }) => [text, span.file, span.line, span.column, span.length]);
  assert.deepEqual(spans, [
    ["url", "f", 1, 1, 3],
    ["c d", "f", 1, 6, 5],
    ["path", "f", 2, 2, 4],
    ["日本", "f", 2, 7, 2],
    ["🗓️", "f", 2, 10, 4],
    ["x", "f", 2, 15, 1],
  ]);
});

Deno.test("scfg: blocks deeper than 32 are an error, said once, and are left out", () => {
  const { problems, tree } = parse("a {\n".repeat(40) + "}\n".repeat(40));
  assert.deepEqual(problems, ["33:3+1 more than 32 blocks within each other"]);
  const depth = (level: readonly Plain[]): number =>
    Math.max(
      0,
      ...level.flatMap((each) => each.map((part) => Array.isArray(part) ? 1 + depth(part) : 0)),
    );
  assert.equal(depth(tree), 32);
});

Deno.test("scfg: a line of more than 16,384 characters is an error, and the others are read", () => {
  const { problems, tree } = parse(`a ${"b".repeat(16_383)}\nc ${"d".repeat(16_382)}`);
  assert.deepEqual(problems, ["1:1+1 this line is longer than 16384 characters"]);
  assert.deepEqual(tree, [["c", "d".repeat(16_382)]]);
});

Deno.test("scfg: one file has 100 errors at most, and a word about the rest", () => {
  const { problems } = parse("}\n".repeat(5000));
  assert.equal(problems.length, 101);
  assert.equal(problems[100], "there are more errors than the first 100 that are shown");
});

/** A word as it may be written; quoted where it must be, and sometimes where it need not. */
function print(word: string, style: number): string {
  const single = !word.includes("'") && style % 3 === 1;
  if (single) return `'${word}'`;
  const bare = word !== "" && !/[\s"'{}\\#\u00a0]/.test(word);
  if (bare && style % 3 === 0) return word;
  return `"${word.replace(/["\\]/g, "\\$&")}"`;
}

function printTree(tree: readonly Plain[], style: number, indent = ""): string {
  return tree.map((directive) => {
    const words = directive.filter((part) => typeof part === "string");
    const blocks = directive.filter((part) => typeof part !== "string");
    const line = indent + words.map((word, index) => print(word, style + index)).join(" \t");
    const end = style % 2 === 0 ? "\n" : "\r\n";
    if (blocks.length === 0) return line + end;
    const inner = blocks.map((block) => printTree(block, style, indent + "\t")).join("");
    return `${line} {${end}${inner}${indent}}${end}`;
  }).join("# a comment\n");
}

// Any characters but those that no word may have.
const word = fc.string({ unit: "binary", maxLength: 12 })
  // deno-lint-ignore no-control-regex -- these are what is left out
  .map((text) => text.replace(/[\u0000-\u0008\u000a-\u001f\u007f]/g, ""));

const { tree: arbitraryTree } = fc.letrec<{ tree: readonly Plain[]; directive: Plain }>((tie) => ({
  directive: fc.tuple(
    fc.array(word, { minLength: 1, maxLength: 4 }),
    fc.option(tie("tree"), { depthSize: "small", maxDepth: 4 }),
  ).map(([words, block]): Plain => block === null ? words : [...words, block]),
  tree: fc.array(tie("directive"), { maxLength: 4 }),
}));

Deno.test("scfg: whatever tree is printed, it is read as the same tree", () => {
  fc.assert(
    fc.property(arbitraryTree, fc.nat({ max: 5 }), (tree, style) => {
      const result = parse(printTree(tree, style));
      assert.deepEqual(result.problems, []);
      assert.deepEqual(result.tree, tree);
    }),
    { numRuns: 300 },
  );
});

const pieces = fc.constantFrom(
  ..."abc{}\"'\\# \t\r\n=:/@".split(""),
  "storage ",
  "password ",
  "\u0000",
  "é",
  "日",
  "://",
);

Deno.test("scfg: no text makes the parser throw, and every place it names is in the text", () => {
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 80 }), (parts) => {
      const text = parts.join("");
      const lines = text.split("\n");
      for (const problem of parse(text).problems) {
        const [, line, column] = /^(\d+):(\d+)\+/.exec(problem) ?? [];
        const found = [...(lines[Number(line) - 1] ?? "")];
        assert.ok(Number(column) >= 1 && Number(column) <= Math.max(1, found.length), problem);
      }
    }),
    { numRuns: 2000 },
  );
});

Deno.test("piecesOf() covers a line completely and never shows what is hidden", () => {
  const range = fc.tuple(fc.nat({ max: 30 }), fc.nat({ max: 30 }));
  fc.assert(
    fc.property(fc.string({ maxLength: 30 }), fc.array(range, { maxLength: 4 }), (line, ranges) => {
      const hidden = ranges.map(([from, to]) => ({ from, to, shown: "*" }));
      const made = piecesOf(line, hidden);
      let column = 1;
      for (const piece of made) {
        assert.equal(piece.column, column);
        column += piece.length;
      }
      assert.equal(column, [...line].length + 1);
      const isHidden = (at: number) => ranges.some(([from, to]) => at >= from && at < to);
      for (const piece of made) {
        for (let at = piece.column - 1; at < piece.column - 1 + piece.length; at++) {
          assert.equal(piece.hidden, isHidden(at), `character ${at}`);
        }
      }
    }),
  );
});
