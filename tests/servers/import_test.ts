/** Moving over from vdirsyncer (Debian's 0.19) and from pimsync, in the middle of things. */

import assert from "node:assert/strict";
import { splitCalendar } from "../../lib/item/split_calendar.ts";
import {
  type Account,
  type Desk,
  filesBelow,
  isAccountInstalled,
  newDesk,
  openAccount,
  proxyBefore,
  replaced,
  WRITES,
  writesIn,
} from "../support/acceptance_account.ts";
import { run } from "../support/acceptance_process.ts";
import type { Proxy } from "../support/acceptance_proxy.ts";
import { assertSame, countOf, readPlaces } from "../support/acceptance_reader.ts";
import { assertStatus } from "../support/acceptance_world.ts";
import { type GeneratedItem, generateEvents } from "../support/events.ts";
import { serveFeed } from "../support/feed_server.ts";
import { runCommand } from "../support/servers/process.ts";
import { isInstalled } from "../support/servers/server.ts";

const ignore = !isAccountInstalled("Radicale") || !isInstalled("vdirsyncer");

const card = (n: number): GeneratedItem => ({
  uid: `card-${n}`,
  name: `card-${n}.vcf`,
  bytes: new TextEncoder().encode(
    [
      "BEGIN:VCARD",
      "VERSION:3.0",
      `UID:card-${n}`,
      `FN:Jürgen Nr. ${n}`,
      `N:${n};Jürgen;;;`,
      `TEL;TYPE=CELL:+49 170 ${1_000_000 + n}`,
      `EMAIL;TYPE=INTERNET:j${n}@example.org`,
      "NOTE:First line\\nsecond\\, and last",
      "END:VCARD",
      "",
    ].join("\r\n"),
  ),
});

interface Moving {
  readonly account: Account;
  readonly proxy: Proxy;
  readonly desk: Desk;
  readonly calendars: string;
  readonly contacts: string;
  vdirsyncer(command: "discover" | "sync" | "metasync"): Promise<void>;
  /** Runs dovetail with the configuration that was imported. */
  dovetail(...args: readonly string[]): ReturnType<typeof run>;
}

/** All that vdirsyncer keeps in step: a calendar with `events`, and an address book. */
async function moving(
  events: readonly GeneratedItem[],
  cards: readonly GeneratedItem[],
  use: (given: Moving) => Promise<void>,
): Promise<void> {
  await using account = await openAccount("Radicale");
  await using proxy = proxyBefore(account);
  await using desk = await newDesk();
  const { root } = desk;
  const [calendars, contacts] = [`${root}/calendars`, `${root}/contacts`];
  await Deno.mkdir(`${calendars}/work`, { recursive: true });
  await Deno.mkdir(`${contacts}/friends`, { recursive: true });
  await Deno.writeTextFile(`${calendars}/work/color`, "#ff8800");
  await account.makeAddressbook("friends");
  // More than half of the events come from the server, to which they went at once.
  const there = Math.ceil(events.length * 0.6);
  const calendar = `${account.calendars}work/`;
  await account.put(calendar, wholeOf(events.slice(0, there)));
  const named = await account.ask("PROPPATCH", calendar, { body: NAMED });
  assert.equal(named.status, 207);
  for (const { name, bytes } of events.slice(there)) {
    await Deno.writeFile(`${calendars}/work/${name}`, bytes);
  }
  for (const { name, bytes } of cards) {
    await Deno.writeFile(`${contacts}/friends/${name}`, bytes);
  }
  await Deno.mkdir(`${root}/.vdirsyncer`);
  await Deno.writeTextFile(`${root}/.vdirsyncer/config`, theirs(account, proxy.origin));
  await use({
    account,
    proxy,
    desk,
    calendars: `${calendars}/work`,
    contacts: `${contacts}/friends`,
    vdirsyncer: async (command) => {
      await runCommand(["vdirsyncer", "-c", `${root}/.vdirsyncer/config`, command], {
        env: { HOME: root, LC_ALL: "C.UTF-8" },
        input: "y\n".repeat(10),
      });
    },
    dovetail: (...args) =>
      run(["-c", `${root}/new.conf`, ...args], { cwd: root, env: { HOME: root } }),
  });
}

