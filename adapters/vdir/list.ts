/** Lists a collection's items without opening them. */

import { etagOf, isFresh, SETTLE_MS } from "../../lib/files/etag.ts";
import { codeOf, fileError } from "../../lib/files/file_error.ts";
import type { Files, Stat } from "../../lib/files/files.ts";
import { notAFile } from "../../lib/files/read_file.ts";
import { SyncError } from "../../lib/model/error.ts";
import { NO_FLAGS } from "../../lib/model/item.ts";
import { href } from "../../lib/model/names.ts";
import type { Listed } from "../../lib/model/storage.ts";
import type { Folder } from "./folder.ts";
import { isItemName, type ItemNames } from "./names.ts";

/** How often a folder is read in the hope that nobody changes it meanwhile. */
const PASSES = 3;

/**
 * All items of a folder. Where it changes while it is read, or an item was written only just now,
 * it is read again: a program that saves by removing and writing anew must not look like one that
 * deletes. Throws where the folder cannot be read to its end.
 */
export async function listItems(
  files: Files,
  folder: Folder,
  names: ItemNames,
): Promise<readonly Listed[]> {
  for (let pass = 1;; pass++) {
    const { entries, settled } = listOnce(files, folder, names);
    if (settled || pass === PASSES) return entries;
    await files.wait(SETTLE_MS);
  }
}

function listOnce(
  files: Files,
  folder: Folder,
  names: ItemNames,
): { readonly entries: readonly Listed[]; readonly settled: boolean } {
  const before = folder.look();
  const entries: Listed[] = [];
  let settled = true;
  for (const name of namesIn(files, folder)) {
    if (!isItemName(name, names)) continue;
    const path = folder.at(name);
    try {
      const stat = files.stat(path);
      if (isFresh(stat, files.now())) settled = false;
      entries.push(entryOf(name, path, stat));
    } catch (thrown) {
      if (codeOf(thrown) === "ENOENT") settled = false;
      entries.push({ state: "unreadable", href: href(name), error: unlisted(thrown, path, name) });
    }
  }
  if (folder.look().mtime !== before.mtime) settled = false;
  return { entries, settled };
}

function namesIn(files: Files, folder: Folder): readonly string[] {
  try {
    return files.names(folder.path);
  } catch (thrown) {
    throw fileError(thrown, "collection", folder.path);
  }
}

function entryOf(name: string, path: string, stat: Stat): Listed {
  return stat.kind === "file"
    ? { state: "present", href: href(name), etag: etagOf(stat), flags: NO_FLAGS }
    : { state: "unreadable", href: href(name), error: notAFile(stat, path) };
}

function unlisted(thrown: unknown, path: string, name: string): SyncError {
  // Without the right to search the folder nothing in it can be had.
  if (codeOf(thrown) === "EACCES") throw fileError(thrown, "collection", path);
  if (codeOf(thrown) !== "ENOENT") return fileError(thrown, "item", path);
  if (name.includes("\ufffd")) {
    return new SyncError(`${path} has a name that is not UTF-8`, {
      scope: "item",
      kind: "malformed",
      hint: "Give it another name.",
      cause: thrown,
    });
  }
  return new SyncError(`${path} went away while the folder was read`, {
    scope: "item",
    kind: "changed",
    retry: true,
    cause: thrown,
  });
}
