/** The bytes of items, each kept once, whichever rows refer to them. */

import type { Database, InStatement } from "./database.ts";
import { integerOf, nameOf } from "./values.ts";

/** How many bodies one statement takes. */
const AT_ONCE = 100;

export interface KeptBodies {
  /** The ids of all the bytes that were asked for. */
  readonly ids: ReadonlyMap<Uint8Array, number>;
  /** What has to be written for them to be there. */
  readonly statements: readonly InStatement[];
}

/**
 * Finds out which of these bytes are there already, and gives the others ids.
 * @param fresh What was given an id earlier in the same transaction, by hash; added to.
 * @param nextId Gives out ids that no body has.
 */
export async function keepBodies(
  database: Database,
  bodies: Iterable<Uint8Array>,
  fresh: Map<string, number>,
  nextId: () => number,
): Promise<KeptBodies> {
  const hashes = new Map<Uint8Array, string>();
  for (const bytes of bodies) if (!hashes.has(bytes)) hashes.set(bytes, await sha256(bytes));
  const ids = new Map<Uint8Array, number>();
  if (hashes.size === 0) return { ids, statements: [] };
  const wanted = [...new Set(hashes.values())].filter((hash) => !fresh.has(hash));
  const there = await findBodies(database, wanted);
  const added: [number, string, Uint8Array][] = [];
  for (const [bytes, hash] of hashes) {
    let id = fresh.get(hash) ?? there.get(hash);
    if (id === undefined) {
      id = nextId();
      fresh.set(hash, id);
      added.push([id, hash, bytes]);
    }
    ids.set(bytes, id);
  }
  const statements: InStatement[] = [];
  for (let at = 0; at < added.length; at += AT_ONCE) {
    const chunk = added.slice(at, at + AT_ONCE);
    statements.push({
      sql: `INSERT INTO body VALUES ${chunk.map(() => "(?, ?, ?)").join(", ")}`,
      args: chunk.flat(),
    });
  }
  return { ids, statements };
}

async function findBodies(
  database: Database,
  hashes: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const { damaged } = database;
  const rows = await database.rows({
    columns: ["sha256", "id"],
    rest: "FROM body WHERE sha256 IN (SELECT value FROM json_each(?))",
    args: [JSON.stringify(hashes)],
  });
  return new Map(
    rows.map(([hash, id]) => [
      nameOf(hash, "a hash", damaged),
      integerOf(id, "the id of a body", damaged),
    ]),
  );
}

/** The bytes of a body: those that were written. */
export async function bytesOf(database: Database, body: number): Promise<Uint8Array> {
  const rest = "FROM body WHERE id = ?";
  const [row] = await database.rows({ columns: ["sha256"], rest, args: [body] });
  const bytes = await database.bytes({ columns: ["bytes"], rest, args: [body] });
  if (row === undefined || bytes === undefined || await sha256(bytes) !== row[0]) {
    throw database.damaged("the bytes of an item are not as written");
  }
  return bytes;
}

/** Removes bodies that nothing refers to: these, or, without any given, whichever there are. */
export function sweep(candidates: Iterable<number> | undefined): InStatement {
  const unused = `id NOT IN (
    SELECT body_a FROM base WHERE body_a IS NOT NULL
    UNION SELECT body_b FROM base WHERE body_b IS NOT NULL
    UNION SELECT body FROM attic)`;
  if (candidates === undefined) return { sql: `DELETE FROM body WHERE ${unused}`, args: [] };
  return {
    sql: `DELETE FROM body WHERE id IN (SELECT value FROM json_each(?)) AND ${unused}`,
    args: [JSON.stringify([...candidates])],
  };
}

async function sha256(bytes: Uint8Array): Promise<string> {
  // Loaded when it is first needed; for small bodies it is many times faster than Web Crypto.
  const { createHash } = await import("node:crypto");
  return createHash("sha256").update(bytes).digest("hex");
}
