/** `-o SETTING=VALUE`: what is taken from it. */

import { UsageError } from "../usage_error.ts";

export interface Settings {
  readonly mailLocation?: string;
  readonly mailHome?: string;
  readonly altChar?: string;
  /** The script that prints the password of an IMAP server. */
  readonly passwordCommand?: string;
  /** Dovecot's, and of no effect here. */
  readonly ignored: readonly string[];
}

/**
 * Reads the settings; of those given twice the last counts. Throws {@linkcode UsageError} for what is
 * no setting, for a password, and for what would have mail lie elsewhere than we would look.
 */
export function readSettings(texts: readonly string[]): Settings {
  const values = new Map<string, string>();
  for (const text of texts) {
    const [, key, value] = /^([A-Za-z0-9_/-]+)=(.*)$/s.exec(text) ?? [];
    if (key === undefined || value === undefined) {
      throw new UsageError("-o takes SETTING=VALUE.", [
        "Write it like this: -o mail_location=maildir:~/Maildir",
      ]);
    }
    if (/(?:^|[_/])(?:password|pass|secret|token)$/.test(key)) {
      throw new UsageError(`${key}: a password in the arguments can be seen by everybody.`, [
        "-o imap_password_cmd=COMMAND names what prints it; without that it is asked for.",
        'storage:NAME, with "password { cmd … }" in the configuration, does without both.',
      ]);
    }
    if (key.startsWith("namespace/")) {
      throw new UsageError(`${key}: namespaces are not supported.`, [
        "All mailboxes of the location are taken, and nothing of other namespaces.",
      ]);
    }
    values.set(key, value);
  }
  const location = values.get("mail_location") ?? locationOf24(values);
  const home = values.get("mail_home");
  const altChar = values.get("dsync_alt_char");
  const command = values.get("imap_password_cmd");
  return {
    ...(location !== undefined && { mailLocation: location }),
    ...(home !== undefined && { mailHome: home }),
    ...(altChar !== undefined && { altChar }),
    ...(command !== undefined && { passwordCommand: command }),
    ignored: [...values.keys()].filter((key) => !KNOWN.has(key)),
  };
}

const KNOWN: ReadonlySet<string> = new Set([
  "mail_location",
  "mail_driver",
  "mail_path",
  "mail_home",
  "dsync_alt_char",
  "imap_password_cmd",
]);

/** Dovecot 2.4 has two settings where there was one. */
export function locationOf24(values: ReadonlyMap<string, string>): string | undefined {
  const driver = values.get("mail_driver");
  const path = values.get("mail_path");
  return driver === undefined || path === undefined ? undefined : `${driver}:${path}`;
}
