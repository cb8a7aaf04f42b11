/** Two people edit one event between two runs: both edits are in the result, on both sides. */

import assert from "node:assert/strict";
import {
  ACCOUNTS,
  insertBefore,
  isAccountInstalled,
  replaced,
} from "../support/acceptance_account.ts";
import {
  type Case,
  count,
  EVENT,
  has,
  hasNot,
  inStep,
  isQuiet,
} from "../support/acceptance_one_item.ts";
import { assertSame, readPlaces } from "../support/acceptance_reader.ts";

/** What calendar programs do with each edit: they count it, and note when it was. */
const stamped = (text: string, sequence: number, day: string) =>
  replaced(
    replaced(
      replaced(text, /^SEQUENCE:.*$/m, `SEQUENCE:${sequence}`),
      /^LAST-MODIFIED:.*$/m,
      `LAST-MODIFIED:${day}T120000Z`,
    ),
    /^DTSTAMP:.*$/m,
    `DTSTAMP:${day}T120000Z`,
  );

const move = (text: string) =>
  stamped(
    replaced(
      replaced(
        text,
        "DTSTART;TZID=Europe/Berlin:20261201T10",
        "DTSTART;TZID=Europe/Berlin:20261202T14",
      ),
      "DTEND;TZID=Europe/Berlin:20261201T1130",
      "DTEND;TZID=Europe/Berlin:20261202T1530",
    ),
    2,
    "20261103",
  );

const addAlarmAndGuest = (text: string) =>
  insertBefore(
    stamped(text, 4, "20261102"),
    "END:VEVENT",
    "ATTENDEE;CN=Dora;PARTSTAT=NEEDS-ACTION:mailto:dora@example.org",
    "BEGIN:VALARM",
    "ACTION:DISPLAY",
    "DESCRIPTION:Off you go",
    "TRIGGER:-PT5M",
    "END:VALARM",
  );

for (const kind of ACCOUNTS) {
  const ignore = !isAccountInstalled(kind);

  Deno.test(
    `${kind}: one moves an event, the other adds an alarm and a guest`,
    { ignore },
    () =>
      inStep(kind, "caldav", EVENT, async (given) => {
        await given.editHere(move);
        await given.editThere(addAlarmAndGuest);
        const { stdout } = await given.desk.expect(0, "sync");
        assert.match(stdout, /2 updated/);
        const { form } = await given.same();
        has(form, "2026-12-02T14:00:00", "2026-12-02T15:30:00", "Planning for Köln", "Room 5");
        hasNot(form, "2026-12-01T");
        has(form, "ada@example.org", "bob@example.org", "cem@example.org", "dora@example.org");
        assert.equal(count(form, '"VALARM"'), 3);
        has(form, "Off you go", "Planning tomorrow", "Europe/Berlin");
        assert.match(form, /"SEQUENCE", \[\], [45]\]/);
        // What the server made of a guest's answer was nobody's edit.
        has(form, "TENTATIVE", "ACCEPTED");
        assert.equal(count(form, '"VTIMEZONE"'), 1);
        await isQuiet(given);
      }),
  );
}

Deno.test("the same edited differently is a conflict, told in words and settled as one is told", {
  ignore: !isAccountInstalled("Radicale"),
}, async (t) => {
  const LOCATION = /^LOCATION:.*$/m;
  const STAMP = /^LAST-MODIFIED:.*$/m;
  /** Both go to another room, one of them later than the other. */
  const clash = async ({ editHere, editThere }: Case, day: string, newer: "a" | "b") => {
    const edited = (side: "a" | "b", room: string) => (text: string) => {
      const hour = side === newer ? "12" : "09";
      const stamped = replaced(text, STAMP, `LAST-MODIFIED:202611${day}T${hour}0000Z`);
      return replaced(stamped, LOCATION, `LOCATION:${room} of ${day}`);
    };
    await editHere(edited("a", "Attic"));
    await editThere(edited("b", "Basement"));
  };
  await inStep("Radicale", "caldav", EVENT, async (given) => {
    const { desk, folder } = given;
    await clash(given, "02", "b");
    const before = await given.bytes();

    await t.step("nothing is changed, however often it runs", async () => {
      for (const _ of ["once", "and again"]) {
        const { stdout } = await desk.expect(2, "sync");
        assert.match(stdout, /conflict/);
        assert.match(stdout, /LOCATION/);
      }
      assert.deepEqual(await given.bytes(), before);
    });

    await t.step("it is told in words", async () => {
      const { stdout } = await desk.expect(2, "resolve-conflicts", "-n");
      assert.match(stdout, /1 conflict/);
      assert.match(stdout, /Planning for Köln/);
      assert.match(stdout, /\ba \(home\).*2026-11-02 09:00/);
      assert.match(stdout, /Attic of 02/);
      assert.match(stdout, /\bb \(there\).*2026-11-02 12:00/);
      assert.match(stdout, /Basement of 02/);
      assert.deepEqual(await given.bytes(), before);
      const { stdout: json } = await desk.expect(2, "resolve-conflicts", "-n", "--json");
      const objects = json.trim().split("\n").map((it) => JSON.parse(it));
      assert.equal(objects.filter(({ type }) => type === "conflict").length, 1);
    });

    await t.step("what meets cannot be merged", async () => {
      await desk.expect(2, "resolve-conflicts", "--keep", "merge");
      assert.deepEqual(await given.bytes(), before);
    });

    const settles = (keep: string, day: string, newer: "a" | "b", room: string) =>
      t.step(`--keep ${keep}, where ${newer} is the newer one`, async () => {
        if (day !== "02") {
          await clash(given, day, newer);
          await desk.expect(2, "sync");
        }
        await desk.expect(0, "resolve-conflicts", "--keep", keep);
        const { form } = await given.same();
        has(form, `${room} of ${day}`);
        await isQuiet(given);
        assert.match((await desk.expect(0, "resolve-conflicts")).stdout, /no conflicts/);
      });
    await settles("newest", "02", "b", "Basement");
    await settles("newest", "03", "a", "Attic");
    await settles("a", "04", "b", "Attic");
    await settles("b", "05", "a", "Basement");

    await t.step("--keep both", async () => {
      await clash(given, "06", "a");
      await desk.expect(2, "sync");
      await desk.expect(0, "resolve-conflicts", "--keep", "both");
      await desk.expect(0, "sync");
      const places = [folder, given.account.origin + given.collection];
      const [here, there] = await readPlaces(places, given.account);
      assert.ok(here !== undefined && there !== undefined);
      assertSame(here, there);
      assert.equal(here.items.size, 2);
      const forms = [...here.items.values()].flat().map(({ form }) => form).join("");
      has(forms, "Attic of 06", "Basement of 06");
      assert.match((await desk.expect(0, "sync")).stdout, /everything is in step/);
    });
  });
});

Deno.test("conflict_resolution none leaves to a person what could be merged", {
  ignore: !isAccountInstalled("Radicale"),
}, () =>
  inStep("Radicale", "caldav", EVENT, async (given) => {
    await given.editHere(move);
    await given.editThere(addAlarmAndGuest);
    const before = await given.bytes();
    await given.desk.expect(2, "sync");
    assert.deepEqual(await given.bytes(), before);
    await given.desk.expect(0, "resolve-conflicts", "--keep", "merge");
    const { form } = await given.same();
    has(form, "2026-12-02T14:00:00", "dora@example.org", "Off you go");
    await isQuiet(given);
  }, "conflict_resolution none"));
