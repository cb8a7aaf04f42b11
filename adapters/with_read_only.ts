import { SyncError } from "../lib/model/error.ts";
import type { Storage } from "../lib/model/storage.ts";

/**
 * The same storage with nothing to write: its capabilities say so, and whoever writes all the same
 * is refused before the storage hears of it.
 */
export function withReadOnly(storage: Storage): Storage {
  const refused = () =>
    new SyncError(`${storage.name} is read-only`, { scope: "storage", kind: "refused" });
  const { renameCollection, renumber } = storage;
  return {
    ...storage,
    ...(renameCollection === undefined
      ? {}
      : { renameCollection: () => Promise.reject(refused()) }),
    ...(renumber === undefined ? {} : { renumber: () => Promise.reject(refused()) }),
    capabilities: { ...storage.capabilities, readOnly: true },
    createCollection: () => Promise.reject(refused()),
    deleteCollection: () => Promise.reject(refused()),
    setProperty: () => Promise.reject(refused()),
    async *apply(_collection, actions, signal) {
      for await (const { id } of actions) {
        if (signal.aborted) return;
        yield { id, outcome: "failed", error: refused() };
      }
    },
  };
}
