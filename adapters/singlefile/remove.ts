/** Deleting the file of a collection, in the version in which it was seen to be empty. */

import { dirname, join } from "node:path";
import { etagOf } from "../../lib/files/etag.ts";
import type { Files } from "../../lib/files/files.ts";
import { temporaryName } from "../../lib/files/names.ts";
import { discard, placeNew, statOf } from "../../lib/files/place.ts";
import { SyncError } from "../../lib/model/error.ts";
import type { Etag } from "../../lib/model/names.ts";

/**
 * Deletes the file if it still is of this version, and throws `refused` where somebody has written
 * to it. POSIX has no call that does that. So the file first gets a name at which nobody else looks:
 * what is there then is either what was seen, or is put back.
 */
export function removeVersion(files: Files, path: string, version: Etag): void {
  const temporary = join(dirname(path), temporaryName());
  files.rename(path, temporary);
  try {
    const now = statOf(files, temporary);
    if (now?.kind !== "file" || etagOf(now) !== version) {
      throw new SyncError(`something was added to ${path} while it was to be deleted`, {
        scope: "collection",
        kind: "refused",
        retry: true,
      });
    }
    files.remove(temporary);
  } catch (thrown) {
    putBack(files, temporary, path);
    throw thrown;
  }
}

/**
 * Where the name has been taken meanwhile, a program has replaced the file, and with it what we have
 * in our hands: just as if we had not been there.
 */
function putBack(files: Files, temporary: string, path: string): void {
  placeNew(files, temporary, path);
  if (statOf(files, path) !== undefined) discard(files, temporary);
}
