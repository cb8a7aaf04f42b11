/** What both sides last agreed on about two collections themselves: their properties. */

import type { PropertyBase } from "../model/status.ts";
import type { PropertyName } from "../model/storage.ts";
import type { Database } from "./database.ts";
import { sumOf } from "./sums.ts";
import type { CollectionRow, Writer } from "./transaction.ts";
import type { Damaged } from "./values.ts";
import { arrayOf, textOf } from "./values.ts";

/** All that there are. */
const ALL: Readonly<Record<PropertyName, true>> = {
  displayname: true,
  color: true,
  description: true,
  order: true,
  subscribed: true,
};
const NAMES = Object.keys(ALL) as readonly PropertyName[];

export async function readProperties(
  database: Database,
  collection: number | undefined,
): Promise<PropertyBase> {
  if (collection === undefined) return new Map();
  const { damaged } = database;
  const [row] = await database.rows({
    columns: ["base", "sum"],
    rest: "FROM property WHERE collection = ?",
    args: [collection],
  });
  if (row === undefined) return new Map();
  const text = textOf(row[0], "the properties", damaged);
  if (sumOf([collection, text]) !== row[1]) throw damaged("the properties are not as written");
  return new Map(arrayOf(text, "the properties", damaged).map((it) => entryOf(it, damaged)));
}

function entryOf(entry: unknown, damaged: Damaged) {
  if (!Array.isArray(entry)) throw damaged("a property cannot be told");
  const parts: readonly unknown[] = entry;
  const name = NAMES.find((it) => it === parts[0]);
  if (name === undefined) throw damaged("a property has no known name");
  const sides = {
    a: textOf(parts[1], "a property", damaged),
    b: textOf(parts[2], "a property", damaged),
  };
  return [name, sides] as const;
}

/** Writes these beside the others that are there. */
export async function writeProperties(
  writer: Writer,
  row: CollectionRow,
  values: PropertyBase,
): Promise<void> {
  const before = await readProperties(writer.database, row.id);
  const all = new Map([...before, ...values]);
  const transaction = writer.transaction();
  const collection = await transaction.collection(row);
  const text = JSON.stringify(
    NAMES.flatMap((name) => {
      const sides = all.get(name);
      return sides === undefined ? [] : [[name, sides.a, sides.b]];
    }),
  );
  transaction.add("INSERT OR REPLACE INTO property VALUES (?, ?, ?)", [
    collection,
    text,
    sumOf([collection, text]),
  ]);
  await transaction.commit();
}
