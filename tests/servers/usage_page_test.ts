/**
 * Every example of pimsync's usage page runs as it is printed, but for the names of hosts. What is
 * wrong in the first one is put right (tests/unit/config/usage_example_test.ts has it as it stands).
 */

import assert from "node:assert/strict";
import {
  type Account,
  type Desk,
  filesBelow,
  isAccountInstalled,
  newDesk,
  openAccount,
  proxyBefore,
  writesIn,
} from "../support/acceptance_account.ts";
import type { Outcome } from "../support/acceptance_process.ts";
import type { Proxy } from "../support/acceptance_proxy.ts";
import { assertSame, countOf, readPlaces } from "../support/acceptance_reader.ts";
import { type GeneratedItem, generateEvents } from "../support/events.ts";
import { serveFeed } from "../support/feed_server.ts";

const ignore = !isAccountInstalled("Radicale");

const STATUS = 'status_path "~/.local/share/pimsync/status/"\n';

const REMOTE = `
storage calendars_remote {
  type caldav
  url https://caldav.example.com/
  username hugo@example.com
  password 123
}
`;

const REMOTE_BY_COMMAND = `
storage calendars_remote {
  type caldav
  url https://caldav.example.com/
  username hugo@example.com
  password {
   cmd hiq -dFpassword proto=caldavs username=hugo@example.com
  }
}
`;

const LOCAL = `
storage calendars_local {
  type vdir/icalendar
  path ~/.local/share/calendars/
  fileext ics
}
`;

const PAIR = `
pair calendars {
  storage_a calendars_local
  storage_b calendars_remote
  collections all
}
`;

const HOLIDAYS = `
pair holidays {
  storage_a calendars_local
  storage_b holidays_remote
  collection holidays
}

storage holidays_remote {
  type webcal
  collection_id holidays
  url https://www.thunderbird.net/media/caldata/autogen/DutchHolidays.ics
}
`;

const ITALKI = `
storage calendars_italki {
  type webcal
  collection_id italki
  url {
    cmd hiq -dFurl proto=webcal alias=italki
  }
}
`;

interface Page {
  readonly account: Account;
  readonly proxy: Proxy;
  readonly desk: Desk;
  /** The folder of the calendars. */
  readonly local: string;
  /** What `hiq` was asked for. */
  asked(): Promise<readonly string[]>;
  /** Writes the configuration, with the hosts put in place. */
  configure(...parts: readonly string[]): Promise<void>;
  /** Fails unless a calendar is the same on both sides, and has that many. */
  inStep(collection: string, count: number): Promise<void>;
}

const SECRET = "token-Kanarie-4711";

/** `feed`: the origin of the feeds' server. */
async function onPage(use: (page: Page) => Promise<void>, feed = ""): Promise<void> {
  await using account = await openAccount("Radicale");
  await using proxy = proxyBefore(account);
  const bin = await Deno.makeTempDir({ prefix: "dovetail-bin-" });
  await using desk = await newDesk({ PATH: `${bin}:${Deno.env.get("PATH") ?? ""}` });
  const log = `${desk.root}/hiq.log`;
  const hiq = `#!/bin/sh
echo "$*" >> "${log}"
case "$1" in
  -dFpassword) echo "${account.password}" ;;
  -dFurl) echo "${feed}/${SECRET}/italki.ics" ;;
esac
`;
  try {
    await Deno.writeTextFile(`${bin}/hiq`, hiq, { mode: 0o755 });
    const local = `${desk.root}/.local/share/calendars`;
    await Deno.mkdir(local, { recursive: true });
    await use({
      account,
      proxy,
      desk,
      local,
      asked: async () => (await Deno.readTextFile(log)).trim().split("\n"),
      configure: async (...parts) => {
        const text = parts.join("")
          .replaceAll("https://caldav.example.com/", `${proxy.origin}/`)
          .replaceAll("username hugo@example.com", `username ${account.username}`)
          .replaceAll("password 123", `password ${account.password}`)
          .replaceAll("https://www.thunderbird.net", feed);
        await Deno.writeTextFile(desk.configPath, STATUS + text, { mode: 0o600 });
      },
      inStep: async (collection, count) => {
        const there = `${account.origin}${account.calendars}${collection}/`;
        const [ours, theirs] = await readPlaces([`${local}/${collection}`, there], account);
        assert.ok(ours !== undefined && theirs !== undefined);
        assertSame(ours, theirs);
        assert.equal(countOf(ours), count);
      },
    });
  } finally {
    await Deno.remove(bin, { recursive: true });
  }
}

