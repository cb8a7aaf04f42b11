/**
 * A status in memory, for the simulation. It keeps the promises of the real one and nothing else:
 * what has resolved is durable, and of what has not, a crash keeps the first few transactions or
 * none. `tests/unit/status/` holds both to the same suite.
 */

import type { Cursor, Href, Ident, Side, Sides } from "../../lib/model/names.ts";
import { SIDES } from "../../lib/model/names.ts";
import type { BaseItem } from "../../lib/model/plan.ts";
import type {
  BaseMove,
  CollectionKey,
  CollectionStatus,
  Intent,
  Known,
  Observation,
  PropertyBase,
  Settlement,
  SideConclusion,
  Status,
} from "../../lib/model/status.ts";
import {
  checkConclusion,
  checkIntents,
  checkKey,
  checkSettlements,
  cleanReason,
  fault,
} from "../../lib/status/checks.ts";

/** A version that was overwritten or deleted. */
export interface MemoryAtticEntry {
  readonly key: CollectionKey;
  readonly intent: Intent;
  readonly bytes: Uint8Array;
}

/** What would be on the disk. Opaque: made by `snapshot`, taken by `restore` and `memoryStatus`. */
export interface MemorySnapshot {
  readonly collections: ReadonlyMap<string, Kept>;
}

export interface MemoryStatus extends Status {
  /** Every version that was overwritten or deleted; of each collection the oldest first. */
  attic(): readonly MemoryAtticEntry[];
  /** What became of the intents of a collection so far, by id. */
  outcomes(key: CollectionKey): ReadonlyMap<number, Settlement>;
  /** How many transactions have been asked for and have not resolved yet. */
  pending(): number;
  /**
   * What a crash at this moment leaves: everything that has resolved, and of the transactions that
   * have not, the first `kept` (none, if it is not given). Changes nothing.
   */
  snapshot(kept?: number): MemorySnapshot;
  /**
   * Goes back to what a snapshot holds. What was still to be written is dropped, and its promises
   * never settle, as if the process had died.
   */
  restore(snapshot: MemorySnapshot): void;
}

interface Kept {
  readonly key: CollectionKey;
  /** In the order in which the items were last set, so that of two with one href the last counts. */
  readonly base: Map<Ident, BaseItem>;
  readonly bodies: Map<Ident, Partial<Record<Side, Uint8Array>>>;
  readonly intents: Map<number, Intent>;
  readonly outcomes: Map<number, Settlement>;
  readonly sides: Sides<{ cursor?: Cursor; view?: string; observations: readonly Observation[] }>;
  readonly attic: MemoryAtticEntry[];
  properties: PropertyBase;
  forgotten: boolean;
}

/** All collections, by {@linkcode nameOf}. */
type State = Map<string, Kept>;

interface Transaction {
  readonly apply: (state: State) => void;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** A status that is empty, or holds what a snapshot holds. */
export function memoryStatus(from?: MemorySnapshot): MemoryStatus {
  let state: State = from === undefined ? new Map() : copy(from.collections);
  let queue: Transaction[] = [];

  function flush(): void {
    const transactions = queue;
    queue = [];
    for (const { apply, resolve, reject } of transactions) {
      try {
        apply(state);
        resolve();
      } catch (error) {
        reject(error);
      }
    }
  }

  function write(apply: (state: State) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (queue.length === 0) queueMicrotask(flush);
      queue.push({ apply, resolve, reject });
    });
  }

  /** What has resolved; what has not may be seen by the real one, and nobody may rely on that. */
  const read = (): State => state;

  return {
    collections: () =>
      Promise.resolve(
        [...read().values()].filter((it) => !it.forgotten).map((it) => it.key).sort(byKey),
      ),
    collection: (key) => {
      checkKey(key);
      return collectionStatus(key, read, write);
    },
    rename: (from, to) =>
      write((state) => {
        const kept = state.get(nameOf(from));
        const there = state.get(nameOf(to));
        if (nameOf(from) === nameOf(to)) return;
        if (there !== undefined) {
          const { id, identities } = to;
          const aside = {
            id,
            identities: { ...identities, a: `${identities.a};WAS=${state.size}` },
          };
          state.set(nameOf(aside), {
            ...emptyCollection(aside),
            attic: there.attic,
            forgotten: true,
          });
          state.delete(nameOf(to));
        }
        if (kept === undefined) return;
        state.delete(nameOf(from));
        state.set(nameOf(to), { ...kept, key: to });
      }),
    close: () => {
      flush();
      return Promise.resolve();
    },
    attic: () => [...read().values()].flatMap((kept) => kept.attic),
    outcomes: (key) => read().get(nameOf(key))?.outcomes ?? new Map(),
    pending: () => queue.length,
    snapshot(kept = 0) {
      const collections = copy(state);
      for (const { apply } of queue.slice(0, kept)) {
        try {
          apply(collections);
        } catch {
          // This transaction will be refused: it leaves nothing behind, whether or not we crash.
        }
      }
      return { collections };
    },
    restore(snapshot) {
      queue = [];
      state = copy(snapshot.collections);
    },
  };
}

