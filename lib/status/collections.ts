/** Which collections a status knows. */

import { collectionId } from "../model/names.ts";
import type { CollectionKey } from "../model/status.ts";
import type { Row } from "./database.ts";
import { sumOf } from "./sums.ts";
import type { Damaged } from "./values.ts";
import { integerOf, textOf } from "./values.ts";

export const collectionSum = ({ id, identities }: CollectionKey): number =>
  sumOf([id, identities.a, identities.b]);

/** What makes two keys the same. */
export const keyText = ({ id, identities }: CollectionKey): string =>
  JSON.stringify([id, identities.a, identities.b]);

export const COLLECTIONS =
  "SELECT id, name, identity_a, identity_b, sum FROM collection ORDER BY name, id";

/** All of them with the ids of their rows, from the rows of {@linkcode COLLECTIONS}. */
export function collectionsOf(
  rows: readonly Row[],
  count: number,
  damaged: Damaged,
): readonly { readonly key: CollectionKey; readonly id: number }[] {
  if (rows.length !== count) {
    throw damaged(`it has ${rows.length} collections and should have ${count}`);
  }
  return rows.map((row) => {
    const key: CollectionKey = {
      id: collectionId(textOf(row["name"], "the name of a collection", damaged)),
      identities: {
        a: textOf(row["identity_a"], "the identity of a collection", damaged),
        b: textOf(row["identity_b"], "the identity of a collection", damaged),
      },
    };
    if (collectionSum(key) !== row["sum"]) throw damaged("a collection is not as written");
    return { key, id: integerOf(row["id"], "an id", damaged) };
  });
}
