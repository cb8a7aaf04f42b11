/**
 * Vdirsyncer's status, read as its version 0.19 writes it: one SQLite file for each collection,
 * `STATUS/PAIR/COLLECTION.items`, or `STATUS/PAIR.items` where the pair's collection has no name.
 * Versions before 0.17 wrote JSON there, which is read as well.
 */

import { SyncError } from "../model/error.ts";
import { etag, href, ident } from "../model/names.ts";
import {
  type ImportedCollection,
  type ImportedRow,
  type ImportedVersion,
  inOrder,
} from "./imported.ts";
import { copyOfDatabase } from "./copy_database.ts";
import type { Properties, PropertyName } from "../model/storage.ts";

/** The names of a pair's collections that have a status, in order; null is the one without a name. */
export async function listVdirsyncerStatus(
  directory: string,
  pair: string,
): Promise<readonly (string | null)[]> {
  const names: (string | null)[] = [];
  if (await isFile(itemsOf(directory, pair, null))) names.push(null);
  try {
    for await (const { name, isFile } of Deno.readDir(`${directory}/${pair}`)) {
      if (isFile && name.endsWith(ENDING)) names.push(name.slice(0, -ENDING.length));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return names.sort((one, other) => (one ?? "") < (other ?? "") ? -1 : 1);
}

/**
 * The status of one collection. Undefined where there is none. The original is only read, and
 * nothing is written beside it.
 * @throws {SyncError} `malformed` where it is something else.
 */
export async function readVdirsyncerStatus(
  directory: string,
  pair: string,
  collection: string | null,
): Promise<ImportedCollection | undefined> {
  const path = itemsOf(directory, pair, collection);
  if (!await isFile(path)) return undefined;
  const rows = await beginsWith(path, "{") ? await readJson(path) : await readSqlite(path);
  const properties = await readMetadata(metadataOf(directory, pair, collection));
  return { name: collection, rows, ...(properties === undefined ? {} : { properties }) };
}

/** What `metasync` has written beside it: an object of texts. */
async function readMetadata(path: string): Promise<Properties | undefined> {
  if (!await isFile(path)) return undefined;
  if ((await Deno.stat(path)).size > MOST_METADATA) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    // Without it the properties are compared anew, and those that differ are a conflict.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const found = Object(parsed) as Record<string, unknown>;
  return Object.fromEntries(
    PROPERTIES.flatMap((name) => {
      const value = found[name];
      return typeof value === "string" ? [[name, value] as const] : [];
    }),
  );
}

const PROPERTIES: readonly PropertyName[] = ["displayname", "color", "description", "order"];

/** The most bytes of such a file. */
const MOST_METADATA = 1024 * 1024;

const ENDING = ".items";

const itemsOf = (directory: string, pair: string, collection: string | null): string =>
  `${directory}/${collection === null ? pair : `${pair}/${collection}`}${ENDING}`;

const metadataOf = (directory: string, pair: string, collection: string | null): string =>
  itemsOf(directory, pair, collection).replace(/\.items$/, ".metadata");

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return false;
    }
    throw error;
  }
}

async function beginsWith(path: string, text: string): Promise<boolean> {
  using file = await Deno.open(path);
  const bytes = new Uint8Array(text.length);
  await file.read(bytes);
  return new TextDecoder().decode(bytes) === text;
}

const COLUMNS = ["ident", "href_a", "etag_a", "href_b", "etag_b"];

async function readSqlite(path: string): Promise<readonly ImportedRow[]> {
  await using copy = await copyOfDatabase(path);
  const rest = "FROM status WHERE href_a IS NOT NULL AND href_b IS NOT NULL";
  const rows = await copy.rows({ columns: COLUMNS, rest });
  return inOrder(rows.map(([name, hrefA, etagA, hrefB, etagB]) => ({
    ident: ident(String(name)),
    a: version(hrefA, etagA),
    b: version(hrefB, etagB),
  })));
}

function version(name: unknown, tag: unknown): ImportedVersion {
  return { href: href(String(name)), ...(typeof tag === "string" && { etag: etag(tag) }) };
}

/** The most bytes of a status in JSON. */
const MOST_JSON = 64 * 1024 * 1024;

async function readJson(path: string): Promise<readonly ImportedRow[]> {
  const wrong = (cause?: unknown) =>
    new SyncError(`${path} is no status of vdirsyncer's`, {
      scope: "run",
      kind: "malformed",
      cause,
    });
  if ((await Deno.stat(path)).size > MOST_JSON) throw wrong();
  let parsed: unknown;
  try {
    parsed = JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    throw wrong(error);
  }
  const rows = Object.entries(Object(parsed) as Record<string, unknown>);
  return inOrder(rows.map(([name, value]) => {
    const list: readonly unknown[] = Array.isArray(value) ? value : [];
    const [a, b, c, d] = list;
    // The oldest had the four texts in a row, those after them an object for each side.
    if (list.length === 4) return { ident: ident(name), a: version(a, b), b: version(c, d) };
    const of = (side: unknown) => {
      const { href: name, etag: tag } = Object(side) as { href?: unknown; etag?: unknown };
      if (typeof name !== "string") throw wrong();
      return version(name, tag);
    };
    return { ident: ident(name), a: of(a), b: of(b) };
  }));
}
