/** What people do to their mail, said by subjects rather than by UIDs: the same on every server. */

import type { CorpusMail } from "./mail_corpus.ts";
import { imapDate } from "./mail_fill.ts";
import { mailOf } from "./mail_bytes.ts";
import type { Seen, Step } from "./mail_reader.ts";

/** One edit; `mails` are subjects. */
export type Edit =
  | {
    readonly do: "flag";
    readonly mailbox: string;
    readonly mails: readonly string[];
    readonly how: "+" | "-" | "";
    readonly flags: readonly string[];
  }
  | { readonly do: "append"; readonly mailbox: string; readonly mail: CorpusMail }
  | { readonly do: "expunge"; readonly mailbox: string; readonly mails: readonly string[] }
  | {
    readonly do: "move" | "copy";
    readonly mailbox: string;
    readonly mails: readonly string[];
    readonly to: string;
  }
  | {
    readonly do: "create" | "delete" | "subscribe" | "unsubscribe";
    readonly mailbox: string;
  }
  | { readonly do: "rename"; readonly mailbox: string; readonly to: string };

/** The same as steps in an account where this was seen. Only mails that were there can be named. */
export function stepsOf(edits: readonly Edit[], seen: Seen): readonly Step[] {
  const uidsOf = (mailbox: string, mails: readonly string[]): readonly number[] =>
    mails.map((subject) => {
      const found = (seen.mailboxes[mailbox]?.mails ?? []).filter((it) => it.about === subject);
      const [mail] = found;
      if (mail === undefined || found.length > 1) {
        throw new Error(`${mailbox} holds ${found.length} mails "${subject}"`);
      }
      return mail.uid;
    });
  return edits.map((edit): Step => {
    switch (edit.do) {
      case "flag": {
        const { mailbox, mails, how, flags } = edit;
        return { do: "store", mailbox, uids: uidsOf(mailbox, mails), how, flags };
      }
      case "append": {
        const { bytes, flags, received } = edit.mail;
        return { do: "append", mailbox: edit.mailbox, bytes, flags, date: imapDate(received) };
      }
      case "expunge":
      case "move":
      case "copy": {
        const { mails, ...rest } = edit;
        return { ...rest, uids: uidsOf(edit.mailbox, mails) };
      }
      default:
        return edit;
    }
  });
}

/** A mail that comes later. */
export const laterMail = (number: number, flags: readonly string[] = []): CorpusMail => ({
  bytes: mailOf(number, `Later ${number}`, `It came later: ${number}.\n`),
  flags,
  received: Date.UTC(2025, 5, 1) / 1000 + number,
});

/** On one side, while the other does {@linkcode THEIR_EDITS}. No two of them contradict each other. */
export const OUR_EDITS: readonly Edit[] = [
  { do: "flag", mailbox: "INBOX", mails: ["Mail 1000"], how: "+", flags: ["\\Flagged", "ours"] },
  { do: "flag", mailbox: "INBOX", mails: ["Mail 1031"], how: "-", flags: ["\\Seen"] },
  { do: "flag", mailbox: "INBOX", mails: ["Mail 1010", "Mail 1012"], how: "+", flags: ["\\Seen"] },
  { do: "flag", mailbox: "Keywords", mails: ["Mail 1100"], how: "-", flags: ["$Forwarded"] },
  { do: "flag", mailbox: "Keywords", mails: ["Mail 1102"], how: "", flags: ["fresh", "work_todo"] },
  { do: "append", mailbox: "INBOX", mail: laterMail(1) },
  { do: "append", mailbox: "INBOX", mail: laterMail(2, ["\\Seen", "ours"]) },
  { do: "append", mailbox: "Empty", mail: laterMail(3) },
  { do: "expunge", mailbox: "INBOX", mails: ["Mail 1003", "Mail 1009"] },
  { do: "move", mailbox: "INBOX", mails: ["Mail 1005"], to: "Archive/2025" },
  { do: "copy", mailbox: "INBOX", mails: ["Mail 1006"], to: "Two words" },
  { do: "create", mailbox: "New of ours" },
  { do: "subscribe", mailbox: "New of ours" },
  { do: "create", mailbox: "New of both" },
  { do: "append", mailbox: "New of both", mail: laterMail(4) },
  { do: "unsubscribe", mailbox: "Dates" },
  { do: "delete", mailbox: "a~b" },
  { do: "delete", mailbox: 'He said "hi"' },
  { do: "rename", mailbox: "100%", to: "200%" },
  { do: "rename", mailbox: "Archive/2024", to: "Archive/old" },
];

export const THEIR_EDITS: readonly Edit[] = [
  { do: "flag", mailbox: "INBOX", mails: ["Mail 1000"], how: "+", flags: ["\\Seen", "theirs"] },
  { do: "flag", mailbox: "INBOX", mails: ["Mail 1031"], how: "-", flags: ["\\Answered"] },
  { do: "flag", mailbox: "INBOX", mails: ["Mail 1010", "Mail 1014"], how: "+", flags: ["\\Seen"] },
  { do: "flag", mailbox: "Keywords", mails: ["Mail 1100"], how: "+", flags: ["theirs"] },
  { do: "append", mailbox: "INBOX", mail: laterMail(11) },
  { do: "append", mailbox: "INBOX", mail: laterMail(12, ["\\Flagged"]) },
  { do: "append", mailbox: "INBOX", mail: laterMail(13) },
  { do: "expunge", mailbox: "INBOX", mails: ["Mail 1007", "Mail 1009"] },
  { do: "move", mailbox: "Archive/2025", mails: ["Mail 140"], to: "INBOX" },
  { do: "create", mailbox: "New of theirs/below" },
  { do: "append", mailbox: "New of theirs/below", mail: laterMail(14, ["\\Draft"]) },
  { do: "create", mailbox: "New of both" },
  { do: "append", mailbox: "New of both", mail: laterMail(15) },
  { do: "append", mailbox: "New of both", mail: laterMail(16) },
  { do: "subscribe", mailbox: "Work" },
  { do: "unsubscribe", mailbox: "Empty" },
  { do: "rename", mailbox: "work", to: "done" },
];
