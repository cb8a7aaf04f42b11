/** What users wrote and no user undid: it has to be somewhere, whatever happens. */

import { meaning } from "./text.ts";
import { type Reading, readingOf } from "./readings.ts";
import { itemsOf, type Store, type World } from "./world.ts";

export interface Estate {
  /** Lets a user do something, and keeps account of it. */
  user(run: () => void): void;
  /** How often users have changed what an item says anywhere, or made or deleted it. */
  edits(ident: string): number;
  /** The attic has it. */
  kept(id: string, reading: Reading): void;
  /** It is being written to a storage that will not say as which version it holds it. */
  unsure(store: Store, id: string, ident: string): void;
  /** Everything that was written is known now. */
  sure(): void;
  /**
   * Items that a user edited between our write and our reading it back, on a storage that gives no
   * etag: that is taken for what the storage made of our write. A known limit.
   */
  readonly absorbed: ReadonlySet<string>;
  /** What cannot be found any more. */
  lost(): readonly string[];
}

export function newEstate(world: World): Estate {
  const owed = new Set<string>();
  const attic = new Set<string>();
  const absorbed = new Set<string>();
  const edits = new Map<string, number>();
  const unsure = new Map<
    string,
    { readonly store: Store; readonly id: string; readonly ident: string }
  >();

  function* everything(): Generator<readonly [Store, string]> {
    for (const store of world.stores) {
      for (const id of world.collections) {
        for (const { bytes } of itemsOf(store, id)) {
          const reading = readingOf(bytes);
          if (reading !== undefined) yield [store, nameOf(id, reading)];
        }
      }
    }
  }
  const nameOf = (id: string, { digest }: Reading): string => `${id} ${meaning(digest)}`;

  /** The contents of each storage, by the storage. */
  function contents(): ReadonlyMap<Store, ReadonlySet<string>> {
    const found = new Map<Store, Set<string>>(world.stores.map((store) => [store, new Set()]));
    for (const [store, name] of everything()) found.get(store)?.add(name);
    return found;
  }
  /** How those items are that are not known yet. */
  const states = (): ReadonlyMap<string, string> =>
    new Map(Array.from(unsure, ([key, { store, id, ident }]) => [
      key,
      JSON.stringify(
        itemsOf(store, id).flatMap(({ bytes, flags }) => {
          const reading = readingOf(bytes);
          return reading?.ident === ident ? [reading.digest, flags] : [];
        }),
      ),
    ]));

  return {
    absorbed,

    user(run) {
      const before = contents();
      const were = states();
      run();
      const after = contents();
      const edited = new Set<string>();
      const changed = (it: string) => {
        edited.add(/UID:(.*)/.exec(it)?.[1] ?? it.slice(it.indexOf(" ") + 1));
        return it;
      };
      for (const [store, names] of before) {
        for (const it of names) if (!after.get(store)?.has(it)) owed.delete(changed(it));
      }
      for (const [store, names] of after) {
        for (const it of names) if (!before.get(store)?.has(it)) owed.add(changed(it));
      }
      for (const it of edited) edits.set(it, (edits.get(it) ?? 0) + 1);
      for (const [key, state] of states()) {
        const ident = unsure.get(key)?.ident;
        if (ident !== undefined && were.get(key) !== state) absorbed.add(ident);
      }
    },

    edits: (ident) => edits.get(ident) ?? 0,
    kept: (id, reading) => void attic.add(nameOf(id, reading)),
    unsure: (store, id, ident) =>
      void unsure.set(`${store.name} ${id} ${ident}`, { store, id, ident }),
    sure: () => unsure.clear(),

    lost() {
      const there = new Set(Array.from(everything(), ([, name]) => name));
      return [...owed].filter((it) => !there.has(it) && !attic.has(it));
    },
  };
}
