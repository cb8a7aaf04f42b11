/**
 * The first time, a location that is not there yet is made, as dsync makes it. Later on, that it is
 * not there is a fault: a disk that is not mounted, more likely than a wish.
 */

import { SyncError } from "../../model/error.ts";
import type { Storage } from "../../model/storage.ts";

/**
 * A storage of files whose folder need not be there: it has no collections then, and is made with
 * the first of them.
 * @param path The folder.
 */
export function withPlaceMade(storage: Storage, path: string): Storage {
  const made = async <T>(run: () => Promise<T>): Promise<T> => {
    await Deno.mkdir(path, { recursive: true, mode: 0o700 });
    return await run();
  };
  return {
    ...storage,
    async check(signal) {
      await orNothing(() => storage.check(signal));
    },
    collections: async (signal) => await orNothing(() => storage.collections(signal)) ?? [],
    createCollection: (id, properties, signal, components) =>
      made(() => storage.createCollection(id, properties, signal, components)),
  };
}

async function orNothing<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (thrown) {
    const isMissing = thrown instanceof SyncError && thrown.scope === "storage" &&
      thrown.kind === "missing";
    if (isMissing) return undefined;
    throw thrown;
  }
}
