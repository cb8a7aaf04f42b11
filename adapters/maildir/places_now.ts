/** Where a Maildir lies at this moment. */

import { codeOf, fileError } from "../../lib/files/file_error.ts";
import { SyncError } from "../../lib/model/error.ts";
import type { Disk } from "./disk.ts";
import type { LayoutName, Places } from "./layout.ts";

/** The paths as the configuration has them. */
export interface GivenPlaces {
  readonly path: string;
  readonly inbox?: string;
  readonly control?: string;
  readonly index?: string;
}

/** The folders as they are now, without links. Throws `missing` where there is no such Maildir. */
export function placesNow(disk: Disk, layout: LayoutName, options: GivenPlaces): Places {
  const root = rootOf(disk, options.path);
  const real = (path: string) => {
    try {
      return disk.realPath(path);
    } catch (thrown) {
      if (codeOf(thrown) === "ENOENT") return path;
      throw fileError(thrown, "storage", path);
    }
  };
  return {
    root,
    layout,
    inbox: options.inbox === undefined ? root : real(options.inbox),
    control: options.control === undefined ? undefined : real(options.control),
    index: options.index === undefined ? undefined : real(options.index),
  };
}

function rootOf(disk: Disk, path: string): string {
  try {
    const root = disk.realPath(path);
    if (disk.stat(root).kind === "folder") return root;
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
  throw new SyncError(`${path} is not a folder`, { scope: "storage", kind: "missing" });
}
