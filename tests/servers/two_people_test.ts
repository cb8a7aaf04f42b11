/** Two people edit one item between two runs: both edits are in the result, on both sides. */

import assert from "node:assert/strict";
import {
  type Account,
  ACCOUNTS,
  type Desk,
  insertBefore,
  isAccountInstalled,
  newDesk,
  onlyFile,
  openAccount,
  pair,
  replaced,
  server,
  vdir,
} from "../support/acceptance_account.ts";
import { assertSame, type Holding, itemOf, readPlaces } from "../support/acceptance_reader.ts";

const lines = (...given: readonly string[]): string => [...given, ""].join("\r\n");

const EVENT = lines(
  "BEGIN:VCALENDAR",
  "VERSION:2.0",
  "PRODID:-//example//test//EN",
  "BEGIN:VTIMEZONE",
  "TZID:Europe/Berlin",
  "BEGIN:STANDARD",
  "DTSTART:19701025T030000",
  "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
  "TZNAME:CET",
  "TZOFFSETFROM:+0200",
  "TZOFFSETTO:+0100",
  "END:STANDARD",
  "BEGIN:DAYLIGHT",
  "DTSTART:19700329T020000",
  "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
  "TZNAME:CEST",
  "TZOFFSETFROM:+0100",
  "TZOFFSETTO:+0200",
  "END:DAYLIGHT",
  "END:VTIMEZONE",
  "BEGIN:VEVENT",
  "UID:planning-4711",
  "DTSTAMP:20261101T080000Z",
  "CREATED:20261101T080000Z",
  "LAST-MODIFIED:20261101T080000Z",
  "SEQUENCE:1",
  "SUMMARY:Planning for Köln",
  "DTSTART;TZID=Europe/Berlin:20261201T100000",
  "DTEND;TZID=Europe/Berlin:20261201T113000",
  "LOCATION:Room 5",
  "DESCRIPTION:Bring the figures\\, please.",
  "ORGANIZER;CN=Ada Lovelace:mailto:ada@example.org",
  "ATTENDEE;CN=Ada Lovelace;PARTSTAT=ACCEPTED:mailto:ada@example.org",
  "ATTENDEE;CN=Bob;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:bob@example.org",
  "ATTENDEE;CN=Cem;PARTSTAT=TENTATIVE:mailto:cem@example.org",
  "BEGIN:VALARM",
  "ACTION:DISPLAY",
  "DESCRIPTION:Planning",
  "TRIGGER:-PT15M",
  "END:VALARM",
  "BEGIN:VALARM",
  "ACTION:DISPLAY",
  "DESCRIPTION:Planning tomorrow",
  "TRIGGER:-P1D",
  "END:VALARM",
  "END:VEVENT",
  "END:VCALENDAR",
);

const CARD = lines(
  "BEGIN:VCARD",
  "VERSION:3.0",
  "PRODID:-//example//test//EN",
  "UID:card-4711",
  "FN:Grace Hopper",
  "N:Hopper;Grace;;;",
  "TEL;TYPE=CELL:+49 170 1234567",
  "TEL;TYPE=WORK:+49 221 7654321",
  "EMAIL;TYPE=HOME:grace@example.org",
  "ADR;TYPE=HOME:;;Domkloster 4;Köln;;50667;Germany",
  "ORG:Navy",
  "END:VCARD",
);

/** DAViCal (1.1.12) asks every guest again whenever an event is moved, whoever moves it. */
const RESET_BY_DAVICAL = ["PARTSTAT", "SCHEDULE-STATUS"];

/** A form without some parameters. */
function without(form: unknown, parameters: readonly string[]): unknown {
  if (!Array.isArray(form)) return form;
  const isIgnored = (it: unknown) => Array.isArray(it) && parameters.includes(String(it[0]));
  return form.filter((it) => !isIgnored(it)).map((it) => without(it, parameters));
}

/** A meeting each week, of which one was moved. */
const SERIES = replaced(
  replaced(EVENT, "LOCATION:Room 5\r\n", "LOCATION:Room 5\r\nRRULE:FREQ=WEEKLY;COUNT=10\r\n"),
  "END:VEVENT\r\n",
  lines(
    "END:VEVENT",
    "BEGIN:VEVENT",
    "UID:planning-4711",
    "DTSTAMP:20261101T080000Z",
    "RECURRENCE-ID;TZID=Europe/Berlin:20261208T100000",
    "DTSTART;TZID=Europe/Berlin:20261209T080000",
    "DTEND;TZID=Europe/Berlin:20261209T093000",
    "SUMMARY:Planning\\, early",
    "LOCATION:Room 5",
    "END:VEVENT",
  ),
);

