/** Loads the database's driver, which is partly native, no sooner than it is needed. */

import type { createClient } from "@libsql/client/sqlite3";
import { SyncError } from "../model/error.ts";

export interface Driver {
  readonly createClient: typeof createClient;
}

let loaded: Promise<Driver> | undefined;

/**
 * The driver. A compiled program has its native part inside and writes it into a temporary folder
 * before each use, under a name that others can foretell; where `/tmp` is shared they could put
 * something else there, and where it is mounted `noexec` it cannot be loaded at all. So it goes
 * through a new folder of our own, inside of `TMPDIR` where that is set and inside of `folder`
 * otherwise, and is removed as soon as it is loaded.
 * @throws {SyncError} Where it cannot be loaded.
 */
export function loadDriver(folder: string): Promise<Driver> {
  loaded ??= (Deno.build.standalone ? loadThrough(folder) : load()).catch((error) => {
    loaded = undefined;
    throw error;
  });
  return loaded;
}

const PREFIX = ".native-";
/** What is older than this was left by a process that was killed, in milliseconds. */
const FORGOTTEN = 60 * 60 * 1_000;

async function load(): Promise<Driver> {
  try {
    return await import("@libsql/client/sqlite3");
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new SyncError(`the driver of the status database cannot be loaded: ${message}`, {
      scope: "run",
      kind: "refused",
      hint: "Set TMPDIR to a folder where files can be written, and programs run.",
      cause: error,
    });
  }
}

async function loadThrough(folder: string): Promise<Driver> {
  await clearForgotten(folder);
  const usual = Deno.env.get("TMPDIR");
  const own = await makeFolder(usual === undefined ? [folder] : [usual, folder]);
  // A status that is only read may lie where nothing can be written.
  if (own === undefined) return await load();
  Deno.env.set("TMPDIR", own);
  try {
    return await load();
  } finally {
    if (usual === undefined) Deno.env.delete("TMPDIR");
    else Deno.env.set("TMPDIR", usual);
    await Deno.remove(own, { recursive: true });
  }
}

/** A new folder inside of the first of these where one can be made. */
async function makeFolder(places: readonly string[]): Promise<string | undefined> {
  for (const dir of places) {
    try {
      return await Deno.makeTempDir({ dir, prefix: PREFIX });
    } catch (error) {
      if (!UNUSABLE.has(codeOf(error))) throw error;
    }
  }
  return undefined;
}

const UNUSABLE: ReadonlySet<string> = new Set(
  ["EACCES", "EPERM", "EROFS", "ENOSPC", "EDQUOT", "ENOENT", "ENOTDIR"],
);

async function clearForgotten(folder: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (!isDirectory || !name.startsWith(PREFIX)) continue;
    const path = `${folder}/${name}`;
    try {
      const { mtime } = await Deno.stat(path);
      if (mtime === null || Date.now() - mtime.getTime() < FORGOTTEN) continue;
      await Deno.remove(path, { recursive: true });
    } catch (error) {
      // Its owner, or another of us, was faster; or nothing can be removed here.
      if (!UNUSABLE.has(codeOf(error))) throw error;
    }
  }
}

const codeOf = (error: unknown): string => String(Reflect.get(Object(error), "code"));
