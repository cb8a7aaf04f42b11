/** One mailbox's folders, found anew for each call and looked at again before they are trusted. */

import { join } from "node:path";
import { codeOf, fileError } from "../../lib/files/file_error.ts";
import type { Stat } from "../../lib/files/files.ts";
import { SyncError } from "../../lib/model/error.ts";
import type { Disk } from "./disk.ts";
import { isUnnamable, type MailboxPlaces, type Places, placesOf } from "./layout.ts";

export interface Mailbox extends MailboxPlaces {
  readonly href: string;
  /**
   * New files are as open to others as the mailbox's own folder is, and never less than to their
   * owner; so does Dovecot. A folder of 0700 gives files of 0600.
   */
  readonly fileMode: number;
  /** Throws where `cur` is no longer the folder that was opened. */
  look(): void;
}

/** Throws `missing` where there is no such mailbox, and `refused` where a link is in the way. */
export function openMailbox(disk: Disk, places: Places, href: string): Mailbox {
  const folders = placesOf(places, href);
  if (isUnnamable(href)) {
    throw new SyncError(`the name of a mailbox in ${places.root} is not UTF-8: ${href}`, {
      scope: "collection",
      kind: "refused",
      hint: "Give the folder another name.",
    });
  }
  const { mode } = folderAt(disk, folders.mail);
  const cur = join(folders.mail, "cur");
  const opened = folderAt(disk, cur);
  for (const name of ["new", "tmp"]) folderAt(disk, join(folders.mail, name), "may be missing");
  return {
    ...folders,
    href,
    fileMode: fileModeOf(mode),
    look: () => {
      const now = folderAt(disk, cur);
      if (now.ino === opened.ino && now.dev === opened.dev) return;
      throw new SyncError(`${folders.mail} was replaced in the middle of the run`, {
        scope: "collection",
        kind: "refused",
        retry: true,
      });
    },
  };
}

export const fileModeOf = (folderMode: number): number => (folderMode & 0o666) | 0o600;
export const folderModeOf = (folderMode: number): number => (folderMode & 0o777) | 0o700;

/** Whoever removed an empty `new` or `tmp` has removed no mail. */
function folderAt(disk: Disk, path: string): Stat;
function folderAt(disk: Disk, path: string, leniently: "may be missing"): Stat | undefined;
function folderAt(disk: Disk, path: string, leniently?: "may be missing"): Stat | undefined {
  const missing = (message: string, cause?: unknown) =>
    new SyncError(message, { scope: "collection", kind: "missing", cause });
  let stat: Stat;
  try {
    stat = disk.stat(path);
  } catch (thrown) {
    const code = codeOf(thrown);
    if (code === "ENOENT" && leniently !== undefined) return undefined;
    if (code === "ENOENT" || code === "ENOTDIR") throw missing(`${path} is not there`, thrown);
    throw fileError(thrown, "collection", path);
  }
  if (stat.kind === "folder") return stat;
  if (stat.kind !== "link") throw missing(`${path} is not a folder`);
  throw new SyncError(`${path} is a symbolic link, and links are not followed`, {
    scope: "collection",
    kind: "refused",
    hint: "Put the folder itself in its place, or make what it leads to a storage of its own.",
  });
}
