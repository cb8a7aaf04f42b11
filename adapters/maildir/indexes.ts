/** Dovecot's own files of a mailbox. */

import { join } from "node:path";
import { codeOf, fileError } from "../../lib/files/file_error.ts";
import { type Disk, removeIfThere } from "./disk.ts";
import type { MailboxPlaces } from "./layout.ts";

const INDEX = /^dovecot\.index(?:\.|$)/;

/**
 * Removes Dovecot's index, log and cache of a mailbox. It makes them anew of what the mailbox holds;
 * all that is lost are its modification sequences. Where a mail comes back under a UID that Dovecot
 * knows as expunged, it would otherwise get a new one.
 */
export function removeIndexes(disk: Disk, places: MailboxPlaces): void {
  try {
    for (const name of namesIn(disk, places.index)) {
      if (INDEX.test(name)) removeIfThere(disk, join(places.index, name));
    }
  } catch (thrown) {
    throw fileError(thrown, "collection", places.index);
  }
}

/** The names in a folder; none where it is not there. */
export function namesIn(disk: Disk, folder: string): readonly string[] {
  try {
    return disk.names(folder);
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT") return [];
    throw thrown;
  }
}
