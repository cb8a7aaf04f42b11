/** The collections of a vdir: the folders in it. */

import { join } from "node:path";
import { codeOf, fileError } from "../../lib/files/file_error.ts";
import type { Files } from "../../lib/files/files.ts";
import { isTemporaryName, unfitForFolder } from "../../lib/files/names.ts";
import { SyncError } from "../../lib/model/error.ts";
import { type CollectionId, collectionId, href } from "../../lib/model/names.ts";
import type { Collection, Properties, PropertyName } from "../../lib/model/storage.ts";
import { type Folder, openFolder, rootOf } from "./folder.ts";
import { normalised, PROPERTY_NAMES, readProperties, writeProperty } from "./metadata.ts";
import { isCollectionName, isItemName, type ItemNames } from "./names.ts";

/** Only the owner may look into a new collection. */
const FOLDER_MODE = 0o700;

/**
 * All collections. One that is a link to a folder, or whose properties cannot be read, is among
 * them, without properties: it is there, and listing its items says what is wrong with it.
 */
export async function listCollections(files: Files, path: string): Promise<Collection[]> {
  const root = rootOf(files, path);
  const collections: Collection[] = [];
  for (const name of namesIn(files, root).toSorted()) {
    if (!isCollectionName(name)) continue;
    const collection = collectionAt(root, name, {});
    const kind = kindOf(files, collection.identity);
    if (kind === "link") collections.push({ ...collection, unread: PROPERTY_NAMES });
    if (kind !== "folder") continue;
    collections.push({ ...collection, ...await propertiesOf(files, path, collection) });
  }
  return collections;
}

function namesIn(files: Files, root: string): readonly string[] {
  try {
    return files.names(root);
  } catch (thrown) {
    throw fileError(thrown, "storage", root);
  }
}

function collectionAt(root: string, name: string, properties: Properties): Collection {
  return { id: collectionId(name), href: href(name), identity: join(root, name), properties };
}

/** Nothing where it is none of ours: a file, a link to a file, or what went away just now. */
function kindOf(files: Files, path: string): "folder" | "link" | undefined {
  try {
    const { kind } = files.stat(path);
    if (kind === "folder") return kind;
    // A link that leads nowhere, or where we may not look, may lead to a collection one day.
    return kind === "link" && (files.linkedKind(path) ?? "folder") === "folder" ? kind : undefined;
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT") return undefined;
    throw fileError(thrown, "storage", path);
  }
}

async function propertiesOf(
  files: Files,
  path: string,
  collection: Collection,
): Promise<Pick<Collection, "properties" | "unread">> {
  try {
    return { properties: await readProperties(files, openFolder(files, path, collection)) };
  } catch (thrown) {
    if (thrown instanceof SyncError && thrown.scope === "collection") {
      return { properties: {}, unread: PROPERTY_NAMES };
    }
    throw thrown;
  }
}

/** Makes a folder of exactly the name that the id is, or refuses. */
export async function makeCollection(
  files: Files,
  storagePath: string,
  id: CollectionId,
  properties: Properties,
): Promise<Collection> {
  const root = rootOf(files, storagePath);
  const unfit = unfitForFolder(id);
  if (unfit !== undefined) {
    throw new SyncError(`no folder can be named ${JSON.stringify(id)}: ${unfit}`, {
      scope: "collection",
      kind: "refused",
      hint: "Map the collection to a name of your choice in the configuration of the pair.",
    });
  }
  const collection = collectionAt(root, id, normalised(properties));
  try {
    files.makeFolder(collection.identity, FOLDER_MODE);
  } catch (thrown) {
    throw fileError(thrown, "collection", collection.identity);
  }
  try {
    const folder = openFolder(files, storagePath, collection);
    for (const name of PROPERTY_NAMES) {
      const value = collection.properties[name];
      if (value !== undefined) await writeProperty(files, folder, name, value);
    }
    await files.syncFolder(root);
  } catch (thrown) {
    // Half a collection would be taken for a whole one whose properties somebody removed.
    for (const name of PROPERTY_NAMES) removeQuietly(files, join(collection.identity, name));
    removeQuietly(files, collection.identity);
    throw fileError(thrown, "collection", collection.identity);
  }
  return collection;
}

/** Removes what is left where something else has failed; that failure is the one to tell of. */
function removeQuietly(files: Files, path: string): void {
  try {
    files.remove(path);
  } catch (thrown) {
    if (codeOf(thrown) === undefined) throw thrown;
  }
}

/**
 * Deletes a collection that holds nothing but properties and what we left over ourselves. Anything
 * else in the folder may be somebody's only copy: it is named and nothing is removed.
 */
export async function removeCollection(
  files: Files,
  storagePath: string,
  collection: Collection,
  items: ItemNames,
): Promise<void> {
  const folder = openFolder(files, storagePath, collection);
  try {
    const properties = await readProperties(files, folder);
    const names = files.names(folder.path);
    const others = names.filter((name) => !isPropertyName(name) && !isTemporaryName(name));
    if (others.length > 0) throw notEmpty(folder, others, items);
    folder.look();
    try {
      for (const name of names) files.remove(folder.at(name));
      files.remove(folder.path);
    } catch (thrown) {
      // Somebody has put an item there meanwhile, say: the collection stays, and as it was.
      await restoreProperties(files, folder, properties, thrown);
      throw thrown;
    }
    await files.syncFolder(rootOf(files, storagePath));
  } catch (thrown) {
    throw fileError(thrown, "collection", folder.path);
  }
}

async function restoreProperties(
  files: Files,
  folder: Folder,
  properties: Properties,
  reason: unknown,
): Promise<void> {
  try {
    for (const name of PROPERTY_NAMES) {
      const value = properties[name];
      if (value !== undefined) await writeProperty(files, folder, name, value);
    }
  } catch (thrown) {
    throw new SyncError(`${folder.path} was not deleted, and has lost properties`, {
      scope: "collection",
      kind: "refused",
      cause: new AggregateError([reason, thrown]),
    });
  }
}

function isPropertyName(name: string): name is PropertyName {
  return PROPERTY_NAMES.some((property) => property === name);
}

function notEmpty(folder: Folder, names: readonly string[], itemNames: ItemNames): SyncError {
  const items = names.filter((name) => isItemName(name, itemNames)).length;
  const some = names.slice(0, 3).map((name) => JSON.stringify(name)).join(", ");
  const what = items > 0
    ? `${items} item${items === 1 ? "" : "s"}`
    : names.length > 3
    ? `${some} and others`
    : some;
  return new SyncError(`${folder.path} is not empty: it holds ${what}`, {
    scope: "collection",
    kind: "refused",
    hint: items > 0 ? "Only an empty collection is deleted." : "Move these files elsewhere.",
  });
}
