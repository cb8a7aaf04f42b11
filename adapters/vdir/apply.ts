/** Carries out one action on a collection: whole, durable, or not at all (rules 5 and 6). */

import { etagOf } from "../../lib/files/etag.ts";
import { fileError } from "../../lib/files/file_error.ts";
import type { Files, Stat } from "../../lib/files/files.ts";
import { temporaryName } from "../../lib/files/names.ts";
import { discard, placeNew, statOf } from "../../lib/files/place.ts";
import { tooLarge } from "../../lib/files/read_file.ts";
import { SyncError } from "../../lib/model/error.ts";
import type { Etag } from "../../lib/model/names.ts";
import type { Action, Content, Result } from "../../lib/model/storage.ts";
import { notAnItem } from "./fetch.ts";
import type { Folder } from "./folder.ts";
import { isItemName, type ItemNames } from "./names.ts";

/** New items are for their owner's eyes only. */
export const FILE_MODE = 0o600;

export interface ApplySettings {
  readonly names: ItemNames;
  readonly maxSize: number;
  /** Waits until all that was done in the folder so far is on the disk. */
  readonly sync: () => Promise<void>;
}

/** Throws {@linkcode SyncError} where the action failed. */
export async function applyAction(
  files: Files,
  folder: Folder,
  action: Action,
  settings: ApplySettings,
): Promise<Result> {
  if (!isItemName(action.href, settings.names)) throw notAnItem(action.href);
  const path = folder.at(action.href);
  try {
    switch (action.kind) {
      case "create":
        return await create(files, folder, path, action, settings);
      case "update":
        return await update(files, folder, path, action, settings);
      case "delete":
        return await remove(files, folder, path, action, settings);
      case "setFlags":
        throw new SyncError("a vdir keeps no flags", { scope: "item", kind: "refused" });
    }
  } catch (thrown) {
    throw fileError(thrown, "item", path);
  }
}

async function create(
  files: Files,
  folder: Folder,
  path: string,
  { id, content }: Extract<Action, { kind: "create" }>,
  settings: ApplySettings,
): Promise<Result> {
  folder.look();
  if (statOf(files, path) !== undefined) return { id, outcome: "exists" };
  const { temporary, stat } = await writeBeside(files, folder, path, content, settings.maxSize);
  try {
    folder.look();
    if (!placeNew(files, temporary, path)) return { id, outcome: "exists" };
  } finally {
    discard(files, temporary);
  }
  await syncAfter(settings);
  return { id, outcome: "done", etag: etagOf(stat) };
}

/**
 * POSIX has no call that replaces a file only if it is still a certain one: between the last look
 * and the rename an edit by someone else can be lost. Nothing waits in between, so these are
 * microseconds, and the looks before it have shown every earlier edit.
 */
async function update(
  files: Files,
  folder: Folder,
  path: string,
  { id, etag, content }: Extract<Action, { kind: "update" }>,
  settings: ApplySettings,
): Promise<Result> {
  folder.look();
  if (statIf(files, path, etag) === undefined) return { id, outcome: "changed" };
  const { temporary, stat } = await writeBeside(files, folder, path, content, settings.maxSize);
  let renamed = false;
  try {
    folder.look();
    const old = statIf(files, path, etag);
    if (old === undefined) return { id, outcome: "changed" };
    // Who may read the file was its owner's decision.
    if (old.mode !== stat.mode) files.setMode(temporary, old.mode);
    files.rename(temporary, path);
    renamed = true;
  } finally {
    if (!renamed) discard(files, temporary);
  }
  await syncAfter(settings);
  return { id, outcome: "done", etag: etagOf(stat) };
}

/** As with an update, microseconds remain between the look and the removal. */
async function remove(
  files: Files,
  folder: Folder,
  path: string,
  { id, etag }: Extract<Action, { kind: "delete" }>,
  settings: ApplySettings,
): Promise<Result> {
  folder.look();
  if (statOf(files, path) !== undefined) {
    if (statIf(files, path, etag) === undefined) return { id, outcome: "changed" };
    files.remove(path);
  }
  await syncAfter(settings);
  return { id, outcome: "done" };
}

async function writeBeside(
  files: Files,
  folder: Folder,
  path: string,
  { body }: Content,
  maxSize: number,
): Promise<{ readonly temporary: string; readonly stat: Stat }> {
  // What we write, we must be able to read.
  if (body.size > maxSize) throw tooLarge(path, body.size, maxSize);
  const temporary = folder.at(temporaryName());
  try {
    const stat = await files.writeNew(temporary, await body.bytes(), FILE_MODE);
    return { temporary, stat };
  } catch (thrown) {
    discard(files, temporary);
    throw thrown;
  }
}

/** The file, if it is one and still has this etag. */
function statIf(files: Files, path: string, etag: Etag): Stat | undefined {
  const stat = statOf(files, path);
  return stat?.kind === "file" && etagOf(stat) === etag ? stat : undefined;
}

/** The action is done and may still be undone by a power cut, so that it may have to be repeated. */
async function syncAfter({ sync }: ApplySettings): Promise<void> {
  try {
    await sync();
  } catch (thrown) {
    const { message, kind, hint } = fileError(thrown, "collection", "the folder");
    throw new SyncError(message, {
      scope: "collection",
      kind,
      retry: true,
      cause: thrown,
      ...(hint === undefined ? undefined : { hint }),
    });
  }
}