const NAMED = '<propertyupdate xmlns="DAV:"><set><prop><displayname>Arbeit</displayname>' +
  "</prop></set></propertyupdate>";

/** One calendar with all of the events. */
function wholeOf(events: readonly GeneratedItem[]): string {
  const empty = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//a//b//EN\r\nEND:VCALENDAR\r\n";
  const split = splitCalendar(new TextEncoder().encode(empty));
  assert.ok(split.state === "split");
  const all = split.joined(events.map(({ bytes }) => ({ kind: "add", bytes })));
  return new TextDecoder().decode(all);
}

const theirs = ({ calendars, username, password }: Account, origin: string) => `
[general]
status_path = "~/.vdirsyncer/status/"

[pair calendars]
a = "calendars_local"
b = "calendars_remote"
collections = ["from a", "from b"]
metadata = ["displayname", "color"]

[storage calendars_local]
type = "filesystem"
path = "~/calendars/"
fileext = ".ics"

[storage calendars_remote]
type = "caldav"
url = "${origin}${calendars}"
username = "${username}"
password.fetch = ["command", "printf", "%s", "${password}"]

[pair contacts]
a = "contacts_local"
b = "contacts_remote"
collections = [["people", "friends", "friends"]]

[storage contacts_local]
type = "filesystem"
path = "~/contacts/"
fileext = ".vcf"

[storage contacts_remote]
type = "carddav"
url = "${origin}${calendars}"
username = "${username}"
password = "${password}"
`;

/** Everything on the server, by its path. */
async function stored(account: Account): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const id of ["work", "friends"]) {
    const { text, status } = await account.ask("GET", `${account.calendars}${id}/`);
    assert.equal(status, 200);
    found.set(id, text);
  }
  return found;
}

Deno.test(
  "500 events and an address book that vdirsyncer kept in step: the first run writes nothing",
  {
    ignore,
  },
  async () => {
    const cards = Array.from({ length: 25 }, (_, n) => card(n));
    await moving(generateEvents(500, 51, { todos: 10 }), cards, async (given) => {
      const { account, proxy, desk, calendars, contacts, vdirsyncer, dovetail } = given;
      for (const command of ["discover", "sync", "metasync"] as const) await vdirsyncer(command);
      assert.equal((await filesBelow(calendars)).size, 502);
      const before = {
        files: [await filesBelow(calendars), await filesBelow(contacts)],
        stored: await stored(account),
      };
      proxy.forget();

      const imported = await run(
        ["import", "vdirsyncer", `${desk.root}/.vdirsyncer/config`, "-o", `${desk.root}/new.conf`],
        { cwd: desk.root, env: { HOME: desk.root } },
      );
      assertStatus(imported, 0);
      assert.match(imported.said, /calendars: 500 items taken over/);
      assert.match(imported.said, /contacts: 25 items taken over/);
      for (const time of ["the first run", "the second run"]) {
        const synced = await dovetail("sync");
        assertStatus(synced, 0);
        assert.match(synced.stdout, /everything is in step/, time);
        assert.doesNotMatch(synced.stdout, /created|updated|deleted|conflict/);
        assert.deepEqual(writesIn(proxy), [], `${time} writes something`);
      }
      assert.deepEqual(
        {
          files: [await filesBelow(calendars), await filesBelow(contacts)],
          stored: await stored(account),
        },
        before,
      );
      assert.ok(WRITES.length > 0 && proxy.passed.length > 0, "the proxy was not asked");
    });
  },
);

