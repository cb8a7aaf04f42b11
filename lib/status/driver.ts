/** Loads the database's driver, which is partly native, no sooner than it is needed. */

import type { createClient } from "@libsql/client/sqlite3";

export interface Driver {
  readonly createClient: typeof createClient;
}

let loaded: Promise<Driver> | undefined;

/**
 * The driver. A compiled program has its native part inside and writes it into a temporary folder
 * before each use, under a name that others can foretell; where `/tmp` is shared they could put
 * something else there, and where it is mounted `noexec` it cannot be loaded at all. So it goes
 * through a folder of our own inside of `folder`, which is removed as soon as it is loaded.
 */
export function loadDriver(folder: string): Promise<Driver> {
  loaded ??= Deno.build.standalone ? loadThrough(folder) : load();
  return loaded;
}

const load = async (): Promise<Driver> => await import("@libsql/client/sqlite3");

async function loadThrough(folder: string): Promise<Driver> {
  const usual = Deno.env.get("TMPDIR");
  let own: string;
  try {
    own = await Deno.makeTempDir({ dir: folder, prefix: ".native-" });
  } catch (error) {
    // A status that is only read may lie where nothing can be written.
    if (isUnwritable(error)) return await load();
    throw error;
  }
  Deno.env.set("TMPDIR", own);
  try {
    return await load();
  } finally {
    if (usual === undefined) Deno.env.delete("TMPDIR");
    else Deno.env.set("TMPDIR", usual);
    await Deno.remove(own, { recursive: true });
  }
}

const isUnwritable = (error: unknown): boolean =>
  error instanceof Deno.errors.PermissionDenied ||
  (error instanceof Error && /read-only file system|no space/i.test(error.message));
