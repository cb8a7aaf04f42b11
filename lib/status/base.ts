/** The base as rows: how it is read, and what is checked of every row. */

import type { Flags, Version } from "../model/item.ts";
import type { Href, Ident, Side, Sides } from "../model/names.ts";
import { digest, etag, href, ident as identOf, SIDES } from "../model/names.ts";
import type { BaseItem } from "../model/plan.ts";
import type { Known } from "../model/status.ts";
import type { Database } from "./database.ts";
import { sumOf } from "./sums.ts";
import { arrayOf, flagsReader, flagsText, integerOf, nameOf } from "./values.ts";

/** One side of a row. */
export interface Half extends Version {
  /** The id of the bytes, where they are kept. */
  readonly body: number | undefined;
  readonly sum: number;
}

export interface BaseRow {
  readonly ident: Ident;
  readonly sides: Sides<Half>;
}

/** Half a row, with its sum. */
export function halfOf(
  ident: Ident,
  side: Side,
  { href, etag, digest, flags }: Version,
  body: number | undefined,
): Half {
  const sum = sumOf([ident, side, href, etag, digest, flagsText(flags), body ?? null]);
  return { href, etag, digest, flags, body, sum };
}

/** The columns of a row, in the order in which {@linkcode INSERT_BASE} takes them. */
export function columnsOf(move: number, { ident, sides }: BaseRow): readonly unknown[] {
  const halves = SIDES.flatMap((side) => {
    const { href, etag, digest, flags, body, sum } = sides[side];
    return [href, etag, digest, flagsText(flags), body ?? null, sum];
  });
  return [ident, move, ...halves];
}

/**
 * Takes the collection's id, and all rows as one JSON array of arrays: one statement for any number
 * of rows costs a third of one statement for each. A row of the same item is replaced. The moves
 * are counted from those that the collection has had.
 */
export const INSERT_BASE = `
INSERT OR REPLACE INTO base
SELECT collection.id, value ->> 0, collection.moves + (value ->> 1),
  ${Array.from({ length: 12 }, (_, at) => `value ->> ${at + 2}`).join(", ")}
FROM collection, json_each(?2) WHERE collection.id = ?1`;

const halfColumns = (side: Side): string =>
  ["href", "etag", "digest", "flags", "body", "sum"].map((name) => `${name}_${side}`).join(", ");

// One JSON text for all rows: the driver takes some ten microseconds to build the object of a row.
const KNOWN: Sides<string> = {
  a: `json_group_array(json_array(ident, move, ${halfColumns("a")}))`,
  b: `json_group_array(json_array(ident, move, ${halfColumns("b")}))`,
};
const ROWS = `json_group_array(json_array(ident, move, ${halfColumns("a")}, ${halfColumns("b")}))`;
const WANTED = "(SELECT value FROM json_each(?))";

/** What the base holds of one side, all of it, or under these hrefs. */
export async function readKnown(
  database: Database,
  collection: number,
  side: Side,
  hrefs: readonly Href[] | undefined,
): Promise<ReadonlyMap<Href, Known>> {
  const rows = hrefs === undefined
    ? await readAll(database, collection, KNOWN[side])
    : await database.one(
      `SELECT ${KNOWN[side]} AS rows FROM base
       WHERE collection = ? AND href_${side} IN ${WANTED}`,
      [collection, JSON.stringify(hrefs)],
    ).then((row) => arrayOf(row["rows"], "the base", database.damaged));
  const read = rowReader(database);
  const known = new Map<Href, Known>();
  const moves = new Map<Href, number>();
  for (const row of rows) {
    const values = read.values(row, 8);
    const ident = read.ident(values);
    const move = integerOf(values[1], "a move", database.damaged);
    const { href, etag, digest, flags } = read.half(ident, side, values, 2);
    // Two items of the base may have been under one href, one after the other.
    if ((moves.get(href) ?? -1) > move) continue;
    moves.set(href, move);
    known.set(href, { href, etag, ident, digest, flags });
  }
  return known;
}

/** The rows of all the items of a collection; those that were written, and no others. */
async function readAll(
  database: Database,
  collection: number,
  columns: string,
): Promise<readonly unknown[]> {
  const { damaged } = database;
  const row = await database.one(
    `SELECT ${columns} AS rows, count(*) AS count, coalesce(sum(sum_a + sum_b), 0) AS sum,
       (SELECT items FROM collection WHERE id = ?1) AS items,
       (SELECT total FROM collection WHERE id = ?1) AS total
     FROM base WHERE collection = ?1`,
    [collection],
  );
  if (row["count"] !== row["items"] || row["sum"] !== row["total"]) {
    throw damaged(`the base has ${row["count"]} items that are not the ${row["items"]} written`);
  }
  return arrayOf(row["rows"], "the base", damaged);
}

/** The rows of these items, as far as the base has them; of all items without any. */
export async function readRows(
  database: Database,
  collection: number,
  idents?: readonly Ident[],
): Promise<ReadonlyMap<Ident, BaseRow>> {
  const rows = idents === undefined
    ? await readAll(database, collection, ROWS)
    : await database.one(
      `SELECT ${ROWS} AS rows FROM base WHERE collection = ? AND ident IN ${WANTED}`,
      [collection, JSON.stringify(idents)],
    ).then((row) => arrayOf(row["rows"], "the base", database.damaged));
  const read = rowReader(database);
  const found = new Map<Ident, BaseRow>();
  for (const row of rows) {
    const values = read.values(row, 14);
    const ident = read.ident(values);
    const sides = { a: read.half(ident, "a", values, 2), b: read.half(ident, "b", values, 8) };
    found.set(ident, { ident, sides });
  }
  return found;
}

/** A row as the rest knows it. */
export const itemOf = ({ ident, sides }: BaseRow): BaseItem => ({
  ident,
  sides: { a: versionOf(sides.a), b: versionOf(sides.b) },
});

const versionOf = ({ href, etag, digest, flags }: Half): Version => ({ href, etag, digest, flags });

function rowReader({ damaged }: Database) {
  const flagsOf: (value: unknown) => Flags = flagsReader(damaged);
  return {
    values(row: unknown, length: number): readonly unknown[] {
      if (!Array.isArray(row) || row.length !== length) throw damaged("a row is cut short");
      return row;
    },
    ident: (values: readonly unknown[]): Ident => identOf(nameOf(values[0], "an ident", damaged)),
    /** The six columns from `at` on. */
    half(ident: Ident, side: Side, values: readonly unknown[], at: number): Half {
      const version: Version = {
        href: href(nameOf(values[at], "an href", damaged)),
        etag: etag(nameOf(values[at + 1], "an etag", damaged)),
        digest: digest(nameOf(values[at + 2], "a digest", damaged)),
        flags: flagsOf(values[at + 3]),
      };
      const kept = values[at + 4];
      const body = kept === null ? undefined : integerOf(kept, "the id of a body", damaged);
      const half = halfOf(ident, side, version, body);
      if (half.sum !== values[at + 5]) throw damaged("an item of the base is not as written");
      return half;
    },
  };
}