/** Another one of the series is at another time. */
const moveOne = (text: string) =>
  insertBefore(
    text,
    "END:VCALENDAR",
    "BEGIN:VEVENT",
    "UID:planning-4711",
    "DTSTAMP:20261102T080000Z",
    "RECURRENCE-ID;TZID=Europe/Berlin:20261215T100000",
    "DTSTART;TZID=Europe/Berlin:20261216T160000",
    "DTEND;TZID=Europe/Berlin:20261216T173000",
    "SUMMARY:Planning\\, late",
    "END:VEVENT",
  );

interface Case {
  readonly account: Account;
  readonly desk: Desk;
  /** The item's collection on the server, and its folder. */
  readonly collection: string;
  readonly folder: string;
  /** What an independent client sees there. */
  member(): Promise<string>;
  /** An edit by a client that has what the server gives. */
  editThere(change: (text: string) => string): Promise<void>;
  editHere(change: (text: string) => string): Promise<void>;
  /** Fails unless both sides say the same; gives it. */
  same(): Promise<{ readonly uid: string; readonly form: string }>;
  bytes(): Promise<readonly [string, string]>;
}

/** A world in which the item lies on both sides, and dovetail has seen it. */
async function inStep(
  kind: Account["kind"],
  type: "caldav" | "carddav",
  text: string,
  use: (given: Case) => Promise<void>,
  ...options: readonly string[]
): Promise<void> {
  await using account = await openAccount(kind);
  await using desk = await newDesk();
  const collection = type === "caldav"
    ? await account.makeCalendar("work")
    : await account.makeAddressbook("work");
  const folder = `${desk.root}/home/work`;
  await Deno.mkdir(folder, { recursive: true });
  const name = type === "caldav" ? "one.ics" : "one.vcf";
  await Deno.writeTextFile(`${folder}/${name}`, text);
  await desk.configure(
    vdir("home", `${desk.root}/home`, type === "caldav" ? "icalendar" : "vcard"),
    server("there", account, type),
    pair("both", "home", "there", "collection work", ...options),
  );
  await desk.expect(0, "sync");
  const member = async () => {
    const [path, ...more] = await account.members(collection);
    assert.ok(path !== undefined && more.length === 0, "there is not just one item");
    return path;
  };
  const read = async (): Promise<readonly [Holding, Holding]> => {
    const [here, there] = await readPlaces([folder, account.origin + collection], account);
    assert.ok(here !== undefined && there !== undefined);
    return [here, there];
  };
  await use({
    account,
    desk,
    collection,
    folder,
    member,
    editThere: async (change) => {
      const path = await member();
      await account.put(path, change(await account.get(path)));
    },
    editHere: async (change) => {
      const { path, text } = await onlyFile(folder);
      await Deno.writeTextFile(path, change(text));
    },
    same: async () => {
      const [here, there] = await read();
      assert.deepEqual([...here.broken, ...there.broken], []);
      assert.deepEqual([...here.items.keys()], [...there.items.keys()]);
      const [uid = ""] = here.items.keys();
      const [ours, theirs] = [itemOf(here, uid).form, itemOf(there, uid).form];
      const ignored = kind === "DAViCal" ? RESET_BY_DAVICAL : [];
      const meant = (form: string) => without(JSON.parse(form), ignored);
      assert.deepEqual(meant(ours), meant(theirs));
      return { uid, form: ours };
    },
    bytes: async () => [(await onlyFile(folder)).text, await account.get(await member())],
  });
}

/** The second run has nothing to do, and does nothing. */
async function isQuiet({ desk, bytes }: Case): Promise<void> {
  const before = await bytes();
  assert.match((await desk.expect(0, "sync")).stdout, /everything is in step/);
  assert.deepEqual(await bytes(), before);
  assert.match((await desk.expect(0, "sync", "-n")).stdout, /everything is in step/);
}

