/** The one row that says whose status this is. */

import type { InStatement, Row } from "./database.ts";
import { sumOf } from "./sums.ts";
import type { Damaged } from "./values.ts";
import { integerOf, textOf } from "./values.ts";

export interface PairRow {
  readonly name: string;
  readonly created: number;
  readonly version: string;
  /** How many collections something is known about. */
  readonly collections: number;
  /** Sum of the version and the text of the schema. */
  readonly schema: number;
}

const pairSum = ({ name, created, version, collections, schema }: PairRow): number =>
  sumOf([name, created, version, collections, schema]);

/** Writes the row, whether or not there is one. */
export const writePairRow = (row: PairRow): InStatement => ({
  sql: "INSERT OR REPLACE INTO pair VALUES (1, ?, ?, ?, ?, ?, ?)",
  args: [row.name, row.created, row.version, row.collections, row.schema, pairSum(row)],
});

/** Whose status it is, from the rows of {@linkcode PAIR_ROW}. */
export function pairRowOf(rows: readonly Row[], damaged: Damaged): PairRow {
  const [row] = rows;
  if (row === undefined) throw damaged("whose it is is missing");
  const pair: PairRow = {
    name: textOf(row["name"], "the name of the pair", damaged),
    created: integerOf(row["created"], "the time it was made", damaged),
    version: textOf(row["version"], "the version", damaged),
    collections: integerOf(row["collections"], "the number of collections", damaged),
    schema: integerOf(row["schema"], "the sum of the schema", damaged),
  };
  if (pairSum(pair) !== row["sum"]) throw damaged("whose it is cannot be told");
  return pair;
}

export const PAIR_ROW = "SELECT * FROM pair";

/** The text of the schema as it is in the file. */
export const SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name";

/** Sum of a version of the schema, and of the rows of {@linkcode SCHEMA}. */
export const schemaSum = (version: number, rows: readonly Row[]): number =>
  sumOf([
    version,
    ...rows.flatMap(({ type, name, tbl_name, sql }) =>
      [type, name, tbl_name, sql].map((it) => it === null ? null : String(it))
    ),
  ]);
