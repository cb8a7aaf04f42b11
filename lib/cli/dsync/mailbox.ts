/** `-m MAILBOX`: the id of a mailbox that is called so in the first location. */

import { mailboxId } from "../../item/mail/mailbox_id.ts";
import type { StorageConfig } from "../../config/config.ts";
import type { CollectionId } from "../../model/names.ts";

/** Its parts stand between the first location's separators, or slashes, which always separate. */
export function mailboxNamed(name: string, first: StorageConfig): CollectionId {
  // A dot is no character of a name there, but separates (Maildir++).
  const separators = first.type === "maildir" && first.layout === "maildir++" ? /[./]/ : /\//;
  return mailboxId(name.split(separators).filter((part) => part !== ""));
}
