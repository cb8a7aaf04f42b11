/** Which mailboxes are kept in step, and which are to be made, deleted or renamed. Pure. */

import type { CollectionId, Side, Sides } from "../../model/names.ts";
import { otherSide, SIDES } from "../../model/names.ts";
import type { Mapping } from "../../model/plan.ts";
import type { CollectionName } from "../../model/run.ts";
import type { CollectionKey } from "../../model/status.ts";
import type { Collection } from "../../model/storage.ts";
import { claimed } from "../pairing_problems.ts";
import { cannotMake } from "../pairing.ts";
import type { Pairing, PairingInput, Pairings } from "../pairing_types.ts";
import { heldIfEmptied, vanished } from "../vanished.ts";
import { isInbox, leavingNames, type LinkedMailbox, linkedMailboxes } from "./mailboxes.ts";

export interface MailboxPairingInput extends PairingInput {
  /** What a mailbox of an id is called on a side. */
  readonly localId: Sides<(id: CollectionId) => CollectionId>;
  readonly sharesGuids: boolean;
  /** One way: what b alone has is deleted. */
  readonly exact: boolean;
}

export function pairMailboxes(input: MailboxPairingInput): Pairings {
  const { wanted, known, only } = input;
  const aliases = (wanted.mappings ?? []).map(({ alias, a, b }) => aliased(alias, { a, b }, input));
  const mine = new Set(aliases.flatMap(({ there: { a, b } }) => [a, b]));
  const { oneWay, localId, sharesGuids, readOnly: closed } = input;
  const collections = {
    a: input.collections.a.filter((it) => !mine.has(it)),
    b: input.collections.b.filter((it) => !mine.has(it)),
  };
  const links = linkedMailboxes({ collections, localId, known, closed, oneWay, sharesGuids });
  const keys = keysByIdentity(known);
  const isKnown = ({ there }: LinkedMailbox) =>
    SIDES.some((side) => keys[side].has(there[side]?.identity ?? ""));
  const ids = new Set(wanted.ids);
  const isWanted = (link: LinkedMailbox): boolean => {
    if (ids.has(link.id)) return true;
    const isListed = wanted.fromA && link.there.a !== undefined ||
      wanted.fromB && link.there.b !== undefined && !oneWay || input.exact ||
      (wanted.fromA || wanted.fromB) && isKnown(link);
    return isListed && (wanted.matches?.(link.id) ?? true);
  };
  const named = new Set(links.map(({ id }) => id));
  const missing = wanted.ids.filter((id) => !named.has(id)).map((id): LinkedMailbox => ({
    id,
    names: { a: localId.a(id), b: localId.b(id) },
    there: { a: undefined, b: undefined },
  }));
  const leaving = leavingNames(links.filter(isWanted));
  const context: Context = {
    input,
    keys,
    identities: {
      a: new Set(input.collections.a.map(({ identity }) => identity)),
      b: new Set(input.collections.b.map(({ identity }) => identity)),
    },
    names: {
      a: new Set(input.collections.a.map(({ id }) => id)).difference(leaving.a),
      b: new Set(input.collections.b.map(({ id }) => id)).difference(leaving.b),
    },
  };
  const all = [...aliases, ...links.filter(isWanted), ...missing]
    .flatMap((link) => pairingOf(link, context));
  const pairings = [...heldIfEmptied(all, input)]
    .filter(({ mapping }) => only === undefined || only.includes(mapping.id))
    .sort((one, other) => one.mapping.id < other.mapping.id ? -1 : 1);
  return { pairings, stale: only === undefined ? stale(all, input) : [] };
}

interface Context {
  readonly input: MailboxPairingInput;
  readonly keys: Sides<ReadonlyMap<string, CollectionKey>>;
  readonly identities: Sides<ReadonlySet<string>>;
  readonly names: Sides<ReadonlySet<CollectionId>>;
}

