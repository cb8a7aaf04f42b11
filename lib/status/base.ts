/** The base as rows: how it is read, and what is checked of every row. */

import type { Flags, Version } from "../model/item.ts";
import type { Href, Ident, Side, Sides } from "../model/names.ts";
import { digest, etag, href, ident as identOf, SIDES } from "../model/names.ts";
import type { BaseItem } from "../model/plan.ts";
import type { Known } from "../model/status.ts";
import type { Database, Row } from "./database.ts";
import { sumOf } from "./sums.ts";
import { flagsReader, flagsText, integerOf, nameOf, optional } from "./values.ts";

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

const halfColumns = (side: Side): readonly string[] =>
  ["href", "etag", "digest", "flags", "body", "sum"].map((name) => `${name}_${side}`);

/** With the columns of one side, or of both, from the fourth on. */
const columnsFor = (sides: readonly Side[]): readonly string[] => [
  "ident",
  "move",
  "sum_a + sum_b",
  ...sides.flatMap(halfColumns),
];
const WANTED = "(SELECT value FROM json_each(?))";

/** What the base holds of one side, all of it, or under these hrefs. */
export async function readKnown(
  database: Database,
  collection: number,
  side: Side,
  hrefs: readonly Href[] | undefined,
): Promise<ReadonlyMap<Href, Known>> {
  const columns = columnsFor([side]);
  const rows = hrefs === undefined
    ? await readAll(database, collection, columns)
    : await database.rows({
      columns,
      rest: `FROM base WHERE collection = ? AND href_${side} IN ${WANTED}`,
      args: [collection, JSON.stringify(hrefs)],
    });
  const read = rowReader(database);
  const known = new Map<Href, Known>();
  const moves = new Map<Href, number>();
  for (const row of rows) {
    const ident = read.ident(row);
    const move = integerOf(row[1], "a move", database.damaged);
    const { href, etag, digest, flags } = read.half(ident, side, row, 3);
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
  columns: readonly string[],
): Promise<readonly Row[]> {
  const [[written = []] = [], rows = []] = await database.together([
    {
      columns: ["items", "total"],
      rest: "FROM collection WHERE id = ?",
      args: [collection],
    },
    { columns, rest: "FROM base WHERE collection = ?", args: [collection] },
  ]);
  const total = rows.reduce((sum, row) => sum + Number(row[2]), 0);
  if (rows.length !== written[0] || total !== written[1]) {
    throw database.damaged(
      `the base has ${rows.length} items, which are not the ${written[0]} that were written`,
    );
  }
  return rows;
}

/** The rows of these items, as far as the base has them; of all items without any. */
export async function readRows(
  database: Database,
  collection: number,
  idents?: readonly Ident[],
): Promise<ReadonlyMap<Ident, BaseRow>> {
  const columns = columnsFor(SIDES);
  const rows = idents === undefined
    ? await readAll(database, collection, columns)
    : await database.rows({
      columns,
      rest: `FROM base WHERE collection = ? AND ident IN ${WANTED}`,
      args: [collection, JSON.stringify(idents)],
    });
  const read = rowReader(database);
  const found = new Map<Ident, BaseRow>();
  for (const row of rows) {
    const ident = read.ident(row);
    const sides = { a: read.half(ident, "a", row, 3), b: read.half(ident, "b", row, 9) };
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
    ident: (row: Row): Ident => identOf(nameOf(row[0], "an ident", damaged)),
    /** The six columns from `at` on. */
    half(ident: Ident, side: Side, row: Row, at: number): Half {
      const version: Version = {
        href: href(nameOf(row[at], "an href", damaged)),
        etag: etag(nameOf(row[at + 1], "an etag", damaged)),
        digest: digest(nameOf(row[at + 2], "a digest", damaged)),
        flags: flagsOf(row[at + 3]),
      };
      const body = optional(row[at + 4], (it) => integerOf(it, "the id of a body", damaged));
      const half = halfOf(ident, side, version, body);
      if (half.sum !== row[at + 5]) throw damaged("an item of the base is not as written");
      return half;
    },
  };
}
