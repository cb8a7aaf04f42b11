/** Opens the database of a pair, makes it where there is none, and refuses it if it is not right. */

import { SyncError } from "../model/error.ts";
import type { PairName } from "../model/names.ts";
import type { KnownCollection } from "./collections.ts";
import { COLLECTIONS, collectionsOf } from "./collections.ts";
import type { Database, Query } from "./database.ts";
import { openDatabase } from "./database.ts";
import type { Driver } from "./driver.ts";
import { loadDriver } from "./driver.ts";
import { examine } from "./examine.ts";
import { damaged, failure } from "./failures.ts";
import type { StatusFiles } from "./files.ts";
import { stampOf, syncDirectory } from "./files.ts";
import { peekNote } from "./lock.ts";
import { migrate, tooNew } from "./migrations.ts";
import type { PairRow } from "./pair_row.ts";
import { PAIR_ROW, pairRowOf, SCHEMA, schemaSum } from "./pair_row.ts";
import type { Step } from "./schema.ts";
import { APPLICATION_ID, STEPS } from "./schema.ts";

export interface Opened {
  readonly database: Database;
  readonly pair: PairRow;
  readonly collections: readonly KnownCollection[];
  /** Whether the last run was stopped before its end. */
  readonly wasStopped: boolean;
}

export interface Making {
  readonly pair: PairName;
  readonly now: () => Date;
  readonly version: string;
}

/**
 * Opens it to be written to; the lock is held.
 * @param note What the run before left, as it closed: how the file was then.
 * @param steps The schema.
 */
export async function openToWrite(
  files: StatusFiles,
  making: Making,
  note: string,
  steps: readonly Step[] = STEPS,
): Promise<Opened> {
  const there = await isThere(files.database);
  const driver = await loadDriver(files.directory);
  if (there) await closeToOthers(files.database);
  else await make(driver, files, making, steps);
  const untouched = !there || note === await stampOf(files.database);
  const database = await openDatabase(driver, files.database, "read-write");
  return await closingOnFailure(database, async () => {
    const version = await versionOf(database, steps);
    let head = await readHead(database, making.pair);
    if (version < steps.length) {
      const pair = { ...head.pair, version: making.version };
      head = { ...head, pair: await migrate(driver, database, pair, steps, version) };
    }
    if (!untouched) await examine(database, head.collections.map(({ id }) => id));
    const [last] = await database.rows({
      columns: ["ended"],
      rest: "FROM (SELECT ended FROM run ORDER BY id DESC LIMIT 1)",
    });
    return { database, ...head, wasStopped: last !== undefined && last[0] === null };
  });
}

/** Opens it to be read, without a lock: another process may be writing. */
export async function openToRead(
  files: StatusFiles,
  pair: PairName,
  steps: readonly Step[] = STEPS,
): Promise<Opened> {
  if (!(await isThere(files.database))) return nothing(files.database);
  const note = await peekNote(files.lock);
  const stamp = await stampOf(files.database);
  const driver = await loadDriver(files.directory);
  const database = await openDatabase(driver, files.database, "read-only");
  return await closingOnFailure(database, async () => {
    const version = await versionOf(database, steps);
    if (version < steps.length) throw tooOld(files.database);
    const head = await readHead(database, pair);
    // Somebody who opened it to write has looked at it; and it may be changing now.
    if (note !== undefined && note !== stamp) {
      await examine(database, head.collections.map(({ id }) => id));
    }
    return { database, ...head, wasStopped: false };
  });
}

async function closingOnFailure(
  database: Database,
  open: () => Promise<Opened>,
): Promise<Opened> {
  try {
    return await open();
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Whether there is a database. What is not a regular file of ours is refused. */
async function isThere(path: string): Promise<boolean> {
  let found: Deno.FileInfo;
  try {
    found = await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
  if (!found.isFile) throw damaged(path, "it is not a file");
  if (found.size === 0) throw damaged(path, "it is empty");
  return true;
}

/** A copy that was put back may have come with wider permissions. */
async function closeToOthers(path: string): Promise<void> {
  const { mode } = await Deno.stat(path);
  if (mode !== null && (mode & 0o077) !== 0) await Deno.chmod(path, 0o600);
}

/** Makes the database under another name, so that one that is there is always whole. */
async function make(
  driver: Driver,
  files: StatusFiles,
  { pair, now, version }: Making,
  steps: readonly Step[],
): Promise<void> {
  // SQLite would take what another database left beside it for a part of this one.
  for (const suffix of ["-journal", "-wal", "-shm"]) {
    await removeIfThere(files.database + suffix);
    await removeIfThere(files.unfinished + suffix);
  }
  await removeIfThere(files.unfinished);
  // SQLite gives the files beside it the mode that it has.
  (await Deno.open(files.unfinished, { write: true, createNew: true, mode: 0o600 })).close();
  const database = await openDatabase(driver, files.unfinished, "read-write");
  try {
    const row = { name: pair, created: now().getTime(), version, collections: 0 };
    await migrate(driver, database, row, steps, 0);
  } finally {
    await database.close();
  }
  await Deno.rename(files.unfinished, files.database);
  await syncDirectory(files.directory);
}

const APPLICATION: Query = { columns: ["application_id"], rest: "FROM pragma_application_id" };
const VERSION: Query = { columns: ["user_version"], rest: "FROM pragma_user_version" };

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** How many steps of the schema it has behind it. */
async function versionOf(database: Database, steps: readonly Step[]): Promise<number> {
  const { damaged, path } = database;
  const [[application] = [], [user] = []] = (await database.together([APPLICATION, VERSION]))
    .flat();
  if (application !== APPLICATION_ID) throw damaged("it is not a status");
  const version = Number(user);
  if (version > steps.length) throw tooNew(path, version, steps.length);
  if (!(version >= 1)) throw damaged("it has no version");
  return version;
}

async function readHead(
  database: Database,
  name: PairName,
): Promise<Pick<Opened, "pair" | "collections">> {
  const { damaged, path } = database;
  const [schema = [], [[version] = []] = []] = await database.together([SCHEMA, VERSION]);
  const [pairRows = [], collections = []] = await database.together([PAIR_ROW, COLLECTIONS]);
  const pair = pairRowOf(pairRows, damaged);
  if (pair.schema !== schemaSum(Number(version), schema)) {
    throw damaged("its tables are not as they were made");
  }
  if (pair.name !== name) {
    throw new SyncError(`the status in "${path}" is that of another pair, "${pair.name}"`, {
      scope: "run",
      kind: "refused",
      hint: "Give one of the two pairs another name, or move that file away.",
    });
  }
  return { pair, collections: collectionsOf(collections, pair.collections, damaged) };
}

function tooOld(path: string): SyncError {
  return new SyncError(`the status in "${path}" was written by an older version`, {
    scope: "run",
    kind: "refused",
    hint: "It is brought up to date by the next run that may write.",
  });
}

/** A status that is not there, to be read. */
function nothing(path: string): Opened {
  const none = () => Promise.reject(failure(path, new Error("there is nothing to read")));
  return {
    database: {
      path,
      rows: () => Promise.resolve([]),
      together: none,
      bytes: none,
      write: none,
      damaged: (detail) => damaged(path, detail),
      close: () => Promise.resolve(true),
    },
    pair: { name: "", created: 0, version: "", collections: 0, schema: 0 },
    collections: [],
    wasStopped: false,
  };
}
