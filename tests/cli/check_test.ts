import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { type DavServer, startDavServer } from "../support/dav_server.ts";
import { serveFeed } from "../support/feed_server.ts";
import { runInside, withFolder } from "./inside.ts";
import { event } from "./world.ts";

/** A folder with one calendar, and a server with another. */
interface Set {
  readonly folder: string;
  readonly server: DavServer;
  /** Writes the configuration: what stands in the blocks, and whatever else. */
  configure(parts?: Parts): Promise<void>;
  check(...args: readonly string[]): ReturnType<typeof runInside>;
}

interface Parts {
  readonly here?: string;
  readonly there?: string;
  readonly pair?: string;
  readonly more?: string;
}

const PRIVILEGES = "{DAV:}current-user-privilege-set";

async function inSet(test: (set: Set) => Promise<void>): Promise<void> {
  const server = startDavServer({ credentials: { username: "hugo", password: "pass" } });
  server.addCalendar("work");
  try {
    await withFolder(async (folder) => {
      await Deno.mkdir(`${folder}/home/work`, { recursive: true });
      const file = `${folder}/dovetail.conf`;
      const set: Set = {
        folder,
        server,
        configure: ({ here = "", there = LOGIN, pair = "", more = "" } = {}) =>
          Deno.writeTextFile(
            file,
            `storage here {
  type vdir/icalendar
  path ${folder}/home
  ${here}
}
storage there {
  type caldav
  url ${server.origin}/
  ${there}
}
pair calendars {
  storage_a here
  storage_b there
  collections all
  ${pair}
}
${more}`,
            { mode: 0o600 },
          ),
        check: (...args) => runInside(["-c", file, "check", ...args], { env: { HOME: folder } }),
      };
      await set.configure();
      await test(set);
    });
  } finally {
    await server.close();
  }
}

const LOGIN = "username hugo\n  password pass";

const lines = (text: string) => text.trimEnd().split("\n");

Deno.test("a set-up that is right is told line by line, with few requests", () =>
  inSet(async ({ folder, server, check }) => {
    const { code, out, err } = await check();
    deepStrictEqual([code, err], [0, ""]);
    deepStrictEqual(lines(out.replaceAll(folder, "FOLDER")), [
      "ok       configuration FOLDER/dovetail.conf: 1 pair",
      "ok       storage here: 1 collection",
      "ok       storage there: 1 collection",
      "ok       status FOLDER/.local/share/dovetail/status: will be made by the first run",
      "ok       pair calendars: 1 collection, nothing was ever written",
    ]);
    deepStrictEqual(server.counts(), { "PROPFIND 0": 3, "PROPFIND 1": 1, OPTIONS: 1 });
    deepStrictEqual([...Deno.readDirSync(folder)].map((it) => it.name).sort(), [
      "dovetail.conf",
      "home",
    ]);
  }));

Deno.test("in JSON everything is an object of the type check", () =>
  inSet(async ({ check }) => {
    const { out } = await check("--json");
    deepStrictEqual(lines(out).map((it) => JSON.parse(it)).map((it) => [it.type, it.subject]), [
      ["check", "configuration"],
      ["check", "storage"],
      ["check", "storage"],
      ["check", "status"],
      ["check", "pair"],
    ]);
  }));

Deno.test("files that others may read are warned of if they hold a secret", () =>
  inSet(async ({ folder, configure, check }) => {
    const file = `${folder}/dovetail.conf`;
    await Deno.chmod(file, 0o640);
    const { code, out } = await check();
    strictEqual(code, 0);
    ok(
      out.includes(
        `warning  file ${file}: its group may read it, and it holds a password or a token\n` +
          `           help: chmod 600 ${file}\n`,
      ),
      out,
    );
    await configure({ there: "username hugo\n  password {\n    shell 'echo pass'\n  }" });
    await Deno.chmod(file, 0o644);
    ok(!(await check()).out.includes("warning"));
  }));

