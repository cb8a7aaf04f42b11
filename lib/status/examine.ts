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
import { readProperties } from "./property_base.ts";

/**
 * @param collections The ids of all collections.
 * @throws {SyncError} Where something is not as it was written.
 */
export async function examine(database: Database, collections: readonly number[]): Promise<void> {
  const { damaged } = database;
  const [[verdict] = []] = await database.rows({
    columns: ["integrity_check"],
    rest: "FROM pragma_integrity_check(1)",
  });
  if (verdict !== "ok") throw damaged(String(verdict));
  const [stray] = await database.rows({
    columns: ['"table"'],
    rest: "FROM pragma_foreign_key_check",
  });
  if (stray !== undefined) throw damaged(`a row of "${stray[0]}" belongs to no collection`);
  for (const collection of collections) {
    await readRows(database, collection);
    await readJournal(database, collection);
    for (const side of SIDES) await readConclusion(database, collection, side);
    await readProperties(database, collection);
  }
  const [missing] = await database.rows({
    columns: ["body"],
    rest: `FROM (
        SELECT body_a AS body FROM base UNION SELECT body_b FROM base UNION SELECT body FROM attic)
      WHERE body IS NOT NULL AND body NOT IN (SELECT id FROM body)`,
  });
  if (missing !== undefined) throw damaged("the bytes of an item are missing");
}

/** Examines the bytes of all items, too, which takes as long as reading them. */
export async function examineBodies(database: Database): Promise<void> {
  const rows = await database.rows({ columns: ["id"], rest: "FROM body" });
  for (const [id] of rows) await bytesOf(database, Number(id));
}
