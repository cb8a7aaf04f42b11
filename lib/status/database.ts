/**
 * One database file: how it is opened, asked and written to, and how it comes to rest.
 *
 * At rest it is a single file with no journal beside it, so that it can be copied or moved away,
 * and a run that writes nothing leaves it untouched. With the first write it goes over to
 * write-ahead logging, where a durable transaction costs one fsync instead of three or four, and
 * back when it is closed.
 */

import type { Client, InStatement, InValue } from "@libsql/client/sqlite3";
import type { SyncError } from "../model/error.ts";
import type { Driver } from "./driver.ts";
import { damaged, failure } from "./failures.ts";

export type { InStatement, InValue };

/** What is asked: `SELECT columns rest`. */
export interface Query {
  readonly columns: readonly string[];
  readonly rest: string;
  readonly args?: readonly InValue[];
}

/** The values of a row, in the order of the columns: texts, numbers and nulls. */
export type Row = readonly unknown[];

export interface Database {
  readonly path: string;
  /** The rows of a query. */
  rows(query: Query): Promise<readonly Row[]>;
  /** The rows of several queries, all of the same moment. */
  together(queries: readonly Query[]): Promise<readonly (readonly Row[])[]>;
  /** The first of the values of a query, which are bytes. */
  bytes(query: Query): Promise<Uint8Array | undefined>;
  /** Carries out the statements in one transaction; durable once it resolves. */
  write(statements: InStatement[]): Promise<void>;
  /** The error of a file that is not what was written. */
  damaged(detail: string): SyncError;
  /** Brings the file to rest and lets go of it. True if it is at rest then. */
  close(): Promise<boolean>;
}

/** How long to wait for another program that reads or copies the file, in milliseconds. */
const PATIENCE = 5_000;
/** Pages that are kept in memory, in KiB; with less, a large transaction is written twice. */
const CACHE = 65_536;
/** How many pages the log may have before it is worked into the database within a run. */
const LOG_PAGES = 10_000;

/**
 * Opens the file, which must be there, or a database in memory (`:memory:`). Nothing of ours is
 * read yet.
 * @throws {SyncError} Where it cannot be opened.
 */
export async function openDatabase(
  driver: Driver,
  path: string,
  mode: "read-write" | "read-only",
): Promise<Database> {
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw failure(path, error);
    }
  };
  // One connection: what is set for a connection would not hold for the next one.
  const client: Client = await guarded(() =>
    Promise.resolve(driver.createClient({ url: fileUrl(path), concurrency: 1 }))
  );
  const run = async (sql: string): Promise<unknown> =>
    await guarded(async () => Object.values((await client.execute(sql)).rows[0] ?? {})[0]);
  const decode = (bytes: unknown): readonly Row[] => {
    try {
      const rows: unknown = JSON.parse(UTF8.decode(bytes instanceof ArrayBuffer ? bytes : EMPTY));
      return Array.isArray(rows) ? rows : [];
    } catch (error) {
      throw damaged(path, "something in it is not text", error);
    }
  };
  let logging = false;
  const database: Database = {
    path,
    rows: async (query) =>
      decode(await guarded(async () => (await client.execute(listed(query))).rows[0]?.["rows"])),
    together: async (queries) => {
      const results = await guarded(() => client.batch(queries.map(listed), "deferred"));
      return results.map((result) => decode(result.rows[0]?.["rows"]));
    },
    async bytes({ columns, rest, args = [] }) {
      const sql = `SELECT CAST(${columns[0]} AS BLOB) AS bytes ${rest}`;
      const { rows: [row] } = await guarded(() => client.execute({ sql, args: [...args] }));
      const bytes = row?.["bytes"];
      return bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : undefined;
    },
    async write(statements) {
      if (mode === "read-only") throw failure(path, new Error("it was opened to be read only"));
      if (!logging) {
        await run("PRAGMA journal_mode = WAL");
        // A file system that cannot do that keeps the slower journal, which is as safe.
        logging = true;
      }
      await guarded(() => client.batch(statements, "write"));
    },
    damaged: (detail) => damaged(path, detail),
    async close() {
      try {
        return !logging || await guarded(() => comeToRest(client));
      } finally {
        client.close();
      }
    },
  };
  try {
    for (const pragma of mode === "read-write" ? TO_WRITE : TO_READ) await run(`PRAGMA ${pragma}`);
    const journal = await run("PRAGMA journal_mode");
    // A run that was killed leaves the log behind; its transactions are in it, and are kept.
    logging = mode === "read-write" && journal === "wal";
  } catch (error) {
    client.close();
    throw error;
  }
  return database;
}

const UTF8 = new TextDecoder("utf-8", { fatal: true });
const EMPTY = new ArrayBuffer(0);

/**
 * All rows as one JSON text, and that as bytes. The driver takes ten microseconds to build the
 * object of a row; and it ends the whole process over a text that is not UTF-8, which is what a
 * single flipped bit makes of one.
 */
const listed = ({ columns, rest, args = [] }: Query): InStatement => ({
  sql: `SELECT CAST(json_group_array(json_array(${columns.join(", ")})) AS BLOB) AS rows ${rest}`,
  args: [...args],
});

const TO_READ = [`busy_timeout = ${PATIENCE}`, "query_only = 1"];
const TO_WRITE = [
  `busy_timeout = ${PATIENCE}`,
  "synchronous = FULL",
  "foreign_keys = 1",
  `cache_size = -${CACHE}`,
  `wal_autocheckpoint = ${LOG_PAGES}`,
];

/**
 * False if somebody is reading, or there is no room: then the log stays beside the database, and
 * the next run that writes brings it to rest. Nothing is lost either way. The driver leaves its
 * statements to the garbage collector, so that SQLite's own clean-up on closing would come too
 * late, or never.
 */
async function comeToRest(client: Client): Promise<boolean> {
  try {
    await client.execute("PRAGMA busy_timeout = 0");
    const { rows } = await client.execute("PRAGMA journal_mode = DELETE");
    return rows[0]?.["journal_mode"] === "delete";
  } catch (error) {
    const code: unknown = Reflect.get(Object(error), "code");
    if (code === "SQLITE_BUSY" || code === "SQLITE_FULL") return false;
    throw error;
  }
}

const MEMORY = ":memory:";

/** An absolute path as the URL that the driver takes: whatever has a meaning in one is escaped. */
const fileUrl = (path: string): string =>
  path === MEMORY ? MEMORY : `file://${path.split("/").map(encodeURIComponent).join("/")}`;