const has = (form: string, ...parts: readonly string[]) => {
  for (const part of parts) assert.ok(form.includes(part), `${part} is not in ${form}`);
};
const hasNot = (form: string, ...parts: readonly string[]) => {
  for (const part of parts) assert.ok(!form.includes(part), `${part} is in ${form}`);
};
const count = (form: string, part: string) => form.split(part).length - 1;

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

  Deno.test(
    `${kind}: one edits a series, the other single events of it`,
    { ignore },
    () =>
      inStep(kind, "caldav", SERIES, async (given) => {
        await given.editHere((text) =>
          replaced(
            replaced(
              text,
              "DESCRIPTION:Bring the figures\\, please.",
              "DESCRIPTION:Nothing to bring.",
            ),
            "SEQUENCE:1",
            "SEQUENCE:2\r\nCATEGORIES:Figures",
          )
        );
        await given.editThere((text) =>
          moveOne(replaced(text, /SUMMARY:Planning\\?, early/, "SUMMARY:Planning at dawn"))
        );
        await given.desk.expect(0, "sync");
        const { form } = await given.same();
        has(form, "COUNT=10", "Figures", "Nothing to bring.", "Planning for Köln");
        has(
          form,
          "Planning at dawn",
          "2026-12-09T08:00:00",
          "Planning, late",
          "2026-12-16T16:00:00",
        );
        assert.equal(count(form, '"RECURRENCE-ID"'), 2);
        assert.equal(count(form, '"VALARM"'), 2);
        await isQuiet(given);
      }),
  );

  Deno.test(`${kind}: one changes a phone number, the other adds an address and a note`, {
    ignore,
  }, () =>
    inStep(kind, "carddav", CARD, async (given) => {
      await given.editHere((text) => replaced(text, "+49 170 1234567", "+49 171 9999999"));
      await given.editThere((text) =>
        insertBefore(
          text,
          "END:VCARD",
          "EMAIL;TYPE=WORK:hopper@example.com",
          "NOTE:Met in Köln\\, likes clocks",
        )
      );
      await given.desk.expect(0, "sync");
      const { form } = await given.same();
      has(form, "+49 171 9999999", "+49 221 7654321", "grace@example.org", "hopper@example.com");
      has(form, "Met in Köln, likes clocks", "Domkloster 4");
      hasNot(form, "+49 170");
      await isQuiet(given);
    }));
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

/** What a program makes of an item that reads it, adds a category and writes it in its own spelling. */
async function rewritten(text: string): Promise<string> {
  const program = `
import sys, vobject
item = vobject.readOne(sys.stdin.read())
event = item.vevent
event.add('categories').value = ['Rewritten']
event.add('comment').value = 'Written anew'
event.sequence.value = '7'
sys.stdout.write(item.serialize())
`;
  const child = new Deno.Command("/usr/bin/python3", {
    args: ["-c", program],
    env: { PYTHONIOENCODING: "utf-8" },
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { success, stdout } = await child.output();
  assert.ok(success);
  return new TextDecoder().decode(stdout);
}

Deno.test(
  "a program that writes the whole event anew, in its own spelling, edited what it edited",
  {
    ignore: !isAccountInstalled("Radicale"),
  },
  () =>
    inStep("Radicale", "caldav", EVENT, async (given) => {
      const { account, desk, member } = given;
      const path = await member();
      const ours = (await given.bytes())[0];
      // At first alone, then beside an edit here.
      await account.put(path, await rewritten(await account.get(path)));
      await desk.expect(0, "sync");
      const { form } = await given.same();
      has(form, "Written anew", "Rewritten", "Planning for Köln", "TENTATIVE");
      await isQuiet(given);
      assert.notEqual((await given.bytes())[0], ours);

      await given.editHere((text) => replaced(text, "LOCATION:Room 5", "LOCATION:Room 8"));
      await account.put(
        path,
        (await rewritten(await account.get(path))).replace("Written anew", "X"),
      );
      await desk.expect(0, "sync");
      const merged = (await given.same()).form;
      has(merged, "Room 8", "Rewritten");
      assert.equal(count(merged, '"VALARM"'), 2);
      assert.equal(count(merged, '"ATTENDEE"'), 3);
      assert.equal(count(merged, '"VTIMEZONE"'), 1);
      await isQuiet(given);
    }),
);
