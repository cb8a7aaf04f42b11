/** Fetches items of a collection. */

import type { Files } from "../../lib/files/files.ts";
import { type FileContent, readFile, readFileNow } from "../../lib/files/read_file.ts";
import type { ReadItem } from "../../lib/item/icalendar.ts";
import { asSyncError, cancelled, SyncError } from "../../lib/model/error.ts";
import { bodyOf, type Fetched, NO_FLAGS } from "../../lib/model/item.ts";
import type { Href } from "../../lib/model/names.ts";
import type { Folder } from "./folder.ts";
import { isItemName, type ItemNames } from "./names.ts";

/** What an item's bytes say, or why they say nothing. */
export type Read = (bytes: Uint8Array) => ReadItem;

export interface FetchSettings {
  readonly names: ItemNames;
  readonly maxSize: number;
  readonly read: Read;
}

/** How many files are read before others get their turn: some milliseconds' worth. */
const BATCH = 128;

export async function* fetchItems(
  files: Files,
  folder: Folder,
  hrefs: readonly Href[],
  settings: FetchSettings,
  signal: AbortSignal,
): AsyncGenerator<readonly Fetched[]> {
  for (let from = 0; from < hrefs.length; from += BATCH) {
    if (signal.aborted) throw cancelled(signal.reason);
    const batch: Fetched[] = [];
    for (const href of hrefs.slice(from, from + BATCH)) {
      batch.push(await fetchItem(files, folder, href, settings));
    }
    // What was read from a folder that has been swapped meanwhile is not given away.
    folder.look();
    yield batch;
  }
}

async function fetchItem(
  files: Files,
  folder: Folder,
  href: Href,
  { names, maxSize, read }: FetchSettings,
): Promise<Fetched> {
  const path = folder.at(href);
  let content: FileContent;
  try {
    if (!isItemName(href, names)) throw notAnItem(href);
    content = readFileNow(files, path, maxSize) ?? await readFile(files, path, maxSize);
  } catch (thrown) {
    const error = asSyncError(thrown, "item");
    // It went away since it was listed; whether for good, the next listing shows.
    return error.kind === "missing"
      ? { state: "unknown", href }
      : { state: "unreadable", href, error };
  }
  const { etag, bytes } = content;
  const said = read(bytes);
  if (said.state === "malformed") return { state: "unreadable", href, error: said.error };
  const { ident, digest } = said;
  const body = bodyOf(bytes);
  return { state: "present", item: { href, etag, digest, flags: NO_FLAGS, ident, body } };
}

/** The error of an href that is not one of this storage. */
export function notAnItem(href: Href): SyncError {
  return new SyncError(`${JSON.stringify(href)} is not the name of an item here`, {
    scope: "item",
    kind: "malformed",
  });
}
