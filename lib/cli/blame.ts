/** Remembers which storage an error came from, so that it can be named where the error is shown. */

import type { StorageName } from "../model/names.ts";
import type { Storage } from "../model/storage.ts";

const blamed = new WeakMap<Error, StorageName>();

/** The storage that threw this, if one did. */
export function storageBlamedFor(thrown: unknown): StorageName | undefined {
  return thrown instanceof Error ? blamed.get(thrown) : undefined;
}

/** The same storage; what it throws is remembered. */
export function withBlame(storage: Storage): Storage {
  const { name, capabilities, renameCollection, renumber } = storage;
  const blame = (thrown: unknown): never => {
    if (thrown instanceof Error && !blamed.has(thrown)) blamed.set(thrown, name);
    throw thrown;
  };
  async function* each<T>(values: AsyncIterable<T>): AsyncGenerator<T> {
    try {
      yield* values;
    } catch (thrown) {
      blame(thrown);
    }
  }
  return {
    name,
    capabilities,
    check: (...args) => storage.check(...args).catch(blame),
    collections: (...args) => storage.collections(...args).catch(blame),
    createCollection: (...args) => storage.createCollection(...args).catch(blame),
    deleteCollection: (...args) => storage.deleteCollection(...args).catch(blame),
    setProperty: (...args) => storage.setProperty(...args).catch(blame),
    hrefFor: (...args) => storage.hrefFor(...args),
    changes: (...args) => each(storage.changes(...args)),
    fetch: (...args) => each(storage.fetch(...args)),
    apply: (...args) => each(storage.apply(...args)),
    watch: (...args) => each(storage.watch(...args)),
    close: () => storage.close().catch(blame),
    ...(storage.localId === undefined ? {} : { localId: storage.localId }),
    ...(renameCollection === undefined
      ? {}
      : { renameCollection: (...args) => renameCollection.call(storage, ...args).catch(blame) }),
    ...(renumber === undefined
      ? {}
      : { renumber: (...args) => renumber.call(storage, ...args).catch(blame) }),
    ...(storage.view === undefined ? {} : { view: storage.view }),
    ...(storage.reread === undefined ? {} : { reread: storage.reread }),
    ...(storage.holds === undefined
      ? {}
      : { holds: (identity) => storage.holds?.(identity) ?? true }),
  };
}