const itemsIn = async (folder: string) =>
  [...(await filesBelow(folder)).keys()].filter((name) => name.endsWith(".ics"));

async function emptyFolder(folder: string): Promise<void> {
  for (const name of await itemsIn(folder)) await Deno.remove(`${folder}/${name}`);
}

/** A calendar with events on the server, which the first run brings into the folder. */
async function filled({ account }: Page, id: string, events: readonly GeneratedItem[]) {
  const path = await account.makeCalendar(id);
  for (const { name, bytes } of events) {
    await account.put(path + name, new TextDecoder().decode(bytes));
  }
  return path;
}

const quiet = ({ stdout }: Outcome) => assert.match(stdout, /everything is in step/);

Deno.test(
  "usage page: basic setup, then with the password from a secret storage",
  { ignore },
  () =>
    onPage(async (page) => {
      const { account, desk, configure, inStep, asked, local } = page;
      const events = generateEvents(6, 61);
      await filled(page, "work", events.slice(0, 4));
      await Deno.mkdir(`${local}/home`);
      for (const { name, bytes } of events.slice(4)) {
        await Deno.writeFile(`${local}/home/${name}`, bytes);
      }

      await configure(REMOTE, LOCAL, PAIR);
      const checked = await desk.expect(0, "check");
      assert.doesNotMatch(checked.said, new RegExp(`\\b${account.password}\\b`));
      const discovered = await desk.expect(0, "discover");
      for (const id of ["work", "home"]) {
        assert.match(discovered.stdout, new RegExp(`\\b${id}\\b`));
      }
      await desk.expect(0, "sync");
      await inStep("work", 4);
      await inStep("home", 2);
      assert.ok((await Deno.stat(`${desk.root}/.local/share/pimsync/status`)).isDirectory);

      await configure(REMOTE_BY_COMMAND, LOCAL, PAIR);
      await Deno.remove(`${local}/home/${(await itemsIn(`${local}/home`))[0]}`);
      await desk.expect(0, "sync");
      await inStep("home", 1);
      assert.deepEqual(await asked(), ["-dFpassword proto=caldavs username=hugo@example.com"]);
    }),
);

const lines = (...all: readonly string[]): string => all.map((it) => `${it}\r\n`).join("");
const holiday = (uid: string, day: string, name: string) =>
  lines(
    "BEGIN:VEVENT",
    `UID:${uid}`,
    "DTSTAMP:20260101T000000Z",
    `DTSTART;VALUE=DATE:${day}`,
    `SUMMARY:${name}`,
    "END:VEVENT",
  );
const feedOf = (...events: readonly string[]): string =>
  lines("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//feed//EN", "METHOD:PUBLISH") +
  events.join("") + lines("END:VCALENDAR");

