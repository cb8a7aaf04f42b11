/** The command line as people know it from vdirsyncer: docs/compatibility.md names these tests. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { startDavServer } from "../support/dav_server.ts";
import { atDesk } from "./compat_kit.ts";
import { runInside, withFolder } from "./inside.ts";
import { event } from "./world.ts";

Deno.test("sync keeps items and properties in step, and needs no discover and no metasync", () =>
  atDesk(async ({ run, write, read, names }) => {
    await write("a/work/x.ics", event("x", "Dentist", 1));
    await write("a/work/displayname", "Work");
    strictEqual((await run("sync")).code, 0);
    strictEqual(await read("b/work/displayname"), "Work");
    await write("b/new/y.ics", event("y", "Party", 2));
    strictEqual((await run("sync")).code, 0);
    deepStrictEqual(names("a/new"), ["y.ics"], "a new collection is seen at once");
    strictEqual((await run("metasync")).code, 3);
  }));

Deno.test("commands and options that vdirsyncer alone has are refused", async () => {
  for (
    const [args, help] of [
      [["showconfig"], /"dovetail list storages --json"/],
      [["metasync"], /"dovetail sync" keeps properties in step too/],
      [["sync", "--force-delete"], /--allow-empty lets pass/],
      [["discover", "--list"], /always lists/],
      [["discover", "--no-list"], /always lists/],
      [["repair", "--repair-unsafe-uid", "a"], /--unsafe replaces them/],
      [["--verbosity", "DEBUG", "sync"], /-v says more/],
      [["--verbosity=DEBUG", "sync"], /-v says more/],
      [["-v", "DEBUG", "sync"], /-v says more/],
    ] as const
  ) {
    const { code, out, err } = await runInside(args);
    deepStrictEqual([code, out], [3, ""], args.join(" "));
    match(err, /^error: .*\nhelp: /, args.join(" "));
    match(err.split("\n")[1] ?? "", help, args.join(" "));
  }
});

Deno.test("the configuration is checked and shown as JSON by check and list, without its secrets", () =>
  atDesk(async ({ run, configure }) => {
    await configure({ b: "type caldav\nurl http://127.0.0.1:1/\nusername u\npassword hunter2" });
    const listed = await run("list", "storages", "--json");
    deepStrictEqual(listed.out.trim().split("\n").map((it) => JSON.parse(it)), [
      { type: "storage", storage: "a", kind: "vdir/icalendar" },
      { type: "storage", storage: "b", kind: "caldav" },
    ]);
    const checked = await run("check", "--json");
    ok(checked.out.trim().split("\n").map((it) => JSON.parse(it)).length > 2);
    ok(!`${listed.out}${checked.out}${checked.err}`.includes("hunter2"));
  }));

Deno.test("one item that fails makes sync end with 1, and the others are done", async () => {
  const server = startDavServer();
  const work = server.addCalendar("work");
  try {
    await atDesk(async ({ run, configure, write }) => {
      server.quirks = {
        fault: ({ method, text }) =>
          method === "PUT" && text.includes("UID:bad")
            ? new Response("no", { status: 403 })
            : undefined,
      };
      await configure({ b: `type caldav\nurl ${server.origin}/` });
      for (const uid of ["x", "bad", "z"]) await write(`a/work/${uid}.ics`, event(uid, "E", 1));
      const { code, err } = await run("sync");
      strictEqual(code, 1);
      match(err, /^error: .*bad/m);
      strictEqual(work.items.size, 2);
    });
  } finally {
    await server.close();
  }
});

Deno.test("an emptied storage is named, and the status is not 0", () =>
  atDesk(async ({ run, write, remove }) => {
    await write("a/work/x.ics", event("x", "Dentist", 1));
    await run("sync");
    await remove("a/work/x.ics");
    const { code, out } = await run("sync");
    strictEqual(code, 2);
    match(out, /a has no items in "work" any more; b still has 1/);
  }));

Deno.test("three files with one UID are named with their storage, and nothing is done to them", () =>
  atDesk(async ({ run, write, names }) => {
    for (const file of ["x", "y", "z"]) {
      await write(`a/work/${file}.ics`, event("same", `Event ${file}`, 1));
    }
    await write("a/work/other.ics", event("other", "Another", 2));
    const { code, out, err } = await run("sync");
    strictEqual(code, 1);
    const said = out + err;
    match(said, /same/);
    ok(["x.ics", "y.ics", "z.ics"].filter((it) => said.includes(it)).length >= 2, said);
    match(said, /\ba\b/);
    deepStrictEqual(names("a/work").length, 4);
    deepStrictEqual(names("b/work"), ["other.ics"]);
  }));

Deno.test("several pairs are brought in step by one run", () =>
  atDesk(async ({ run, configure, folder, write, names }) => {
    await configure({
      global: `storage c {
  type vdir/icalendar
  path ${folder}/c
}
pair q {
  storage_a b
  storage_b c
  collections all
}
`,
    });
    await Deno.mkdir(`${folder}/c`);
    await write("a/work/x.ics", event("x", "Dentist", 1));
    strictEqual((await run("sync", "p", "q")).code, 0);
    strictEqual((await run("sync")).code, 0);
    deepStrictEqual(names("c/work"), ["x.ics"]);
  }));

Deno.test("a configuration without pairs is told so, for there is nothing to bring in step", () =>
  withFolder(async (folder) => {
    const file = `${folder}/d.conf`;
    await Deno.writeTextFile(file, `storage a {\n  type vdir/icalendar\n  path ${folder}\n}\n`);
    const env = { HOME: folder };
    const synced = await runInside(["-c", file, "sync"], { env });
    strictEqual(synced.code, 3);
    match(synced.err, /There is no pair to bring in step/);
    const listed = await runInside(["-c", file, "list", "pairs"], { env });
    deepStrictEqual([listed.code, listed.out], [0, ""]);
  }));

Deno.test("collections of any name are made on both sides, and chosen as PAIR/COLLECTION", () =>
  atDesk(async ({ run, write, names }) => {
    const ids = ["Work", "two words", "Größe", "我的日历", "التقويم", "a+b&c"];
    for (const [index, id] of ids.entries()) {
      await write(`a/${id}/x.ics`, event("x", "Event", index + 1));
    }
    strictEqual((await run("sync", ...ids.slice(0, 3).map((id) => `p/${id}`))).code, 0);
    deepStrictEqual(names("b"), ids.slice(0, 3).sort());
    strictEqual((await run("sync")).code, 0);
    deepStrictEqual(names("b"), [...ids].sort());
  }));

Deno.test("the status holds no password, and no value of the configuration that a command gave", async () => {
  const server = startDavServer({ credentials: { username: "hugo", password: "hunter2" } });
  server.addCalendar("work");
  try {
    await atDesk(async ({ run, configure, write, names, folder }) => {
      await configure({
        global: `status_path ${folder}/status`,
        b: `type caldav\nurl ${server.origin}/\nusername hugo\npassword {\n  cmd echo hunter2\n}`,
      });
      await write("a/work/x.ics", event("x", "Dentist", 1));
      strictEqual((await run("sync")).code, 0);
      for (const name of names("status")) {
        const bytes = await Deno.readFile(`${folder}/status/${name}`);
        const text = new TextDecoder("latin1").decode(bytes);
        ok(!text.includes("hunter2"), name);
      }
    });
  } finally {
    await server.close();
  }
});

Deno.test("repair asks before it writes, and also takes one collection of a storage", () =>
  atDesk(async ({ run, runWith, write, read }) => {
    for (const id of ["work", "home"]) {
      await write(`a/${id}/x.ics`, event("x", "Dentist", 1).replace("UID:x\r\n", ""));
    }
    strictEqual((await run("repair", "a/work")).code, 2);
    strictEqual((await runWith({ answers: ["n"] }, "repair", "a/work")).code, 2);
    ok(!(await read("a/work/x.ics")).includes("UID:"));
    strictEqual((await runWith({ answers: ["y"] }, "repair", "a/work")).code, 0);
    match(await read("a/work/x.ics"), /^UID:/m);
    ok(!(await read("a/home/x.ics")).includes("UID:"));
  }));

Deno.test("repair leaves a UID that is only unsafe alone, and tells of --unsafe, which replaces it", () =>
  atDesk(async ({ run, write, read }) => {
    await write("a/work/x.ics", event("a b/c", "Dentist", 1));
    const { code, err } = await run("repair", "-y", "a");
    strictEqual(code, 0);
    match(err, /--unsafe replaces them/);
    match(await read("a/work/x.ics"), /^UID:a b\/c\r$/m);
    strictEqual((await run("repair", "-y", "--unsafe", "a")).code, 0);
    match(await read("a/work/x.ics"), /^UID:[\w.+-]+\r$/m);
  }));
