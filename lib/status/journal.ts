/** The intents of one collection: which are open, and how new ones are written down. */

import { digest, etag, href, ident } from "../model/names.ts";
import type { Intent } from "../model/status.ts";
import { readRows } from "./base.ts";
import { fault } from "./checks.ts";
import type { Database, Row } from "./database.ts";
import { sumOf } from "./sums.ts";
import type { CollectionRow, Writer } from "./transaction.ts";
import type { Damaged } from "./values.ts";
import { integerOf, nameOf, optional, sideOf } from "./values.ts";

export interface Journal {
  /** Intents without a result, by id. */
  readonly open: Map<number, Intent>;
  /** What this run has begun. */
  readonly begun: Set<number>;
  /** The first id that no intent had when it was first asked for, before this run began any. */
  readonly first: () => Promise<number>;
}

/** The collections that an earlier run had begun something in: mostly none, and asked for once. */
const INTERRUPTED = new WeakMap<Database, Promise<ReadonlySet<unknown>>>();

function interruptedIn(database: Database): Promise<ReadonlySet<unknown>> {
  const read = INTERRUPTED.get(database) ?? database.rows({
    columns: ["collection"],
    rest: "FROM journal INDEXED BY journal_open WHERE outcome IS NULL",
  }).then((rows) => new Set(rows.map(([collection]) => collection)));
  INTERRUPTED.set(database, read);
  return read;
}

/** The journal of a collection; an empty one where nothing is known about it. */
export async function readJournal(
  database: Database,
  collection: number | undefined,
): Promise<Journal> {
  const open = new Map<number, Intent>();
  if (collection === undefined) {
    return { open, begun: new Set(), first: () => Promise.resolve(1) };
  }
  const { damaged } = database;
  const hasOpen = (await interruptedIn(database)).has(collection);
  const rows = !hasOpen ? [] : await database.rows({
    columns: [...INTENT, "sum"],
    rest: `FROM journal INDEXED BY journal_open WHERE collection = ? AND outcome IS NULL`,
    args: [collection],
  });
  for (const row of rows) {
    const intent = intentOf(row, damaged);
    if (intentSum(collection, intent) !== row[INTENT.length]) {
      throw damaged("an intent is not as written");
    }
    open.set(intent.id, intent);
  }
  let first: Promise<number> | undefined;
  return { open, begun: new Set(), first: () => first ??= firstFree(database, collection) };
}

async function firstFree(database: Database, collection: number): Promise<number> {
  const [[last] = []] = await database.rows({
    columns: ["(SELECT coalesce(max(id), 0) FROM journal WHERE collection = ?)"],
    rest: "",
    args: [collection],
  });
  return integerOf(last, "an id", database.damaged) + 1;
}

/** The columns of an intent. */
export const INTENT: readonly string[] = ["id", "kind", "side", "ident", "href", "etag", "digest"];

/** The intent that a row begins with. */
export function intentOf(row: Row, damaged: Damaged): Intent {
  const written = optional(row[5], (it) => etag(nameOf(it, "an etag", damaged)));
  const wanted = optional(row[6], (it) => digest(nameOf(it, "a digest", damaged)));
  return {
    id: integerOf(row[0], "an id", damaged),
    kind: kindOf(row[1], damaged),
    on: sideOf(row[2], damaged),
    ident: ident(nameOf(row[3], "an ident", damaged)),
    href: href(nameOf(row[4], "an href", damaged)),
    ...(written === undefined ? {} : { etag: written }),
    ...(wanted === undefined ? {} : { digest: wanted }),
  };
}

/** The first id that no intent has. */
export async function nextIntent({ begun, first }: Journal): Promise<number> {
  let next = await first();
  for (const id of begun) next = Math.max(next, id + 1);
  return next;
}

