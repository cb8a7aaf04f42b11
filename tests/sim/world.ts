/** The storages of a simulation, their pairs, and the hands of their users. */

import { createMemory, type Memory, type Stored } from "../../adapters/memory/mod.ts";
import { localName } from "../../lib/model/local_name.ts";
import { collectionId, href, pairName, type Side } from "../../lib/model/names.ts";
import { PLAIN_POLICY, type Policy } from "../../lib/model/run.ts";
import type { Edit, Schedule, Setting, Shape } from "./schedule.ts";
import { GARBAGE, IDENTS, readItem, textOf, withAddition, withNoise } from "./text.ts";

export interface Store {
  readonly at: number;
  readonly name: string;
  readonly shape: Shape;
  readonly memory: Memory;
  /** What a collection held when it was taken away. */
  readonly stash: Map<string, readonly Stored[]>;
}

export interface Pair {
  readonly name: string;
  readonly stores: Readonly<Record<Side, Store>>;
  readonly policy: Policy;
}

export interface World {
  readonly setting: Setting;
  readonly stores: readonly Store[];
  readonly pairs: readonly Pair[];
  readonly collections: readonly string[];
}

export function newWorld({ setting }: Schedule): World {
  const collections = ["work", "home"].slice(0, setting.collections);
  const stores = setting.stores.map((shape, at) => newStore(shape, at, setting, collections));
  const [hub, ...others] = stores;
  if (hub === undefined) throw new RangeError("a world needs storages");
  const policy: Policy = {
    ...PLAIN_POLICY,
    // The truth that runs are held to knows neither limit.
    maxDelete: undefined,
    onDelete: "skip",
    onEmpty: setting.onEmpty,
    collections: {
      fromA: setting.from !== "ids",
      fromB: setting.from === "both",
      ids: setting.from === "ids" ? collections.map(collectionId) : [],
    },
  };
  const pairs = others.map((other) => ({
    name: pairName(`${hub.name}-${other.name}`),
    stores: { a: hub, b: other },
    policy,
  }));
  return { setting, stores, pairs, collections };
}

function newStore(
  shape: Shape,
  at: number,
  setting: Setting,
  collections: readonly string[],
): Store {
  const name = `s${at}`;
  const rewrite = rewriting(shape, name);
  const memory = createMemory({
    name,
    kind: setting.kind,
    readOnly: shape.readOnly,
    listsChanges: shape.cursors,
    read: readItem,
    rewrite: (bytes) => new TextEncoder().encode(rewrite(new TextDecoder().decode(bytes))),
    etagOnWrite: !keepsSilent({ shape }),
    restlessEtags: shape.etags === "restless",
    listsTwice: shape.twice,
    assignsHrefs: shape.assigns,
    batch: shape.batch === 0 ? Infinity : shape.batch,
  });
  // The first storage has all collections, and any other only the first of them: the rest is made.
  for (const id of at === 0 ? collections : collections.slice(0, 1)) memory.add(id);
  return { at, name, shape, memory, stash: new Map() };
}

/**
 * Whether it answers a write without an etag: also a server that stores something else than it was
 * given (RFC 4791, section 5.3.4).
 */
export const keepsSilent = ({ shape }: Pick<Store, "shape">): boolean =>
  shape.etags === "not given" || shape.rewrites === "content";

const rewriting = ({ rewrites }: Shape, name: string) => (text: string): string =>
  rewrites === "noise"
    ? withNoise(text, name)
    : rewrites === "content"
    ? withAddition(text, name)
    : text;

export const hasCollection = (store: Store, id: string): boolean =>
  store.memory.collections().some((it) => it.id === id);

/** The items of a collection; none where it is not there. */
export const itemsOf = (store: Store, id: string): readonly Stored[] =>
  hasCollection(store, id) ? [...store.memory.items(id).values()] : [];

/** What a user does, or nothing where it makes no sense. `unique` is a number never given before. */
export function edit(world: World, what: Edit, unique: () => number): Store {
  const store = pick(world.stores, what.s);
  const id = pick(world.collections, what.c);
  if (what.do === "put everywhere") {
    for (const it of world.stores) {
      if (hasCollection(it, id)) change(it, id, { ...what, do: "put" }, unique);
    }
  } else if (what.do === "foresee") foresee(world, store, id, what);
  else if (hasCollection(store, id)) change(store, id, what, unique);
  else bringBack(store, id, what);
  return store;
}

