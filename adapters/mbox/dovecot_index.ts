/** The indexes that Dovecot keeps beside a mailbox. They are its own and can be made anew. */

import { join } from "node:path";
import { codeOf, fileError } from "../../lib/files/file_error.ts";
import type { Disk } from "./disk.ts";

/**
 * Removes them. Dovecot takes a mail with a UID that it knows to be gone, or that it had passed over,
 * for one that came back by accident, and numbers it and all behind it anew: unless it knows nothing.
 * What is lost by it are things that are in the index only, such as modification sequences.
 */
export function dropIndexes(disk: Disk, folder: string): void {
  try {
    for (const name of namesIn(disk, folder)) {
      if (name.startsWith("dovecot.index")) disk.remove(join(folder, name));
    }
  } catch (thrown) {
    throw fileError(thrown, "collection", folder);
  }
}

/** The same, and the folder with them, of a mailbox that is no more. What else is there stays. */
export function forgetIndexes(disk: Disk, folder: string): void {
  try {
    for (const name of namesIn(disk, folder)) {
      if (name.startsWith("dovecot.index")) disk.remove(join(folder, name));
    }
    disk.remove(folder);
  } catch (thrown) {
    // It is in nobody's way: Dovecot sees that it is of another mailbox.
    if (codeOf(thrown) === undefined) throw thrown;
  }
}

function namesIn(disk: Disk, folder: string): readonly string[] {
  try {
    return disk.names(folder);
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT") return [];
    throw thrown;
  }
}
