import { codeOf } from "../../lib/files/file_error.ts";
import type { Files } from "../../lib/files/files.ts";
import { isTemporaryName } from "../../lib/files/names.ts";
import type { Folder } from "./folder.ts";

/** A temporary file lives for moments; one this old belongs to a run that was killed. */
const LEFT_OVER_MS = 60 * 60 * 1000;

/**
 * Removes the temporary files that a killed run of ours left behind: those with our name for them
 * and that are older than an hour, no others. What cannot be removed stays for a later run, as it
 * is in nobody's way; only a folder that was swapped throws.
 */
export function removeLeftovers(files: Files, folder: Folder): void {
  folder.look();
  try {
    for (const name of files.names(folder.path)) {
      if (!isTemporaryName(name)) continue;
      const { kind, mtime } = files.stat(folder.at(name));
      if (kind === "file" && files.now() - mtime > LEFT_OVER_MS) files.remove(folder.at(name));
    }
  } catch (thrown) {
    if (codeOf(thrown) === undefined) throw thrown;
  }
}