const nameOf = ({ id, identities }: CollectionKey): string =>
  JSON.stringify([id, identities.a, identities.b]);

const byKey = (one: CollectionKey, other: CollectionKey): number =>
  nameOf(one) < nameOf(other) ? -1 : 1;

function copy(collections: ReadonlyMap<string, Kept>): State {
  const copies: State = new Map();
  for (const [name, kept] of collections) {
    copies.set(name, {
      key: kept.key,
      base: new Map(kept.base),
      bodies: new Map(kept.bodies),
      intents: new Map(kept.intents),
      outcomes: new Map(kept.outcomes),
      sides: { a: { ...kept.sides.a }, b: { ...kept.sides.b } },
      attic: [...kept.attic],
      properties: kept.properties,
      forgotten: kept.forgotten,
    });
  }
  return copies;
}

function collectionStatus(
  key: CollectionKey,
  read: () => State,
  write: (apply: (state: State) => void) => Promise<void>,
): CollectionStatus {
  const name = nameOf(key);
  const kept = (): Kept | undefined => read().get(name);

  /** Checks what is asked before it is asked, and gives a refusal as a rejection. */
  function checked(check: () => void, apply: (kept: Kept) => void): Promise<void> {
    try {
      check();
    } catch (error) {
      return Promise.reject(error);
    }
    return write((state) => {
      const known = state.get(name) ?? emptyCollection(key);
      known.forgotten = false;
      apply(known);
      state.set(name, known);
    });
  }

  return {
    cursor: (side) => Promise.resolve(kept()?.sides[side].cursor),
    view: (side) => Promise.resolve(kept()?.sides[side].view),
    size: () => Promise.resolve(kept()?.base.size ?? 0),
    known: (side, hrefs) => Promise.resolve(knownOf(kept()?.base, side, hrefs)),
    observations: (side) => Promise.resolve(kept()?.sides[side].observations ?? []),
    base(idents) {
      const found = new Map<Ident, BaseItem>();
      for (const ident of idents) {
        const item = kept()?.base.get(ident);
        if (item !== undefined) found.set(ident, item);
      }
      return Promise.resolve(found);
    },
    baseBody: (ident, side) => Promise.resolve(kept()?.bodies.get(ident)?.[side]),
    openIntents: () => Promise.resolve([...(kept()?.intents.values() ?? [])].sort(byId)),
    nextIntent() {
      const known = kept();
      const ids = [...(known?.intents.keys() ?? []), ...(known?.outcomes.keys() ?? [])];
      return Promise.resolve(ids.reduce((last, id) => Math.max(last, id), 0) + 1);
    },
    begin(intents) {
      if (intents.length === 0) return Promise.resolve();
      return checked(() => checkIntents(intents), (known) => begin(known, intents));
    },
    settle(settlements) {
      if (settlements.length === 0) return Promise.resolve();
      return checked(() => checkSettlements(settlements), (known) => settle(known, settlements));
    },
    conclude(sides) {
      const conclusions = SIDES.flatMap((side) => sides[side] ?? []);
      return checked(() => conclusions.forEach(checkConclusion), (known) => {
        for (const side of SIDES) {
          const conclusion = sides[side];
          if (conclusion !== undefined) conclude(known, side, conclusion);
        }
      });
    },
    properties: () => Promise.resolve(kept()?.properties ?? new Map()),
    setProperties(values) {
      if (values.size === 0) return Promise.resolve();
      return checked(() => {}, (known) => {
        known.properties = new Map([...known.properties, ...values]);
      });
    },
    forget() {
      if (kept() === undefined) return Promise.resolve();
      return checked(() => {}, (known) => {
        known.base.clear();
        known.bodies.clear();
        for (const intent of known.intents.values()) {
          known.outcomes.set(intent.id, {
            intent: intent.id,
            outcome: "left",
            reason: "the collections are no longer kept in step",
          });
        }
        known.intents.clear();
        for (const side of SIDES) conclude(known, side, { observations: [] });
        known.properties = new Map();
        known.forgotten = true;
      });
    },
  };
}

