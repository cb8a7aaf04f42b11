/** What directives do, from the configuration to the files: docs/compatibility.md names these. */

import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from "node:assert/strict";
import { CALENDARS, startDavServer } from "../support/dav_server.ts";
import { atDesk, type Desk, makeConflict } from "./compat_kit.ts";
import { event } from "./world.ts";

/** Three events in the collection work, the same on both sides. */
async function inStep({ run, write }: Desk): Promise<void> {
  for (const [uid, day] of [["x", 1], ["y", 2], ["z", 3]] as const) {
    await write(`a/work/${uid}.ics`, event(uid, `Event ${uid}`, day));
  }
  const { code, err } = await run("sync");
  strictEqual(code, 0, err);
}

Deno.test("read_only: nothing is written there, and what is left is shown with its reason", () =>
  atDesk(async (desk) => {
    for (const directive of ["read_only", "readonly"]) {
      await desk.configure({ b: directive });
      await desk.write("a/work/x.ics", event("x", "Dentist", 1));
      const { code, out } = await desk.run("sync");
      strictEqual(code, 2);
      match(out, /read.only/);
      deepStrictEqual(desk.names("b"), []);
    }
  }));

Deno.test("no_delete: what is deleted on the other side stays, and does not come back", () =>
  atDesk(async (desk) => {
    await desk.configure({ b: "no_delete" });
    await inStep(desk);
    await desk.remove("a/work/x.ics");
    await desk.run("sync");
    await desk.run("sync");
    deepStrictEqual(desk.names("a/work"), ["y.ics", "z.ics"]);
    deepStrictEqual(desk.names("b/work"), ["x.ics", "y.ics", "z.ics"]);
  }));

Deno.test("on_empty: an emptied collection is left and told, or emptied where it is sync", () =>
  atDesk(async (desk) => {
    await inStep(desk);
    for (const name of desk.names("a/work")) await desk.remove(`a/work/${name}`);
    const { code, out } = await desk.run("sync");
    strictEqual(code, 2);
    match(out, /on_empty sync/);
    strictEqual(desk.names("b/work").length, 3);
    await desk.configure({ pair: "collections all\non_empty sync" });
    strictEqual((await desk.run("sync")).code, 0);
    deepStrictEqual(desk.names("b/work"), []);
  }));

Deno.test("--allow-empty lets an emptied collection pass, this once", () =>
  atDesk(async (desk) => {
    await inStep(desk);
    for (const name of desk.names("a/work")) await desk.remove(`a/work/${name}`);
    strictEqual((await desk.run("sync", "--allow-empty")).code, 0);
    deepStrictEqual(desk.names("b/work"), []);
    await inStep(desk);
    for (const name of desk.names("a/work")) await desk.remove(`a/work/${name}`);
    strictEqual((await desk.run("sync")).code, 2);
    strictEqual(desk.names("b/work").length, 3);
  }));

Deno.test("on_delete: an empty collection goes on the other side too, its properties with it", () =>
  atDesk(async (desk) => {
    await desk.write("a/work/displayname", "Work");
    await desk.write("a/home/displayname", "Home");
    strictEqual((await desk.run("sync")).code, 0);
    await desk.remove("a/work");
    strictEqual((await desk.run("sync")).code, 0);
    deepStrictEqual(desk.names("b"), ["home"]);

    await desk.configure({ pair: "collections all\non_delete skip" });
    await desk.remove("a/home");
    strictEqual((await desk.run("sync")).code, 0);
    deepStrictEqual([desk.names("a"), desk.names("b")], [[], ["home"]]);
  }));

Deno.test("on_delete: a collection that holds items is not deleted", () =>
  atDesk(async (desk) => {
    await inStep(desk);
    await desk.remove("a/work");
    strictEqual((await desk.run("sync")).code, 2);
    strictEqual(desk.names("b/work").length, 3);
    deepStrictEqual(desk.names("a"), []);
  }));

Deno.test("max_delete holds many deletions until --allow-delete lets them pass", () =>
  atDesk(async (desk) => {
    await desk.configure({ pair: "collections all\nmax_delete 50% 1" });
    await inStep(desk);
    await desk.remove("a/work/x.ics");
    await desk.remove("a/work/y.ics");
    const { code, out } = await desk.run("sync");
    strictEqual(code, 2);
    match(out, /max_delete/);
    strictEqual(desk.names("b/work").length, 3);
    strictEqual((await desk.run("sync", "--allow-delete")).code, 0);
    deepStrictEqual(desk.names("b/work"), ["z.ics"]);
  }));

