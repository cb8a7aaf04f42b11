/** Writes down what has been done: moves the base, and ends the intents. Nothing else. */

import type { Ident, Side } from "../model/names.ts";
import { SIDES } from "../model/names.ts";
import type { BaseMove, Settlement } from "../model/status.ts";
import type { BaseRow } from "./base.ts";
import { columnsOf, halfOf, INSERT_BASE, readRows } from "./base.ts";
import { cleanReason, fault } from "./checks.ts";
import type { Journal } from "./journal.ts";
import type { CollectionRow, Transaction, Writer } from "./transaction.ts";

/** Settlements that were asked for together, of one collection. */
export interface Settling {
  readonly row: CollectionRow;
  readonly journal: () => Promise<Journal>;
  /** Ids of bodies that may not be needed any more; added to. */
  readonly loose: Set<number>;
  readonly settlements: readonly Settlement[];
}

/** What a group has to say of one collection. */
interface Gathered {
  readonly first: Settling;
  readonly ended: Set<number>;
  readonly settlements: Settlement[];
}

/**
 * Writes them all in one transaction, but for those that speak of an intent that is not open.
 * @returns The errors of those, by their place.
 */
export async function settleGroup(
  writer: Writer,
  group: readonly Settling[],
): Promise<ReadonlyMap<number, unknown>> {
  const faults = new Map<number, unknown>();
  const collections = new Map<CollectionRow, Gathered>();
  for (const [at, settling] of group.entries()) {
    const { row, settlements } = settling;
    const { open } = await settling.journal();
    const gathered = collections.get(row) ?? { first: settling, ended: new Set(), settlements: [] };
    const ids = settlements.flatMap(({ intent }) => intent ?? []);
    const closed = ids.find((id) => !open.has(id) || gathered.ended.has(id));
    if (closed !== undefined) {
      faults.set(at, fault(`settle the intent ${closed}, which is not open`));
      continue;
    }
    for (const id of ids) gathered.ended.add(id);
    for (const settlement of settlements) gathered.settlements.push(settlement);
    collections.set(row, gathered);
  }
  const transaction = writer.transaction();
  for (const [row, { first, settlements }] of collections) {
    const collection = await transaction.collection(row);
    await moveBase(writer, transaction, collection, first, settlements);
    endIntents(writer, transaction, collection, await first.journal(), settlements);
  }
  await transaction.commit();
  return faults;
}

function endIntents(
  writer: Writer,
  transaction: Transaction,
  collection: number,
  journal: Journal,
  settlements: readonly Settlement[],
): void {
  const ended = settlements.flatMap(({ intent, outcome, reason }) =>
    intent === undefined
      ? []
      : [[intent, outcome, reason === undefined ? null : cleanReason(reason)]]
  );
  if (ended.length === 0) return;
  transaction.add(END_INTENTS, [JSON.stringify(ended), writer.now().getTime(), collection]);
  transaction.after(() => {
    for (const { intent } of settlements) if (intent !== undefined) journal.open.delete(intent);
  });
}

// Materialised, or the planner goes through the list once for every intent there is.
const END_INTENTS = `
WITH result AS MATERIALIZED (
  SELECT value ->> 0 AS id, value ->> 1 AS outcome, value ->> 2 AS reason FROM json_each(?))
UPDATE journal SET outcome = result.outcome, reason = result.reason, ended = ?
FROM result WHERE journal.collection = ? AND journal.id = result.id`;

/** Moves the base as if one move were made after the other. */
async function moveBase(
  writer: Writer,
  transaction: Transaction,
  collection: number,
  { row, loose }: Settling,
  settlements: readonly Settlement[],
): Promise<void> {
  const moves = settlements.flatMap(({ move }) => move ?? []);
  if (moves.length === 0) return;
  const idents = [...new Set(moves.map(identOf))];
  const before = row.id === undefined
    ? new Map<Ident, BaseRow>()
    : await readRows(writer.database, row.id, idents);
  const bodies = await transaction.keep(moves.flatMap(bytesIn));
  const after = new Map<Ident, BaseRow | undefined>();
  for (const move of moves) {
    const ident = identOf(move);
    const last = after.has(ident) ? after.get(ident) : before.get(ident);
    after.delete(ident);
    after.set(ident, move.kind === "forget" ? undefined : moved(move, last, bodies));
  }
  const gone: Ident[] = [];
  const set: (readonly unknown[])[] = [];
  let total = 0;
  for (const [ident, latest] of after) {
    const earlier = before.get(ident);
    total += sumsOf(latest) - sumsOf(earlier);
    if (latest !== undefined) {
      set.push(columnsOf(set.length + 1, latest));
    } else if (earlier !== undefined) {
      gone.push(ident);
    }
  }
  if (gone.length > 0) transaction.add(DELETE_BASE, [collection, JSON.stringify(gone)]);
  if (set.length > 0) transaction.add(INSERT_BASE, [collection, JSON.stringify(set)]);
  const items = [...after.values()].filter((it) => it !== undefined).length - before.size;
  transaction.add(
    "UPDATE collection SET items = items + ?, total = total + ?, moves = moves + ? WHERE id = ?",
    [items, total, set.length, collection],
  );
  transaction.after(() => {
    for (const id of [...before.values()].flatMap(bodiesOf)) loose.add(id);
    for (const id of bodies.values()) loose.add(id);
    for (const id of [...after.values()].flatMap(bodiesOf)) loose.delete(id);
  });
}

const DELETE_BASE = `
DELETE FROM base WHERE collection = ? AND ident IN (SELECT value FROM json_each(?))`;

const identOf = (move: BaseMove): Ident => move.kind === "set" ? move.item.ident : move.ident;

const bytesIn = (move: BaseMove): readonly Uint8Array[] =>
  move.kind === "set" ? SIDES.flatMap((side) => move.bodies[side] ?? []) : [];

const sumsOf = (row: BaseRow | undefined): number =>
  row === undefined ? 0 : row.sides.a.sum + row.sides.b.sum;

const bodiesOf = (row: BaseRow | undefined): readonly number[] =>
  row === undefined ? [] : SIDES.flatMap((side) => row.sides[side].body ?? []);

/** The row of an item as it is now. */
function moved(
  { item, bodies }: Extract<BaseMove, { readonly kind: "set" }>,
  last: BaseRow | undefined,
  ids: ReadonlyMap<Uint8Array, number>,
): BaseRow {
  const half = (side: Side) => {
    const version = item.sides[side];
    const bytes = bodies[side];
    const before = last?.sides[side];
    // What says the same is as good to merge with: it stays where no newer bytes are at hand.
    const same = before?.digest === version.digest ? before.body : undefined;
    return halfOf(item.ident, side, version, bytes === undefined ? same : ids.get(bytes));
  };
  return { ident: item.ident, sides: { a: half("a"), b: half("b") } };
}
