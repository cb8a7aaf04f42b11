/** The one row that says whose status this is. */

import type { InStatement, Query, Row } from "./database.ts";
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

export const PAIR_ROW: Query = {
  columns: ["name", "created", "version", "collections", "schema", "sum"],
  rest: "FROM pair",
};

/** Whose status it is, from the rows of {@linkcode PAIR_ROW}. */
export function pairRowOf([row]: readonly Row[], damaged: Damaged): PairRow {
  if (row === undefined) throw damaged("whose it is is missing");
  const [name, created, version, collections, schema, sum] = row;
  const pair: PairRow = {
    name: textOf(name, "the name of the pair", damaged),
    created: integerOf(created, "the time it was made", damaged),
    version: textOf(version, "the version", damaged),
    collections: integerOf(collections, "the number of collections", damaged),
    schema: integerOf(schema, "the sum of the schema", damaged),
  };
  if (pairSum(pair) !== sum) throw damaged("whose it is cannot be told");
  return pair;
}

/** The text of the schema as it is in the file. */
export const SCHEMA: Query = {
  columns: ["type", "name", "tbl_name", "sql"],
  rest: "FROM (SELECT * FROM sqlite_schema ORDER BY type, name)",
};

/** Sum of a version of the schema, and of the rows of {@linkcode SCHEMA}. */
export const schemaSum = (version: number, rows: readonly Row[]): number =>
  sumOf([version, ...rows.flat().map((it) => it === null ? null : String(it))]);
