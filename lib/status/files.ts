/** Where the status of a pair lies. */

import { localName } from "../model/local_name.ts";
import type { PairName } from "../model/names.ts";

export interface StatusFiles {
  /** The folder. */
  readonly directory: string;
  readonly database: string;
  /** The database while it is being made: only what is whole gets its proper name. */
  readonly unfinished: string;
  readonly lock: string;
}

/** The files of a pair, whatever it is called. */
export function statusFiles(directory: string, pair: PairName): StatusFiles {
  const name = localName(pair, 0);
  return {
    directory,
    database: `${directory}/${name}.db`,
    unfinished: `${directory}/${name}.new`,
    lock: `${directory}/${name}.lock`,
  };
}

/** What tells whether anything has written to a file since: its inode, size and times. */
export async function stampOf(path: string): Promise<string> {
  const { dev, ino, size, mtime, ctime } = await Deno.stat(path);
  return [dev, ino, size, mtime?.getTime(), ctime?.getTime()].join(":");
}

/** Makes what was renamed or created in a folder durable. */
export async function syncDirectory(directory: string): Promise<void> {
  using folder = await Deno.open(directory, { read: true });
  await folder.sync();
}
