/**
 * The header fields that belong to an mbox and not to the mail: what is known of the mail there, and of
 * the mailbox. Nobody sees them as a part of it, and those that a mail brings along are not kept there,
 * just as with Dovecot. So they say nothing of who a mail is, wherever it lies.
 */
export const MBOX_FIELDS: ReadonlySet<string> = new Set([
  "content-length",
  "status",
  "x-imap",
  "x-imapbase",
  "x-keywords",
  "x-status",
  "x-uid",
]);

/** Behind that much of a line no name of a field ends, in bytes. */
export const MOST_NAME = 64;
