/** Collections that were kept in step, and of which one is no longer there. Pure. */

import type { Side } from "../model/names.ts";
import { otherSide, SIDES } from "../model/names.ts";
import type { Held, Mapping } from "../model/plan.ts";
import type { CollectionKey } from "../model/status.ts";
import { isOf, type Pairing, type PairingInput } from "./pairing_types.ts";

/**
 * Whether the collection that is left on the other side was kept in step with one that has vanished
 * from `side`: not where that is still there under another name, nor where it was at another place
 * than the storage is now.
 */
export function wasInStep(mapping: Mapping, side: Side, input: PairingInput): boolean {
  const other = mapping.sides[otherSide(side)];
  return input.known.some(({ id, identities }) =>
    id === mapping.id && identities[otherSide(side)] === other?.identity &&
    hasVanished(identities[side], side, input)
  );
}

const hasVanished = (
  identity: string,
  side: Side,
  { collections, guards }: PairingInput,
): boolean =>
  guards?.holds[side](identity) !== false &&
  !collections[side].some((it) => it.identity === identity);

/** One that was kept in step and is gone: the other one goes as well, unless something says no. */
export function vanished(mapping: Mapping, side: Side, input: PairingInput): Pairing {
  const on = otherSide(side);
  const message = `collection "${mapping.id}" was kept in step and is no longer on ${
    input.names[side]
  }`;
  const left = `Nothing was deleted on ${input.names[on]}.`;
  const hold = (held: Pick<Held, "guard" | "hint" | "expected">): Pairing => ({
    mapping,
    held: [{ on, actions: 0, message, ...held }],
    problems: [],
  });
  if (input.onDelete === "skip") {
    return hold({ guard: "on_delete", hint: left, expected: true });
  }
  if (input.guards?.noDelete[on]) {
    return hold({ guard: "no_delete", hint: left, expected: true });
  }
  if (input.readOnly[on]) {
    return hold({ guard: "read only", hint: `${left} Nothing may be written there.` });
  }
  return { mapping, vanished: side, held: [], problems: [] };
}

/**
 * Another collection has taken the id of the one that was kept in step, and that one is gone: which
 * of several has the plain id depends on what a server lists. Nobody wants the two poured together.
 */
export function withAnother(pairing: Pairing, input: PairingInput): Pairing {
  const { mapping } = pairing;
  const { a, b } = mapping.sides;
  if (a === undefined || b === undefined) return pairing;
  if (input.known.some((key) => isOf(key, mapping))) return pairing;
  const side = SIDES.find((side) =>
    input.known.some(({ id, identities }) =>
      id === mapping.id && hasVanished(identities[side], side, input) &&
      identities[otherSide(side)] === mapping.sides[otherSide(side)]?.identity
    )
  );
  if (side === undefined) return pairing;
  const held: Held = {
    guard: "missing collection",
    on: side,
    actions: 0,
    message: `"${mapping.id}" on ${input.names[side]} is another collection than the one that ` +
      "was kept in step, which is gone",
    hint: `If this one is to take its place, name it in the pair: collection "${mapping.id}"`,
  };
  return { ...pairing, held: [...pairing.held, held] };
}

/** A side that has none of what was kept in step with it: a disk that is not mounted, more likely. */
export function heldIfEmptied(
  pairings: readonly Pairing[],
  input: PairingInput,
): readonly Pairing[] {
  const { guards } = input;
  if (guards === undefined || guards.onEmpty === "sync") return pairings;
  return SIDES.reduce((pairings, side) => {
    const wasThere = ({ identities }: CollectionKey) => guards.holds[side](identities[side]);
    const there = new Set(input.collections[side].map((it) => it.identity));
    const isThere = ({ identities }: CollectionKey) => there.has(identities[side]);
    const known = input.known.filter(wasThere);
    const isEmptied = input.collections[side].length === 0 ||
      (known.length > 1 && !known.some(isThere));
    if (!isEmptied) return pairings;
    return pairings.map((pairing): Pairing => {
      if (pairing.vanished !== side) return pairing;
      const inDoubt: Held = {
        guard: "on_empty",
        on: otherSide(side),
        actions: 0,
        message: `${input.names[side]} has no collections any more; "${pairing.mapping.id}" is ` +
          `still on ${input.names[otherSide(side)]}`,
        hint: `If you deleted them on purpose, run once with --allow-empty.`,
      };
      return { ...pairing, inDoubt };
    });
  }, pairings);
}
