/** How much room there is on a disk. */

import * as fs from "node:fs/promises";

/** With less than this a run may end half-way, in bytes: 50 MiB. */
export const LITTLE_ROOM = 50 * 1024 * 1024;

/** The bytes that this user may still write there; undefined where the system does not say. */
export async function roomAt(path: string): Promise<number | undefined> {
  try {
    const { bavail, bsize, blocks } = await fs.statfs(path);
    // Some file systems have no size: what they say of their rest means nothing.
    return blocks === 0 ? undefined : bavail * bsize;
  } catch {
    // Not every system and file system can tell, and nothing depends on it.
    return undefined;
  }
}

/** In MiB, for people. */
export const inMebibytes = (bytes: number): string => `${Math.floor(bytes / (1024 * 1024))} MiB`;
