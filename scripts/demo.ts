/**
 * A walk through dovetail: `deno task demo`. Starts a CalDAV server of its own (Radicale where it is
 * installed, one in memory where it is not), puts a sample calendar into a folder, and keeps the two
 * in step while both are edited. Everything it makes is in a temporary folder, and removed.
 */

import type { SampleEvent } from "./demo/calendars.ts";
import { iCalendarOf, SAMPLE } from "./demo/calendars.ts";
import { startDemoServer } from "./demo/server.ts";

const PAUSE = Deno.stdout.isTerminal() ? 900 : 0;
const bold = (text: string) =>
  Deno.stdout.isTerminal() && !Deno.noColor ? `\x1b[1m${text}\x1b[0m` : text;
const say = async (text: string) => {
  console.log(`\n${bold(text)}`);
  await new Promise((resolve) => setTimeout(resolve, PAUSE));
};

const folder = await Deno.makeTempDir({ prefix: "dovetail-demo-" });
const server = await startDemoServer();
try {
  await walk();
} finally {
  await server.stop();
  await Deno.remove(folder, { recursive: true });
}

async function walk(): Promise<void> {
  for (const event of SAMPLE) await write(event);
  const config = `${folder}/dovetail.conf`;
  await Deno.writeTextFile(config, configuration(), { mode: 0o600 });

  await say(`1. A folder with two calendars, and ${server.name} with none. The configuration:`);
  console.log(configuration().trimEnd().replace(/^/gm, "    "));

  await say("2. What would be done?  dovetail sync -n");
  await dovetail("sync", "-n");

  await say("3. Do it.  dovetail sync");
  await dovetail("sync");

  await say("4. Edits on both sides: the dentist moves (folder), the review is renamed and a");
  console.log("   lunch added (server), the train is cancelled (folder).  dovetail sync");
  const [dentist, , , train, , review] = SAMPLE;
  if (dentist === undefined || train === undefined || review === undefined) return;
  await write({ ...dentist, start: "20270313T0815" });
  await Deno.remove(pathOf(train));
  await server.put(review, iCalendarOf({ ...review, summary: "Quarterly review (room 4)" }));
  const lunch: SampleEvent = {
    calendar: "work",
    uid: "lunch",
    summary: "Lunch with Ada",
    start: "20270312T1230",
  };
  await server.put(lunch, iCalendarOf(lunch));
  await dovetail("sync");

  await say("5. Once more: there is nothing to do.  dovetail sync");
  await dovetail("sync");

  await say("6. Both sides edit the choir, differently. That is a conflict: neither is touched.");
  const choir = SAMPLE[1];
  if (choir === undefined) return;
  await write({ ...choir, summary: "Choir (bring the scores)" });
  await server.put(choir, iCalendarOf({ ...choir, summary: "Choir at Tom's" }));
  await dovetail("sync");

  await say(
    "7. All events in one calendar of the folder vanish. Nothing is deleted on the server.",
  );
  for (const event of SAMPLE) if (event.calendar === "home") await remove(event);
  await dovetail("sync");
  await say("That is all. `dovetail help` says more; the README has a first configuration.");
}

function configuration(): string {
  return `status_path ${folder}/status

storage home {
  type vdir/icalendar
  path ${folder}/calendars
}

storage server {
  type caldav
  url ${server.home}
  username ${server.username}
  password ${server.password}
}

pair calendars {
  storage_a home
  storage_b server
  collections all
}
`;
}

function pathOf({ calendar, uid }: SampleEvent): string {
  return `${folder}/calendars/${calendar}/${uid}.ics`;
}

async function write(event: SampleEvent): Promise<void> {
  await Deno.mkdir(`${folder}/calendars/${event.calendar}`, { recursive: true });
  await Deno.writeTextFile(pathOf(event), iCalendarOf(event));
}

async function remove(event: SampleEvent): Promise<void> {
  try {
    await Deno.remove(pathOf(event));
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
  }
}

/** Statuses 0 and 2 are what the demo shows; anything else ends it. */
async function dovetail(...args: readonly string[]): Promise<void> {
  const main = new URL("../main.ts", import.meta.url).pathname;
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", main, "-c", `${folder}/dovetail.conf`, ...args],
    stdin: "null",
  }).spawn().status;
  if (code === 2) console.log(`(exit status 2: some changes were left)`);
  else if (code !== 0) throw new Error(`dovetail ended with ${code}`);
}