Deno.test("conflict_resolution keep a and keep b settle a conflict while syncing", () =>
  atDesk(async (desk) => {
    for (const [side, said] of [["a", "hier"], ["b", "dort"]] as const) {
      await desk.configure({ pair: "collections all" });
      await makeConflict(desk);
      await desk.configure({ pair: `collections all\nconflict_resolution keep ${side}` });
      strictEqual((await desk.run("sync")).code, 0);
      for (const place of ["a", "b"]) match(await desk.read(`${place}/work/x.ics`), RegExp(said));
      match((await desk.run("sync")).out, /everything is in step/);
      for (const place of ["a", "b"]) await desk.remove(`${place}/work/x.ics`);
      await desk.run("sync");
    }
  }));

Deno.test("conflict_resolution cmd gets both versions and the base, and is not run by sync", () =>
  atDesk(async (desk) => {
    const program = await desk.program(
      "settle",
      `echo "$#" >> ${desk.folder}/ran\ncp "$3" ${desk.folder}/base\ncp "$2" "$1"`,
    );
    await desk.configure({ pair: `collections all\nconflict_resolution cmd ${program}` });
    await makeConflict(desk);
    strictEqual((await desk.run("sync")).code, 2);
    ok(!desk.names(".").includes("ran"));
    const { code, err } = await desk.runWith({ answers: ["run"] }, "resolve-conflicts");
    strictEqual(code, 0, err);
    strictEqual(await desk.read("ran"), "3\n");
    match(await desk.read("base"), /SUMMARY:Zahnarzt für Ärger/);
    strictEqual(await desk.read("a/work/x.ics"), event("x", "Größe dort", 1));
    strictEqual(await desk.read("b/work/x.ics"), event("x", "Größe dort", 1));
  }));

Deno.test("a program that fails, or leaves two different files, settles nothing", () =>
  atDesk(async (desk) => {
    for (const script of ["exit 3", "true", ': > "$1"; : > "$2"']) {
      const program = await desk.program("settle", script);
      await desk.configure();
      await makeConflict(desk);
      await desk.configure({
        pair: `collections all\nconflict_resolution cmd ${program}\nresolve_during sync`,
      });
      const { code, out } = await desk.run("sync");
      strictEqual(code, 1, script);
      match(out, /did not settle the conflict of "x"/);
      match(await desk.read("a/work/x.ics"), /hier/);
      match(await desk.read("b/work/x.ics"), /dort/);
      await desk.runWith({ answers: ["a"] }, "resolve-conflicts");
    }
  }));

Deno.test("resolve_during sync: the program is run by sync, and both files end equal", () =>
  atDesk(async (desk) => {
    const program = await desk.program("first", 'cp "$1" "$2"');
    await desk.configure({
      pair: `collections all\nconflict_resolution cmd ${program}\nresolve_during sync`,
    });
    await makeConflict(desk);
    strictEqual((await desk.run("sync")).code, 0);
    for (const side of ["a", "b"]) {
      strictEqual(await desk.read(`${side}/work/x.ics`), event("x", "Größe hier", 1));
    }
  }));

Deno.test("one_way: B becomes like A, and what only B has is deleted", () =>
  atDesk(async (desk) => {
    await inStep(desk);
    await desk.configure({ pair: "collections all\none_way" });
    await desk.write("b/work/x.ics", event("x", "Edited there", 1));
    await desk.remove("b/work/y.ics");
    await desk.write("b/work/only.ics", event("only", "Only there", 9));
    strictEqual((await desk.run("sync")).code, 0);
    deepStrictEqual(desk.names("b/work"), ["x.ics", "y.ics", "z.ics"]);
    deepStrictEqual(desk.names("a/work"), ["x.ics", "y.ics", "z.ics"]);
    match(await desk.read("b/work/x.ics"), /SUMMARY:Event x/);
  }));

Deno.test("a pair without collections keeps nothing in step, and is no error", () =>
  atDesk(async (desk) => {
    await desk.configure({ pair: "" });
    await desk.write("a/work/x.ics", event("x", "Dentist", 1));
    strictEqual((await desk.run("sync")).code, 0);
    deepStrictEqual(desk.names("b"), []);
  }));

Deno.test("collection { }: two collections of different names, by id and by href", async () => {
  const server = startDavServer();
  server.addCalendar("seven");
  server.addCalendar("eight");
  try {
    await atDesk(async (desk) => {
      await desk.configure({
        b: `type caldav\nurl ${server.origin}/`,
        pair: `collection {
  alias work
  id_a office
  id_b seven
}
collection {
  alias home
  href_a family
  href_b ${CALENDARS}eight/
}`,
      });
      await desk.write("a/office/x.ics", event("x", "Stand-up", 1));
      await desk.write("a/family/y.ics", event("y", "Party", 2));
      await desk.write("a/others/z.ics", event("z", "Not meant", 3));
      const { code, out, err } = await desk.run("sync");
      strictEqual(code, 0, err);
      match(out, /\bwork\b/);
      const kept = [...server.store.collections.values()].map(({ items }) => items.size);
      deepStrictEqual(kept, [1, 1]);
      strictEqual((await desk.run("sync", "p/work")).code, 0, "it is chosen by its alias");
    });
  } finally {
    await server.close();
  }
});

