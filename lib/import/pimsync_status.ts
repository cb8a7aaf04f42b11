/**
 * Pimsync's status, `STATUS/PAIR.status`. Its format is its own affair and documented nowhere; what
 * is read here is its version 2, as a copy of its sources of 2025 shows it. Whatever looks otherwise
 * is not read at all.
 */

import { SyncError } from "../model/error.ts";
import { etag, href, ident } from "../model/names.ts";
import type { Row } from "../status/database.ts";
import { copyOfDatabase, type DatabaseCopy } from "./copy_database.ts";
import { type ImportedCollection, type ImportedRow, inOrder } from "./imported.ts";

/** The only version whose tables are known. */
const VERSION = 2;

const TABLES = {
  collections: ["uid", "id_a", "href_a", "id_b", "href_b"],
  items: ["mapping_uid", "ident", "href_a", "etag_a", "href_b", "etag_b"],
} as const;

/**
 * All collections of a pair, each with its items. The hrefs are those of whole storages: the path on
 * a server, `collection/file` in a vdir. Undefined where there is no such file. The original is only
 * read.
 * @throws {SyncError} `refused` where its version is not known, `malformed` where it is no database.
 */
export async function readPimsyncStatus(
  path: string,
): Promise<readonly ImportedCollection[] | undefined> {
  try {
    await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  await using copy = await copyOfDatabase(path);
  await mustBeKnown(copy, path);
  const { collections, items } = TABLES;
  const found = await copy.rows({ columns: collections, rest: "FROM collections" });
  const rows = await copy.rows({ columns: items, rest: "FROM items" });
  return found.map(([uid, idA, hrefA, idB, hrefB]) => ({
    name: typeof idA === "string" ? idA : typeof idB === "string" ? idB : null,
    hrefs: { a: href(String(hrefA)), b: href(String(hrefB)) },
    rows: inOrder(rows.filter(([mapping]) => String(mapping) === String(uid)).map(rowOf)),
  }));
}

async function mustBeKnown(database: DatabaseCopy, path: string): Promise<void> {
  for (const [table, columns] of Object.entries(TABLES)) {
    const there = await database.rows({
      columns: ["name"],
      rest: "FROM pragma_table_info(?)",
      args: [table],
    });
    const names = new Set(there.map(([name]) => name));
    if (columns.some((column) => !names.has(column))) throw unknown(path);
  }
  const versions = await database.rows({ columns: ["version"], rest: "FROM meta" });
  if (!versions.some(([version]) => version === VERSION)) throw unknown(path);
}

const unknown = (path: string) =>
  new SyncError(`${path} is a status of pimsync's whose format is not known`, {
    scope: "run",
    kind: "refused",
    hint: "Without it the first run compares all items; what differs is a conflict.",
  });

function rowOf([, name, hrefA, etagA, hrefB, etagB]: Row): ImportedRow {
  const version = (where: unknown, tag: unknown) => ({
    href: href(String(where)),
    ...(typeof tag === "string" && { etag: etag(tag) }),
  });
  return { ident: ident(String(name)), a: version(hrefA, etagA), b: version(hrefB, etagB) };
}
