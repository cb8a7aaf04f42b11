/** Calendars and address books of one file each, and feeds without UIDs that stay, with Radicale. */

import assert from "node:assert/strict";
import {
  block,
  isAccountInstalled,
  newDesk,
  openAccount,
  pair,
  proxyBefore,
  replaced,
  server,
  writesIn,
} from "../support/acceptance_account.ts";
import { simple } from "../support/acceptance_bench.ts";
import { generateEvents } from "../support/events.ts";
import { serveFeed } from "../support/feed_server.ts";
import { assertSame, readPlaces } from "../support/acceptance_reader.ts";

const ignore = !isAccountInstalled("Radicale");

const count = (text: string, part: RegExp) => [...text.matchAll(part)].length;

Deno.test(
  "a calendar in one file is kept in step with the server's, both ways",
  { ignore },
  async () => {
    await using account = await openAccount("Radicale");
    await using proxy = proxyBefore(account);
    await using desk = await newDesk();
    const collection = await account.makeCalendar("work");
    const folder = `${desk.root}/files`;
    await Deno.mkdir(folder);
    const file = `${folder}/work.ics`;
    const events = generateEvents(30, 71, { todos: 20 });
    for (const { name, bytes } of events) {
      // All events of one file have one CALSCALE, which is Gregorian where it is not given.
      const text = new TextDecoder().decode(bytes).replace(/^CALSCALE:.*\r?\n/m, "");
      await account.put(collection + name, text);
    }
    await desk.configure(
      block("storage file", "type singlefile/icalendar", `path "${folder}/%s.ics"`),
      server("there", account, "caldav", { origin: proxy.origin }),
      pair("both", "file", "there", "collection work"),
    );
    await desk.expect(0, "sync");
    const read = () => Deno.readTextFile(file);
    assert.ok(count(await read(), /^BEGIN:V(?:EVENT|TODO)\r?$/gm) >= 30);
    assert.equal(count(await read(), /^BEGIN:VCALENDAR\r?$/gm), 1);
    const zones = [...(await read()).matchAll(/^TZID:(.*)$/gm)].map(([, id]) => id);
    assert.equal(new Set(zones).size, zones.length, "a zone is defined twice");
    const quiet = async () => {
      proxy.forget();
      const before = await read();
      assert.match((await desk.expect(0, "sync")).stdout, /everything is in step/);
      assert.deepEqual(writesIn(proxy), []);
      assert.equal(await read(), before);
    };
    await quiet();

    // New here, new there, and deleted there.
    const added = simple("added-here", "New here").split("BEGIN:VEVENT")[1]?.split("END:VEVENT")[0];
    const [, first] = /^(SUMMARY:Edit me.*)$/m.exec(await read()) ?? [];
    assert.equal(first, undefined);
    await Deno.writeTextFile(
      file,
      replaced(
        await read(),
        /END:VCALENDAR\s*$/,
        `BEGIN:VEVENT${added}END:VEVENT\r\nEND:VCALENDAR\r\n`,
      ),
    );
    await account.put(`${collection}added-there.ics`, simple("added-there", "New there"));
    const gone = events[3];
    assert.ok(gone !== undefined);
    await account.remove(collection + gone.name);
    await desk.expect(0, "sync");
    assert.match(await read(), /SUMMARY:New there/);
    assert.ok(!(await read()).includes(`UID:${gone.uid}\r\n`));
    const members = await account.members(collection);
    assert.equal(members.length, 31);
    const held = await Promise.all(members.map((path) => account.get(path)));
    assert.match(held.join(""), /SUMMARY:New here/);
    await quiet();
    // Another copy, made of the file alone, says what the server says.
    await Deno.mkdir(`${desk.root}/split/work`, { recursive: true });
    await desk.configure(
      block("storage file", "type singlefile/icalendar", `path "${folder}/%s.ics"`, "read_only"),
      block("storage split", "type vdir/icalendar", `path "${desk.root}/split"`),
      pair("copy", "file", "split", "collection work"),
    );
    await desk.expect(0, "sync");
    const places = [`${desk.root}/split/work`, account.origin + collection];
    const [copied, there] = await readPlaces(places, account);
    assert.ok(copied !== undefined && there !== undefined);
    assertSame(copied, there);
  },
);

