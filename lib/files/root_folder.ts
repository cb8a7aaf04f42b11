/** The folder that a storage of files lies in. */

import { SyncError } from "../model/error.ts";
import { codeOf, fileError } from "./file_error.ts";

export interface FoldersSeen {
  realPath(path: string): string;
  isFolder(path: string): boolean;
}

/**
 * Its real path, without links. Throws `missing` with scope `storage` where it is not there or is no
 * folder: a disk that is not mounted is no empty storage (rule 4).
 * @param otherwise What to do where something else than a folder is there.
 */
export function rootFolder(disk: FoldersSeen, path: string, otherwise?: string): string {
  try {
    const root = disk.realPath(path);
    if (disk.isFolder(root)) return root;
  } catch (thrown) {
    const code = codeOf(thrown);
    if (code !== "ENOENT" && code !== "ENOTDIR") throw fileError(thrown, "storage", path);
    throw new SyncError(`${path} is not there`, {
      scope: "storage",
      kind: "missing",
      hint: "Create the folder, or mount the disk that it lies on.",
      cause: thrown,
    });
  }
  throw new SyncError(`${path} is not a folder`, {
    scope: "storage",
    kind: "missing",
    ...(otherwise === undefined ? {} : { hint: otherwise }),
  });
}