Deno.test("a collection that is taken out of the configuration stays where it is", () =>
  atDesk(async (desk) => {
    await inStep(desk);
    await desk.write("a/home/h.ics", event("h", "Party", 4));
    strictEqual((await desk.run("sync")).code, 0);
    await desk.configure({ pair: "collection home" });
    await desk.remove("a/work/x.ics");
    strictEqual((await desk.run("sync")).code, 0);
    strictEqual(desk.names("b/work").length, 3);
  }));

Deno.test("user_agent: its words are what the server is told", async () => {
  const server = startDavServer();
  try {
    await atDesk(async ({ configure, run }) => {
      const b = `type caldav\nurl ${server.origin}/`;
      await configure({ b });
      await run("discover");
      match(server.requests[0]?.headers.get("user-agent") ?? "", /^dovetail\/\d/);
      server.requests.splice(0);
      await configure({ b: `${b}\nuser_agent my agent/1.0` });
      await run("discover");
      strictEqual(server.requests[0]?.headers.get("user-agent"), "my agent/1.0");
    });
  } finally {
    await server.close();
  }
});

Deno.test("item_types: items of other types are neither copied nor deleted", () =>
  atDesk(async (desk) => {
    const todo = (uid: string) => event(uid, "Buy milk", 1).replaceAll("VEVENT", "VTODO");
    await desk.configure({ a: "item_types VEVENT" });
    await desk.write("a/work/x.ics", event("x", "Dentist", 1));
    await desk.write("a/work/t.ics", todo("t"));
    await desk.write("b/work/u.ics", todo("u"));
    await desk.run("sync");
    await desk.run("sync");
    deepStrictEqual(desk.names("a/work"), ["t.ics", "x.ics"]);
    deepStrictEqual(desk.names("b/work"), ["u.ics", "x.ics"]);
  }));

Deno.test("start_date and end_date: what lies outside is neither copied nor deleted", () =>
  atDesk(async (desk) => {
    await desk.configure({ a: "start_date 2026-03-10\nend_date 2026-03-20" });
    for (const [uid, day] of [["early", 1], ["in", 15], ["late", 25]] as const) {
      await desk.write(`a/work/${uid}.ics`, event(uid, "Event", day));
    }
    strictEqual((await desk.run("sync")).code, 0);
    deepStrictEqual(desk.names("b/work"), ["in.ics"]);
    await desk.configure({ a: "start_date 2026-03-16" });
    await desk.run("sync");
    strictEqual(desk.names("a/work").length, 3);
    ok(desk.names("b/work").includes("in.ics"), "what has gone by is not deleted");
  }));

Deno.test("filter: what is dropped is not copied, and is not lost where it came from", () =>
  atDesk(async (desk) => {
    const alarm =
      "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT5M\r\nDESCRIPTION:x\r\nEND:VALARM\r\n";
    const text = event("x", "Dentist", 1).replace("END:VEVENT", `${alarm}END:VEVENT`);
    await desk.configure({ b: "filter write drop VALARM" });
    await desk.write("a/work/x.ics", text);
    strictEqual((await desk.run("sync")).code, 0);
    doesNotMatch(await desk.read("b/work/x.ics"), /VALARM/);
    await desk.write("b/work/x.ics", event("x", "Dentist, moved", 2));
    strictEqual((await desk.run("sync")).code, 0);
    const back = await desk.read("a/work/x.ics");
    match(back, /SUMMARY:Dentist\\?, moved/);
    match(back, /TRIGGER:-PT5M/);
  }));

Deno.test("filter busy_only: of an event only its time goes there", () =>
  atDesk(async (desk) => {
    await desk.configure({ b: "filter write busy_only" });
    await desk.write("a/work/x.ics", event("x", "Secret meeting", 1));
    strictEqual((await desk.run("sync")).code, 0);
    const there = await desk.read("b/work/x.ics");
    match(there, /DTSTART:20260301T103000Z/);
    doesNotMatch(there, /Secret/);
  }));

