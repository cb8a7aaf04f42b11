/** What `resolve-conflicts` says and asks, and what it does where an answer cannot be taken. */

import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from "node:assert/strict";
import { atDesk, type Desk, makeConflict } from "./compat_kit.ts";
import { CTRL_C, type Inside, type InsideOptions } from "./inside.ts";
import { event } from "./world.ts";

/** As many conflicts as there are names, in the order of these. */
async function makeConflicts({ run, write }: Desk, ...names: readonly string[]): Promise<void> {
  for (const name of names) await write(`a/work/${name}.ics`, event(name, "Before", 1));
  strictEqual((await run("sync")).code, 0);
  for (const name of names) {
    await write(`a/work/${name}.ics`, event(name, `Here ${name}`, 1));
    await write(`b/work/${name}.ics`, event(name, `There ${name}`, 1));
  }
}

/** The event "x" as it was edited on a day of March 2026. */
const editedOn = (day: number, summary: string): string =>
  event("x", summary, 1).replace("20260101T", `2026030${day}T`);

const summaryOf = async ({ read }: Desk, path: string): Promise<string | undefined> =>
  /^SUMMARY:(.*?)\r?$/m.exec(await read(path))?.[1];

const bothOf = (desk: Desk, name: string): Promise<readonly (string | undefined)[]> =>
  Promise.all(["a", "b"].map((side) => summaryOf(desk, `${side}/work/${name}.ics`)));

function answered(
  desk: Desk,
  answers: NonNullable<InsideOptions["answers"]>,
  env: Readonly<Record<string, string>> = {},
): Promise<Inside> {
  return desk.runWith({ answers, env }, "resolve-conflicts");
}

/** How often the question was asked. */
const questionsIn = ({ err }: Inside): number => err.match(/^\[\d+\/\d+\] /gm)?.length ?? 0;

const objectsIn = ({ out }: Inside): readonly Readonly<Record<string, unknown>>[] =>
  out.trimEnd().split("\n").map((it) => JSON.parse(it));

const EDITORS: readonly (readonly [said: RegExp, script: string])[] = [
  [/^error: .*(iCalendar|BEGIN)/m, 'echo garbage > "$1"'],
  [/^error: .*UID "other" instead of "x"/m, 'sed -i s/UID:x/UID:other/ "$1"'],
  [/^error: nothing was edited$/m, "true"],
  [/^error: the file is empty$/m, ': > "$1"'],
  [/^error: the editor failed$/m, "exit 3"],
];

for (const [said, script] of EDITORS) {
  Deno.test(`an editor that does "${script}" settles nothing: why is said, and it is asked again`, () =>
    atDesk(async (desk) => {
      await makeConflicts(desk, "x");
      const EDITOR = await desk.program("editor", script);
      const left = await answered(desk, ["edit", "skip"], { EDITOR });
      match(left.err, said);
      strictEqual(questionsIn(left), 2, left.err);
      strictEqual(left.code, 2, left.out + left.err);
      doesNotMatch(left.out, /failed/);
      deepStrictEqual(await bothOf(desk, "x"), ["Here x", "There x"]);
    }));
}

Deno.test("what was edited is on both sides", () =>
  atDesk(async (desk) => {
    await makeConflicts(desk, "x");
    const EDITOR = await desk.program("editor", 'sed -i "s/^SUMMARY:.*/SUMMARY:Edited/" "$1"');
    strictEqual((await answered(desk, ["edit"], { EDITOR })).code, 0);
    deepStrictEqual((await bothOf(desk, "x")).map((it) => it?.trim()), ["Edited", "Edited"]);
  }));

const PROGRAMS: readonly (readonly [said: RegExp, script: string | undefined])[] = [
  [/^error: ".*settle" did not settle .* "x": it ended with status 3$/m, "exit 3"],
  [
    /^error: ".*settle" did not settle .*: it left two different files$/m,
    'echo >> "$1"x; echo x > "$1"',
  ],
  [/^error: ".*settle" did not settle .*: it took a file away$/m, 'rm "$1"'],
  [/^error: ".*settle" did not settle .*: it was not found/m, undefined],
  [/^error: the result has the UID "y"/m, 'sed -i s/UID:x/UID:y/ "$1"; cp "$1" "$2"'],
];

for (const [said, script] of PROGRAMS) {
  Deno.test(`a program that ${script === undefined ? "is not there" : `does "${script}"`} settles nothing: why is said, and it is asked again`, () =>
    atDesk(async (desk) => {
      await makeConflicts(desk, "x");
      const program = await desk.program("settle", script ?? "");
      if (script === undefined) await desk.remove("settle");
      await desk.configure({ pair: `collections all\nconflict_resolution cmd ${program}` });
      const left = await answered(desk, ["run", "skip"]);
      match(left.err.replaceAll("\n  ", " "), said);
      strictEqual(questionsIn(left), 2, left.err);
      strictEqual(left.code, 2);
      deepStrictEqual(await bothOf(desk, "x"), ["Here x", "There x"]);
    }));
}

Deno.test("a program that may not be run is no fault of ours", () =>
  atDesk(async (desk) => {
    await makeConflicts(desk, "x");
    await desk.configure({ pair: `collections all\nconflict_resolution cmd ${desk.file}` });
    const { code, err } = await answered(desk, ["run", "skip"]);
    match(err, /it cannot be run/);
    doesNotMatch(err, /internal fault/);
    strictEqual(code, 2);
  }));

Deno.test("Ctrl-C at a question stops at once: nothing more is asked, and nothing has failed", () =>
  atDesk(async (desk) => {
    await makeConflicts(desk, "x", "y", "z");
    const stopped = await answered(desk, ["a", CTRL_C]);
    strictEqual(stopped.code, 130);
    strictEqual(questionsIn(stopped), 2, stopped.err);
    match(stopped.err, /^stopped safely/m);
    doesNotMatch(stopped.out + stopped.err, /failed/);
    deepStrictEqual(await bothOf(desk, "z"), ["Here z", "There z"]);
  }));