const byId = (one: Intent, other: Intent): number => one.id - other.id;

const emptyCollection = (key: CollectionKey): Kept => ({
  key,
  base: new Map(),
  bodies: new Map(),
  intents: new Map(),
  outcomes: new Map(),
  sides: { a: { observations: [] }, b: { observations: [] } },
  attic: [],
  properties: new Map(),
  forgotten: false,
});

function knownOf(
  base: ReadonlyMap<Ident, BaseItem> | undefined,
  side: Side,
  hrefs: readonly Href[] | undefined,
): ReadonlyMap<Href, Known> {
  const wanted = hrefs === undefined ? undefined : new Set(hrefs);
  const known = new Map<Href, Known>();
  for (const { ident, sides } of base?.values() ?? []) {
    const { href, etag, digest, flags } = sides[side];
    if (wanted?.has(href) ?? true) known.set(href, { href, etag, ident, digest, flags });
  }
  return known;
}

/** All of them or none. */
function begin(known: Kept, intents: readonly Intent[]): void {
  const attic: MemoryAtticEntry[] = [];
  for (const intent of intents) {
    if (known.intents.has(intent.id) || known.outcomes.has(intent.id)) {
      throw fault(`begin an intent with the id ${intent.id}, which is taken`);
    }
    if (intent.attic === undefined) continue;
    const bytes = intent.attic === "base"
      ? known.bodies.get(intent.ident)?.[intent.on]
      : intent.attic;
    if (bytes === undefined) {
      throw fault("begin an effect on an item whose bytes the base does not hold");
    }
    attic.push({ key: known.key, intent, bytes });
  }
  for (const { attic: _kept, ...intent } of intents) known.intents.set(intent.id, intent);
  known.attic.push(...attic);
}

/** All of them or none. */
function settle(known: Kept, settlements: readonly Settlement[]): void {
  for (const { intent } of settlements) {
    if (intent !== undefined && !known.intents.has(intent)) {
      throw fault(`settle the intent ${intent}, which is not open`);
    }
  }
  for (const settlement of settlements) {
    if (settlement.intent !== undefined) {
      known.intents.delete(settlement.intent);
      known.outcomes.set(settlement.intent, settlement);
    }
    if (settlement.move !== undefined) move(known, settlement.move);
  }
}

function move(known: Kept, move: BaseMove): void {
  if (move.kind === "forget") {
    known.base.delete(move.ident);
    known.bodies.delete(move.ident);
    return;
  }
  const { item, bodies } = move;
  const before = known.base.get(item.ident);
  const kept: Partial<Record<Side, Uint8Array>> = {};
  for (const side of SIDES) {
    // What says the same is as good to merge with: it stays where no newer bytes are at hand.
    const same = before?.sides[side].digest === item.sides[side].digest;
    const bytes = bodies[side] ?? (same ? known.bodies.get(item.ident)?.[side] : undefined);
    if (bytes !== undefined) kept[side] = bytes;
  }
  known.base.delete(item.ident);
  known.base.set(item.ident, item);
  known.bodies.set(item.ident, kept);
}

function conclude(known: Kept, side: Side, { cursor, view, observations }: SideConclusion): void {
  const left = known.sides[side];
  delete left.cursor;
  delete left.view;
  if (view !== undefined) left.view = view;
  if (cursor !== undefined) left.cursor = cursor;
  left.observations = observations.map((seen) =>
    seen.state === "unreadable" ? { ...seen, reason: cleanReason(seen.reason) } : seen
  );
}
