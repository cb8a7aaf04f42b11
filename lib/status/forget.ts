/** Forgets what is known of two collections: they are no longer kept in step. */

import { collectionSum } from "./collections.ts";
import { forgetRead } from "./conclude.ts";
import type { Journal } from "./journal.ts";
import type { CollectionRow, Writer } from "./transaction.ts";

/**
 * Takes away the base, the cursors and what was left open. The row of the collection stays, as the
 * attic and the history speak of it.
 */
export async function forget(
  writer: Writer,
  row: CollectionRow,
  journal: Journal,
): Promise<void> {
  const { id } = row;
  if (id === undefined || row.forgotten) return;
  const transaction = writer.transaction();
  for (const table of ["base", "conclusion", "property"]) {
    transaction.add(`DELETE FROM ${table} WHERE collection = ?`, [id]);
  }
  transaction.add(
    `UPDATE journal SET outcome = 'left', reason = 'the collections are no longer kept in step',
       ended = ? WHERE collection = ? AND outcome IS NULL`,
    [writer.now().getTime(), id],
  );
  transaction.add(
    "UPDATE collection SET items = 0, total = 0, forgotten = 1, sum = ? WHERE id = ?",
    [collectionSum(row.key, true), id],
  );
  transaction.after(() => {
    row.forgotten = true;
    journal.open.clear();
  });
  try {
    await transaction.commit();
  } finally {
    forgetRead(writer.database, id);
  }
}