/** Writes intents down, and what they overwrite into the attic, all of it or nothing. */
export async function begin(
  writer: Writer,
  row: CollectionRow,
  journal: Journal,
  intents: readonly Intent[],
): Promise<void> {
  const first = await journal.first();
  for (const { id } of intents) {
    if (id < first || journal.begun.has(id)) {
      throw fault(`begin an intent with the id ${id}, which is taken`);
    }
  }
  const overwriting = intents.filter((intent) => intent.attic !== undefined);
  const held = await bodiesInBase(writer.database, row.id, overwriting);
  const transaction = writer.transaction();
  const collection = await transaction.collection(row);
  const run = await transaction.run();
  transaction.add(INSERT_INTENTS, [
    JSON.stringify(intents.map((it) => intentColumns(collection, run, it))),
  ]);
  const given = await transaction.keep(
    overwriting.flatMap(({ attic }) => attic instanceof Uint8Array ? [attic] : []),
  );
  const time = writer.now().getTime();
  const kept = overwriting.map((intent) => {
    const { attic, on, ident, href, etag, kind } = intent;
    const body = attic instanceof Uint8Array ? given.get(attic) : held.get(intent);
    if (body === undefined) {
      throw fault("begin an effect on an item whose bytes the base does not hold");
    }
    const row = [run, time, collection, on, ident, href, etag ?? null, kind, body] as const;
    return [...row, sumOf(row)];
  });
  if (kept.length > 0) transaction.add(INSERT_ATTIC, [JSON.stringify(kept)]);
  transaction.after(() => {
    for (const { attic: _kept, ...intent } of intents) {
      journal.open.set(intent.id, intent);
      journal.begun.add(intent.id);
    }
  });
  await transaction.commit();
}

/** The ids of the bytes that the base holds, for the intents that overwrite just those. */
async function bodiesInBase(
  database: Database,
  collection: number | undefined,
  intents: readonly Intent[],
): Promise<ReadonlyMap<Intent, number>> {
  const held = new Map<Intent, number>();
  const wanted = intents.filter(({ attic }) => attic === "base");
  if (wanted.length === 0 || collection === undefined) return held;
  const rows = await readRows(database, collection, wanted.map(({ ident }) => ident));
  for (const intent of wanted) {
    const body = rows.get(intent.ident)?.sides[intent.on].body;
    if (body !== undefined) held.set(intent, body);
  }
  const ids = new Set(held.values());
  const there = await database.rows({
    columns: ["id"],
    rest: "FROM body WHERE id IN (SELECT value FROM json_each(?))",
    args: [JSON.stringify([...ids])],
  });
  if (there.length !== ids.size) throw database.damaged("the bytes of an item are missing");
  return held;
}

const columns = (count: number, from = 0): string =>
  Array.from({ length: count }, (_, at) => `value ->> ${at + from}`).join(", ");

const INSERT_INTENTS = `
INSERT INTO journal SELECT ${columns(10)}, NULL, NULL, NULL FROM json_each(?)`;

const INSERT_ATTIC = `
INSERT INTO attic (run, time, collection, side, ident, href, etag, why, body, sum)
SELECT ${columns(10)} FROM json_each(?)`;

const intentColumns = (collection: number, run: number, intent: Intent): readonly unknown[] => {
  const { id, kind, on, ident, href, etag, digest } = intent;
  const named = [kind, on, ident, href, etag ?? null, digest ?? null];
  return [collection, id, run, ...named, intentSum(collection, intent)];
};

function intentSum(collection: number, intent: Intent): number {
  const { id, kind, on, ident, href, etag, digest } = intent;
  return sumOf([collection, id, kind, on, ident, href, etag ?? null, digest ?? null]);
}

const KINDS: readonly Intent["kind"][] = ["create", "update", "delete", "setFlags", "merge"];

export function kindOf(value: unknown, damaged: Damaged): Intent["kind"] {
  const kind = KINDS.find((it) => it === value);
  if (kind === undefined) throw damaged("an intent is of no known kind");
  return kind;
}
