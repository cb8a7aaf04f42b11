/** Which collections a status knows. */

import { collectionId } from "../model/names.ts";
import type { CollectionKey } from "../model/status.ts";
import type { Query, Row } from "./database.ts";
import { sumOf } from "./sums.ts";
import type { Damaged } from "./values.ts";
import { integerOf, textOf } from "./values.ts";

export const collectionSum = (
  { id, identities }: CollectionKey,
  forgotten = false,
): number => sumOf([id, identities.a, identities.b, ...(forgotten ? [1] : [])]);

/** What makes two keys the same. */
export const keyText = ({ id, identities }: CollectionKey): string =>
  JSON.stringify([id, identities.a, identities.b]);

export const COLLECTIONS: Query = {
  columns: ["id", "name", "identity_a", "identity_b", "sum", "forgotten"],
  rest: "FROM collection",
};

export interface KnownCollection {
  readonly key: CollectionKey;
  readonly id: number;
  readonly forgotten: boolean;
}

/** All of them with the ids of their rows, from the rows of {@linkcode COLLECTIONS}. */
export function collectionsOf(
  rows: readonly Row[],
  count: number,
  damaged: Damaged,
): readonly KnownCollection[] {
  if (rows.length !== count) {
    throw damaged(`it has ${rows.length} collections and should have ${count}`);
  }
  return rows.map(([id, name, a, b, sum, flag]) => {
    const key: CollectionKey = {
      id: collectionId(textOf(name, "the name of a collection", damaged)),
      identities: {
        a: textOf(a, "the identity of a collection", damaged),
        b: textOf(b, "the identity of a collection", damaged),
      },
    };
    const forgotten = flag === 1;
    if (collectionSum(key, forgotten) !== sum) throw damaged("a collection is not as written");
    return { key, id: integerOf(id, "an id", damaged), forgotten };
  });
}
