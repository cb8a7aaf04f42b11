/** Makes room for a mailbox that is to have a name: in what folders, and beside what. */

import { join } from "node:path";
import { fileError } from "../../lib/files/file_error.ts";
import { SyncError } from "../../lib/model/error.ts";
import type { Disk } from "./disk.ts";
import { INBOX, type MailboxPlace, type Places } from "./places.ts";

/** Makes the folders above a mailbox. A mailbox, which is a file, can hold no others. */
export function makeWayFor(disk: Disk, { root }: Places, { href, path }: MailboxPlace): void {
  const kind = disk.stat(path)?.kind;
  if (kind === "file") throw exists(path);
  if (kind !== undefined) throw notBoth(path);
  if (href === INBOX) return;
  const above = href.split("/").slice(0, -1);
  let folder = root;
  for (const name of above) {
    folder = join(folder, name);
    try {
      const there = disk.stat(folder)?.kind;
      if (there === undefined) disk.makeFolder(folder);
      else if (there !== "folder") throw notBoth(folder);
    } catch (thrown) {
      throw fileError(thrown, "collection", folder);
    }
  }
}

/** Of what is in the way. */
export function exists(path: string): SyncError {
  return new SyncError(`${path} is there already`, { scope: "collection", kind: "exists" });
}

function notBoth(path: string): SyncError {
  return new SyncError(`${path} cannot hold mails and other mailboxes at once`, {
    scope: "collection",
    kind: "refused",
    hint: "An mbox is a file, and a folder of mboxes holds no mails. Map one of the mailboxes to " +
      "another name in the configuration of the pair, or keep the mail in a Maildir.",
  });
}