const keysByIdentity = (known: readonly CollectionKey[]): Context["keys"] => ({
  a: new Map(known.map((key) => [key.identities.a, key] as const)),
  b: new Map(known.map((key) => [key.identities.b, key] as const)),
});

/** Two mailboxes that a line of the configuration puts together, whatever they are called. */
function aliased(
  alias: CollectionId,
  names: Sides<CollectionName>,
  { collections, localId }: MailboxPairingInput,
): LinkedMailbox {
  const find = (side: Side): Collection | undefined => {
    const name = names[side];
    return collections[side].find((it) =>
      "id" in name ? it.id === localId[side](name.id) : it.href === name.href
    );
  };
  const called = (side: Side): CollectionId => {
    const name = names[side];
    return find(side)?.id ?? ("id" in name ? localId[side](name.id) : alias);
  };
  return {
    id: alias,
    names: { a: called("a"), b: called("b") },
    there: { a: find("a"), b: find("b") },
  };
}

/** None for one that only b has, where b is not to be the same as a in everything. */
function pairingOf(link: LinkedMailbox, context: Context): readonly Pairing[] {
  const { input, names } = context;
  const { id, there, knownAs, renames } = link;
  const mapping: Mapping = {
    id,
    sides: there,
    ...(link.names.a === id && link.names.b === id ? {} : { ids: link.names }),
    ...(knownAs === undefined ? {} : { knownAs }),
  };
  const missing = SIDES.filter((side) => there[side] === undefined);
  const [side] = missing;
  if (side === undefined) {
    return [{ mapping, held: [], problems: [], ...(renames === undefined ? {} : { renames }) }];
  }
  const here = otherSide(side);
  const left = there[here];
  if (missing.length === 1 && left !== undefined) {
    const key = goneWith(left, side, context);
    const isStray = input.oneWay && side === "a";
    if (isStray && (isInbox(left.id) || !input.exact && key === undefined)) return [];
    if (isStray || key !== undefined && !input.oneWay && !isInbox(left.id)) {
      return [{ ...vanished(mapping, side, input), key: key ?? strayKey(id, left) }];
    }
  }
  // Whoever has the name there belongs to another one, or would come to.
  const problems = missing.flatMap((side) =>
    names[side].has(link.names[side]) ? [claimed(side, link.names[side], input.names[side])] : []
  );
  return [{ mapping, held: missing.flatMap((it) => cannotMake(mapping, it, input)), problems }];
}

/** What the status knows of one that was kept in step with another, which is gone from `side`. */
function goneWith(
  left: Collection,
  side: Side,
  { input, keys, identities }: Context,
): CollectionKey | undefined {
  const key = keys[otherSide(side)].get(left.identity);
  if (key === undefined || identities[side].has(key.identities[side])) return undefined;
  if (input.guards?.holds[side](key.identities[side]) === false) return undefined;
  // One that was renamed here meanwhile is wanted: an edit beats a deletion.
  return input.localId[otherSide(side)](key.id) === left.id ? key : undefined;
}

/** For the attic and the history: nothing is known of one that was never kept in step. */
const strayKey = (id: CollectionId, { identity }: Collection): CollectionKey => ({
  id,
  identities: { a: "none", b: identity },
});

/** What is known of mailboxes that are no longer there, or that are put together with others. */
function stale(
  pairings: readonly Pairing[],
  { known, collections }: MailboxPairingInput,
): readonly CollectionKey[] {
  const text = (a: string, b: string) => JSON.stringify([a, b]);
  const together = new Set(
    pairings.flatMap(({ mapping: { sides: { a, b } }, key }) =>
      a !== undefined && b !== undefined
        ? [text(a.identity, b.identity)]
        : key === undefined
        ? []
        : [text(key.identities.a, key.identities.b)]
    ),
  );
  const there = {
    a: new Set(collections.a.map(({ identity }) => identity)),
    b: new Set(collections.b.map(({ identity }) => identity)),
  };
  return known.filter(({ identities: { a, b } }) =>
    !together.has(text(a, b)) && !(there.a.has(a) && there.b.has(b))
  );
}
