/** The status of a pair: its base, cursors, journal and attic, in one database that is locked. */

import type { PairName } from "../model/names.ts";
import type { CollectionKey, CollectionStatus, Status } from "../model/status.ts";
import { sweep } from "./bodies.ts";
import { checkKey, fault } from "./checks.ts";
import type { Writing } from "./collection_status.ts";
import { collectionStatus } from "./collection_status.ts";
import { keyText } from "./collections.ts";
import type { Database } from "./database.ts";
import { examine, examineBodies } from "./examine.ts";
import { failure } from "./failures.ts";
import type { StatusFiles } from "./files.ts";
import { stampOf, statusFiles } from "./files.ts";
import { groupCommit } from "./group_commit.ts";
import type { History } from "./history.ts";
import { openHistory } from "./history.ts";
import type { Lock } from "./lock.ts";
import { takeLock } from "./lock.ts";
import type { Opened } from "./opening.ts";
import { openToRead, openToWrite } from "./opening.ts";
import { settleGroup } from "./settle.ts";
import { rename } from "./rename.ts";
import type { CollectionRow, Writer } from "./transaction.ts";
import { openWriter } from "./transaction.ts";

export type { AtticEntry, History, JournalEntry, RunRecord } from "./history.ts";
export { statusFiles } from "./files.ts";
export type { StatusFiles } from "./files.ts";

export interface StatusOptions {
  /** The folder that holds the statuses of all pairs. It is made, for the owner alone. */
  readonly directory: string;
  readonly pair: PairName;
  /**
   * `read-only` takes no lock and changes nothing, and a status that is not there is an empty one.
   * Another process may write meanwhile.
   */
  readonly mode: "read-write" | "read-only";
  readonly now: () => Date;
  /** Of the program, for the history. */
  readonly version: string;
}

/** One run's status of one pair. It is opened for each run, and closed after it. */
export interface PairStatus extends Status {
  readonly history: History;
  /**
   * Looks at everything that is kept, every byte of it.
   * @throws {SyncError} Where something is not as it was written.
   */
  examine(): Promise<void>;
}

/** How long the history of what was done is kept, in milliseconds: 90 days. The attic stays. */
const HISTORY = 90 * 24 * 60 * 60 * 1_000;

/**
 * Opens the status of a pair.
 * @throws {SyncError} With the scope `run`: `locked` where another run holds the lock; `malformed`
 * where what is there is damaged or not a status, which is never taken for an empty one; `refused`
 * where a newer version has written it; `forbidden`, `quota` and so on as the disk will have it.
 */
export async function openStatus(options: StatusOptions): Promise<PairStatus> {
  const files = statusFiles(absolute(options.directory), options.pair);
  try {
    return options.mode === "read-only"
      ? await readOnly(files, options)
      : await readWrite(files, options);
  } catch (error) {
    throw failure(files.database, error);
  }
}

const absolute = (path: string): string => path.startsWith("/") ? path : `${Deno.cwd()}/${path}`;

async function readOnly(files: StatusFiles, options: StatusOptions): Promise<PairStatus> {
  const opened = await openToRead(files, options.pair);
  return pairStatus(opened, undefined, async () => void await opened.database.close());
}

async function readWrite(files: StatusFiles, options: StatusOptions): Promise<PairStatus> {
  await Deno.mkdir(files.directory, { recursive: true, mode: 0o700 });
  const lock = await takeLock(files.lock, options.pair, options.now());
  let opened: Opened;
  try {
    opened = await openToWrite(files, options, lock.note);
  } catch (error) {
    await lock.release(lock.note);
    throw error;
  }
  const { database, pair } = opened;
  const writer = openWriter({ database, pair, now: options.now, version: options.version });
  const writing: Writing = {
    writer,
    commits: groupCommit((group) => settleGroup(writer, group)),
    loose: new Set(),
    sweepAll: opened.wasStopped,
  };
  return pairStatus(opened, writing, async () => {
    try {
      await writing.commits.alone(() => endRun(writer, writing.loose));
    } finally {
      await comeToRest(database, lock, files);
    }
  });
}

/** Writes down that the run is over, if it wrote anything. */
async function endRun(writer: Writer, loose: ReadonlySet<number>): Promise<void> {
  const run = writer.run();
  if (run === undefined) return;
  const now = writer.now().getTime();
  const transaction = writer.transaction();
  transaction.add("UPDATE run SET ended = ? WHERE id = ?", [now, run]);
  const old = await writer.database.rows({
    columns: ["id"],
    rest: "FROM run WHERE started < ?",
    args: [now - HISTORY],
  });
  if (old.length > 0) {
    const ids = JSON.stringify(old.flat());
    transaction.add(
      `DELETE FROM journal WHERE outcome IS NOT NULL
       AND run IN (SELECT value FROM json_each(?))`,
      [ids],
    );
    transaction.add("DELETE FROM run WHERE id IN (SELECT value FROM json_each(?))", [ids]);
  }
  if (loose.size > 0) transaction.statement(sweep(loose));
  await transaction.commit();
}

/** Closes the file, and leaves a note of how it was left, so that the next run can tell. */
async function comeToRest(database: Database, lock: Lock, files: StatusFiles): Promise<void> {
  let note = "";
  try {
    if (await database.close()) note = await stampOf(files.database);
  } finally {
    await lock.release(note);
  }
}

function pairStatus(
  { database, collections }: Opened,
  writing: Writing | undefined,
  close: () => Promise<void>,
): PairStatus {
  const rows = new Map<string, CollectionRow>();
  const statuses = new Map<string, CollectionStatus>();
  for (const it of collections) rows.set(keyText(it.key), { ...it });
  const written = () => [...rows.values()].filter((row) => row.id !== undefined);
  const known = () => written().filter((row) => !row.forgotten);
  let closed: Promise<void> | undefined;
  const rowOf = (key: CollectionKey): CollectionRow => {
    checkKey(key);
    const row = rows.get(keyText(key)) ?? { key, id: undefined, forgotten: false };
    rows.set(keyText(key), row);
    return row;
  };
  const collection = (key: CollectionKey): CollectionStatus => {
    const row = rowOf(key);
    const text = keyText(key);
    const status = statuses.get(text) ?? collectionStatus(database, row, writing);
    statuses.set(text, status);
    return status;
  };
  return {
    collections: () => Promise.resolve(known().map(({ key }) => key).sort(byText)),
    collection,
    async rename(from, to) {
      if (writing === undefined) throw fault("write what was opened to be read only");
      const [text, toText] = [keyText(from), keyText(to)];
      if (text === toText) return;
      const row = rowOf(from);
      const status = collection(from);
      await collection(to).forget();
      const other = rowOf(to);
      await writing.commits.alone(() => rename(writing.writer, row, to, other));
      rows.delete(text);
      statuses.delete(text);
      if (other.id !== undefined) rows.set(keyText(other.key), other);
      rows.set(toText, row);
      statuses.set(toText, status);
    },
    history: openHistory(database, (id) => written().find((row) => row.id === id)?.key),
    async examine() {
      await examine(database, written().flatMap(({ id }) => id ?? []));
      await examineBodies(database);
    },
    close: () => closed ??= close(),
  };
}

const byText = (one: CollectionKey, other: CollectionKey): number =>
  keyText(one) < keyText(other) ? -1 : 1;