Deno.test("what was done since vdirsyncer's last run is carried over, and nothing comes back", {
  ignore,
}, async () => {
  const events = generateEvents(40, 52);
  const cards = Array.from({ length: 8 }, (_, n) => card(n));
  await moving(events, cards, async (given) => {
    const { account, desk, calendars, contacts, vdirsyncer, dovetail } = given;
    for (const command of ["discover", "sync", "metasync"] as const) await vdirsyncer(command);
    const fileOf = async (folder: string, uid: string) => {
      const found = [...await filesBelow(folder)].find(([, text]) => text.includes(`UID:${uid}`));
      assert.ok(found !== undefined, `${uid} has no file`);
      return `${folder}/${found[0]}`;
    };
    const hrefOf = async (collection: string, uid: string) => {
      for (const href of await account.members(`${account.contacts}${collection}/`)) {
        if ((await account.get(href)).includes(`UID:${uid}`)) return href;
      }
      return assert.fail(`${uid} is not on the server`);
    };
    const editFile = async (path: string, by: (text: string) => string) =>
      await Deno.writeTextFile(path, by(await Deno.readTextFile(path)));
    const editThere = async (path: string, by: (text: string) => string) =>
      await account.put(path, by(await account.get(path)));
    const summary = (words: string) => (text: string) =>
      replaced(text, /^SUMMARY.*(?:\r?\n[ \t].*)*/m, `SUMMARY:${words}`);

    const [first, second, third, fourth] = [events[0], events[39], events[1], events[38]]
      .map((it) => it?.uid ?? "");
    await editFile(await fileOf(calendars, first ?? ""), summary("Edited here"));
    await editThere(await hrefOf("work", second ?? ""), summary("Edited there"));
    await Deno.remove(await fileOf(calendars, third ?? ""));
    await account.remove(await hrefOf("work", fourth ?? ""));
    await editFile(await fileOf(contacts, "card-1"), (it) => replaced(it, /1000001/, "2000001"));
    await editThere(await hrefOf("friends", "card-2"), (it) => replaced(it, /1000002/, "2000002"));
    await Deno.remove(await fileOf(contacts, "card-3"));
    await account.remove(await hrefOf("friends", "card-4"));

    await Deno.writeTextFile(`${calendars}/color`, "#0000ff");

    const imported = await run(["import", "vdirsyncer", "-o", `${desk.root}/new.conf`], {
      cwd: desk.root,
      env: { HOME: desk.root },
    });
    assertStatus(imported, 0);
    const synced = await dovetail("sync");
    assertStatus(synced, 0);
    assert.doesNotMatch(synced.stdout, /conflict|created/);

    const places = [
      [calendars, `${account.origin}${account.calendars}work/`],
      [contacts, `${account.origin}${account.contacts}friends/`],
    ];
    const [[here, there], [ours, others]] = await Promise.all(
      places.map((both) => readPlaces(both, account)),
    ) as [Awaited<ReturnType<typeof readPlaces>>, Awaited<ReturnType<typeof readPlaces>>];
    assert.ok(here && there && ours && others);
    assertSame(here, there);
    assertSame(ours, others);
    assert.equal(countOf(here), 38);
    assert.equal(countOf(ours), 6);
    const formOf = (uid = "") => here.items.get(uid)?.[0]?.form ?? "";
    assert.match(formOf(first), /Edited here/);
    assert.match(formOf(second), /Edited there/);
    assert.ok(!here.items.has(third ?? "") && !here.items.has(fourth ?? ""));
    assert.match(ours.items.get("card-1")?.[0]?.form ?? "", /2000001/);
    assert.match(ours.items.get("card-2")?.[0]?.form ?? "", /2000002/);
    assert.ok(!ours.items.has("card-3") && !ours.items.has("card-4"));
    const { text } = await account.ask("PROPFIND", `${account.calendars}work/`, {
      headers: { Depth: "0" },
      body: '<propfind xmlns="DAV:"><prop>' +
        '<calendar-color xmlns="http://apple.com/ns/ical/"/></prop></propfind>',
    });
    assert.match(text, /#0000ff/i);
    const again = await dovetail("sync");
    assertStatus(again, 0);
    assert.match(again.stdout, /everything is in step/);
  });
});

Deno.test("a configuration of pimsync's runs as it stands, and so does the copy of it", {
  ignore: !isAccountInstalled("Radicale"),
}, async () => {
  await using account = await openAccount("Radicale");
  await using desk = await newDesk();
  const { root } = desk;
  await account.makeCalendar("office");
  await account.makeCalendar("private");
  await account.makeAddressbook("friends");
  for (const folder of ["calendars/work", "calendars/private", "contacts/friends"]) {
    await Deno.mkdir(`${root}/${folder}`, { recursive: true });
  }
  const events = generateEvents(6, 53);
  const put = async (folder: string, { name, bytes }: GeneratedItem) =>
    await Deno.writeFile(`${root}/${folder}/${name}`, bytes);
  for (const it of events.slice(0, 2)) await put("calendars/work", it);
  for (const it of events.slice(2, 4)) await put("calendars/private", it);
  for (const { name, bytes } of events.slice(4)) {
    await account.put(`${account.calendars}office/${name}`, new TextDecoder().decode(bytes));
  }
  await put("contacts/friends", card(1));
  await Deno.writeTextFile(`${root}/home`, `${account.calendars}\n`);
  const text = `
# use a standard location for the status database:
status_path "~/.local/share/pimsync/status/"

pair calendars {
  storage_a calendars_local
  storage_b calendars_remote
  collection private
  collection {
    alias work
    id_a work
    href_b ${account.calendars}office/
  }
  on_empty sync
  on_delete skip
  conflict_resolution keep b
}

pair contacts {
  storage_a contacts_local
  storage_b contacts_remote
  collections from a
  conflict_resolution cmd nvim -d
}

storage calendars_local {
  type vdir/icalendar
  path ~/calendars/
  fileext ics
  interval 60
}

storage calendars_remote {
  type caldav
  url {
    shell 'printf %s ${account.origin} && cat ${root}/home'
  }
  username {
    cmd printf %s ${account.username}
  }
  password {
    cmd printf %s ${account.password}
  }
  auth_method basic
  collection_id_segment last
  user_agent pimsync/0.6.0
  interval 600
}

storage contacts_local {
  type vdir/vcard
  path ~/contacts
}

storage contacts_remote {
  type carddav
  url ${account.origin}${account.contacts}
  username ${account.username}
  password ${account.password}
  discovery principal
}
`;
  await Deno.mkdir(`${root}/.config/pimsync`, { recursive: true });
  const original = `${root}/.config/pimsync/pimsync.conf`;
  await Deno.writeTextFile(original, text, { mode: 0o600 });
  const options = { cwd: "/", env: { HOME: root } };
  const dovetail = (...args: readonly string[]) => run(args, options);
  assertStatus(await dovetail("-c", original, "check"), 0);
  assertStatus(await dovetail("-c", original, "sync"), 0);

  const assertPair = async (folder: string, path: string, count: number) => {
    const places = [`${root}/${folder}`, account.origin + path];
    const [here, there] = await readPlaces(places, account);
    assert.ok(here !== undefined && there !== undefined);
    assertSame(here, there);
    assert.equal(countOf(here), count);
  };
  await assertPair("calendars/work", `${account.calendars}office/`, 4);
  await assertPair("calendars/private", `${account.calendars}private/`, 2);
  await assertPair("contacts/friends", `${account.contacts}friends/`, 1);

  assertStatus(await dovetail("import", "pimsync"), 0);
  assert.equal(await Deno.readTextFile(`${root}/.config/dovetail/dovetail.conf`), text);
  const again = await dovetail("sync");
  assertStatus(again, 0);
  assert.match(again.stdout, /everything is in step/);
});

Deno.test(
  "storages that are one collection, single files and feeds are taken over from vdirsyncer too",
  {
    ignore,
  },
  async () => {
    await using account = await openAccount("Radicale");
    await using proxy = proxyBefore(account);
    await using desk = await newDesk();
    const { root } = desk;
    const feed = serveFeed(() => new Response(wholeOf(generateEvents(15, 55))));
    try {
      const collection = await account.makeCalendar("private");
      await account.makeAddressbook("people");
      await Deno.mkdir(`${root}/leaf`);
      await Deno.mkdir(`${root}/feed`);
      const events = generateEvents(12, 54);
      for (const { name, bytes } of events.slice(0, 6)) {
        await Deno.writeFile(`${root}/leaf/${name}`, bytes);
      }
      for (const { name, bytes } of events.slice(6)) {
        await account.put(collection + name, new TextDecoder().decode(bytes));
      }
      const cards = [card(1), card(2)].map(({ bytes }) => new TextDecoder().decode(bytes));
      await Deno.writeTextFile(`${root}/people.vcf`, cards.join(""));
      await Deno.mkdir(`${root}/.vdirsyncer`);
      await Deno.writeTextFile(
        `${root}/.vdirsyncer/config`,
        `
[general]
status_path = "${root}/.vdirsyncer/status/"

[pair leaf]
a = "leaf_local"
b = "leaf_remote"
collections = null

[storage leaf_local]
type = "filesystem"
path = "${root}/leaf/"
fileext = ".ics"

[storage leaf_remote]
type = "caldav"
url = "${proxy.origin}${collection}"
username = "${account.username}"
password = "${account.password}"

[pair single]
a = "single_local"
b = "single_remote"
collections = null

[storage single_local]
type = "singlefile"
path = "${root}/people.vcf"

[storage single_remote]
type = "carddav"
url = "${proxy.origin}${account.contacts}people/"
username = "${account.username}"
password = "${account.password}"

[pair feed]
a = "feed_local"
b = "feed_remote"
collections = null

[storage feed_local]
type = "filesystem"
path = "${root}/feed/"
fileext = ".ics"

[storage feed_remote]
type = "http"
url = "${feed.origin}/x.ics"
`,
      );
      for (const command of ["discover", "sync"]) {
        await runCommand(["vdirsyncer", "-c", `${root}/.vdirsyncer/config`, command], {
          env: { HOME: root, LC_ALL: "C.UTF-8" },
          input: "y\n".repeat(10),
        });
      }
      const before = {
        leaf: await filesBelow(`${root}/leaf`),
        people: await Deno.readTextFile(`${root}/people.vcf`),
        feed: await filesBelow(`${root}/feed`),
      };
      assert.deepEqual([before.leaf.size, before.feed.size], [12, 15]);
      const options = { cwd: root, env: { HOME: root } };
      const imported = await run(["import", "vdirsyncer", "-o", `${root}/new.conf`], options);
      assertStatus(imported, 0);
      proxy.forget();
      const synced = await run(["-c", `${root}/new.conf`, "sync", "leaf", "single"], options);
      assertStatus(synced, 0);
      assert.deepEqual(writesIn(proxy), [], synced.said);
      assert.deepEqual(await filesBelow(`${root}/leaf`), before.leaf);
      assert.equal(await Deno.readTextFile(`${root}/people.vcf`), before.people);

      // Vdirsyncer gives the events of a feed UIDs of its own; they are replaced, as is said.
      assert.match(imported.stderr, /the first\s+run replaces them all/);
      const fed = await run(["-c", `${root}/new.conf`, "sync", "feed"], options);
      assertStatus(fed, 2);
      assert.match(fed.stdout, /15 of the 15 items of "feed" on feed_local would be deleted/);
      assert.match(imported.stderr, /dovetail sync --allow-delete/);
      const allowed = await run(
        ["-c", `${root}/new.conf`, "sync", "--allow-delete", "feed"],
        options,
      );
      assertStatus(allowed, 0);
      assert.equal((await filesBelow(`${root}/feed`)).size, 15);
    } finally {
      await feed.close();
    }
  },
);
