/** A status that is damaged works with what was written into it, or refuses. Nothing else. */

import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { SyncError } from "../../../lib/model/error.ts";
import { cursor, etag, href } from "../../../lib/model/names.ts";
import { openStatus, statusFiles } from "../../../lib/status/mod.ts";
import type { View } from "./harness.ts";
import { bytes, intent, item, KEY, options, set, view } from "./harness.ts";

const WORDS = ["one", "two", "three"];

/** A small status with something in every table, at rest. */
async function written(directory: string): Promise<View> {
  const first = await openStatus(options(directory));
  const status = first.collection(KEY);
  await status.settle(
    WORDS.map((word) => set(item(word, { flags: "\\Seen" }), { a: bytes(word) })),
  );
  await status.begin([
    intent(1, "one", { kind: "update", on: "a", etag: etag("1"), attic: "base" }),
    intent(2, "four"),
  ]);
  await status.settle([{ intent: 1, outcome: "failed", reason: "no" }]);
  await status.conclude({
    a: { cursor: cursor("a's cursor"), observations: [{ state: "gone", href: href("five") }] },
    b: { cursor: cursor("b's cursor"), observations: [] },
  });
  await first.close();
  const second = await openStatus(options(directory));
  const seen = await view(second.collection(KEY), WORDS);
  await second.close();
  return seen;
}

interface Tally {
  right: number;
  refused: number;
}

