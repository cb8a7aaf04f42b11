/** Another program's SQLite database, read in a copy, so that nothing of it is touched. */

import { SyncError } from "../model/error.ts";
import { openDatabase, type Query, type Row } from "../status/database.ts";
import { loadDriver } from "../status/driver.ts";

/** The most bytes of a database that is copied: 1 GiB. */
const MOST_BYTES = 1024 * 1024 * 1024;

/** What may lie beside a database and belongs to it. */
const COMPANIONS = ["-journal", "-wal"];

/** What can be asked of a copy. */
export interface DatabaseCopy extends AsyncDisposable {
  /** The rows of a query. Throws `malformed` where it is no such database. */
  rows(query: Query): Promise<readonly Row[]>;
}

/**
 * Copies a database into a folder of our own and opens the copy. What an interrupted program of
 * theirs left unfinished is undone in the copy alone. Disposing of it removes the copy.
 * @throws {SyncError} Where it cannot be copied or opened.
 */
export async function copyOfDatabase(path: string): Promise<DatabaseCopy> {
  const folder = await Deno.makeTempDir({ prefix: "dovetail-import-" });
  const remove = () => Deno.remove(folder, { recursive: true });
  try {
    await copy(path, `${folder}/copy`);
    for (const ending of COMPANIONS) {
      try {
        await copy(path + ending, `${folder}/copy${ending}`);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
    const database = await openDatabase(await loadDriver(folder), `${folder}/copy`, "read-only");
    return {
      async rows(query) {
        try {
          return await database.rows(query);
        } catch (error) {
          throw unreadable(path, error);
        }
      },
      async [Symbol.asyncDispose]() {
        try {
          await database.close();
        } finally {
          await remove();
        }
      },
    };
  } catch (error) {
    await remove();
    throw unreadable(path, error);
  }
}

/** What is said of a status of ours that is damaged is not true of another program's. */
function unreadable(path: string, cause: unknown): SyncError {
  return new SyncError(`${path} cannot be read`, {
    scope: "run",
    kind: "malformed",
    hint: "Without it the first run compares all items; what differs is a conflict.",
    cause,
  });
}

async function copy(from: string, to: string): Promise<void> {
  const { size } = await Deno.stat(from);
  if (size > MOST_BYTES) {
    throw new SyncError(`${from} is larger than anything that is read`, {
      scope: "run",
      kind: "too large",
    });
  }
  await Deno.copyFile(from, to);
}
