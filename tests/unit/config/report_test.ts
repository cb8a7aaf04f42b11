import assert from "node:assert/strict";
import type { Problem } from "../../../lib/config/problem.ts";
import { plainText, renderProblem, renderProblems } from "../../../lib/config/report.ts";
import { piecesOf, type Source } from "../../../lib/config/tree.ts";
import { around, said } from "./support.ts";

/** A text, and all of what is printed about it. */
const GOLDEN: readonly (readonly [name: string, text: string, printed: string])[] = [
  [
    "a caret stands under the word that is wrong, and a help says what is meant",
    around("pair", "colectons all"),
    `
error: unknown directive "colectons"
  --> /etc/d.conf:13:3
   |
13 |   colectons all
   |   ^^^^^^^^^
help: did you mean "collections"?
`,
  ],
  [
    "two places are shown of what is there twice, their lines in one column",
    "storage x {\n  type caldav\n  url https://x/\n}\n\n\n\n\n\nstorage x {\n}\n",
    `
error: the storage "x" is defined twice
  --> /etc/d.conf:10:9
   |
10 | storage x {
   |         ^
note: the first is here
  --> /etc/d.conf:1:9
   |
 1 | storage x {
   |         ^
`,
  ],
  [
    "problems are in the order of the file, with an empty line between them",
    around("caldav", "timeout x\nencoding y").replace("on_empty", ""),
    `
error: "timeout" takes a whole number from 1 to 3600, not "x"
 --> /etc/d.conf:8:11
  |
8 |   timeout x
  |           ^

error: "encoding" is not supported: every file is read and written as UTF-8
 --> /etc/d.conf:9:3
  |
9 |   encoding y
  |   ^^^^^^^^
help: leave it out; files in another encoding need to be converted first
`,
  ],
  [
    "a tab takes four columns, in the line and above the caret",
    "\tpairs\tbar\n",
    `
error: unknown directive "pairs"
 --> /etc/d.conf:1:2
  |
1 |     pairs    bar
  |     ^^^^^
help: did you mean "pair"?
`,
  ],
  [
    "wide characters take two columns and combining ones none, but each counts as one",
    around("vdir", "path /日本/e\u0301/📅 x"),
    `
error: "path" takes one parameter
 --> /etc/d.conf:3:17
  |
3 |   path /日本/e\u0301/📅 x
  |                   ^
help: put quotes around a value that has blanks in it
`,
  ],
  [
    "the carets cover the columns of a wide word",
    around("pair", "collection 日/本"),
    `
error: "日/本" cannot be the id of a collection: it has a "/"
  --> /etc/d.conf:13:14
   |
13 |   collection 日/本
   |              ^^^^^
`,
  ],
  [
    "what a terminal would obey is shown as an escape",
    around("pair", "collection \u202e/\u0085\nfileext 'a\u200bb"),
    `
error: "\\u{202e}/\\x85" cannot be the id of a collection: it has a "/"
  --> /etc/d.conf:13:14
   |
13 |   collection \\u{202e}/\\x85
   |              ^^^^^^^^^^^^^

error: "fileext" belongs in a storage, not in a pair
  --> /etc/d.conf:14:3
   |
14 |   fileext 'a\\u{200b}b
   |   ^^^^^^^

error: this quote is not closed on its line
  --> /etc/d.conf:14:11
   |
14 |   fileext 'a\\u{200b}b
   |           ^^^^^^^^^^^
`,
  ],
  [
    "a brace that is missing has a caret where it was opened",
    "pair x {\n  storage_a y\n",
    `
error: the pair "x" has no "storage_b"
 --> /etc/d.conf:1:6
  |
1 | pair x {
  |      ^
help: add a line like this: storage_b NAME

warning: the pair "x" names no collections, so it does nothing
 --> /etc/d.conf:1:6
  |
1 | pair x {
  |      ^
help: add "collections all", or a "collection" for each that is meant

error: this block is never closed
 --> /etc/d.conf:1:8
  |
1 | pair x {
  |        ^
help: add a line with "}" where it ends

error: the pair "x" names the storage "y", which is not defined
 --> /etc/d.conf:2:13
  |
2 |   storage_a y
  |             ^
help: no storage is defined
`,
  ],
  [
    "a warning without a place is a line",
    "status_path /x\n",
    `
warning: no pair is defined, so there is nothing to do
`,
  ],
];

