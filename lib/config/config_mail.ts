/** What the configuration says of mail. */

import type { Sides } from "../model/names.ts";
import type { AnyStorageConfig, DateBound, NetworkConfig, Value } from "./config.ts";

interface AnyMailConfig extends AnyStorageConfig {
  /** What stands for a character that a mailbox's name cannot have here; the adapter's without. */
  readonly altChar?: string;
}

/** Absolute, where they are texts. */
export interface MaildirConfig extends AnyMailConfig {
  readonly type: "maildir";
  readonly path: Value;
  readonly layout: "maildir++" | "fs";
  /** Where INBOX is, if elsewhere. */
  readonly inbox?: string;
  /** Where Dovecot's own files are, if elsewhere: UIDs, keywords, subscriptions. */
  readonly control?: string;
  /** Where Dovecot's indexes are, if elsewhere. */
  readonly index?: string;
}

/** Absolute, where they are texts. */
export interface MboxConfig extends AnyMailConfig {
  readonly type: "mbox";
  /** The folder that holds the mailboxes' files. */
  readonly path: Value;
  /** The file that INBOX is, if elsewhere. */
  readonly inbox?: string;
}

/** An IMAP server, or a program that speaks IMAP. One of `url` and `tunnel` is there. */
export interface ImapConfig extends AnyMailConfig, Omit<NetworkConfig, "url" | "socket"> {
  readonly type: "imap";
  /** Where it is a text: imaps or imap, without a login in it. */
  readonly url?: Value;
  /** Who a token is for; of a password the name stands in the login. */
  readonly username?: Value;
  /** Run instead of connecting; it speaks IMAP on its standard input and output. */
  readonly tunnel?: readonly string[];
  /** How many may be open at the same time. */
  readonly connections: number;
}

export type MailConfig = MaildirConfig | MboxConfig | ImapConfig;

/** Names of collections: `*` stands for anything, `%` for anything without a "/". */
export interface PatternConfig {
  readonly pattern: string;
  /** It was written with a `!`: these are not meant. */
  readonly excludes: boolean;
}

/** What is said of a pair of mail storages alone. */
export interface PairMailConfig {
  /** Larger mails are not copied; in bytes. */
  readonly maxSize?: number;
  /** Mails that were received before this day are not copied. */
  readonly since?: DateBound;
  /** Which flags are kept in step. Absent where all are. */
  readonly flags?: FlagsConfig;
  /** Where mails that are marked as deleted are deleted for good. */
  readonly expunge: Sides<boolean>;
}

export interface FlagsConfig {
  /** As IMAP has them: `\\Seen`, and keywords. */
  readonly names: readonly string[];
  /** And every keyword besides. */
  readonly keywords: boolean;
}
