/** The directives of mail storages alone. */

import { DEFAULTS } from "./defaults.ts";
import { MAIL, MAIL_FILES, only } from "./define.ts";

export const MAIL_STORAGE = [
  ...only(
    ["maildir"],
    {
      name: "layout",
      params: { kind: "choice", choices: ["maildir++", "fs"] },
      default: DEFAULTS.layout,
      help: "How mailboxes lie in the directory: as .Archive.2026 beside each other, or with fs " +
        "as directories in directories.",
      example: "layout fs",
    },
    {
      name: "control",
      params: { kind: "path" },
      default: "the path",
      help: "Where Dovecot keeps UIDs, keywords and subscriptions, as CONTROL= has it.",
      example: "control ~/mail-control",
    },
    {
      name: "index",
      params: { kind: "path" },
      default: "the path",
      help: "Where Dovecot keeps its indexes, as INDEX= has it.",
      example: "index /var/indexes/hugo",
    },
  ),
  ...only(MAIL_FILES, {
    name: "inbox",
    params: { kind: "path" },
    help: "Where INBOX is, if it is not where the layout has it.",
    example: "inbox /var/mail/hugo",
  }),
  ...only(["imap"], {
    name: "tunnel",
    params: { kind: "command" },
    help: "Run instead of connecting: a program that speaks IMAP on its standard input and " +
      "output, logged in already or not. sh -c 'SCRIPT' runs a script.",
    example: "tunnel ssh mail.example.com /usr/lib/dovecot/imap",
  }),
  ...only(MAIL, {
    name: "alt_char",
    params: { kind: "character" },
    default: "_",
    help: "What stands for a character that a mailbox's name cannot have in this storage.",
    example: "alt_char -",
  }),
];
