/**
 * The base moves one item at a time, and yet no two items of it may ever be under one href of one
 * side: whoever looks an href up would find only one of them, and the other would be forgotten
 * there. So where an item has taken the place of another (somebody changed the UID in a file), its
 * move waits for the other's, and goes with it where each waits for the other.
 */

import type { Href, Ident, Side, Sides } from "../model/names.ts";
import { SIDES } from "../model/names.ts";
import type { BaseMove, CollectionStatus, Known, Settlement } from "../model/status.ts";

export interface Moves {
  /** What the base holds under hrefs of a side, as far as it is known: more may be added. */
  expect(side: Side, known: ReadonlyMap<Href, Known>): void;
  /** Writes them down, those with a move once they may; resolves at once for those that wait. */
  settle(settlements: readonly Settlement[]): Promise<void>;
  /** Whether the base has moved for that item. */
  has(ident: Ident): boolean;
}

export function openMoves(status: CollectionStatus): Moves {
  const moved = new Set<Ident>();
  const holders: Sides<Map<Href, Ident>> = { a: new Map(), b: new Map() };
  const waiting = new Map<Ident, Settlement>();

  /** Who is in the way of a move, and has not moved yet. */
  const inTheWay = (move: BaseMove): readonly Ident[] => {
    if (move.kind === "forget") return [];
    const { ident, sides } = move.item;
    return SIDES.flatMap((side) => {
      const holder = holders[side].get(sides[side].href);
      return holder === undefined || holder === ident || moved.has(holder) ? [] : [holder];
    });
  };

  async function write(settlements: readonly Settlement[]): Promise<void> {
    if (settlements.length === 0) return;
    await status.settle(settlements);
    for (const { move } of settlements) if (move !== undefined) moved.add(identOf(move));
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
  };
}

const identOf = (move: BaseMove): Ident => move.kind === "set" ? move.item.ident : move.ident;
