/** Two collections that are kept in step come to be called, or known, otherwise. */

import type { CollectionKey } from "../model/status.ts";
import { collectionSum } from "./collections.ts";
import type { CollectionRow, Writer } from "./transaction.ts";

/**
 * Everything that is known of the row's collections is known of them under the new key from now on.
 * @param inTheWay Another row that has the key. Nothing is known of it any more, or was forgotten just
 * now; the attic and the history still speak of it, and so it keeps its row under a key of its own.
 */
export async function rename(
  writer: Writer,
  row: CollectionRow,
  to: CollectionKey,
  inTheWay: CollectionRow | undefined,
): Promise<void> {
  const { id } = row;
  const transaction = writer.transaction();
  const aside = inTheWay?.id === undefined ? undefined : asideOf(inTheWay.key, inTheWay.id);
  if (aside !== undefined && inTheWay?.id !== undefined) {
    update(inTheWay.id, aside, true);
  }
  if (id !== undefined) update(id, to, row.forgotten);
  transaction.after(() => {
    if (inTheWay !== undefined && aside !== undefined) inTheWay.key = aside;
    row.key = to;
  });
  await transaction.commit();

  function update(id: number, key: CollectionKey, forgotten: boolean): void {
    transaction.add(
      "UPDATE collection SET name = ?, identity_a = ?, identity_b = ?, sum = ? WHERE id = ?",
      [key.id, key.identities.a, key.identities.b, collectionSum(key, forgotten), id],
    );
  }
}

const asideOf = ({ id, identities }: CollectionKey, row: number): CollectionKey => ({
  id,
  identities: { a: `${identities.a};WAS=${row}`, b: identities.b },
});
