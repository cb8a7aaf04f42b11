/** What is written into a status, gathered to be written at once. */

import type { CollectionKey } from "../model/status.ts";
import { keepBodies } from "./bodies.ts";
import type { Database, InStatement, InValue } from "./database.ts";
import { collectionSum } from "./collections.ts";
import type { PairRow } from "./pair_row.ts";
import { writePairRow } from "./pair_row.ts";
import { integerOf } from "./values.ts";

/** A collection's row; without an id as long as nothing about it was written. */
export interface CollectionRow {
  key: CollectionKey;
  id: number | undefined;
  /** There is a row, and nothing is known of the two any more. */
  forgotten: boolean;
}

/** One run's writing. Nothing else writes into the same database meanwhile: the lock sees to it. */
export interface Writer {
  readonly database: Database;
  readonly now: () => Date;
  /** The run's id, if anything has been written. */
  run(): number | undefined;
  transaction(): Transaction;
}

export interface Transaction {
  add(sql: string, args: InValue[]): void;
  statement(statement: InStatement): void;
  isEmpty(): boolean;
  /** What holds once it is durable, and not if it fails. */
  after(then: () => void): void;
  /** An id that nothing in that table has. */
  id(table: Table): Promise<number>;
  /** The id of this run, whose row is written with its first transaction. */
  run(): Promise<number>;
  /** The id of a collection, whose row is written with the first thing that is known of it. */
  collection(row: CollectionRow): Promise<number>;
  /** Keeps bytes, and gives their ids. */
  keep(bodies: Iterable<Uint8Array>): Promise<ReadonlyMap<Uint8Array, number>>;
  /** Durable once it resolves. Without anything to write, nothing is touched. */
  commit(): Promise<void>;
}

type Table = "run" | "collection" | "body";
const TABLES: readonly Table[] = ["run", "collection", "body"];

export interface WriterOptions {
  readonly database: Database;
  readonly pair: PairRow;
  readonly now: () => Date;
  readonly version: string;
}

export function openWriter({ database, pair, now, version }: WriterOptions): Writer {
  const started = now();
  let pairRow = pair;
  let written: number | undefined;
  let last: Promise<Record<Table, number>> | undefined;

  async function lastIds(): Promise<Record<Table, number>> {
    const last = (table: Table) => `(SELECT coalesce(max(id), 0) FROM ${table})`;
    const [row = []] = await database.rows({ columns: TABLES.map(last), rest: "" });
    const [run, collection, body] = row.map((it) => integerOf(it, "an id", database.damaged));
    return { run: run ?? 0, collection: collection ?? 0, body: body ?? 0 };
  }

  function transaction(): Transaction {
    const statements: InStatement[] = [];
    const whenDurable: (() => void)[] = [];
    const made = new Map<CollectionRow, number>();
    const remembered = new Set<CollectionRow>();
    const hashes = new Map<string, number>();
    let runId = written;

    const nextId = async (table: Table): Promise<number> => {
      last ??= lastIds();
      const ids = await last;
      ids[table] += 1;
      return ids[table];
    };

    const self: Transaction = {
      add: (sql, args) => void statements.push({ sql, args }),
      statement: (statement) => void statements.push(statement),
      isEmpty: () => statements.length === 0,
      after: (then) => void whenDurable.push(then),
      id: nextId,
      async run() {
        if (runId !== undefined) return runId;
        const id = await nextId("run");
        runId = id;
        self.add("INSERT INTO run VALUES (?, ?, NULL, ?)", [id, started.getTime(), version]);
        return id;
      },
      async collection(row) {
        const known = row.id ?? made.get(row);
        if (known !== undefined) {
          if (row.forgotten && !remembered.has(row)) {
            remembered.add(row);
            self.add("UPDATE collection SET forgotten = 0, sum = ? WHERE id = ?", [
              collectionSum(row.key),
              known,
            ]);
          }
          return known;
        }
        const id = await nextId("collection");
        const { key } = row;
        made.set(row, id);
        self.add("INSERT INTO collection VALUES (?, ?, ?, ?, 0, 0, 0, 0, ?)", [
          id,
          key.id,
          key.identities.a,
          key.identities.b,
          collectionSum(key),
        ]);
        self.statement(
          writePairRow({ ...pairRow, collections: pairRow.collections + made.size }),
        );
        return id;
      },
      async keep(bodies) {
        last ??= lastIds();
        const ids = await last;
        const kept = await keepBodies(database, bodies, hashes, () => ++ids.body);
        statements.push(...kept.statements);
        return kept.ids;
      },
      async commit() {
        if (statements.length === 0) return;
        await self.run();
        await database.write(statements);
        written = runId;
        pairRow = { ...pairRow, collections: pairRow.collections + made.size };
        for (const [row, id] of made) row.id = id;
        for (const row of remembered) row.forgotten = false;
        for (const then of whenDurable) then();
      },
    };
    return self;
  }

  return {
    database,
    now,
    run: () => written,
    transaction,
  };
}
