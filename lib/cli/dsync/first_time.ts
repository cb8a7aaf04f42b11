/**
 * The first time, a location that is not there yet is made, as dsync makes it. Later on, that it is
 * not there is a fault: a disk that is not mounted, more likely than a wish.
 */

import type { PairConfig } from "../../config/config.ts";
import type { Resolved, ResolvedStorage } from "../../config/secrets.ts";
import { SyncError } from "../../model/error.ts";
import type { Storage } from "../../model/storage.ts";
import { type Opened, openPairStatus } from "../open.ts";

/** As long as nothing is known of the two, a place that is not there yet is made. */
export async function withPlaces(
  opened: Opened,
  resolved: Resolved,
  chosen: PairConfig,
): Promise<Opened> {
  const status = await openPairStatus(resolved, chosen.name, "read-only");
  const known = await status.collections();
  await status.close();
  if (known.length > 0) return opened;
  const { a, b } = opened.sides(chosen);
  const there = await Promise.all([a, b].map((it) => isThere(resolved.storages.get(it.name))));
  // Where neither is, there is a mistake in their names.
  if (!there.includes(true)) return opened;
  const made = (storage: Storage): Storage => {
    const config = resolved.storages.get(storage.name);
    return config?.type === "maildir" || config?.type === "mbox"
      ? withPlaceMade(storage, config.path)
      : storage;
  };
  return {
    ...opened,
    sides(pair) {
      const { a, b } = opened.sides(pair);
      return { a: a.capabilities.readOnly ? a : made(a), b: made(b) };
    },
  };
}

/** Of a server that is found out when it is asked. */
async function isThere(config: ResolvedStorage | undefined): Promise<boolean> {
  if (config === undefined || !("path" in config)) return true;
  try {
    await Deno.stat(config.path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    // Whoever opens it says why it cannot be looked at.
    return true;
  }
}

/**
 * A storage of files whose folder need not be there: it has no collections then, and is made with
 * the first of them.
 * @param path The folder.
 */
function withPlaceMade(storage: Storage, path: string): Storage {
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
