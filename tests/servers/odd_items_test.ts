import assert from "node:assert/strict";
import { fill, holding, PLACES, SERVERS } from "../support/acceptance_places.ts";
import { assertSame, assertUntouched, countOf } from "../support/acceptance_reader.ts";
import { onEach, WORK, type World } from "../support/acceptance_world.ts";
import { generateEvents } from "../support/events.ts";

const GOOD = generateEvents(5, 111);

function eventText(uid: string | undefined, summary: string): string {
  return [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Example Corp.//Calendar 4.2//EN",
    "BEGIN:VEVENT",
    ...(uid === undefined ? [] : [`UID:${uid}`]),
    "DTSTAMP:20260101T000000Z",
    "DTSTART:20260314T093000Z",
    `SUMMARY:${summary}`,
    "END:VEVENT",
    "END:VCALENDAR",
    "",
  ].join("\r\n");
}

const writeFile = (world: World, name: string, text: string): Promise<void> =>
  world.home.put(WORK, name, new TextEncoder().encode(text));

/** Five good items and, beside them, what `make` makes of the folder. */
async function withOddFiles(
  world: World,
  make: (folder: string) => Promise<void>,
): Promise<void> {
  await fill(world.home, WORK, GOOD);
  await make(`${world.home.home}/${WORK}`);
}

/** Fails unless the other side holds the good items and nothing else. */
async function assertOnlyGood(world: World): Promise<void> {
  const uids = [...(await holding(world.other, WORK)).items.keys()].sort();
  assert.deepEqual(uids, GOOD.map((it) => it.uid).sort());
}

onEach(
  PLACES,
  "what cannot be read is named and set aside, and the rest is done",
  async (world) => {
    const odd = {
      "empty.ics": "",
      "no-calendar.ics": "Dear diary,\n",
      "cut-short.ics": eventText("cut-short", "Half of it").slice(0, 120),
      "twin-1.ics": eventText("twin", "One of two"),
      "twin-2.ics": eventText("twin", "The other one"),
    };
    await withOddFiles(world, async (folder) => {
      for (const [name, text] of Object.entries(odd)) await writeFile(world, name, text);
      await writeFile(world, "elsewhere.txt", eventText("linked", "Through a link"));
      await Deno.symlink(`${folder}/elsewhere.txt`, `${folder}/link.ics`);
      await Deno.mkdir(`${folder}/folder.ics`);
      // Whoever opens it waits for somebody to write to it.
      const { success } = await new Deno.Command("mkfifo", { args: [`${folder}/pipe.ics`] })
        .output();
      assert.ok(success);
    });
    const names = [...Object.keys(odd), "link.ics", "folder.ics", "pipe.ics"];
    for (const time of ["first", "second"]) {
      const { said } = await world.expect(1, "sync", "there");
      for (const name of names) {
        assert.ok(said.includes(name), `the ${time} run does not name ${name}:\n${said}`);
      }
      await assertOnlyGood(world);
    }
    for (const [name, text] of Object.entries(odd)) {
      assert.equal(await Deno.readTextFile(`${world.home.home}/${WORK}/${name}`), text);
    }
    // Once they are gone or put right, all is well.
    for (const name of names.filter((it) => it !== "twin-1.ics")) {
      await Deno.remove(`${world.home.home}/${WORK}/${name}`);
    }
    await world.expect(0, "sync", "there");
    await world.inStep(GOOD.length + 1);
  },
);

onEach(PLACES, "while something cannot be read, nothing is taken for deleted", async (world) => {
  await fill(world.home, WORK, GOOD);
  await world.expect(0, "sync", "there");
  const there = await holding(world.other, WORK);
  const [victim, gone] = GOOD;
  assert.ok(victim !== undefined && gone !== undefined);
  await writeFile(world, victim.name, "BEGIN:VCAL");
  await world.home.remove(WORK, gone.name);
  await Deno.rename(
    `${world.home.home}/${WORK}/${victim.name}`,
    `${world.home.home}/${WORK}/moved.ics`,
  );
  const { said } = await world.expect(1, "sync", "there");
  assert.match(said, /moved\.ics/);
  assert.match(said, /cannot be read/);
  assertUntouched(there, await holding(world.other, WORK));
});

