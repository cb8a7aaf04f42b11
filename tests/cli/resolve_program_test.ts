/** The program that settles conflicts while syncing: when it is run, and when it is not. */

import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from "node:assert/strict";
import { atDesk, type Desk, makeConflict } from "./compat_kit.ts";
import type { Inside } from "./inside.ts";
import { event } from "./world.ts";

/** A conflict, and a program for it that is run by `sync`. */
async function givenTo(desk: Desk, script: string, pair = ""): Promise<void> {
  const program = await desk.program("settle", `touch ${desk.folder}/ran\n${script}`);
  await makeConflict(desk);
  await desk.configure({
    pair: `collections all\nconflict_resolution cmd ${program}\nresolve_during sync\n${pair}`,
  });
}

const hasRun = ({ names }: Desk): boolean => names(".").includes("ran");

const COPY = 'cp "$1" "$2"';

const objectsIn = ({ out }: Inside): readonly Readonly<Record<string, unknown>>[] =>
  out.trimEnd().split("\n").map((it) => JSON.parse(it));

Deno.test("sync -n runs no program for conflicts, and says which one would be given them", () =>
  atDesk(async (desk) => {
    await givenTo(desk, COPY);
    const { code, out } = await desk.run("sync", "-n");
    strictEqual(code, 2, out);
    ok(!hasRun(desk));
    match(out, /conflict .*would be given to .*settle/);
    const conflict = objectsIn(await desk.run("sync", "-n", "--json"))
      .find((it) => it["type"] === "conflict");
    match(String(conflict?.["program"]), /\/settle$/);
    ok(!hasRun(desk));
  }));

Deno.test("sync -i that is answered with no runs no program; with yes, it does", () =>
  atDesk(async (desk) => {
    await givenTo(desk, COPY);
    const no = await desk.runWith({ answers: ["n"] }, "sync", "-i");
    deepStrictEqual([no.code, hasRun(desk)], [2, false], no.out + no.err);
    const yes = await desk.runWith({ answers: ["y"] }, "sync", "-i");
    deepStrictEqual([yes.code, hasRun(desk)], [0, true], yes.out + yes.err);
    match(await desk.read("b/work/x.ics"), /Größe hier/);
  }));

Deno.test("what a program settled is not called merged, and what else there is to do is done", () =>
  atDesk(async (desk) => {
    await givenTo(desk, COPY);
    await desk.write("a/work/new.ics", event("new", "New", 3));
    const { code, out } = await desk.run("sync");
    strictEqual(code, 0, out);
    match(out, /conflict .*: given to .*settle/);
    doesNotMatch(out, /merged/);
    match(out, /^p: 1 created, 1 updated$/m);
    deepStrictEqual(desk.names("b/work"), ["new.ics", "x.ics"]);
    match((await desk.run("sync")).out, /everything is in step/);
  }));

Deno.test("in JSON, a conflict that a program settled is an action, and one that it did not a conflict", () =>
  atDesk(async (desk) => {
    await givenTo(desk, "exit 1");
    const left = objectsIn(await desk.run("sync", "--json")).map((it) => it["type"]);
    deepStrictEqual(left, ["pair", "conflict", "problem", "summary", "total"]);
    await desk.program("settle", COPY);
    const settled = objectsIn(await desk.run("sync", "--json")).map((it) => it["type"]);
    deepStrictEqual(settled, ["pair", "action", "result", "summary", "total"]);
  }));

Deno.test("sync -i does not ask where there is nothing that it would carry out", () =>
  atDesk(async (desk) => {
    await makeConflict(desk);
    const { code, err } = await desk.runWith({ answers: ["n"] }, "sync", "-i");
    strictEqual(code, 2);
    doesNotMatch(err, /in step like this/);
  }));

Deno.test("hook is run where the pair could not be run, and not for a dry run", () =>
  atDesk(async (desk) => {
    const hook = await desk.program("hook", `cat >> ${desk.folder}/told`);
    await desk.configure({ pair: `collections all\nhook ${hook}` });
    await desk.remove("b");
    strictEqual((await desk.run("sync", "-n")).code, 4);
    ok(!desk.names(".").includes("told"));
    strictEqual((await desk.run("sync")).code, 4);
    const told = JSON.parse(await desk.read("told"));
    deepStrictEqual([told.pair, told.exit, told.planned], ["p", 4, null]);
  }));