Deno.test("filter cmd: the program reads an item, and what it prints is copied", () =>
  atDesk(async (desk) => {
    const program = await desk.program(
      "strip",
      "text=$(cat; echo x); case $text in *private*) exit 0;; esac\n" +
        'printf %s "${text%x}" | sed s/Dentist/Appointment/',
    );
    await desk.configure({ b: `filter write cmd ${program}` });
    await desk.write("a/work/x.ics", event("x", "Dentist", 1));
    await desk.write("a/work/y.ics", event("y", "private", 2));
    await desk.run("sync");
    deepStrictEqual(desk.names("b/work"), ["x.ics"]);
    match(await desk.read("b/work/x.ics"), /SUMMARY:Appointment/);
    match(await desk.read("a/work/x.ics"), /SUMMARY:Dentist/);
  }));

Deno.test("post_hook and pre_deletion_hook are run with the path of the file", () =>
  atDesk(async (desk) => {
    const log = `${desk.folder}/log`;
    const post = await desk.program("post", `echo "post $*" >> ${log}`);
    const before = await desk.program("before", `test -e "$2" && echo "before $*" >> ${log}`);
    await desk.configure({ b: `post_hook ${post} p\npre_deletion_hook ${before} d` });
    await inStep(desk);
    await desk.write("a/work/x.ics", event("x", "Another", 1));
    strictEqual((await desk.run("sync")).code, 0);
    await desk.remove("a/work/x.ics");
    strictEqual((await desk.run("sync")).code, 0);
    const lines = (await desk.read("log")).trim().replaceAll(desk.folder, "").split("\n");
    deepStrictEqual(
      lines.slice(0, 3).sort(),
      ["x", "y", "z"].map((it) => `post p /b/work/${it}.ics`),
    );
    deepStrictEqual(lines.slice(3), ["post p /b/work/x.ics", "before d /b/work/x.ics"]);
    await desk.configure({ b: "pre_deletion_hook false" });
    await desk.remove("a/work/y.ics");
    strictEqual((await desk.run("sync")).code, 1);
    ok(desk.names("b/work").includes("y.ics"), "it is not deleted where the hook fails");
  }));

Deno.test("hook is run after the pair, with a JSON object on its standard input", () =>
  atDesk(async (desk) => {
    const hook = await desk.program("hook", `cat >> ${desk.folder}/told`);
    await desk.configure({ pair: `collections all\nhook ${hook}` });
    await desk.write("a/work/x.ics", event("x", "Dentist", 1));
    strictEqual((await desk.run("sync")).code, 0);
    const told = JSON.parse(await desk.read("told"));
    deepStrictEqual([told.pair, told.exit], ["p", 0]);
  }));

Deno.test("properties: those that are named are kept in step, and no others", () =>
  atDesk(async (desk) => {
    await desk.configure({ pair: "collections all\nproperties color" });
    await inStep(desk);
    await desk.write("a/work/color", "#ff0000");
    await desk.write("a/work/displayname", "Work");
    strictEqual((await desk.run("sync")).code, 0);
    strictEqual((await desk.read("b/work/color")).trim(), "#ff0000");
    ok(!desk.names("b/work").includes("displayname"));
  }));

Deno.test("status_path, path, url, username and password may come from commands", async () => {
  const server = startDavServer({ credentials: { username: "hugo", password: "p w" } });
  server.addCalendar("work");
  try {
    await atDesk(async (desk) => {
      const { folder } = desk;
      await desk.configure({
        global: `status_path {\n  shell echo ${folder}/status\n}`,
        a: `path {\n  cmd echo ~/a\n}`,
        b: `type caldav
url {
  shell 'echo ${server.origin}/ | cat'
}
username {
  cmd echo hugo
}
password {
  shell 'printf "  p w\\n\\n"'
}`,
      });
      await desk.write("a/work/x.ics", event("x", "Dentist", 1));
      const { code, err } = await desk.run("sync");
      strictEqual(code, 0, err);
      ok(desk.names("status").includes("p.db"));
      strictEqual([...server.store.collections.values()][0]?.items.size, 1);
    });
  } finally {
    await server.close();
  }
});

Deno.test("a vdir of vCards and a CardDAV server are kept in step, in the version that is asked for", async () => {
  const server = startDavServer();
  server.addAddressbook("friends");
  try {
    await atDesk(async (desk) => {
      await desk.configure({
        a: `type vdir/vcard\npath ${desk.folder}/a`,
        b: `type carddav\nurl ${server.origin}/\nvcard_version 4.0`,
      });
      await desk.write(
        "a/friends/g.vcf",
        "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:g\r\nFN:Grace Hopper\r\nEND:VCARD\r\n",
      );
      const { code, err } = await desk.run("sync");
      strictEqual(code, 0, err);
      strictEqual([...server.store.collections.values()][0]?.items.size, 1);
      match((await desk.run("sync")).out, /everything is in step/);
      ok(
        server.requests.every(({ text }) =>
          !text.includes("address-data") || /version="4\.0"/.test(text)
        ),
      );
    });
  } finally {
    await server.close();
  }
});
