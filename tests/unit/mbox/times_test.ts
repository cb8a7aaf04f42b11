/** Two writes within a second, which Dovecot ends with whole seconds, and what we make of ours. */

import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import { isSameFile, isSettled, untilSettled } from "../../../adapters/mbox/times.ts";
import { realDisk } from "../../../adapters/mbox/disk.ts";
import type { Cursor } from "../../../lib/model/names.ts";
import type { Collection, Storage } from "../../../lib/model/storage.ts";
import { apply, flagging, list, never, outcomes, type World, world } from "./support.ts";

const FROM = "From a@b  Mon Feb 03 04:05:06 2020\n";
const box = (status: string): string =>
  `${FROM}Subject: 1\nX-IMAPbase: 7 0000000001\nX-UID: 1\nStatus: ${status}\nX-Keywords:${
    " ".repeat(50)
  }\n\ntext\n\n`;

const timeOf = (path: string): number => Deno.lstatSync(path).mtime?.getTime() ?? 0;
const secondOf = (path: string): number => Math.floor(timeOf(path) / 1000);

async function cursorOf(
  storage: Storage,
  collection: Collection,
  since?: Cursor,
): Promise<{ readonly cursor: Cursor | undefined; readonly flags: readonly string[] }> {
  const flags: string[] = [];
  for await (const step of storage.changes(collection, since, never)) {
    if (step.type === "end") return { cursor: step.cursor, flags };
    for (const it of step.entries) if (it.state === "present") flags.push(it.flags.join(" "));
  }
  throw new Error("a listing without an end");
}

/** Writes as Dovecot does: in place, and then the time is made a whole second. */
async function writeAsDovecot({ inbox }: World, text: string, second: number): Promise<void> {
  await Deno.writeTextFile(inbox, text, { mode: 0o600 });
  await Deno.utime(inbox, second, second);
}

Deno.test("a change of flags within the second of the one before is not missed", async () => {
  await world(async (it) => {
    const second = Math.floor(Date.now() / 1000) + 1;
    await new Promise((resolve) => setTimeout(resolve, second * 1000 + 50 - Date.now()));
    await writeAsDovecot(it, box("O "), second);
    const collection = await it.box("INBOX");
    const first = await cursorOf(it.storage, collection);
    deepEqual(first.flags, [""]);
    // Whoever looked as the second was not over yet must look again; we waited for its end.
    ok(Date.now() >= (second + 1) * 1000);
    const other = it.open();
    deepEqual((await cursorOf(other, collection, first.cursor)).flags, []);
    await writeAsDovecot(it, box("RO"), second + 1);
    deepEqual((await cursorOf(it.storage, collection, first.cursor)).flags, ["\\Seen"]);
    await other.close();
  });
});

Deno.test("a file that is written to all the time is listed all the same, and anew each time", async () => {
  let now = 0;
  await world(async (it) => {
    const second = Math.floor(Date.now() / 1000) + 60;
    now = second * 1000 + 1000;
    await writeAsDovecot(it, box("O "), second);
    const collection = await it.box("INBOX");
    now = second * 1000 - 5000;
    const first = await cursorOf(it.storage, collection);
    await writeAsDovecot(it, box("RO"), second);
    const again = await cursorOf(it.storage, collection, first.cursor);
    deepEqual(again.flags, ["\\Seen"]);
    notEqual(again.cursor, first.cursor);
  }, { disk: { ...realDisk, now: () => now } });
});

Deno.test("what we write in place has another second than it had, and none that is whole", async () => {
  await world(async (it) => {
    await it.write("inbox", box("O "));
    for (const flags of [["\\Seen"], [], ["\\Seen", "\\Flagged"], ["todo"]]) {
      const [before, size] = [secondOf(it.inbox), Deno.lstatSync(it.inbox).size];
      const collection = await it.box("INBOX");
      const [mail] = await list(it.storage, collection);
      ok(mail !== undefined);
      deepEqual(outcomes(await apply(it.storage, collection, [flagging(mail, flags)])), ["done"]);
      if (Deno.lstatSync(it.inbox).size === size) notEqual(secondOf(it.inbox), before);
      ok(secondOf(it.inbox) >= before);
      notEqual(timeOf(it.inbox) % 1000, 0);
    }
  });
});

Deno.test("a time tells of every later write once its tick is over, or its second if that is whole", () => {
  const at = (mtime: number, now: number) => [
    isSettled({ mtime }, now),
    untilSettled({ mtime }, now),
  ];
  deepEqual(at(5300, 5300), [false, 12]);
  deepEqual(at(5300, 5312), [true, 0]);
  deepEqual(at(5000, 5400), [false, 612]);
  deepEqual(at(5000, 6011), [false, 1]);
  deepEqual(at(5000, 6012), [true, 0]);
  deepEqual(at(6000, 5900), [false, 1112]);
  deepEqual(at(60_000, 5900), [false, 0]);
  deepEqual(at(6500, 5900), [true, 0]);
});

Deno.test("a file whose second Dovecot has made whole is the same file", async () => {
  const path = await Deno.makeTempFile();
  try {
    const stat = realDisk.stat(path);
    ok(stat !== undefined);
    const before = { ...stat, mtime: 5300 };
    equal(isSameFile(before, before), true);
    equal(isSameFile({ ...stat, mtime: 5000 }, before), true);
    equal(isSameFile({ ...stat, mtime: 5301 }, before), false);
    equal(isSameFile({ ...stat, mtime: 5000, size: 1 }, before), false);
    equal(isSameFile({ ...stat, mtime: 5000, ino: 1 }, before), false);
  } finally {
    await Deno.remove(path);
  }
});
