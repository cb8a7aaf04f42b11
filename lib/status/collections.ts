/** Which collections a status knows. */

import { collectionId } from "../model/names.ts";
import type { CollectionKey } from "../model/status.ts";
import type { Query, Row } from "./database.ts";
import { sumOf } from "./sums.ts";
import type { Damaged } from "./values.ts";
import { integerOf, textOf } from "./values.ts";

export const collectionSum = ({ id, identities }: CollectionKey): number =>
  sumOf([id, identities.a, identities.b]);

/** What makes two keys the same. */
export const keyText = ({ id, identities }: CollectionKey): string =>
  JSON.stringify([id, identities.a, identities.b]);

export const COLLECTIONS: Query = {
  columns: ["id", "name", "identity_a", "identity_b", "sum"],
  rest: "FROM collection",
};

/** All of them with the ids of their rows, from the rows of {@linkcode COLLECTIONS}. */
export function collectionsOf(
  rows: readonly Row[],
  count: number,
  damaged: Damaged,
): readonly { readonly key: CollectionKey; readonly id: number }[] {
  if (rows.length !== count) {
    throw damaged(`it has ${rows.length} collections and should have ${count}`);
  }
  return rows.map(([id, name, a, b, sum]) => {
    const key: CollectionKey = {
      id: collectionId(textOf(name, "the name of a collection", damaged)),
      identities: {
        a: textOf(a, "the identity of a collection", damaged),
        b: textOf(b, "the identity of a collection", damaged),
      },
    };
    if (collectionSum(key) !== sum) throw damaged("a collection is not as written");
    return { key, id: integerOf(id, "an id", damaged) };
  });
}
