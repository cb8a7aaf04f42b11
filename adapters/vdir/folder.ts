/** The folders of a vdir, found anew for each call and looked at again before they are trusted. */

import { join } from "node:path";
import { codeOf, fileError } from "../../lib/files/file_error.ts";
import { rootFolder } from "../../lib/files/root_folder.ts";
import type { Files, Stat } from "../../lib/files/files.ts";
import { SyncError } from "../../lib/model/error.ts";
import type { Collection } from "../../lib/model/storage.ts";
import { isCollectionName } from "./names.ts";

/** A collection's folder, as it was when it was opened. */
export interface Folder {
  readonly path: string;
  /** The path of a file in it. */
  at(name: string): string;
  /**
   * Looks whether the path still leads to the same folder, and throws where it does not. So a
   * folder that is swapped for a link between two looks is noticed before what was read from it is
   * given away, and before what was written in it gets its name.
   */
  look(): Stat;
}

/** The real path of the storage itself. Throws `missing` where it is not there or is no folder. */
export const rootOf = (files: Files, path: string): string =>
  rootFolder(
    {
      realPath: (path) => files.realPath(path),
      isFolder: (path) => files.stat(path).kind === "folder",
    },
    path,
    "A vdir is a folder of folders: give the path of the outer one.",
  );

/** Throws `missing` where the collection is not there, and `refused` where it is a link. */
export function openFolder(files: Files, storagePath: string, collection: Collection): Folder {
  const root = rootOf(files, storagePath);
  const path = join(root, collection.href);
  const missing = (message: string, cause?: unknown) =>
    new SyncError(message, { scope: "collection", kind: "missing", cause });
  if (!isCollectionName(collection.href) || path !== collection.identity) {
    throw missing(`${collection.identity} is not in ${root}`);
  }
  const stat = (): Stat => {
    try {
      return files.stat(path);
    } catch (thrown) {
      const code = codeOf(thrown);
      if (code === "ENOENT" || code === "ENOTDIR") throw missing(`${path} is not there`, thrown);
      throw fileError(thrown, "collection", path);
    }
  };
  const opened = stat();
  if (opened.kind === "link") {
    throw new SyncError(`${path} is a symbolic link, and links are not followed`, {
      scope: "collection",
      kind: "refused",
      hint: "Put the folder itself in its place, or make what it leads to a storage of its own.",
    });
  }
  if (opened.kind !== "folder") throw missing(`${path} is not a folder`);
  return {
    path,
    at: (name) => join(path, name),
    look: () => {
      const now = stat();
      if (now.kind === "folder" && now.ino === opened.ino && now.dev === opened.dev) return now;
      throw new SyncError(`${path} was replaced in the middle of the run`, {
        scope: "collection",
        kind: "refused",
        retry: true,
      });
    },
  };
}