Deno.test("each storage fails by itself, and the worst of them is the exit status", () =>
  inSet(async ({ folder, server, configure, check }) => {
    const more = `
storage gone {
  type vdir/icalendar
  path ${folder}/gone
}
storage locked {
  type caldav
  url ${server.origin}/
  username hugo
  password {
    shell 'echo asked >> ${folder}/asked; exit 3'
  }
}
storage locked-too {
  type caldav
  url ${server.origin}/
  username hugo
  password {
    shell 'echo asked >> ${folder}/asked; exit 3'
  }
}
pair broken {
  storage_a gone
  storage_b locked
  collections all
}
pair broken-too {
  storage_a here
  storage_b locked-too
  collections all
}
`;
    await configure({ more });
    const { code, out } = await check();
    strictEqual(code, 3);
    const states = lines(out).filter((it) => /^\w/.test(it)).map((it) =>
      it.replace(/^(\w+) +(\w+) ([\w-]+):.*/, "$1 $3")
    );
    deepStrictEqual(states.slice(1, 6), [
      "ok here",
      "ok there",
      "failure gone",
      "failure locked",
      "failure locked-too",
    ]);
    match(out, /storage locked: the password .* ended with status 3/);
    strictEqual(await Deno.readTextFile(`${folder}/asked`), "asked\n", "it is run once");
    strictEqual((await check("calendars")).code, 0);
  }));

Deno.test("a password that is refused is a failure, and is not shown", () =>
  inSet(async ({ configure, check }) => {
    await configure({ there: "username hugo\n  password hunter2" });
    const { code, out, err } = await check("-vv");
    strictEqual(code, 4);
    match(out, /failure {2}storage there: .*401/);
    match(out, /warning {2}pair calendars: what it would keep in step is not known/);
    ok(!(out + err).includes("hunter2"));
  }));

