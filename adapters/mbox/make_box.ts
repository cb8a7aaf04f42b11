/** Makes mailboxes. */

import { dirname, join } from "node:path";
import { codeOf, fileError } from "../../lib/files/file_error.ts";
import type { CollectionId } from "../../lib/model/names.ts";
import type { Collection } from "../../lib/model/storage.ts";
import { pseudoMail } from "./block.ts";
import { load } from "./contents.ts";
import type { Disk } from "./disk.ts";
import { fromLine } from "./from_line.ts";
import { hiddenName } from "./hidden_name.ts";
import { asCollection, type Boxes } from "./mailboxes.ts";
import { exists, makeWayFor } from "./make_way.ts";
import { placeFor } from "./places.ts";
import { discard } from "./write.ts";

/** Makes a mailbox without mails, and the folders that it lies in. */
export async function makeBox(
  boxes: Boxes,
  id: CollectionId,
  signal: AbortSignal,
): Promise<Collection> {
  const { world: { disk }, places } = boxes;
  const place = placeFor(places, id);
  makeWayFor(disk, places, place);
  const base = { uidValidity: boxes.newValidity(), uidLast: 0, keywords: [] };
  const now = disk.now();
  const folder = dirname(place.path);
  const temporary = join(folder, hiddenName());
  try {
    const file = disk.create(temporary, 0o600);
    try {
      const line = new TextEncoder().encode(fromLine(now));
      file.write(line, 0);
      file.write(pseudoMail(base, now), line.byteLength);
      file.sync();
    } finally {
      file.close();
    }
    placeNew(disk, temporary, place.path);
    disk.syncFolder(folder);
  } catch (thrown) {
    throw fileError(thrown, "collection", place.path);
  } finally {
    discard(disk, temporary);
  }
  return asCollection(place, await load(boxes.world, place.path, signal), false);
}

function placeNew(disk: Disk, temporary: string, path: string): void {
  try {
    disk.link(temporary, path);
  } catch (thrown) {
    // FAT knows no links. There microseconds remain between the look and the renaming.
    if (codeOf(thrown) === "EEXIST" || disk.stat(path) !== undefined) throw exists(path);
    disk.rename(temporary, path);
  }
}