Deno.test("a collection that neither side has is an error, as it is for sync", () =>
  atDesk(async (desk) => {
    await makeConflict(desk);
    for (const command of ["sync", "resolve-conflicts"]) {
      const { code, out, err } = await desk.run(command, "p/nocol");
      deepStrictEqual([code, out], [3, ""], command);
      match(err, /^error: Neither side of the pair "p" has a collection "nocol"/m);
    }
  }));

Deno.test("when an edit was made is said where the edit says so itself, with the zone", () =>
  atDesk(async (desk) => {
    await makeConflicts(desk, "x");
    doesNotMatch((await desk.run("resolve-conflicts", "-n")).out, /edited/);
    await desk.write("a/work/x.ics", editedOn(4, "Here x"));
    const { out } = await desk.run("resolve-conflicts", "-n");
    match(out, /^ {4}a \(a\) {2}edited 2026-03-04 00:00 UTC$/m);
    match(out, /^ {4}b \(b\)$/m);
  }));

Deno.test("nobody is told to run the command that was just run", () =>
  atDesk(async (desk) => {
    await makeConflicts(desk, "x");
    match((await desk.run("sync")).err, /"dovetail resolve-conflicts p" settles conflicts/);
    const runs = [
      await answered(desk, ["quit"]),
      await answered(desk, ["skip"]),
      await desk.run("resolve-conflicts", "--keep", "merge"),
    ];
    for (const { code, err } of runs) {
      strictEqual(code, 2);
      doesNotMatch(err, /resolve-conflicts/);
    }
  }));

Deno.test("--keep merge says what clashes, in words and in JSON", () =>
  atDesk(async (desk) => {
    await makeConflicts(desk, "x");
    match(
      (await desk.run("resolve-conflicts", "--keep", "merge")).out,
      /conflict .*x.*: .*summary/i,
    );
    const objects = objectsIn(await desk.run("resolve-conflicts", "--keep", "merge", "--json"));
    const conflict = objects.find((it) => it["type"] === "conflict");
    ok(Array.isArray(conflict?.["clashes"]) && conflict["clashes"].length > 0);
  }));

Deno.test("--keep newest says why it left one that has no newer version", () =>
  atDesk(async (desk) => {
    await makeConflicts(desk, "x");
    const { code, out } = await desk.run("resolve-conflicts", "--keep", "newest");
    strictEqual(code, 2);
    match(out, /it cannot be told which edit is newer/);
  }));

Deno.test("--keep newest settles items where a property is in conflict too, and leaves that", () =>
  atDesk(async (desk) => {
    await desk.write("a/work/color", "#000000");
    await makeConflicts(desk, "x");
    await desk.write("a/work/color", "#ff0000");
    await desk.write("b/work/color", "#00ff00");
    await desk.write("a/work/x.ics", editedOn(3, "Older"));
    await desk.write("b/work/x.ics", editedOn(4, "Newer"));
    const { code, out, err } = await desk.run("resolve-conflicts", "--keep", "newest");
    strictEqual(code, 2, out + err);
    deepStrictEqual(await bothOf(desk, "x"), ["Newer", "Newer"]);
    match(err, /properties are settled by --keep a or --keep b/);
    strictEqual((await desk.run("resolve-conflicts", "--keep", "b")).code, 0);
    strictEqual((await desk.read("a/work/color")).trim(), "#00ff00");
  }));

Deno.test("resolve-conflicts -n --json tells all that docs/json.md names, and what was changed", () =>
  atDesk(async (desk) => {
    await makeConflicts(desk, "x");
    const [conflict] = objectsIn(await desk.run("resolve-conflicts", "-n", "--json"));
    deepStrictEqual(conflict, {
      type: "conflict",
      pair: "p",
      collection: "work",
      ident: "x",
      known: true,
      hrefs: { a: "x.ics", b: "x.ics" },
      clashes: conflict?.["clashes"],
      component: "event",
      summary: "Here x",
      when: conflict?.["when"],
      changes: conflict?.["changes"],
      edited: { a: null, b: null },
    });
    ok(typeof conflict["when"] === "string");
    match(JSON.stringify(conflict["clashes"]), /"what":"/);
    match(JSON.stringify(conflict["changes"]), /^\{"a":\[".*Here x.*"\],"b":\[".*There x.*"\]\}$/);
  }));

Deno.test("a collection that is yet to be made, or was deleted, keeps no conflict from being settled", () =>
  atDesk(async (desk) => {
    await desk.write("a/gone/.keep", "");
    await makeConflicts(desk, "x");
    await desk.write("a/other/y.ics", event("y", "Elsewhere", 2));
    await desk.remove("b/gone");
    const { code, out, err } = await desk.run("resolve-conflicts", "--keep", "a");
    strictEqual(code, 0, out + err);
    deepStrictEqual(await bothOf(desk, "x"), ["Here x", "Here x"]);
    deepStrictEqual(desk.names("b"), ["work"], "nothing else is done");
  }));

Deno.test("a collection that could not be read is not said to have no conflicts", () =>
  atDesk(async (desk) => {
    await makeConflicts(desk, "x");
    await Deno.writeFile(`${desk.folder}/b/work/color`, new Uint8Array([0xff, 0xfe, 0xff]));
    const { code, out } = await desk.run("resolve-conflicts", "--keep", "a");
    strictEqual(code, (await desk.run("sync")).code);
    strictEqual(code, 1);
    match(out, /! problem/);
    match(out, /no conflicts in what could be read/);
  }));
