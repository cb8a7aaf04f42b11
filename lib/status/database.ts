/**
 * One database file: how it is opened, asked and written to, and how it comes to rest.
 *
 * At rest it is a single file with no journal beside it, so that it can be copied or moved away,
 * and a run that writes nothing leaves it untouched. With the first write it goes over to
 * write-ahead logging, where a durable transaction costs one fsync instead of three or four, and
 * back when it is closed.
 */

import type { Client, InStatement, InValue, Row } from "@libsql/client/sqlite3";
import type { SyncError } from "../model/error.ts";
import type { Driver } from "./driver.ts";
import { damaged, failure } from "./failures.ts";

export type { InStatement, InValue, Row };

export interface Database {
  readonly path: string;
  /** The rows of a query. */
  all(sql: string, args?: InValue[]): Promise<readonly Row[]>;
  /** The first row of a query that always has one. */
  one(sql: string, args?: InValue[]): Promise<Row>;
  /** The rows of several queries, all of the same moment. */
  together(queries: string[]): Promise<readonly (readonly Row[])[]>;
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
  const ask = async (sql: string, args: InValue[] = []): Promise<readonly Row[]> =>
    await guarded(async () => (await client.execute({ sql, args })).rows);
  const database: Database = {
    path,
    all: ask,
    async one(sql, args) {
      const [row] = await ask(sql, args);
      if (row === undefined) throw damaged(path, "a row is missing");
      return row;
    },
    together: async (queries) =>
      await guarded(async () =>
        (await client.batch(queries, "deferred")).map((result) => result.rows)
      ),
    async write(statements) {
      if (mode === "read-only") throw failure(path, new Error("it was opened to be read only"));
      if (!logging) {
        await ask("PRAGMA journal_mode = WAL");
        // A file system that cannot do that keeps the slower journal, which is as safe.
        logging = true;
      }
      await guarded(() => client.batch(statements, "write"));
    },
    damaged: (detail) => damaged(path, detail),
    async close() {
      try {
        return !logging || await comeToRest(client);
      } finally {
        client.close();
      }
    },
  };
  let logging = false;
  try {
    for (const pragma of mode === "read-write" ? TO_WRITE : TO_READ) await ask(`PRAGMA ${pragma}`);
    const [row] = await ask("PRAGMA journal_mode");
    // A run that was killed leaves the log behind; its transactions are in it, and are kept.
    logging = mode === "read-write" && row?.["journal_mode"] === "wal";
  } catch (error) {
    client.close();
    throw error;
  }
  return database;
}

const TO_READ = [`busy_timeout = ${PATIENCE}`, "query_only = 1"];
const TO_WRITE = [
  `busy_timeout = ${PATIENCE}`,
  "synchronous = FULL",
  "foreign_keys = 1",
  `cache_size = -${CACHE}`,
  `wal_autocheckpoint = ${LOG_PAGES}`,
];

/**
 * False if somebody is reading: then the log stays beside the database, and the next run that
 * writes brings it to rest. Nothing is lost either way. The driver leaves its statements to the
 * garbage collector, so that SQLite's own clean-up on closing would come too late, or never.
 */
async function comeToRest(client: Client): Promise<boolean> {
  try {
    await client.execute("PRAGMA busy_timeout = 0");
    const { rows } = await client.execute("PRAGMA journal_mode = DELETE");
    return rows[0]?.["journal_mode"] === "delete";
  } catch (error) {
    if (Reflect.get(Object(error), "code") === "SQLITE_BUSY") return false;
    throw error;
  }
}

const MEMORY = ":memory:";

/** An absolute path as the URL that the driver takes: whatever has a meaning in one is escaped. */
const fileUrl = (path: string): string =>
  path === MEMORY ? MEMORY : `file://${path.split("/").map(encodeURIComponent).join("/")}`;
