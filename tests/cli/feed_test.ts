/** Feeds and single files, from the configuration to the files. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { serveFeed } from "../support/feed_server.ts";
import { inWorld, type World } from "./world.ts";

const lines = (...all: readonly string[]): string => all.map((it) => `${it}\r\n`).join("");
const event = (...more: readonly string[]): string => lines("BEGIN:VEVENT", ...more, "END:VEVENT");
const ZONE = lines(
  "BEGIN:VTIMEZONE",
  "TZID:Europe/Berlin",
  "BEGIN:STANDARD",
  "DTSTART:19700101T000000",
  "TZOFFSETFROM:+0100",
  "TZOFFSETTO:+0100",
  "END:STANDARD",
  "END:VTIMEZONE",
);
const feed = (...events: readonly string[]): string =>
  lines("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", "METHOD:PUBLISH") + ZONE +
  events.join("") + lines("END:VCALENDAR");
const day = (uid: string, summary: string): string =>
  event(`UID:${uid}`, "DTSTART;TZID=Europe/Berlin:20260314T103000", `SUMMARY:${summary}`);

const feedInto = (folder: string, url: string, more = ""): string => `
storage holidays {
  type webcal
  url ${url}
  collection_id holidays
  ${more}
}
storage home {
  type vdir/icalendar
  path ${folder}/home
}
pair holidays {
  storage_a holidays
  storage_b home
  collections all
}
`;

async function filesIn({ folder }: World, path: string): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const { name } of Deno.readDirSync(`${folder}/${path}`)) {
    found[name] = await Deno.readTextFile(`${folder}/${path}/${name}`);
  }
  return found;
}

Deno.test("a feed is kept in a folder: what is new, what changes, what goes, and nothing else", async () => {
  let text = feed(day("a", "One"), day("b", "Two"));
  const server = serveFeed(() => new Response(text));
  try {
    await inWorld(async (world) => {
      await world.configure(feedInto(world.folder, `${server.origin}/x.ics`));
      const first = await world.dovetail(["sync"]);
      equal(first.code, 0, first.stderr);
      const files = await filesIn(world, "home/holidays");
      deepEqual(Object.keys(files).sort(), ["a.ics", "b.ics"]);
      equal(
        files["a.ics"],
        lines("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN") + ZONE + day("a", "One") +
          lines("END:VCALENDAR"),
      );

      text = feed(day("a", "Other"));
      const second = await world.dovetail(["sync"]);
      equal(second.code, 0, second.stderr);
      const after = await filesIn(world, "home/holidays");
      deepEqual(Object.keys(after), ["a.ics"]);
      match(after["a.ics"] ?? "", /SUMMARY:Other/);

      const quiet = await world.dovetail(["sync", "-n"]);
      equal(quiet.code, 0, quiet.stdout + quiet.stderr);
    });
  } finally {
    await server.close();
  }
});

Deno.test("a feed that fails, or is no calendar, deletes nothing", async () => {
  let answer = () => new Response(feed(day("a", "One"), day("b", "Two")));
  const server = serveFeed(() => answer());
  try {
    await inWorld(async (world) => {
      await world.configure(feedInto(world.folder, `${server.origin}/secret/x.ics`));
      equal((await world.dovetail(["sync"])).code, 0);
      const before = await filesIn(world, "home/holidays");
      const failing: readonly (() => Response)[] = [
        () => new Response("<html>Please log in</html>"),
        () => new Response(""),
        () => new Response("gone", { status: 404 }),
        () => new Response("gone", { status: 410 }),
        () => new Response(feed(day("a", "One")).slice(0, -10)),
        () => new Response("no", { status: 403 }),
      ];
      for (const it of failing) {
        answer = it;
        const { code, stdout, stderr } = await world.dovetail(["sync"]);
        ok(code === 1 || code === 4, `${code}: ${stderr}`);
        ok(!`${stdout}${stderr}`.includes("secret"), stderr);
        deepEqual(await filesIn(world, "home/holidays"), before);
      }
      // Nor does a feed in which nothing is left, unless it is allowed to.
      answer = () => new Response(feed());
      equal((await world.dovetail(["sync"])).code, 2);
      deepEqual(await filesIn(world, "home/holidays"), before);
    });
  } finally {
    await server.close();
  }
});

Deno.test("an unchanged feed is not sent again", async () => {
  let sent = 0;
  const server = serveFeed((request) => {
    if (request.headers.get("if-none-match") === '"1"') return new Response(null, { status: 304 });
    sent++;
    return new Response(feed(day("a", "One")), { headers: { etag: '"1"' } });
  });
  try {
    await inWorld(async (world) => {
      await world.configure(feedInto(world.folder, `${server.origin}/x.ics`));
      equal((await world.dovetail(["sync"])).code, 0);
      equal((await world.dovetail(["sync"])).code, 0);
      equal(sent, 1);
    });
  } finally {
    await server.close();
  }
});

Deno.test("with stable_uids, a feed whose UIDs are new each time changes nothing", async () => {
  let n = 0;
  const server = serveFeed(() => new Response(feed(day(`new-${++n}`, "One"))));
  try {
    await inWorld(async (world) => {
      await world.configure(feedInto(world.folder, `${server.origin}/x.ics`, "stable_uids"));
      equal((await world.dovetail(["sync"])).code, 0);
      const before = await filesIn(world, "home/holidays");
      equal(Object.keys(before).length, 1);
      const { code, stderr } = await world.dovetail(["sync"]);
      equal(code, 0, stderr);
      deepEqual(await filesIn(world, "home/holidays"), before);
    });
  } finally {
    await server.close();
  }
});

Deno.test("a single file and a folder are kept in step, both ways", async () => {
  await inWorld(async (world) => {
    await world.configure(`
storage file {
  type singlefile/icalendar
  path ${world.folder}/server/%s.ics
}
storage home {
  type vdir/icalendar
  path ${world.folder}/home
}
pair both {
  storage_a file
  storage_b home
  collections all
}
`);
    const head = lines("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//mine//EN", "X-MINE:x");
    await world.write(
      "server",
      "work.ics",
      head + ZONE + day("a", "One") + day("b", "Two") + lines("END:VCALENDAR"),
    );
    const first = await world.dovetail(["sync"]);
    equal(first.code, 0, first.stderr);
    deepEqual(Object.keys(await filesIn(world, "home/work")).sort(), ["a.ics", "b.ics"]);

    const edited = (await world.read("home", "work/a.ics")).replace("One", "Edited");
    await world.write("home", "work/a.ics", edited);
    await world.remove("home", "work/b.ics");
    await world.write("home", "work/c.ics", edited.replace("UID:a", "UID:c"));
    const second = await world.dovetail(["sync"]);
    equal(second.code, 0, second.stderr);
    equal(
      await world.read("server", "work.ics"),
      head + ZONE + day("a", "Edited") + day("c", "Edited") + lines("END:VCALENDAR"),
    );
    const quiet = await world.dovetail(["sync"]);
    equal(quiet.code, 0, quiet.stderr);
    ok(!/\b[1-9]\d* (created|updated|deleted)/.test(quiet.stdout), quiet.stdout);
  });
});
