/** Where the files are: a folder, and what their names look like. */

import { basename, dirname, join } from "node:path";
import { codeOf, fileError } from "../../lib/files/file_error.ts";
import type { Files } from "../../lib/files/files.ts";
import { isTemporaryName, unfitForFolder } from "../../lib/files/names.ts";
import { SyncError } from "../../lib/model/error.ts";
import { type CollectionId, collectionId, type Href, href } from "../../lib/model/names.ts";
import type { Collection } from "../../lib/model/storage.ts";

/** Stands for the id of a collection in a path. */
const PLACEHOLDER = "%s";

export interface Places {
  /** The folder of all files. */
  readonly folder: string;
  /** The id of the collection in the file of this name; none if the file is none of them. */
  idOf(name: string): CollectionId | undefined;
  /** The name of the file for this id. Throws {@linkcode SyncError} where there can be none. */
  nameFor(id: CollectionId): string;
}

/**
 * Reads a path. With a `%s` in its file name, it stands for as many files as there are; without, for
 * one, whose collection is called `only`, or else like the file without what its name ends in. Throws
 * `RangeError` for a `%s` in a folder's name, or a second one.
 */
export function readPlaces(path: string, only: string | undefined): Places {
  const folder = dirname(path);
  const name = basename(path);
  const [prefix = "", suffix, ...more] = name.split(PLACEHOLDER);
  if (folder.includes(PLACEHOLDER) || more.length > 0) {
    throw new RangeError(
      `Cannot open a storage of single files: %s may stand once, in the file's name: ${path}`,
    );
  }
  if (suffix === undefined) return onePlace(folder, name, only);
  return {
    folder,
    idOf: (name) => {
      const long = name.length > prefix.length + suffix.length;
      if (!long || !name.startsWith(prefix) || !name.endsWith(suffix)) return undefined;
      // What begins with a dot is not for us, unless it was asked for by such a path.
      if ((name.startsWith(".") && prefix === "") || isTemporaryName(name)) return undefined;
      return collectionId(name.slice(prefix.length, name.length - suffix.length));
    },
    nameFor: (id) => {
      const unfit = unfitForFolder(id);
      if (unfit !== undefined) {
        throw new SyncError(
          `no file can be named after the collection ${JSON.stringify(id)}: ${unfit}`,
          {
            scope: "collection",
            kind: "refused",
            hint: "Map it to another id in the configuration.",
          },
        );
      }
      return `${prefix}${id}${suffix}`;
    },
  };
}

function onePlace(folder: string, file: string, only: string | undefined): Places {
  const id = collectionId(only ?? (file.replace(/(?<=.)\.[^.]*$/, "")));
  return {
    folder,
    idOf: (name) => name === file ? id : undefined,
    nameFor: (wanted) => {
      if (wanted === id) return file;
      throw new SyncError(`this storage is one file, for the collection ${JSON.stringify(id)}`, {
        scope: "collection",
        kind: "refused",
        hint: "Write %s into its path to have a file for each collection.",
      });
    },
  };
}

/** The folder's real path. Throws `missing` where it is not there. */
export function rootOf(files: Files, { folder }: Places): string {
  try {
    return files.realPath(folder);
  } catch (thrown) {
    const code = codeOf(thrown);
    if (code !== "ENOENT" && code !== "ENOTDIR") throw fileError(thrown, "storage", folder);
    throw new SyncError(`${folder} is not there`, {
      scope: "storage",
      kind: "missing",
      hint: "Create the folder, or mount the disk that it lies on.",
      cause: thrown,
    });
  }
}

export function listCollections(files: Files, places: Places): Collection[] {
  const root = rootOf(files, places);
  let names: readonly string[];
  try {
    names = files.names(root);
  } catch (thrown) {
    throw fileError(thrown, "storage", root);
  }
  return names.toSorted().flatMap((name) => {
    const id = places.idOf(name);
    return id === undefined || !isFile(files, join(root, name)) ? [] : collectionAt(root, name, id);
  });
}

/** A link, which may lead to one, is listed too: listing its items says what is wrong with it. */
function isFile(files: Files, path: string): boolean {
  try {
    const { kind } = files.stat(path);
    return kind === "file" || (kind === "link" && files.linkedKind(path) !== "folder");
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT") return false;
    throw fileError(thrown, "storage", path);
  }
}

export function collectionAt(root: string, name: string, id: CollectionId): Collection {
  return { id, href: href(name), identity: join(root, name), properties: {} };
}

/** The path of a collection's file. Throws `missing` where it is none of this storage. */
export function pathOf(files: Files, places: Places, collection: Collection): string {
  const path = join(rootOf(files, places), collection.href);
  if (places.idOf(collection.href) !== undefined && path === collection.identity) return path;
  throw gone(collection.identity);
}

/** Which of this storage's collections the file of this name is, if any. */
export function hrefOf(places: Places, name: string): readonly Href[] {
  return places.idOf(name) === undefined ? [] : [href(name)];
}

export function gone(path: string, cause?: unknown): SyncError {
  return new SyncError(`${path} is not there`, { scope: "collection", kind: "missing", cause });
}