onEach(PLACES, "other files beside the items are nobody's business", async (world) => {
  const others = ["draft.tmp", "notes.txt", "color", ".hidden.ics", "backup.ics~", "item.ics.tmp"];
  await withOddFiles(world, async () => {
    for (const name of others) await writeFile(world, name, eventText("other", "Not an item"));
    await writeFile(world, "color", "#ff0000");
  });
  await world.expect(0, "sync", "there");
  await assertOnlyGood(world);
  for (const name of others) await Deno.lstat(`${world.home.home}/${WORK}/${name}`);
});

onEach(PLACES, "temporary files of ours that a killed run left go in time", async (world) => {
  const [old, young] = [".0123456789abcdef.dovetail.tmp", ".fedcba9876543210.dovetail.tmp"];
  const folder = `${world.home.home}/${WORK}`;
  await fill(world.other, WORK, GOOD);
  for (const name of [old, young]) await Deno.writeTextFile(`${folder}/${name}`, "half an it");
  const hoursAgo = new Date(Date.now() - 3 * 60 * 60 * 1000);
  await Deno.utime(`${folder}/${old}`, hoursAgo, hoursAgo);
  await world.expect(0, "sync", "there");
  await world.inStep(GOOD.length);
  await assert.rejects(Deno.lstat(`${folder}/${old}`), Deno.errors.NotFound);
  // Another run may be writing it at this moment.
  await Deno.lstat(`${folder}/${young}`);
});

onEach(PLACES, "an item without a UID is carried, or named where it is refused", async (world) => {
  await withOddFiles(world, () => writeFile(world, "no-uid.ics", eventText(undefined, "No UID")));
  // Radicale wants one.
  const refused = world.other.kind === "Radicale";
  const { said } = await world.expect(refused ? 1 : 0, "sync", "there");
  assert.match(said, /No UID/);
  const there = await holding(world.other, WORK);
  assert.equal(countOf(there), GOOD.length + (refused ? 0 : 1));
  // Neither is a second copy made, nor is the first touched.
  await world.expect(refused ? 1 : 0, "sync", "there");
  assert.equal(countOf(await holding(world.home, WORK)), GOOD.length + 1);
  assertUntouched(there, await holding(world.other, WORK));
});

onEach(PLACES, "an item of two megabytes is an item", async (world) => {
  const words = "Größe ist nicht alles\\, aber viel. ".repeat(60_000);
  const lines = words.match(/.{1,60}/gsu) ?? [];
  const text = eventText("huge", lines.join("\r\n "));
  assert.ok(new TextEncoder().encode(text).length > 2_000_000);
  await withOddFiles(world, () => writeFile(world, "huge.ics", text));
  await world.expect(0, "sync", "there");
  await world.inStep(GOOD.length + 1);
  await world.expect(0, "sync", "back");
  assertSame(await holding(world.home, WORK), await holding(world.fresh, WORK));
});

onEach(SERVERS, "UIDs may be anything", async (world) => {
  const uids = [
    "a/b/../c",
    "with space",
    "ümläut-日本",
    "percent%2Fsign%0A",
    "colon:semi\\;colon",
    "question?hash#",
    `long-${"x".repeat(300)}`,
    "Case",
    "case",
    "..",
    "con",
    "{braces}@example.org",
  ];
  for (const [at, uid] of uids.entries()) {
    await writeFile(world, `item${at}.ics`, eventText(uid, `Number ${at}`));
  }
  await world.expect(0, "sync", "there");
  await world.inStep(uids.length);
  await world.expect(0, "sync", "back");
  assertSame(await holding(world.home, WORK), await holding(world.fresh, WORK));
  assert.match((await world.expect(0, "sync")).stdout, /everything is in step/);
  const names = await Array.fromAsync(Deno.readDir(world.fresh.address(WORK)), (it) => it.name);
  for (const name of names) assert.match(name, /^[A-Za-z0-9_@+=][A-Za-z0-9_.@+=-]*\.ics$/);
});