Deno.test("a clock that is wrong by more than a minute is warned of", () =>
  inSet(async ({ server, check }) => {
    let apart = 0;
    server.quirks = {
      alter(_request, response) {
        response.headers.set("date", new Date(Date.now() + apart).toUTCString());
        return response;
      },
    };
    for (const fine of [0, 55_000, -55_000]) {
      apart = fine;
      ok(!(await check()).out.includes("clock"), `${fine}`);
    }
    apart = 2 * 3_600_000 + 5_000;
    const { code, out } = await check();
    strictEqual(code, 0);
    match(out, /^warning {2}storage there: the server's clock is 2 hours ahead of this machine's/m);
    apart = -90_000;
    match((await check()).out, /clock is 1 minute behind this machine's/);
  }));

Deno.test("a calendar that the server lets nobody write to is warned of where that matters", () =>
  inSet(async ({ server, configure, check }) => {
    const holidays = server.addCalendar("holidays");
    const may = (...names: readonly string[]) =>
      names.map((it) => `<D:privilege><D:${it}/></D:privilege>`).join("");
    for (const { properties } of server.store.collections.values()) {
      properties.set(PRIVILEGES, may("read", "write-content", "bind"));
    }
    ok(!(await check()).out.includes("warning"));
    holidays.properties.set(PRIVILEGES, may("read", "read-current-user-privilege-set"));
    const { code, out } = await check();
    strictEqual(code, 0);
    const warnings = lines(out).filter((it) => it.startsWith("warning"));
    deepStrictEqual(warnings, [
      'warning  storage there: the server says that "holidays" may be read and not written to',
    ]);
    await configure({ there: `${LOGIN}\n  read_only` });
    ok(!(await check()).out.includes("warning"));
  }));

Deno.test("http to another machine is warned of", () =>
  inSet(async ({ server, configure, check }) => {
    // Another name of this machine, which is none of those that mean this machine for certain.
    const url = server.origin.replace("127.0.0.1", "0.0.0.0");
    await configure({
      more: `
storage far {
  type caldav
  url ${url}/
  insecure
  ${LOGIN}
}
pair far {
  storage_a here
  storage_b far
  collections all
}
`,
    });
    const { code, out } = await check("far");
    strictEqual(code, 0, out);
    match(out, /warning {2}storage far: everything, the password too, goes to 0\.0\.0\.0:\d+ with/);
  }));

Deno.test("with -v there is also what the server says that it can do", () =>
  inSet(async ({ check }) => {
    const { out } = await check("-v");
    match(out, /^ok {7}storage there: the server says that it speaks .*calendar-access/m);
    match(out, /since a run before in 1 of 1 collections$/m);
  }));

Deno.test("of a feed its items are counted, and it is fetched once", async () => {
  const text = event("a", "One", 1).replace("END:VCALENDAR\r\n", "") +
    event("b", "Two", 2).slice(event("b", "Two", 2).indexOf("BEGIN:VEVENT"));
  const feed = serveFeed((request) => new Response(request.method === "HEAD" ? null : text));
  try {
    await inSet(async ({ configure, check }) => {
      await configure({
        more: `
storage feed {
  type webcal
  url ${feed.origin}/holidays.ics?key=canary
  collection_id holidays
}
pair feed {
  storage_a here
  storage_b feed
  collections from b
}
`,
      });
      const { code, out, err } = await check("-vv", "feed");
      strictEqual(code, 0, out);
      match(err, /^feed: HEAD /m);
      ok(!(out + err).includes("canary"), err);
      match(out, /^ok {7}storage feed: 2 items, read only$/m);
      match(out, /^ok {7}pair feed: 1 collection, 1 to be made on here/m);
      strictEqual(feed.requests.length, 2);
    });
  } finally {
    await feed.close();
  }
});

Deno.test("collections that a run would leave out, or make by mistake, are warned of", () =>
  inSet(async ({ folder, configure, check }) => {
    await Deno.mkdir(`${folder}/home/family`);
    await configure({
      pair: `collection nowhere
  collection {
    alias office
    id_a work
    href_b /calendars/user/lost/
  }
  collection {
    alias bureau
    href_a work
    id_b bureau
  }`,
    });
    const { code, out } = await check();
    strictEqual(code, 0);
    match(
      out,
      /pair calendars: the collection "nowhere" is neither on here nor on there: an empty/,
    );
    match(
      out,
      /warning {2}pair calendars: one collection of here is mapped 2 times: as "office" and/,
    );
    match(out, /^ok {7}pair calendars: .* to be made on there/m);
  }));

Deno.test("what is known of earlier runs is told, and a damaged status is a failure", () =>
  inSet(async ({ folder, check }) => {
    await Deno.writeTextFile(`${folder}/home/work/a.ics`, event("a", "Dentist", 14));
    const synced = await runInside(["-c", `${folder}/dovetail.conf`, "sync", "-y"], {
      env: { HOME: folder },
    });
    strictEqual(synced.code, 0, synced.err);
    const path = `${folder}/.local/share/dovetail/status`;
    const { code, out } = await check();
    strictEqual(code, 0, out);
    ok(out.includes(`ok       status ${path}: can be read and written\n`), out);
    match(out, /^ok {7}pair calendars: 1 collection, last written to on \d{4}-\d\d-\d\d$/m);

    await Deno.chmod(path, 0o755);
    ok((await check()).out.includes(
      `warning  status ${path}: everybody on this machine may look into it, and it holds copies of ` +
        `items\n           help: chmod 700 ${path}\n`,
    ));

    const lock = `${path}/calendars.lock`;
    const note = await Deno.readTextFile(lock);
    using held = await Deno.open(lock, { read: true, write: true });
    await Deno.writeTextFile(lock, "1 2026-01-01T00:00:00.000Z\n");
    ok(!(await check()).out.includes("going on now"), "whoever wrote that has died");
    await held.lock(true);
    match(
      (await check()).out,
      /^ok {7}pair calendars: 1 collection, a run of it is going on now$/m,
    );
    await held.unlock();
    await Deno.writeTextFile(lock, note);

    await Deno.writeTextFile(`${path}/calendars.db`, "this is no database");
    const damaged = await check();
    strictEqual(damaged.code, 1);
    match(damaged.out, /^failure {2}pair calendars: /m);
  }));

Deno.test("a status that cannot be kept is a failure", () =>
  inSet(async ({ folder, configure, check }) => {
    await Deno.writeTextFile(`${folder}/taken`, "");
    await configure({ more: `status_path ${folder}/taken/status` });
    const { code, out } = await check();
    strictEqual(code, 1);
    ok(
      out.includes(`failure  status ${folder}/taken/status: ${folder}/taken is not a folder\n`),
      out,
    );
    await configure({ more: "status_path {\n  shell 'exit 7'\n}" });
    const other = await check();
    strictEqual(other.code, 3);
    match(other.out, /failure {2}status status_path: .* ended with status 7/);
    match(other.out, /^ok {7}storage there/m);
  }));
