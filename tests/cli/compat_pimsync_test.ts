/** The command line as people know it from pimsync: docs/compatibility.md names these tests. */

import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from "node:assert/strict";
import { startDavServer } from "../support/dav_server.ts";
import { atDesk, type Desk, makeConflict } from "./compat_kit.ts";
import { runInside } from "./inside.ts";
import { event } from "./world.ts";

const LOGIN = "username hugo\npassword hunter2";

Deno.test("options may stand before the command and behind it", () =>
  atDesk(async ({ file, folder }) => {
    const env = { HOME: folder };
    for (const args of [["-c", file, "list", "pairs"], ["list", "-c", file, "pairs"]]) {
      const { code, out } = await runInside(args, { env });
      deepStrictEqual([code, out], [0, "p\n"], args.join(" "));
    }
  }));

Deno.test("-v takes no level: it is written once or twice", () =>
  atDesk(async ({ run, write }) => {
    for (const level of ["trace", "debug", "info", "warn", "error"]) {
      const { code, out, err } = await run("-v", level, "sync");
      deepStrictEqual([code, out], [3, ""], level);
      ok(err.startsWith(`error: Unexpected option or argument: "${level}".\n`), err);
      match(err, /^help: -v says more, -vv most; it takes no level/m);
    }
    await write("a/work/x.ics", event("x", "Dentist", 1));
    const [plain, more] = [await run("sync", "-n"), await run("sync", "-n", "-v")];
    deepStrictEqual([plain.code, more.code], [0, 0]);
    strictEqual(plain.err, "");
    match(more.err, /listing work on a/);
    strictEqual(plain.out, more.out, "what is said besides goes to standard error");
  }));

Deno.test("however much is to be said, no password is", async () => {
  const server = startDavServer({ credentials: { username: "hugo", password: "hunter2" } });
  server.addCalendar("work");
  try {
    await atDesk(async ({ configure, run }) => {
      await configure({ b: `type caldav\nurl ${server.origin}/\n${LOGIN}` });
      for (const args of [["check", "-vv"], ["sync", "-vv"], ["discover", "-vv", "--json"]]) {
        const { code, out, err } = await run(...args);
        strictEqual(code, 0, err);
        doesNotMatch(out + err, /hunter2|aHVnbzpodW50ZXIy/);
      }
    });
  } finally {
    await server.close();
  }
});

/** Two pairs of which each has a storage that nobody can reach, and one with a sound one. */
const SEVERAL = ({ folder }: Desk) => `
storage gone {
  type vdir/icalendar
  path {
    shell 'echo asked >> ${folder}/asked; echo ${folder}/gone'
  }
}
storage sound {
  type vdir/icalendar
  path ${folder}/sound
}
pair other {
  storage_a gone
  storage_b sound
  collections all
}
`;

Deno.test("only the pairs that are named are looked into, and only their commands run", () =>
  atDesk(async (desk) => {
    const { run, configure, write, names, folder } = desk;
    await Deno.mkdir(`${folder}/sound`);
    await configure({ global: SEVERAL(desk) });
    await write("a/work/x.ics", event("x", "Dentist", 1));
    for (const command of ["check", "discover", "sync", "resolve-conflicts", "status"]) {
      const { code, err } = await run(command, "p");
      strictEqual(code, 0, `${command}: ${err}`);
    }
    deepStrictEqual(names("b/work"), ["x.ics"]);
    await run("list", "pairs");
    await run("list", "storages");
    ok(!names(".").includes("asked"));
    strictEqual((await run("check", "other")).code, 4);
    ok(names(".").includes("asked"));
  }));

Deno.test("a pair that is not in the configuration is an error for every command", () =>
  atDesk(async ({ run }) => {
    for (const command of ["check", "discover", "sync", "resolve-conflicts", "status"]) {
      const { code, err } = await run(command, "nothing-like-it");
      strictEqual(code, 3, command);
      match(err, /nothing-like-it/);
      match(err, /\bp\b/, "those that there are are named");
    }
  }));

Deno.test("a pair that fails makes sync end with another status than 0", () =>
  atDesk(async (desk) => {
    const { run, configure, write, names, folder } = desk;
    await Deno.mkdir(`${folder}/sound`);
    await configure({ global: SEVERAL(desk) });
    await write("a/work/x.ics", event("x", "Dentist", 1));
    const { code } = await run("sync");
    strictEqual(code, 4);
    deepStrictEqual(names("b/work"), ["x.ics"], "the other pair is brought in step");
  }));

Deno.test("a usage that is wrong ends with 3, and says what help there is", async () => {
  for (const args of [["sync", "--nope"], ["list"], ["nope"], ["check", "-i"]]) {
    const { code, out, err } = await runInside(args);
    deepStrictEqual([code, out], [3, ""], args.join(" "));
    match(err, /^help: .*"dovetail help/m);
  }
});

Deno.test("check reaches every storage: a folder has to be there, a server has to speak CalDAV", async () => {
  const page = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response("<html>hello</html>", { headers: { "content-type": "text/html" } }),
  );
  try {
    await atDesk(async ({ run, configure, folder, remove }) => {
      await configure({ b: `type caldav\nurl http://127.0.0.1:${page.addr.port}/` });
      const { code, out } = await run("check");
      strictEqual(code, 4, out);
      match(out, /^failure {2}storage b: /m);
      await remove("a");
      match((await run("check")).out, /^failure {2}storage a: .*\/a/m);
      await Deno.writeTextFile(`${folder}/a`, "");
      match((await run("check")).out, /^failure {2}storage a: .*\/a/m);
    });
  } finally {
    await page.shutdown();
  }
});