for (const [name, text, printed] of GOLDEN) {
  Deno.test(`report: ${name}`, async () => {
    assert.equal(`\n${await said(text)}`, printed);
  });
}

function sourceOf(...lines: readonly string[]): Source {
  return { file: "f", lines: lines.map((line) => piecesOf(line, [])) };
}

const problem = (column: number, length: number, line = 1): Problem => ({
  severity: "error",
  message: "m",
  at: { file: "f", line, column, length },
});

/** The excerpt's line and its carets. */
function excerpt(line: string, column: number, length: number): readonly string[] {
  const lines = plainText(renderProblem(problem(column, length), sourceOf(line))).split("\n");
  return lines.slice(3, 5).map((each) => each.slice(4));
}

Deno.test("report: a long line is cut so that the caret is seen, with a mark where it was cut", () => {
  const long = `${"a".repeat(200)}X${"b".repeat(200)}`;
  assert.deepEqual(excerpt(long, 201, 1), [
    `…${"a".repeat(30)}X${"b".repeat(69)}…`,
    `${" ".repeat(31)}^`,
  ]);
  assert.deepEqual(excerpt(long, 3, 2), [`${"a".repeat(100)}…`, "  ^^"]);
  assert.deepEqual(excerpt(long, 1, 401), [`${"a".repeat(100)}…`, "^".repeat(100)]);
  assert.deepEqual(excerpt(long, 401, 1), [`…${"b".repeat(31)}`, `${" ".repeat(31)}^`]);
});

Deno.test("report: a place behind the end of its line has a caret there", () => {
  assert.deepEqual(excerpt("abc", 4, 1), ["abc", "   ^"]);
  assert.deepEqual(excerpt("abc", 40, 7), ["abc", "   ^"]);
});

Deno.test("report: there is no excerpt without a source, or of a line that it does not have", () => {
  assert.equal(plainText(renderProblem(problem(1, 1), undefined)), "error: m\n --> f:1:1\n");
  assert.equal(plainText(renderProblem(problem(1, 1, 9), sourceOf("a"))), "error: m\n --> f:9:1\n");
});

Deno.test("report: what is hidden has its carets under all of what stands for it", () => {
  const lines = [piecesOf("a secret b", [{ from: 2, to: 8, shown: "[redacted]" }])];
  const rendered = plainText(renderProblem(problem(4, 2), { file: "f", lines }));
  assert.deepEqual(rendered.split("\n").slice(3, 5), [
    "1 | a [redacted] b",
    "  |   ^^^^^^^^^^",
  ]);
});

Deno.test("report: every piece has the role that its colour comes from", () => {
  const whole: Problem = { ...problem(1, 1), notes: ["n"], help: "h" };
  const roles = renderProblem(whole, sourceOf("a")).map((line) =>
    line.map(({ text, role }) => `${role}=${text}`)
  );
  assert.deepEqual(roles, [
    ["error=error", "message=: ", "message=m"],
    ["frame= --> ", "place=f:1:1"],
    ["frame=  |"],
    ["frame=1 | ", "source=a"],
    ["frame=  | ", "error=^"],
    ["note=note", "text=: ", "text=n"],
    ["help=help", "text=: ", "text=h"],
  ]);
  const [first] = renderProblem({ severity: "warning", message: "m" }, undefined);
  assert.deepEqual(first?.map(({ role }) => role), ["warning", "message", "message"]);
});

Deno.test("report: problems without a place come first", () => {
  const nowhere: Problem = { severity: "warning", message: "w" };
  const text = plainText(renderProblems([problem(3, 1), problem(1, 1), nowhere], undefined));
  assert.equal(
    text,
    "warning: w\n\nerror: m\n --> f:1:1\n\nerror: m\n --> f:1:3\n",
  );
});
