/** The status of another program, for the collections of an imported configuration. */

import { type CollectionId, collectionId, type PairName } from "../model/names.ts";
import type { Imported, ImportedCollection, ImportedPair } from "./imported.ts";
import { readPimsyncStatus } from "./pimsync_status.ts";
import { listVdirsyncerStatus, readVdirsyncerStatus } from "./vdirsyncer_status.ts";

/** The programs whose configuration and status are taken over. */
export type Program = "vdirsyncer" | "pimsync" | "mbsync";

/** What a program knew of a pair. */
export interface TheirPair {
  readonly pair: PairName;
  readonly collections: readonly TheirCollection[];
}

export interface TheirCollection extends ImportedCollection {
  /** What we call it. */
  readonly id: CollectionId;
}

/**
 * Everything that the other program recorded of the pairs of this configuration. A pair that it has
 * never run is left out. Throws `SyncError` where a status cannot be read.
 */
export async function readTheirStatus(
  from: Program,
  { statusPath, pairs }: Imported,
): Promise<readonly TheirPair[]> {
  if (statusPath === undefined) return [];
  const found: TheirPair[] = [];
  for (const pair of pairs) {
    const read = from === "vdirsyncer"
      ? await readVdirsyncerPair(statusPath, pair)
      : await readPimsyncStatus(`${statusPath.replace(/\/+$/, "")}/${pair.name}.status`) ?? [];
    const collections = read.flatMap((collection) => named(collection, pair));
    if (collections.length > 0) found.push({ pair: pair.name, collections });
  }
  return found;
}

async function readVdirsyncerPair(
  statusPath: string,
  { name }: ImportedPair,
): Promise<readonly ImportedCollection[]> {
  const collections: ImportedCollection[] = [];
  for (const each of await listVdirsyncerStatus(statusPath, name)) {
    const read = await readVdirsyncerStatus(statusPath, name, each);
    if (read !== undefined) collections.push(read);
  }
  return collections;
}

/** What has no name there has one here only if the configuration gave it one. */
function named(
  collection: ImportedCollection,
  { renamed }: ImportedPair,
): readonly TheirCollection[] {
  const ours = renamed.find(({ theirs }) => theirs === collection.name)?.ours;
  if (ours !== undefined) return [{ ...collection, id: ours }];
  return collection.name === null ? [] : [{ ...collection, id: collectionId(collection.name) }];
}
