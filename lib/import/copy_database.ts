/** Another program's SQLite database, read in a copy, so that nothing of it is touched. */

import { SyncError } from "../model/error.ts";
import { type Database, openDatabase } from "../status/database.ts";
import { loadDriver } from "../status/driver.ts";

/** The most bytes of a database that is copied: 1 GiB. */
const MOST_BYTES = 1024 * 1024 * 1024;

/** What may lie beside a database and belongs to it. */
const COMPANIONS = ["-journal", "-wal"];

/**
 * Copies a database into a folder of our own and opens the copy. What an interrupted program of
 * theirs left unfinished is undone in the copy alone. Disposing of it removes the copy.
 * @throws {SyncError} Where it cannot be copied or opened.
 */
export async function copyOfDatabase(path: string): Promise<Database & AsyncDisposable> {
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
      ...database,
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
    if (error instanceof SyncError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new SyncError(`${path} cannot be read: ${message}`, {
      scope: "run",
      kind: "refused",
      cause: error,
    });
  }
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
