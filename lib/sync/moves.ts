/**
 * The base moves one item at a time, and yet no two items of it may ever be under one href of one
 * side: whoever looks an href up would find only one of them, and the other would be forgotten
 * there. So where an item has taken the place of another (somebody changed the UID in a file), its
 * move waits for the other's, and goes with it where each waits for the other.
 */

import type { Href, Ident, Side, Sides } from "../model/names.ts";
import { SIDES } from "../model/names.ts";
import type { BaseMove, CollectionStatus, Intent, Known, Settlement } from "../model/status.ts";

export interface Moves {
  /** What the base holds under hrefs of a side, as far as it is known: more may be added. */
  expect(side: Side, known: ReadonlyMap<Href, Known>): void;
  /** Writes them down, those with a move once they may; resolves at once for those that wait. */
  settle(settlements: readonly Settlement[]): Promise<void>;
  /** Whether the base has moved for that item. */
  has(ident: Ident): boolean;
  /** The intents of an interrupted run of which the base knows nothing yet. */
  open(): readonly Intent[];
}

/**
 * @param interrupted The intents that an interrupted run left open. Those of an item are closed with
 * the item's move, and not later: they speak of what was before it.
 * @param happened Those of them that were carried out.
 */
export function openMoves(
  status: CollectionStatus,
  interrupted: readonly Intent[],
  happened: ReadonlySet<number>,
): Moves {
  const open = new Map(interrupted.map((intent) => [intent.id, intent] as const));
  const byIdent = Map.groupBy(interrupted, (intent) => intent.ident);
  const moved = new Set<Ident>();
  /** Who was last known to hold an href, and where those are that have moved since. */
  const holders: Sides<Map<Href, Ident>> = { a: new Map(), b: new Map() };
  const hrefs: Sides<Map<Ident, Href>> = { a: new Map(), b: new Map() };
  /** What is just being written. */
  const claims: Sides<Map<Href, Ident>> = { a: new Map(), b: new Map() };
  const waiting = new Map<Ident, Settlement>();

  /** Who is in the way of a move. */
  const inTheWay = (move: BaseMove): readonly Ident[] => {
    if (move.kind === "forget") return [];
    const { ident, sides } = move.item;
    return SIDES.flatMap((side) => {
      const { href } = sides[side];
      const holder = holders[side].get(href);
      const left = holder !== undefined && moved.has(holder) && hrefs[side].get(holder) !== href;
      return [left ? undefined : holder, claims[side].get(href)]
        .flatMap((it) => it === undefined || it === ident ? [] : [it]);
    });
  };

  function take(move: BaseMove): void {
    moved.add(identOf(move));
    for (const side of SIDES) {
      if (move.kind === "forget") hrefs[side].delete(move.ident);
      else {
        const { ident, sides } = move.item;
        holders[side].set(sides[side].href, ident);
        hrefs[side].set(ident, sides[side].href);
      }
    }
  }

  async function write(settlements: readonly Settlement[]): Promise<void> {
    if (settlements.length === 0) return;
    const moves = settlements.flatMap(({ move }) => move ?? []);
    const over = moves.flatMap((move) => byIdent.get(identOf(move)) ?? [])
      .filter(({ id }) => open.has(id));
    // Two moves of one item may be written at once: its intents are closed with the first.
    for (const { id } of over) open.delete(id);
    const claimed = moves.flatMap((move) => move.kind === "set" ? [move.item] : []);
    for (const { ident, sides } of claimed) {
      for (const side of SIDES) claims[side].set(sides[side].href, ident);
    }
    try {
      await status.settle([
        ...settlements,
        ...over.map(({ id }) => interruptedAt(id, happened)),
      ]);
    } finally {
      for (const { sides } of claimed) {
        for (const side of SIDES) claims[side].delete(sides[side].href);
      }
    }
    for (const move of moves) take(move);
    await write(released());
  }

  /** Those that no longer wait for anybody but each other. */
  function released(): readonly Settlement[] {
    const free = new Map(waiting);
    let before: number;
    do {
      before = free.size;
      for (const [ident, { move }] of free) {
        if (move === undefined) continue;
        if (inTheWay(move).some((it) => !free.has(it))) free.delete(ident);
      }
    } while (free.size < before);
    for (const ident of free.keys()) waiting.delete(ident);
    return [...free.values()];
  }

  return {
    expect(side, known) {
      for (const [href, { ident }] of known) holders[side].set(href, ident);
    },

    async settle(settlements) {
      const now: Settlement[] = [];
      for (const settlement of settlements) {
        const { move } = settlement;
        if (move !== undefined && inTheWay(move).length > 0) {
          waiting.set(identOf(move), settlement);
        } else now.push(settlement);
      }
      await write(now.length < settlements.length ? [...now, ...released()] : now);
    },

    has: (ident) => moved.has(ident),
    open: () => [...open.values()],
  };
}

/** Closes an intent of an earlier run. */
export const interruptedAt = (intent: number, happened: ReadonlySet<number>): Settlement => ({
  intent,
  outcome: happened.has(intent) ? "done" : "left",
  reason: "the run was interrupted",
});

const identOf = (move: BaseMove): Ident => move.kind === "set" ? move.item.ident : move.ident;