/** Somebody puts there what another storage has, under the very name that a copy would get. */
function foresee(world: World, store: Store, id: string, what: Edit): void {
  const uid = pick(IDENTS, what.i);
  const elsewhere = world.stores.flatMap((it) => it === store ? [] : itemsOf(it, id));
  const theirs = elsewhere.find((it) => textIn(it).startsWith(`UID:${uid}\n`));
  if (theirs === undefined || !hasCollection(store, id)) return;
  const text = what.v % 2 === 0 ? textIn(theirs) : textOf(uid, what.v % 3);
  const flags = what.v % 4 === 0 ? theirs.flags : [];
  store.memory.put(id, localName(uid, 0), text, { flags });
}

function change(store: Store, id: string, what: Edit, unique: () => number): void {
  const { memory } = store;
  const uid = pick(IDENTS, what.i);
  const other = pick(IDENTS, what.j);
  const items = itemsOf(store, id);
  const mine = items.find((it) => textIn(it).startsWith(`UID:${uid}\n`));
  const put = (at: string, text: string, flags = mine?.flags ?? []) =>
    memory.put(id, at, rewriting(store.shape, store.name)(text), { flags });
  const home = mine?.href ?? `${store.name}-${localName(uid, 0)}`;
  switch (what.do) {
    case "put":
      return void put(home, textOf(uid, what.v % 3));
    case "put unique":
      return void put(home, textOf(uid, `u${unique()}`));
    case "delete":
      return void memory.remove(id, mine?.href ?? items[what.j % 4]?.href ?? "");
    case "move":
    case "copy": {
      if (mine === undefined) return;
      const free = [`to-${what.j}`, `to-${what.v}`].find((at) => !memory.items(id).has(href(at)));
      if (free === undefined) return;
      memory.put(id, free, textIn(mine), { flags: mine.flags });
      if (what.do === "move") memory.remove(id, mine.href);
      return;
    }
    case "change uid":
      return mine === undefined ? undefined : void put(mine.href, textOf(other, what.v % 3));
    case "take name":
      return void put(localName(other, 0), textOf(uid, what.v % 3));
    case "put without uid":
      return void put(`plain-${what.j}`, textOf(undefined, what.v % 3));
    case "touch":
      return mine === undefined ? undefined : void put(mine.href, textIn(mine));
    case "hide":
      return mine === undefined ? undefined : memory.setUnreadable(id, mine.href, true);
    case "show":
      for (const it of items) {
        if (it.unreadable !== undefined) memory.setUnreadable(id, it.href, false);
        if (textIn(it) === GARBAGE) memory.remove(id, it.href);
      }
      return;
    case "spoil":
      return mine === undefined ? undefined : void memory.put(id, mine.href, GARBAGE);
    case "stranger":
      return void memory.put(id, what.v % 2 === 0 ? `odd-${what.j}` : localName(other, 0), GARBAGE);
    case "clear":
      return memory.clear(id);
    case "expire":
      return memory.expireCursors(id);
    case "drop":
      store.stash.set(id, items);
      return memory.drop(id);
    case "point elsewhere":
      return memory.setIdentity(id, `memory:${store.name}/${id}#${unique()}`);
    case "foresee":
    case "put everywhere":
    case "bring back":
    case "make anew":
      return;
  }
}

function bringBack(store: Store, id: string, what: Edit): void {
  if (what.do !== "bring back" && what.do !== "make anew") return;
  store.memory.add(id);
  if (what.do === "make anew") return;
  for (const { href, etag, flags, ...it } of store.stash.get(id) ?? []) {
    store.memory.put(id, href, textIn(it), { flags, etag });
  }
}

export const textIn = ({ bytes }: Pick<Stored, "bytes">): string => new TextDecoder().decode(bytes);

export function pick<T>(all: readonly T[], n: number): T {
  const it = all[n % all.length];
  if (it === undefined) throw new RangeError("nothing to pick from");
  return it;
}