/** Opens a status whose database has these bytes, and counts how that went. */
async function opens(database: Uint8Array, expected: View, tally: Tally): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    const { pair } = options(directory);
    await Deno.writeFile(statusFiles(directory, pair).database, database);
    const status = await openStatus(options(directory));
    try {
      deepStrictEqual(await status.collections(), [KEY]);
      deepStrictEqual(await view(status.collection(KEY), WORDS), expected);
      deepStrictEqual((await status.history.attic()).map((it) => it.ident), ["one"]);
      tally.right++;
    } finally {
      await status.close();
    }
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    strictEqual(error.scope, "run");
    ok(error.kind === "malformed" || error.kind === "refused", `${error.kind}: ${error.message}`);
    ok(error.hint !== undefined, `no hint: ${error.message}`);
    tally.refused++;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function inFolder(test: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    await test(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("a status that was cut short anywhere is refused", () =>
  inFolder(async (directory) => {
    const expected = await written(directory);
    const { database } = statusFiles(directory, options(directory).pair);
    const whole = await Deno.readFile(database);
    const tally = { right: 0, refused: 0 };
    await opens(whole, expected, tally);
    deepStrictEqual(tally, { right: 1, refused: 0 });
    let cuts = 0;
    for (let length = 0; length < whole.length; length += 512, cuts++) {
      await opens(whole.subarray(0, length), expected, tally);
    }
    deepStrictEqual(tally, { right: 1, refused: cuts });
    ok(cuts > 50);
  }));

Deno.test("a status with a flipped bit is right, or refused", () =>
  inFolder(async (directory) => {
    const expected = await written(directory);
    const { database } = statusFiles(directory, options(directory).pair);
    const whole = await Deno.readFile(database);
    // Where nothing is written, nothing can be wrong.
    const used = [...whole.keys()].filter((at) => whole[at] !== 0);
    const tally = { right: 0, refused: 0 };
    const seed = Number(Deno.env.get("SEED") ?? Math.floor(Math.random() * 1e9));
    const random = randomFrom(seed);
    const flips = Number(Deno.env.get("FLIPS") ?? 200);
    for (let count = 0; count < flips; count++) {
      const at = used[Math.floor(random() * used.length)] ?? 0;
      const bit = Math.floor(random() * 8);
      const flipped = whole.slice();
      flipped[at] = (flipped[at] ?? 0) ^ (1 << bit);
      try {
        await opens(flipped, expected, tally);
      } catch (error) {
        throw new Error(`with bit ${bit} of byte ${at} flipped (SEED=${seed})`, { cause: error });
      }
    }
    strictEqual(tally.right + tally.refused, flips);
    ok(tally.refused > flips / 4, `only ${tally.refused} were noticed (SEED=${seed})`);
  }));

/** The same numbers for the same seed (xorshift). */
function randomFrom(seed: number): () => number {
  let state = (seed | 0) || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

Deno.test("what is not a status is refused, and left as it is", () =>
  inFolder(async (directory) => {
    const { database } = statusFiles(directory, options(directory).pair);
    for (const content of ["", "x", "this is not a database\n".repeat(500)]) {
      for (const mode of ["read-write", "read-only"] as const) {
        await Deno.writeTextFile(database, content);
        await rejects(openStatus(options(directory, { mode })), (error) => {
          ok(error instanceof SyncError);
          deepStrictEqual([error.scope, error.kind], ["run", "malformed"]);
          ok(error.message.includes(database));
          match(error.hint ?? "", /^Move it away/);
          return true;
        });
        strictEqual(await Deno.readTextFile(database), content);
      }
    }
    await Deno.remove(database);
    await Deno.symlink("elsewhere", database);
    await rejects(openStatus(options(directory)), { kind: "malformed" });
    await Deno.remove(database);
    await Deno.mkdir(database);
    await rejects(openStatus(options(directory)), { kind: "malformed" });
  }));

Deno.test("a status of which rows were removed is refused, whoever did it", () =>
  inFolder(async (directory) => {
    const { database } = statusFiles(directory, options(directory).pair);
    await written(directory);
    const whole = await Deno.readFile(database);
    const { createClient } = await import("@libsql/client/sqlite3");
    const changes = [
      "DELETE FROM base WHERE ident = 'one'",
      "DELETE FROM base",
      "UPDATE base SET etag_b = 'other' WHERE ident = 'one'",
      "UPDATE base SET ident = 'uno' WHERE ident = 'one'",
      "DELETE FROM collection",
      "UPDATE collection SET identity_a = '/elsewhere'",
      "UPDATE conclusion SET cursor = NULL",
      "UPDATE journal SET href = 'x' WHERE outcome IS NULL",
      "DELETE FROM body",
      "DELETE FROM pair",
      "UPDATE pair SET collections = 0",
      "DROP TABLE attic",
      "CREATE TABLE more (x)",
      "PRAGMA application_id = 0",
      "PRAGMA user_version = 0",
    ];
    for (const sql of changes) {
      await Deno.writeFile(database, whole);
      const client = createClient({ url: `file://${database}` });
      await client.executeMultiple(`PRAGMA foreign_keys = 0; ${sql}`);
      client.close();
      await rejects(openStatus(options(directory)), { kind: "malformed", scope: "run" }, sql);
    }
  }));

Deno.test("a status that nobody touched since is not looked through again", () =>
  inFolder(async (directory) => {
    await written(directory);
    const { database, lock } = statusFiles(directory, options(directory).pair);
    match(await Deno.readTextFile(lock), /^note [0-9:]+\n$/);
    const { createClient } = await import("@libsql/client/sqlite3");
    const client = createClient({ url: `file://${database}` });
    await client.executeMultiple("UPDATE base SET etag_b = 'other' WHERE ident = 'one'");
    client.close();
    // As if nobody had touched it: only what is read is noticed.
    const { dev, ino, size, mtime, ctime } = await Deno.stat(database);
    const stamp = [dev, ino, size, mtime?.getTime(), ctime?.getTime()].join(":");
    await Deno.writeTextFile(lock, `note ${stamp}\n`);
    const status = await openStatus(options(directory));
    strictEqual((await status.collection(KEY).known("a")).size, 3);
    await rejects(status.collection(KEY).known("b"), { kind: "malformed" });
    await rejects(status.examine(), { kind: "malformed" });
    await status.close();
  }));

Deno.test("bytes that are not as they were kept are not given out", () =>
  inFolder(async (directory) => {
    await written(directory);
    const { database } = statusFiles(directory, options(directory).pair);
    const { createClient } = await import("@libsql/client/sqlite3");
    const client = createClient({ url: `file://${database}` });
    await client.executeMultiple("UPDATE body SET bytes = x'6f6f6f' WHERE bytes = x'6f6e65'");
    client.close();
    const status = await openStatus(options(directory));
    await rejects(status.collection(KEY).baseBody(item("one").ident, "a"), { kind: "malformed" });
    const [entry] = await status.history.attic();
    await rejects(status.history.atticBody(entry?.id ?? 0), { kind: "malformed" });
    await rejects(status.examine(), { kind: "malformed" });
    strictEqual(await status.history.atticBody(99), undefined);
    await status.close();
  }));
