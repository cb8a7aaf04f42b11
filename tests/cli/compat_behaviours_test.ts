/** Behaviours that the tests of vdirsyncer's check: docs/behaviours.md names these tests. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { startDavServer } from "../support/dav_server.ts";
import { atDesk } from "./compat_kit.ts";
import { event } from "./world.ts";

const todo = (uid: string): string => event(uid, "Buy milk", 1).replaceAll("VEVENT", "VTODO");

Deno.test("item_types: whichever are chosen, they alone are copied, and the server is asked as often", async () => {
  const server = startDavServer();
  server.addCalendar("work");
  try {
    await atDesk(async ({ configure, run, write, names, folder }) => {
      const b = `type caldav\nurl ${server.origin}/`;
      await configure({ b });
      await write("a/work/x.ics", event("x", "Dentist", 1));
      await write("a/work/t.ics", todo("t"));
      strictEqual((await run("sync")).code, 0);
      const asked: number[] = [];
      for (
        const [types, files] of [
          ["", ["t.ics", "x.ics"]],
          ["item_types VEVENT", ["x.ics"]],
          ["item_types VTODO", ["t.ics"]],
          ["item_types VEVENT VTODO", ["t.ics", "x.ics"]],
        ] as const
      ) {
        const fresh = `fresh${asked.length}`;
        await Deno.mkdir(`${folder}/${fresh}`);
        await configure({
          global: `status_path ${folder}/status-${fresh}`,
          a: `path ${folder}/${fresh}`,
          b: `${b}\n${types}`,
        });
        server.requests.splice(0);
        strictEqual((await run("sync")).code, 0, types);
        deepStrictEqual(names(`${fresh}/work`), files);
        asked.push(server.requests.length);
      }
      strictEqual(new Set(asked).size, 1, asked.join(" "));
      deepStrictEqual([...server.store.collections.values()].map(({ items }) => items.size), [2]);
    });
  } finally {
    await server.close();
  }
});

Deno.test("a deletion beside a read-only side is left, until the item changes there and comes back", () =>
  atDesk(async ({ configure, run, write, read, remove, names }) => {
    await configure({ a: "read_only" });
    for (const uid of ["x", "y"]) await write(`a/work/${uid}.ics`, event(uid, "Dentist", 1));
    strictEqual((await run("sync")).code, 0);
    await remove("b/work/x.ics");
    await write("b/work/y.ics", event("y", "Edited", 1));
    for (const _ of ["once", "and again"]) {
      const { code, out } = await run("sync");
      strictEqual(code, 2, out);
      deepStrictEqual([names("a/work"), names("b/work")], [["x.ics", "y.ics"], ["y.ics"]]);
      match(await read("a/work/y.ics"), /SUMMARY:Dentist/);
      match(await read("b/work/y.ics"), /SUMMARY:Edited/);
    }
    await write("a/work/x.ics", event("x", "Dentist, moved", 2));
    await run("sync");
    deepStrictEqual(names("b/work"), ["x.ics", "y.ics"]);
    match(await read("b/work/x.ics"), /moved/);
  }));

Deno.test("new items and edits travel both ways, with another extension on each side", () =>
  atDesk(async ({ configure, run, write, read, names }) => {
    await configure({ a: "fileext one", b: "fileext .two" });
    await write("a/work/x.one", event("x", "New in A", 1));
    await write("b/work/y.two", event("y", "New in B", 2));
    strictEqual((await run("sync")).code, 0);
    deepStrictEqual([names("a/work"), names("b/work")], [["x.one", "y.one"], ["x.two", "y.two"]]);
    await write("b/work/x.two", event("x", "Changed in B", 1));
    await write("a/work/y.one", event("y", "Changed in A", 2));
    strictEqual((await run("sync")).code, 0);
    match(await read("a/work/x.one"), /Changed in B/);
    match(await read("b/work/y.two"), /Changed in A/);
  }));

Deno.test("fileignoreext: files that end so are left alone, and none of ours ends so", () =>
  atDesk(async ({ configure, run, write, names }) => {
    await configure({ a: "fileignoreext .bak.ics" });
    await write("a/work/x.ics", event("x", "Dentist", 1));
    await write("a/work/y.bak.ics", event("y", "Kept by an editor", 1));
    strictEqual((await run("sync")).code, 0);
    deepStrictEqual(names("b/work"), ["x.ics"]);
    deepStrictEqual(names("a/work"), ["x.ics", "y.bak.ics"]);
  }));

Deno.test("properties that differ before the first run are a conflict, and nothing is written", () =>
  atDesk(async ({ run, write, read }) => {
    await write("a/work/displayname", "Work");
    await write("b/work/displayname", "Arbeit");
    strictEqual((await run("sync")).code, 2);
    deepStrictEqual([await read("a/work/displayname"), await read("b/work/displayname")], [
      "Work",
      "Arbeit",
    ]);
  }));

Deno.test("properties that are the same before the first run are no conflict later", () =>
  atDesk(async ({ run, write, read }) => {
    for (const side of ["a", "b"]) await write(`${side}/work/displayname`, "Work");
    strictEqual((await run("sync")).code, 0);
    await write("b/work/displayname", "Arbeit");
    strictEqual((await run("sync")).code, 0);
    strictEqual(await read("a/work/displayname"), "Arbeit");
  }));

Deno.test("a program settles no conflict of properties: that is left to a person", () =>
  atDesk(async ({ configure, run, write, read, program, names }) => {
    const settle = await program("settle", 'touch "$0.ran"; cp "$1" "$2"');
    await configure({
      pair: `collections all\nconflict_resolution cmd ${settle}\nresolve_during sync`,
    });
    await write("a/work/displayname", "Work");
    await write("b/work/displayname", "Arbeit");
    strictEqual((await run("sync")).code, 2);
    strictEqual(await read("b/work/displayname"), "Arbeit");
    ok(!names(".").includes("settle.ran"));
  }));

Deno.test("a property that is not configured any more is left alone and forgotten: later it may be a conflict", () =>
  atDesk(async ({ configure, run, write, read }) => {
    await write("a/work/color", "#ff0000");
    await write("a/work/displayname", "Work");
    strictEqual((await run("sync")).code, 0);
    await configure({ pair: "collections all\nproperties displayname" });
    await write("a/work/color", "#00ff00");
    strictEqual((await run("sync")).code, 0);
    strictEqual((await read("b/work/color")).trim(), "#ff0000");
    await configure();
    strictEqual((await run("sync")).code, 2);
    deepStrictEqual(
      [(await read("a/work/color")).trim(), (await read("b/work/color")).trim()],
      ["#00ff00", "#ff0000"],
    );
  }));

Deno.test("a file with two events of different UIDs is told and left, and the others are copied", () =>
  atDesk(async ({ run, write, names }) => {
    const two = event("x", "One", 1).replace("END:VCALENDAR\r\n", "") +
      event("y", "Two", 2).slice(event("y", "Two", 2).indexOf("BEGIN:VEVENT"));
    await write("a/work/two.ics", two);
    await write("a/work/z.ics", event("z", "Three", 3));
    const { code, out, err } = await run("sync");
    strictEqual(code, 1);
    match(out + err, /more than one item/);
    deepStrictEqual(names("b/work"), ["z.ics"]);
  }));

Deno.test("a login without a name is told, and an unknown way to log in is refused", () =>
  atDesk(async ({ configure, run }) => {
    const there = "type caldav\nurl http://127.0.0.1:1/";
    await configure({ b: `${there}\npassword x` });
    match((await run("check")).err, /has a password and no username/);
    await configure({ b: `${there}\nauth_method guess` });
    const { code, err } = await run("check");
    strictEqual(code, 3);
    match(err, /"auth_method" takes basic, digest, bearer or oauth2, not "guess"/);
  }));
