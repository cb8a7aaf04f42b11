/** One item on both sides: in a folder, and on a real server, where somebody else edits it. */

import assert from "node:assert/strict";
import {
  type Account,
  type Desk,
  insertBefore,
  newDesk,
  onlyFile,
  openAccount,
  pair,
  replaced,
  server,
  vdir,
} from "./acceptance_account.ts";
import { type Holding, itemOf, readPlaces } from "./acceptance_reader.ts";

/** Lines as they stand in an item. */
export const lines = (...given: readonly string[]): string => [...given, ""].join("\r\n");

/** With a time zone, guests and two alarms. */
export const EVENT = lines(
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

export const CARD = lines(
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
export const SERIES = replaced(
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
export const moveOne = (text: string): string =>
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

export interface Case {
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
export async function inStep(
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
export async function isQuiet({ desk, bytes }: Case): Promise<void> {
  const before = await bytes();
  assert.match((await desk.expect(0, "sync")).stdout, /everything is in step/);
  assert.deepEqual(await bytes(), before);
  assert.match((await desk.expect(0, "sync", "-n")).stdout, /everything is in step/);
}

/** Fails unless each part is in the form. */
export const has = (form: string, ...parts: readonly string[]): void => {
  for (const part of parts) assert.ok(form.includes(part), `${part} is not in ${form}`);
};
/** Fails if one of the parts is in the form. */
export const hasNot = (form: string, ...parts: readonly string[]): void => {
  for (const part of parts) assert.ok(!form.includes(part), `${part} is in ${form}`);
};
/** How often a part is in the form. */
export const count = (form: string, part: string): number => form.split(part).length - 1;