Deno.test("discover prints the id and the href of each collection, and changes nothing", async () => {
  const server = startDavServer();
  server.addCalendar("work");
  try {
    await atDesk(async ({ run, configure, folder, names }) => {
      await Deno.mkdir(`${folder}/a/home`);
      await configure({ b: `type caldav\nurl ${server.origin}/` });
      const { code, out } = await run("discover");
      strictEqual(code, 0);
      match(out, /^ {2}home\b/m);
      match(out, /^ {2}work\b/m);
      match(out, /calendars\/user\/work\//);
      deepStrictEqual(names("a"), ["home"]);
      deepStrictEqual(names("."), ["a", "b", "d.conf"]);
      ok(server.requests.every(({ method }) => method === "PROPFIND" || method === "OPTIONS"));
    });
  } finally {
    await server.close();
  }
});

Deno.test("discover asks a storage that is in two pairs once", async () => {
  const server = startDavServer();
  server.addCalendar("work");
  try {
    await atDesk(async ({ run, configure, folder }) => {
      const b = `type caldav\nurl ${server.origin}/`;
      const requests = async (global: string) => {
        await configure({ global, b });
        server.requests.splice(0);
        const { code, out } = await run("discover");
        strictEqual(code, 0);
        return { asked: server.requests.length, out };
      };
      const one = await requests("");
      const two = await requests(`storage c {
  type vdir/icalendar
  path ${folder}/a
}
pair q {
  storage_a c
  storage_b b
  collections all
}
`);
      strictEqual(two.asked, one.asked);
      match(two.out, /^pair q[^]*\n {2}work\b[^]*^pair p[^]*\n {2}work\b/m);
    });
  } finally {
    await server.close();
  }
});

Deno.test("discover shows collections of different names together, as a sync puts them", () =>
  atDesk(async ({ run, configure, folder }) => {
    for (const path of ["a/office", "b/seven", "a/work", "b/others"]) {
      await Deno.mkdir(`${folder}/${path}`);
    }
    await configure({
      pair: "collection {\n  alias work\n  id_a office\n  id_b seven\n}\ncollection nowhere",
    });
    const { code, out } = await run("discover");
    strictEqual(code, 0);
    deepStrictEqual(out.replaceAll(folder, "FOLDER").split("\n").slice(1), [
      "  nowhere  in the configuration, and on neither side",
      "  others  not kept in step",
      "    b  FOLDER/b/others",
      "  work  kept in step",
      "    a  FOLDER/a/office",
      "    b  FOLDER/b/seven",
      "  work  not kept in step",
      "    a  FOLDER/a/work",
      "",
    ]);
  }));

Deno.test("sync -n shows the plan and does nothing, sync -i asks before it does it", () =>
  atDesk(async ({ run, runWith, write, names }) => {
    await write("a/work/x.ics", event("x", "Dentist", 1));
    const shown = await run("sync", "-n");
    strictEqual(shown.code, 0);
    match(shown.out, /^pair p/m);
    match(shown.out, /Dentist/);
    deepStrictEqual(names("b"), []);

    const nobody = await run("sync", "-i");
    strictEqual(nobody.code, 3);
    match(nobody.err, /There is nobody to ask/);

    const no = await runWith({ answers: ["n"] }, "sync", "-i");
    deepStrictEqual([no.code, names("b")], [2, []], no.out + no.err);
    const yes = await runWith({ answers: ["y"] }, "sync", "-i");
    deepStrictEqual([yes.code, names("b/work")], [0, ["x.ics"]], yes.out + yes.err);
  }));

Deno.test("resolve-conflicts asks for each item, and -n only shows them", () =>
  atDesk(async (desk) => {
    await makeConflict(desk);
    strictEqual((await desk.run("sync")).code, 2);
    const before = [await desk.read("a/work/x.ics"), await desk.read("b/work/x.ics")];
    const shown = await desk.run("resolve-conflicts", "-n");
    strictEqual(shown.code, 2);
    match(shown.out, /Größe hier/);
    match(shown.out, /Größe dort/);
    const quit = await desk.runWith({ answers: ["quit"] }, "resolve-conflicts");
    strictEqual(quit.code, 2);
    deepStrictEqual([await desk.read("a/work/x.ics"), await desk.read("b/work/x.ics")], before);
    const { code } = await desk.runWith({ answers: ["b"] }, "resolve-conflicts", "p");
    strictEqual(code, 0);
    match(await desk.read("a/work/x.ics"), /Größe dort/);
    strictEqual((await desk.run("resolve-conflicts")).out, "p: no conflicts\n");
  }));

Deno.test("resolve-conflicts settles properties too: a side's, or a value that is typed", () =>
  atDesk(async (desk) => {
    await desk.write("a/work/displayname", "Work");
    await desk.write("a/work/x.ics", event("x", "Dentist", 1));
    strictEqual((await desk.run("sync")).code, 0);
    await desk.write("a/work/displayname", "Arbeit");
    await desk.write("b/work/displayname", "Travail");
    const { code, out } = await desk.run("sync");
    strictEqual(code, 2, out);
    const loud = await desk.runWith({ answers: ["SKIP"] }, "resolve-conflicts");
    deepStrictEqual([loud.code, loud.err.match(/ or quit\?/g)?.length], [2, 1]);
    const typed = await desk.runWith({ answers: ["= Büro"] }, "resolve-conflicts");
    strictEqual(typed.code, 0, typed.err);
    deepStrictEqual(
      [await desk.read("a/work/displayname"), await desk.read("b/work/displayname")],
      ["Büro", "Büro"],
    );
  }));

Deno.test("repair takes storages, and gives the UID that is missing", () =>
  atDesk(async ({ run, write, read }) => {
    await write("a/work/x.ics", event("x", "Dentist", 1).replace("UID:x\r\n", ""));
    strictEqual((await run("repair", "p")).code, 3, "a pair is no storage");
    const all = await run("repair");
    strictEqual(all.code, 3, "never all of them at once");
    match(all.err, /^error: Expected a STORAGE; "dovetail list storages" names them\.$/m);
    const { code } = await run("repair", "-y", "a");
    strictEqual(code, 0);
    match(await read("a/work/x.ics"), /^UID:\S+\r$/m);
  }));

Deno.test("list prints the names of the pairs or of the storages, and runs nothing", () =>
  atDesk(async ({ run, configure, folder, names }) => {
    await configure({ a: `path {\n  shell 'touch ${folder}/asked; echo ${folder}/a'\n}` });
    deepStrictEqual((await run("list", "pairs")).out, "p\n");
    deepStrictEqual((await run("list", "storages")).out, "a\nb\n");
    deepStrictEqual(names("."), ["a", "b", "d.conf"]);
  }));

Deno.test("the status lies beside pimsync's own, which is left as it is", () =>
  atDesk(async ({ run, configure, folder, write, read, names }) => {
    await configure({ global: `status_path ${folder}/status` });
    await write("status/p.status", "pimsync's");
    await write("a/work/x.ics", event("x", "Dentist", 1));
    strictEqual((await run("sync")).code, 0);
    strictEqual(await read("status/p.status"), "pimsync's");
    deepStrictEqual(names("status"), ["p.db", "p.lock", "p.status"]);
  }));

Deno.test("the status may be deleted: what is missing comes back, what differs is a conflict", () =>
  atDesk(async ({ run, configure, folder, write, read, remove, names }) => {
    await configure({ global: `status_path ${folder}/status` });
    await write("a/work/x.ics", event("x", "Dentist", 1));
    await write("a/work/y.ics", event("y", "Party", 2));
    strictEqual((await run("sync")).code, 0);
    await remove("status");
    await remove("b/work/x.ics");
    await write("b/work/y.ics", event("y", "Another party", 2));
    strictEqual((await run("sync")).code, 2);
    deepStrictEqual(names("b/work"), ["x.ics", "y.ics"]);
    match(await read("a/work/y.ics"), /SUMMARY:Party/);
    match(await read("b/work/y.ics"), /SUMMARY:Another party/);
  }));

Deno.test("a plain http url goes through the proxy that http_proxy names", async () => {
  const asked: string[] = [];
  const text = event("x", "Holiday", 1);
  const proxy = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const served = (async () => {
    for await (const connection of proxy) {
      const buffer = new Uint8Array(16_384);
      const size = await connection.read(buffer) ?? 0;
      asked.push(new TextDecoder().decode(buffer.subarray(0, size)).split("\r\n")[0] ?? "");
      const body = new TextEncoder().encode(text);
      await connection.write(new TextEncoder().encode(
        `HTTP/1.1 200 OK\r\ncontent-type: text/calendar\r\ncontent-length: ${body.length}\r\n` +
          "connection: close\r\n\r\n",
      ));
      await connection.write(body);
      connection.close();
    }
  })();
  try {
    const { run } = await import("../support/dovetail.ts");
    await atDesk(async ({ configure, file, folder, names }) => {
      await configure({
        a: "type webcal\nurl http://feed.invalid/x.ics\ninsecure\ncollection_id feed",
      });
      const { code, stderr } = await run(["-c", file, "sync"], {
        env: { HOME: folder, http_proxy: `http://127.0.0.1:${proxy.addr.port}` },
      });
      strictEqual(code, 0, stderr);
      deepStrictEqual(asked, ["GET http://feed.invalid/x.ics HTTP/1.1"]);
      deepStrictEqual(names("b/feed"), ["x.ics"]);
    });
  } finally {
    proxy.close();
    await served;
  }
});
