/** Gives files their names: the steps of writing that more than one storage takes. */

import { codeOf } from "./file_error.ts";
import type { Files, Stat } from "./files.ts";

/** Gives the temporary file its name too; says whether the name was free. */
export function placeNew(files: Files, temporary: string, path: string): boolean {
  try {
    files.link(temporary, path);
    return true;
  } catch (thrown) {
    const code = codeOf(thrown) ?? "";
    if (code === "EEXIST") return false;
    if (!NO_LINKS.has(code)) throw thrown;
    // FAT and some network disks know no links. There, too, microseconds remain between the look
    // and the renaming.
    if (statOf(files, path) !== undefined) return false;
    files.rename(temporary, path);
    return true;
  }
}

const NO_LINKS: ReadonlySet<string> = new Set([
  "EPERM",
  "EACCES",
  "ENOTSUP",
  "EOPNOTSUPP",
  "ENOSYS",
  "EMLINK",
]);

/** Removes a temporary file. If that fails it stays until a later run finds it: it harms nobody. */
export function discard(files: Files, temporary: string): void {
  try {
    files.remove(temporary);
  } catch (thrown) {
    if (codeOf(thrown) === undefined) throw thrown;
  }
}

/** What stands at a path, or nothing where nothing does. */
export function statOf(files: Files, path: string): Stat | undefined {
  try {
    return files.stat(path);
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT") return undefined;
    throw thrown;
  }
}
