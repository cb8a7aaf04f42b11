/**
 * Examines a whole status. What is read is always checked as far as it is read; this looks at the
 * rest, too: whether everything that was written is there, and can be found.
 */

import { SIDES } from "../model/names.ts";
import { readRows } from "./base.ts";
import { bytesOf } from "./bodies.ts";
import { readConclusion } from "./conclude.ts";
import type { Database } from "./database.ts";
import { readJournal } from "./journal.ts";

/**
 * @param collections The ids of all collections.
 * @throws {SyncError} Where something is not as it was written.
 */
export async function examine(database: Database, collections: readonly number[]): Promise<void> {
  const { damaged } = database;
  const found = await database.all("PRAGMA integrity_check(1)");
  const [verdict] = found.map((row) => row["integrity_check"]);
  if (verdict !== "ok") throw damaged(String(verdict));
  for (const collection of collections) {
    await readRows(database, collection);
    await readJournal(database, collection);
    for (const side of SIDES) await readConclusion(database, collection, side);
  }
  const missing = await database.one(`
    SELECT count(*) AS count FROM (
      SELECT body_a AS body FROM base UNION SELECT body_b FROM base UNION SELECT body FROM attic)
    WHERE body IS NOT NULL AND body NOT IN (SELECT id FROM body)`);
  if (missing["count"] !== 0) throw damaged("the bytes of an item are missing");
}

/** Examines the bytes of all items, too, which takes as long as reading them. */
export async function examineBodies(database: Database): Promise<void> {
  for (let last = 0;;) {
    const [row] = await database.all(
      "SELECT id, bytes, sha256 FROM body WHERE id > ? ORDER BY id LIMIT 1",
      [last],
    );
    if (row === undefined) return;
    await bytesOf(database, row);
    last = Number(row["id"]);
  }
}