Deno.test("an address book in one file is kept in step with the server's", { ignore }, async () => {
  await using account = await openAccount("Radicale");
  await using desk = await newDesk();
  const collection = await account.makeAddressbook("friends");
  const card = (n: number, name: string) =>
    `BEGIN:VCARD\r\nVERSION:3.0\r\nUID:c${n}\r\nFN:${name}\r\nN:${name};;;;\r\nEND:VCARD\r\n`;
  const file = `${desk.root}/friends.vcf`;
  await Deno.writeTextFile(file, card(1, "Ada") + card(2, "Bob"));
  await account.put(`${collection}c3.vcf`, card(3, "Cem"));
  await desk.configure(
    block("storage file", "type singlefile/vcard", `path "${file}"`, "collection_id friends"),
    server("there", account, "carddav"),
    pair("both", "file", "there", "collection friends"),
  );
  await desk.expect(0, "sync");
  assert.equal((await account.members(collection)).length, 3);
  assert.match(await Deno.readTextFile(file), /FN:Ada[^]*FN:Bob[^]*FN:Cem/);
  await Deno.writeTextFile(file, replaced(await Deno.readTextFile(file), "FN:Bob", "FN:Robert"));
  await account.remove(`${collection}c3.vcf`);
  await desk.expect(0, "sync");
  assert.equal((await account.members(collection)).length, 2);
  assert.match(await account.get(`${collection}c2.vcf`), /FN:Robert/);
  assert.doesNotMatch(await Deno.readTextFile(file), /Cem/);
  assert.match((await desk.expect(0, "sync")).stdout, /everything is in step/);
});

Deno.test(
  "a feed whose UIDs are new each time is written to the server once",
  { ignore },
  async () => {
    await using account = await openAccount("Radicale");
    await using proxy = proxyBefore(account);
    await using desk = await newDesk();
    let downloads = 0;
    let last = "Match 3";
    const feed = serveFeed(() => {
      downloads++;
      const events = ["Match 1", "Match 2", last].map((summary, at) =>
        simple(`random-${downloads}-${at}`, summary).replace(
          "DTSTAMP:20261101T080000Z",
          `DTSTAMP:202611${10 + downloads}T080000Z`,
        ).split("END:VCALENDAR")[0]?.split("PRODID:-//example//test//EN\r\n")[1]
      );
      const text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//feed//EN\r\n" + events.join("") +
        "END:VCALENDAR\r\n";
      return new Response(text);
    });
    try {
      await desk.configure(
        block(
          "storage feed",
          "type webcal",
          `url ${feed.origin}/matches.ics`,
          "collection_id matches",
          "stable_uids",
        ),
        server("there", account, "caldav", { origin: proxy.origin }),
        pair("matches", "feed", "there", "collection matches"),
      );
      await desk.expect(0, "sync");
      const collection = `${account.calendars}matches/`;
      const before = await account.members(collection);
      assert.equal(before.length, 3);
      proxy.forget();
      for (const _ of [1, 2]) {
        assert.match((await desk.expect(0, "sync")).stdout, /everything is in step/);
      }
      assert.deepEqual(writesIn(proxy), []);
      assert.equal(downloads, 3);
      last = "Match 3 postponed";
      await desk.expect(0, "sync");
      const after = await account.members(collection);
      assert.equal(after.length, 3);
      assert.equal(after.filter((path) => before.includes(path)).length, 2);
      const held = await Promise.all(after.map((path) => account.get(path)));
      assert.match(held.join(""), /Match 3 postponed/);
    } finally {
      await feed.close();
    }
  },
);
