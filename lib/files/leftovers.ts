import { join } from "node:path";
import { codeOf } from "./file_error.ts";
import type { Files } from "./files.ts";
import { isTemporaryName } from "./names.ts";

/** A temporary file lives for moments; one this old belongs to a run that was killed. */
const LEFT_OVER_MS = 60 * 60 * 1000;

/**
 * Removes the temporary files that a killed run of ours left behind: those with our name for them
 * and that are older than an hour, no others. What cannot be removed stays for a later run, as it
 * is in nobody's way.
 */
export function removeLeftovers(files: Files, folder: string): void {
  try {
    for (const name of files.names(folder)) {
      if (!isTemporaryName(name)) continue;
      const { kind, mtime } = files.stat(join(folder, name));
      if (kind === "file" && files.now() - mtime > LEFT_OVER_MS) files.remove(join(folder, name));
    }
  } catch (thrown) {
    if (codeOf(thrown) === undefined) throw thrown;
  }
}
