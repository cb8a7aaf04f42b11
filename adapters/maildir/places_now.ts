/** Where a Maildir lies at this moment. */

import { codeOf, fileError } from "../../lib/files/file_error.ts";
import { rootFolder } from "../../lib/files/root_folder.ts";
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

const rootOf = (disk: Disk, path: string): string =>
  rootFolder(
    {
      realPath: (path) => disk.realPath(path),
      isFolder: (path) => disk.stat(path).kind === "folder",
    },
    path,
  );
