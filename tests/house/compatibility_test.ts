/** The tables for people who come from other programs: each row names tests that there are. */

import { deepStrictEqual, ok } from "node:assert/strict";
import { COMMAND_NAMES } from "../../lib/cli/parser.ts";
import { SCHEMA } from "../../lib/config/schema.ts";

const ROOT = new URL("../../", import.meta.url);
const COMPATIBILITY = "docs/compatibility.md";
const BEHAVIOURS = "docs/behaviours.md";

const read = (path: string): Promise<string> => Deno.readTextFile(new URL(path, ROOT));

interface Row {
  /** `docs/x.md:12`. */
  readonly at: string;
  readonly cells: readonly string[];
}

/** The rows of all tables of a page, without their heads. */
function rowsOf(path: string, text: string): readonly Row[] {
  const lines = text.split("\n");
  return lines.flatMap((line, index) => {
    const isHead = /^\| *-/.test(lines[index + 1] ?? "");
    if (!line.startsWith("|") || /^\| *-/.test(line) || isHead) return [];
    const cells = line.slice(1, line.lastIndexOf("|")).split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replaceAll("\\|", "|"));
    return [{ at: `${path}:${index + 1}`, cells }];
  });
}

interface Named {
  readonly file: string;
  readonly name: string;
}

/** The tests that a cell names, each in an element of code: FILE: "NAME". */
const namedIn = (cell: string): readonly Named[] =>
  [...cell.matchAll(/`(tests\/[^\s:`]+\.ts): "([^`]*)"`/g)]
    .map(([, file = "", name = ""]) => ({ file, name }));

const STRING = String.raw`"(?:[^"\\]|\\.)*"|` + "`(?:[^`\\\\]|\\\\.)*`";

/** Where a test, a step of one, or a case of the contract gets its name. */
const NAMES = [
  new RegExp(String.raw`\bDeno\.test\(\s*(?:\{\s*name:\s*)?(${STRING})`, "g"),
  new RegExp(String.raw`\bonEach\(\s*\w+,\s*(${STRING})`, "g"),
  new RegExp(String.raw`\.step\(\s*(${STRING})`, "g"),
];
const CASE = new RegExp(String.raw`\bname:\s*(${STRING})`, "g");

/** What the contract is run for; the rest of the name stands in tests/contract/contract.ts. */
const PLACE = new RegExp(String.raw`\bcontract\(\s*(${STRING})`, "g");

const unquoted = (quoted: string): string =>
  quoted.startsWith('"') ? JSON.parse(quoted) as string : quoted.slice(1, -1);

/** The names in a file as they stand there, without their quotes. */
function namesIn(file: string, text: string): readonly string[] {
  const patterns = file.startsWith("tests/contract/cases/") ? [...NAMES, CASE] : NAMES;
  const found = patterns.flatMap((pattern) =>
    [...text.matchAll(pattern)].map(([, quoted = ""]) => unquoted(quoted))
  );
  const places = [...text.matchAll(PLACE)].map(([, quoted = ""]) => unquoted(quoted));
  return [...found, ...places.map((place) => `${place} keeps the contract of a storage`)];
}

/**
 * Whether a name in a file is the one that was written down. What a template puts in has to stand
 * in the file too; `…` stands for any of it.
 */
function isNamed(template: string, name: string, text: string): boolean {
  if (template === name) return true;
  const pieces = template.split(/\$\{(?:[^{}]|\{[^{}]*\})*\}/);
  if (pieces.length < 2) return false;
  const escaped = pieces.map((it) => it.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const found = new RegExp(`^${escaped.join("(.+)")}$`, "s").exec(name);
  return found !== null && found.slice(1).every((part) => part === "…" || isIn(part, text));
}

const isIn = (part: string, text: string): boolean => {
  const bare = /^"(.*)"$/s.exec(part)?.[1] ?? part;
  return text.includes(bare) || text.includes(bare.replaceAll('\\"', '"'));
};

/** What is wrong with the tests that a page's rows name. */
async function mistakesIn(path: string, needsTest: (row: Row) => boolean): Promise<string[]> {
  const rows = rowsOf(path, await read(path));
  ok(rows.length > 20, `the tables of ${path} were not found`);
  const files = new Map<string, { readonly names: readonly string[]; readonly text: string }>();
  const mistakes: string[] = [];
  for (const row of rows) {
    const last = row.cells.at(-1) ?? "";
    const named = namedIn(last);
    if (named.length === 0 && needsTest(row)) mistakes.push(`${row.at} names no test`);
    const spans = last.match(/`[^`]*`/g)?.filter((it) => it.startsWith("`tests/")) ?? [];
    if (spans.length !== named.length) mistakes.push(`${row.at} names a test in another form`);
    for (const { file, name } of named) {
      const known = files.get(file) ?? await read(file).then(
        (text) => ({ names: namesIn(file, text), text }),
        () => undefined,
      );
      if (known === undefined) {
        mistakes.push(`${row.at}: there is no file ${file}`);
        continue;
      }
      files.set(file, known);
      if (!known.names.some((it) => isNamed(it, name, known.text))) {
        mistakes.push(`${row.at}: ${file} has no test "${name}"`);
      }
    }
  }
  return mistakes;
}

Deno.test("every row about pimsync and vdirsyncer names tests that there are", async () => {
  deepStrictEqual(await mistakesIn(COMPATIBILITY, () => true), []);
});

Deno.test("every directive, type and command is in the tables for people from other programs", async () => {
  const rows = rowsOf(COMPATIBILITY, await read(COMPATIBILITY));
  const words = new Set(
    rows.flatMap(({ cells }) => cells.slice(0, 2).join(" ").match(/`[^`]+`/g) ?? [])
      .flatMap((it) => it.slice(1, -1).split(/[\s{}|]+/)),
  );
  const names = [
    ...SCHEMA.directives.flatMap(({ name, aliases }) => [name, ...aliases]),
    ...SCHEMA.refused.map(({ name }) => name),
    ...SCHEMA.storageTypes.map(({ name }) => name),
    ...COMMAND_NAMES,
  ];
  ok(names.length > 60, "the directives were not found");
  deepStrictEqual(names.filter((it) => !words.has(it)), []);
});

/** How many behaviours there are under each letter. */
const COUNTS = { S: 26, D: 11, F: 8, H: 7, Y: 26, Z: 2, M: 7, V: 10, R: 5, N: 2, C: 16, P: 11 };

Deno.test("every behaviour names tests that there are, or says why it does not apply", async () => {
  const rows = rowsOf(BEHAVIOURS, await read(BEHAVIOURS));
  const wanted = Object.entries(COUNTS).flatMap(([letter, count]) =>
    Array.from({ length: count }, (_, index) => `${letter}${index + 1}`)
  );
  deepStrictEqual(rows.map(({ cells }) => cells[0]), wanted);
  const applies = ({ cells }: Row) => !/^Does not apply: .{20,}/.test(cells.at(-1) ?? "");
  deepStrictEqual(await mistakesIn(BEHAVIOURS, applies), []);
  ok(rows.filter((row) => !applies(row)).length < 15, "too much does not apply");
});
