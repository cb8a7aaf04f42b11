/**
 * Names of files that are no mailboxes. To Dovecot every file of an mbox storage is one, those that
 * begin with a dot too; only the names of locks are not.
 */

import { temporaryName } from "../../lib/files/names.ts";

/** A file of this name is nobody's mailbox. */
export const hidden = (name: string): string => `${name}.lock`;

/** A name for a file that is being written. Never a second time the same. */
export const hiddenName = (): string => hidden(temporaryName());