Deno.test("usage page: a feed by webcal, into a folder and from there and by itself into CalDAV", {
  ignore,
}, async () => {
  const [kings, liberation] = [
    holiday("kings", "20270427", "Koningsdag"),
    holiday("liberation", "20270505", "Bevrijdingsdag"),
  ];
  let text = feedOf(kings, liberation);
  const feed = serveFeed((request) =>
    new URL(request.url).pathname === "/media/caldata/autogen/DutchHolidays.ics"
      ? new Response(text)
      : new Response("", { status: 404 })
  );
  try {
    await onPage(async ({ desk, configure, local, inStep, account, proxy }) => {
      await configure(LOCAL, HOLIDAYS);
      await desk.expect(0, "sync");
      assert.equal((await itemsIn(`${local}/holidays`)).length, 2);
      quiet(await desk.expect(0, "sync"));

      await configure(REMOTE, LOCAL, PAIR, HOLIDAYS);
      await desk.expect(0, "sync");
      await inStep("holidays", 2);

      text = feedOf(kings, holiday("liberation", "20270505", "Vrijheid"));
      // Pairs are run as they stand in the configuration.
      await desk.expect(0, "sync", "holidays");
      await desk.expect(0, "sync", "calendars");
      await inStep("holidays", 2);

      const direct = HOLIDAYS.replaceAll("calendars_local", "calendars_remote")
        .replace("pair holidays", "pair direct").replaceAll("holidays_remote", "straight");
      await configure(
        REMOTE,
        direct.replace("collection holidays", "collection feed")
          .replace("collection_id holidays", "collection_id feed"),
      );
      await desk.expect(0, "sync");
      const members = await account.members(`${account.calendars}feed/`);
      const held = await Promise.all(members.map((path) => account.get(path)));
      assert.equal(held.length, 2);
      assert.match(held.join(""), /Koningsdag/);
      assert.match(held.join(""), /Vrijheid/);
      proxy.forget();
      quiet(await desk.expect(0, "sync"));
      assert.deepEqual(writesIn(proxy), []);
    }, feed.origin);
  } finally {
    await feed.close();
  }
});

Deno.test("usage page: a secret URL is never seen, whatever goes wrong", { ignore }, async () => {
  let answer = () => new Response(feedOf(holiday("lesson", "20270101", "Lesson")));
  const paths: string[] = [];
  const feed = serveFeed((request) => {
    paths.push(new URL(request.url).pathname);
    return answer();
  });
  try {
    await onPage(async ({ desk, configure, local, asked }) => {
      const pair = "pair italki {\n  storage_a calendars_local\n  storage_b calendars_italki\n" +
        "  collection italki\n}\n";
      await configure(LOCAL, ITALKI, pair);
      const said: string[] = [];
      const run = async (status: number | readonly number[], ...args: readonly string[]) => {
        for (const more of args.includes("-vv") ? [[]] : [[], ["-vv"], ["--json"]]) {
          said.push((await desk.expect(status, ...more, ...args)).said);
        }
      };
      await run(0, "sync", "-n");
      await run(0, "sync");
      assert.equal((await itemsIn(`${local}/italki`)).length, 1);
      assert.ok(paths.every((path) => path === `/${SECRET}/italki.ics`));
      await run(0, "discover");
      await run(0, "check");
      await run(0, "status");
      for (
        const wrong of [
          () => new Response("gone", { status: 404 }),
          () => new Response("<html>no calendar</html>"),
          () => new Response("not you", { status: 401 }),
          () => new Response("", { status: 302, headers: { Location: `/${SECRET}/other.ics` } }),
        ]
      ) {
        answer = wrong;
        await run([1, 4], "sync", "-vv");
        await run([1, 4], "check", "-vv");
        // It is never read as a feed in which nothing is left.
        assert.equal((await itemsIn(`${local}/italki`)).length, 1);
      }
      for (const text of said) {
        assert.ok(!text.includes(SECRET) && !text.includes("Kanarie"), `it was printed:\n${text}`);
      }
      const kept = [...(await filesBelow(`${desk.root}/.local`)).entries()]
        .filter(([, text]) => text.includes(SECRET)).map(([name]) => name);
      assert.deepEqual(kept, []);
      assert.ok((await asked()).every((it) => it === "-dFurl proto=webcal alias=italki"));
    }, feed.origin);
  } finally {
    await feed.close();
  }
});

const withPair = (...more: readonly string[]) =>
  PAIR.replace("collections all", ["collections all", ...more].join("\n  "));

