/** How a status is opened, made, brought up to date and left. */

import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { SyncError } from "../../../lib/model/error.ts";
import { collectionId, cursor, etag, href, pairName } from "../../../lib/model/names.ts";
import { openStatus, statusFiles } from "../../../lib/status/mod.ts";
import { openToRead, openToWrite } from "../../../lib/status/opening.ts";
import type { Step } from "../../../lib/status/schema.ts";
import { STEPS } from "../../../lib/status/schema.ts";
import { bytes, forget, identOf, intent, item, KEY, options, set, text, view } from "./harness.ts";

async function inFolder(test: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    await test(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const names = (directory: string): readonly string[] =>
  [...Deno.readDirSync(directory)].map((it) => it.name).sort();

const modeOf = (path: string): string => ((Deno.statSync(path).mode ?? 0) & 0o777).toString(8);

Deno.test("only the owner can read what a status leaves on the disk", () =>
  inFolder(async (parent) => {
    const umask = Deno.umask(0);
    try {
      const directory = `${parent}/state/status`;
      const status = await openStatus(options(directory));
      await status.collection(KEY).settle([set(item("x"))]);
      deepStrictEqual(names(directory), [
        "calendars.db",
        "calendars.db-shm",
        "calendars.db-wal",
        "calendars.lock",
      ]);
      for (const name of names(directory)) strictEqual(modeOf(`${directory}/${name}`), "600", name);
      strictEqual(modeOf(directory), "700");
      strictEqual(modeOf(`${parent}/state`), "700");
      await status.close();
    } finally {
      Deno.umask(umask);
    }
  }));

Deno.test("at rest a status is one file, and a lock that nobody holds", () =>
  inFolder(async (directory) => {
    const status = await openStatus(options(directory));
    await status.collection(KEY).settle([set(item("x"))]);
    await status.close();
    deepStrictEqual(names(directory), ["calendars.db", "calendars.lock"]);
    // So a copy of that file is all of it.
    await inFolder(async (elsewhere) => {
      await Deno.copyFile(`${directory}/calendars.db`, `${elsewhere}/calendars.db`);
      const copy = await openStatus(options(elsewhere, { mode: "read-only" }));
      strictEqual((await copy.collection(KEY).known("a")).size, 1);
      await copy.close();
      deepStrictEqual(names(elsewhere), ["calendars.db"]);
    });
  }));

Deno.test("a run with nothing to write leaves the file untouched", () =>
  inFolder(async (directory) => {
    const sides = {
      a: { cursor: cursor("1"), observations: [{ state: "gone", href: href("x") }] },
      b: { observations: [] },
    } as const;
    const first = await openStatus(options(directory));
    await first.collection(KEY).settle([set(item("x"), { a: bytes("x") })]);
    await first.collection(KEY).conclude(sides);
    await first.close();
    const path = `${directory}/calendars.db`;
    const [before, stat] = [await Deno.readFile(path), await Deno.stat(path)];
    const second = await openStatus(options(directory));
    await view(second.collection(KEY), ["x", "y"]);
    await second.collection(KEY).conclude(sides);
    await second.collection(KEY).begin([]);
    await second.collection(KEY).settle([]);
    deepStrictEqual(names(directory), ["calendars.db", "calendars.lock"]);
    await second.close();
    deepStrictEqual(await Deno.readFile(path), before);
    const after = await Deno.stat(path);
    deepStrictEqual([after.mtime, after.ctime, after.ino], [stat.mtime, stat.ctime, stat.ino]);
    const third = await openStatus(options(directory));
    strictEqual((await third.history.runs(9)).length, 1);
    await third.collection(KEY).conclude({
      ...sides,
      b: { cursor: cursor("2"), observations: [] },
    });
    strictEqual((await third.history.runs(9)).length, 2);
    await third.close();
  }));

Deno.test("what is only read may be missing, and nothing is made", () =>
  inFolder(async (parent) => {
    for (const directory of [parent, `${parent}/not/there`]) {
      const status = await openStatus(options(directory, { mode: "read-only" }));
      const collection = status.collection(KEY);
      const empty = await view(collection, ["x"]);
      deepStrictEqual([empty.size, empty.base, empty.next], [0, [], 1]);
      deepStrictEqual(await status.collections(), []);
      deepStrictEqual(await status.history.runs(9), []);
      deepStrictEqual(await status.history.attic(), []);
      await rejects(collection.settle([set(item("x"))]), { kind: "internal" });
      await rejects(collection.begin([intent(1, "x")]), { kind: "internal" });
      await rejects(collection.conclude({}), { kind: "internal" });
      await status.close();
      deepStrictEqual(names(parent), []);
    }
  }));

Deno.test("what is opened to be read is not written to", () =>
  inFolder(async (directory) => {
    const writing = await openStatus(options(directory));
    await writing.collection(KEY).settle([set(item("x"))]);
    const reading = await openStatus(options(directory, { mode: "read-only" }));
    const collection = reading.collection(KEY);
    strictEqual(await collection.size(), 1);
    // It sees what was written meanwhile.
    await writing.collection(KEY).settle([set(item("y"))]);
    strictEqual((await collection.known("b")).size, 2);
    await rejects(collection.settle([set(item("x"))]), { kind: "internal" });
    await rejects(collection.begin([intent(1, "x")]), { kind: "internal" });
    await rejects(collection.conclude({ a: { observations: [] } }), { kind: "internal" });
    await writing.close();
    strictEqual((await collection.known("b")).size, 2);
    await reading.close();
  }));

Deno.test("a reader does not keep a writer from ending, nor the next one from writing", () =>
  inFolder(async (directory) => {
    const writing = await openStatus(options(directory));
    await writing.collection(KEY).settle([set(item("x"))]);
    const reading = await openStatus(options(directory, { mode: "read-only" }));
    await reading.collection(KEY).known("a");
    const before = performance.now();
    await writing.close();
    ok(performance.now() - before < 2_000, "it waited for the reader");
    const next = await openStatus(options(directory));
    await next.collection(KEY).settle([set(item("y"))]);
    strictEqual(await reading.collection(KEY).size(), 2);
    await reading.close();
    await next.close();
    const last = await openStatus(options(directory));
    strictEqual((await last.collection(KEY).known("a")).size, 2);
    await last.close();
  }));

const ODD = [
  "a b",
  "#",
  "a?mode=ro",
  "100%",
  "%41",
  "\u00fc\u{1f4c5}",
  ":memory:",
  "file:x",
  "'\"`",
  "[x]{y}",
  "a\\b",
  "a&b=c;d",
  "~",
  "-rf",
  ".hidden",
];

Deno.test("folders of any name hold a status", () =>
  inFolder(async (parent) => {
    for (const name of ODD) {
      const directory = `${parent}/${name}`;
      const status = await openStatus(options(directory));
      await status.collection(KEY).settle([set(item(name))]);
      await status.close();
      deepStrictEqual(names(directory), ["calendars.db", "calendars.lock"], name);
      const again = await openStatus(options(`${directory}/`));
      strictEqual((await again.collection(KEY).known("a")).size, 1, name);
      await again.close();
    }
    deepStrictEqual(names(parent), [...ODD].sort());
  }));

Deno.test("pairs of any name have a status each, in the folder", () =>
  inFolder(async (parent) => {
    const directory = `${parent}/status`;
    const pairs = [...ODD, "", ".", "..", "../up", "a/b", "/etc/passwd", "nul\0", "x".repeat(500)];
    for (const name of pairs) {
      const pair = pairName(name);
      const status = await openStatus(options(directory, { pair }));
      deepStrictEqual(await status.collections(), [], name);
      await status.collection(KEY).settle([set(item(`for ${name.replace("\0", "")}`))]);
      await status.close();
    }
    for (const name of pairs) {
      const pair = pairName(name);
      const status = await openStatus(options(directory, { pair }));
      deepStrictEqual(
        [...(await status.collection(KEY).known("a")).values()].map((it) => it.ident),
        [`for ${name.replace("\0", "")}`],
      );
      await status.close();
    }
    strictEqual(names(directory).length, 2 * pairs.length);
    deepStrictEqual(names(parent), ["status"]);
  }));

Deno.test("a folder may be given from where we are", () =>
  inFolder(async (directory) => {
    const here = Deno.cwd();
    Deno.chdir(directory);
    try {
      const status = await openStatus(options("some/where"));
      await status.collection(KEY).settle([set(item("x"))]);
      await status.close();
    } finally {
      Deno.chdir(here);
    }
    deepStrictEqual(names(`${directory}/some/where`), ["calendars.db", "calendars.lock"]);
  }));

Deno.test("the status of another pair is refused", () =>
  inFolder(async (directory) => {
    const status = await openStatus(options(directory));
    await status.close();
    await Deno.rename(`${directory}/calendars.db`, `${directory}/contacts.db`);
    for (const mode of ["read-write", "read-only"] as const) {
      await rejects(openStatus(options(directory, { mode, pair: pairName("contacts") })), {
        kind: "refused",
        scope: "run",
        message: /another pair, "calendars"/,
      });
    }
  }));

Deno.test("what was left of a status that was never finished does not matter", () =>
  inFolder(async (directory) => {
    const { unfinished } = statusFiles(directory, options(directory).pair);
    for (const suffix of ["", "-wal", "-shm", "-journal"]) {
      await Deno.writeTextFile(unfinished + suffix, "half");
    }
    const status = await openStatus(options(directory));
    deepStrictEqual(await status.collections(), []);
    await status.close();
    deepStrictEqual(names(directory), ["calendars.db", "calendars.lock"]);
  }));

Deno.test("a log whose database was moved away is not worked into a new one", () =>
  inFolder(async (directory) => {
    const first = await openStatus(options(directory));
    await first.collection(KEY).settle([set(item("x"), { a: bytes("x") })]);
    await inFolder(async (elsewhere) => {
      await Deno.copyFile(`${directory}/calendars.db-wal`, `${elsewhere}/calendars.db-wal`);
      const status = await openStatus(options(elsewhere));
      deepStrictEqual(await status.collections(), []);
      strictEqual(await status.collection(KEY).size(), 0);
      await status.collection(KEY).settle([set(item("y"))]);
      await status.examine();
      await status.close();
      deepStrictEqual(names(elsewhere), ["calendars.db", "calendars.lock"]);
    });
    await first.close();
  }));

Deno.test("a status that others may read is closed to them", () =>
  inFolder(async (directory) => {
    await (await openStatus(options(directory))).close();
    await Deno.chmod(`${directory}/calendars.db`, 0o644);
    await (await openStatus(options(directory, { mode: "read-only" }))).close();
    strictEqual(modeOf(`${directory}/calendars.db`), "644");
    await (await openStatus(options(directory))).close();
    strictEqual(modeOf(`${directory}/calendars.db`), "600");
  }));

Deno.test("what cannot be made is an error that says where", () =>
  inFolder(async (parent) => {
    await Deno.writeTextFile(`${parent}/file`, "");
    await rejects(openStatus(options(`${parent}/file/status`)), (error) => {
      ok(error instanceof SyncError);
      strictEqual(error.scope, "run");
      ok(error.message.includes(`${parent}/file/status`), error.message);
      strictEqual(error.kind, "forbidden");
      return true;
    });
  }));

const LATER: readonly Step[] = [
  ...STEPS,
  ["ALTER TABLE run ADD COLUMN host TEXT", "CREATE TABLE note (text TEXT) STRICT"],
  ["CREATE INDEX note_text ON note (text)"],
];

Deno.test("an older status is brought up to date, with everything in it", () =>
  inFolder(async (directory) => {
    const first = await openStatus(options(directory));
    await first.collection(KEY).settle([set(item("x"), { a: bytes("x") })]);
    await first.close();
    const files = statusFiles(directory, options(directory).pair);
    await rejects(openToRead(files, options(directory).pair, LATER), { kind: "refused" });
    const later = await openToWrite(files, options(directory, { version: "2" }), "", LATER);
    deepStrictEqual(later.collections.map(({ key }) => key), [KEY]);
    strictEqual(later.pair.version, "2");
    await later.database.close();
    const again = await openToWrite(files, options(directory), "", LATER);
    const columns = ["(SELECT count(*) FROM base)", "(SELECT count(host) FROM run)"];
    deepStrictEqual(await again.database.rows({ columns, rest: "" }), [[1, 0]]);
    strictEqual(again.pair.version, "2");
    await again.database.close();
    // And the program that knew it before refuses it now.
    for (const mode of ["read-write", "read-only"] as const) {
      await rejects(openStatus(options(directory, { mode })), {
        kind: "refused",
        message: /version 3, and this program knows versions up to 1/,
      });
    }
  }));

Deno.test("a step that fails changes nothing", () =>
  inFolder(async (directory) => {
    const first = await openStatus(options(directory));
    await first.collection(KEY).settle([set(item("x"))]);
    await first.close();
    const files = statusFiles(directory, options(directory).pair);
    // In an empty database it works; in one with rows it does not.
    const failing = [...LATER, [
      "CREATE TABLE moved AS SELECT * FROM base",
      "INSERT INTO body SELECT 1, ident, NULL FROM base",
    ]];
    await rejects(openToWrite(files, options(directory), "", failing), SyncError);
    const after = await openStatus(options(directory));
    strictEqual((await after.collection(KEY).known("a")).size, 1);
    await after.examine();
    await after.close();
  }));

Deno.test("every fresh status is the one that the steps lead to", () =>
  inFolder(async (directory) => {
    const status = await openStatus(options(directory));
    await status.examine();
    await status.close();
    strictEqual(STEPS.length, 1);
    ok(STEPS.flat().every((sql) => sql.trimStart().startsWith("CREATE ")));
  }));

Deno.test("the history tells what each run did", () =>
  inFolder(async (directory) => {
    let now = new Date("2026-03-01T08:00:00Z");
    const at = () => now;
    const first = await openStatus(options(directory, { now: at, version: "1.0" }));
    await first.collection(KEY).begin([intent(1, "x"), intent(2, "y"), intent(3, "z")]);
    now = new Date("2026-03-01T08:00:05Z");
    await first.collection(KEY).settle([
      { ...set(item("x"), { a: bytes("x"), b: bytes("x") }), intent: 1 },
      { intent: 2, outcome: "failed", reason: "it said no" },
    ]);
    await first.close();
    now = new Date("2026-03-02T08:00:00Z");
    const second = await openStatus(options(directory, { now: at, version: "1.1" }));
    await second.collection(KEY).begin([
      intent(4, "x", { kind: "delete", etag: etag("1"), attic: "base" }),
    ]);
    deepStrictEqual(await second.history.runs(9), [
      { id: 2, started: new Date("2026-03-02T08:00:00Z"), version: "1.1" },
      {
        id: 1,
        started: new Date("2026-03-01T08:00:00Z"),
        ended: new Date("2026-03-01T08:00:05Z"),
        version: "1.0",
      },
    ]);
    const ended = new Date("2026-03-01T08:00:05Z");
    deepStrictEqual(await second.history.journal(1), [
      { run: 1, collection: KEY, intent: intent(1, "x"), outcome: "done", ended },
      {
        run: 1,
        collection: KEY,
        intent: intent(2, "y"),
        outcome: "failed",
        reason: "it said no",
        ended,
      },
      { run: 1, collection: KEY, intent: intent(3, "z") },
    ]);
    deepStrictEqual(await second.history.attic(identOf("x")), [{
      id: 1,
      run: 2,
      time: now,
      collection: KEY,
      side: "b",
      ident: "x",
      href: "x.ics",
      etag: "1",
      why: "delete",
      size: 1,
    }]);
    deepStrictEqual(await second.history.attic(identOf("y")), []);
    strictEqual(text(await second.history.atticBody(1)), "x");
    await second.close();
  }));

Deno.test("after ninety days the history is forgotten, and the attic and open intents are not", () =>
  inFolder(async (directory) => {
    let now = new Date("2026-01-01T00:00:00Z");
    const open = () => openStatus(options(directory, { now: () => now }));
    const first = await open();
    await first.collection(KEY).begin([
      intent(1, "x", { kind: "update", attic: bytes("old") }),
      intent(2, "y"),
    ]);
    await first.collection(KEY).settle([{ intent: 1, outcome: "done" }]);
    await first.close();
    now = new Date("2026-03-31T00:00:00Z");
    const second = await open();
    await second.collection(KEY).settle([set(item("z"))]);
    await second.close();
    const third = await open();
    strictEqual((await third.history.runs(9)).length, 2);
    now = new Date("2026-04-02T00:00:00Z");
    await third.collection(KEY).settle([forget("z")]);
    await third.close();
    const last = await open();
    deepStrictEqual((await last.history.runs(9)).map((it) => it.id), [3, 2]);
    deepStrictEqual((await last.history.journal(1)).map((it) => it.intent.id), [2]);
    deepStrictEqual((await last.collection(KEY).openIntents()).map((it) => it.id), [2]);
    strictEqual(text(await last.history.atticBody(1)), "old");
    strictEqual(await last.collection(KEY).nextIntent(), 3);
    await last.close();
  }));

/** How many bodies the file holds. */
async function bodies(directory: string): Promise<number> {
  const files = statusFiles(directory, options(directory).pair);
  const { database } = await openToRead(files, options(directory).pair);
  const rows = await database.rows({ columns: ["id"], rest: "FROM body" });
  await database.close();
  return rows.length;
}

Deno.test("bytes are kept once, and as long as anything refers to them", () =>
  inFolder(async (directory) => {
    const nothing = { a: { observations: [] }, b: { observations: [] } };
    const status = await openStatus(options(directory));
    const one = status.collection(KEY);
    const two = status.collection({ ...KEY, id: collectionId("two") });
    await one.settle([set(item("x"), { a: bytes("same"), b: bytes("same") })]);
    await two.settle([set(item("y"), { a: bytes("same"), b: bytes("other") })]);
    await one.begin([intent(1, "z", { kind: "delete", attic: bytes("same") })]);
    strictEqual(await bodies(directory), 2);
    await one.settle([forget("x")]);
    await two.settle([set(item("y", { digest: "new" }), { b: bytes("newer") })]);
    strictEqual(await bodies(directory), 3);
    await two.conclude(nothing);
    strictEqual(await bodies(directory), 2);
    // The attic alone holds them now.
    strictEqual(text(await status.history.atticBody(1)), "same");
    await two.settle([set(item("y", { digest: "newest" })), set(item("x"), { a: bytes("same") })]);
    await status.close();
    strictEqual(await bodies(directory), 1);
  }));

Deno.test("what a killed run left is cleared away by the next one that writes", () =>
  inFolder(async (directory) => {
    const first = await openStatus(options(directory));
    const collection = first.collection(KEY);
    await collection.settle([set(item("x"), { a: bytes("1") }), set(item("y"), { a: bytes("2") })]);
    await collection.settle([forget("y")]);
    // As a killed run leaves it.
    await inFolder(async (elsewhere) => {
      for (const name of names(directory)) {
        if (name.endsWith("-shm")) continue;
        await Deno.copyFile(`${directory}/${name}`, `${elsewhere}/${name}`);
      }
      const idle = await openStatus(options(elsewhere));
      await idle.collection(KEY).known("a");
      await idle.close();
      strictEqual(await bodies(elsewhere), 2);
      const next = await openStatus(options(elsewhere));
      await next.collection(KEY).conclude({ a: { cursor: cursor("1"), observations: [] } });
      strictEqual(await bodies(elsewhere), 1);
      strictEqual(text(await next.collection(KEY).baseBody(identOf("x"), "a")), "1");
      await next.close();
    });
    await first.close();
  }));