Deno.test(
  "usage page: an emptied collection is skipped, or empties the other",
  { ignore },
  () =>
    onPage(async (page) => {
      const { desk, configure, inStep, account, local, proxy } = page;
      const path = await filled(page, "work", generateEvents(4, 62));
      await configure(REMOTE, LOCAL, PAIR);
      await desk.expect(0, "sync");

      await emptyFolder(`${local}/work`);
      proxy.forget();
      const skipped = await desk.expect(2, "sync");
      assert.match(skipped.stdout, /calendars_local has no items in "work" any more/);
      assert.match(skipped.stdout, /on_empty sync/);
      assert.deepEqual(writesIn(proxy), []);
      assert.equal((await account.members(path)).length, 4);

      await configure(REMOTE, LOCAL, withPair("on_empty skip"));
      assert.equal((await desk.expect(2, "sync")).stdout, skipped.stdout);
      await configure(REMOTE, LOCAL, withPair("on_empty sync"));
      await desk.expect(0, "sync");
      await inStep("work", 0);
    }),
);

Deno.test("usage page: a deleted collection is deleted there if it is empty, or is left", {
  ignore,
}, () =>
  onPage(async (page) => {
    const { desk, configure, inStep, account, local } = page;
    const ids = async () => {
      const { text } = await account.ask("PROPFIND", account.calendars, {
        headers: { Depth: "1" },
      });
      return [...text.matchAll(/<(?:\w+:)?href>[^<]*\/([^/<]+)\/<\//g)].map(([, id]) => id)
        .filter((id) => id !== account.username);
    };
    const events = generateEvents(4, 63);
    const path = await filled(page, "work", events.slice(0, 2));
    await filled(page, "home", events.slice(2));

    await configure(REMOTE, LOCAL, PAIR);
    await desk.expect(0, "sync");
    // It is not empty there: nothing is deleted, and it is said.
    await Deno.remove(`${local}/work`, { recursive: true });
    const held = await desk.expect(2, "sync");
    assert.match(held.stdout, /"work" was kept in step and is no longer on calendars_local/);
    assert.equal((await account.members(path)).length, 2);
    // Emptied on both sides, it goes.
    for (const member of await account.members(path)) await account.remove(member);
    await desk.expect(0, "sync");
    assert.deepEqual(await ids(), ["home"]);
    await assert.rejects(Deno.stat(`${local}/work`), Deno.errors.NotFound);
    quiet(await desk.expect(0, "sync"));

    await configure(REMOTE, LOCAL, withPair("on_delete skip", "on_empty sync"));
    await emptyFolder(`${local}/home`);
    await desk.expect(0, "sync");
    await inStep("home", 0);
    await Deno.remove(`${local}/home`, { recursive: true });
    quiet(await desk.expect(0, "sync"));
    assert.deepEqual(await ids(), ["home"]);

    await configure(REMOTE, LOCAL, withPair("on_delete sync", "on_empty sync"));
    await desk.expect(0, "sync");
    assert.deepEqual(await ids(), []);
  }));

Deno.test(
  "usage page: all comes back after wiping the folder and the status",
  { ignore },
  () =>
    onPage(async (page) => {
      const { desk, configure, inStep, account, local, proxy } = page;
      const events = generateEvents(9, 64);
      const path = await filled(page, "work", events.slice(0, 6));
      await filled(page, "home", events.slice(6));
      await configure(REMOTE, LOCAL, PAIR);
      await desk.expect(0, "sync");
      const before = await account.members(path);

      await Deno.remove(local, { recursive: true });
      await Deno.mkdir(local);
      // The protection against deletion holds it back before the status is gone too.
      await desk.expect(2, "sync");
      assert.deepEqual(await account.members(path), before);

      const status = `${desk.root}/.local/share/pimsync/status`;
      for (const name of [...Deno.readDirSync(status)].map((it) => it.name)) {
        if (name.startsWith("calendars")) {
          await Deno.remove(`${status}/${name}`, { recursive: true });
        }
      }
      proxy.forget();
      await desk.expect(0, "sync");
      assert.deepEqual(writesIn(proxy), []);
      await inStep("work", 6);
      await inStep("home", 3);
      quiet(await desk.expect(0, "sync"));
    }),
);
