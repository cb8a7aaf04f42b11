/** Mailboxes as people have them, and as they should not be: the same ones each time. */

import { bytesOf, mailOf } from "./mail_bytes.ts";

export interface CorpusMail {
  /** Line ends as they are: LF, unless the mail is about others. */
  readonly bytes: Uint8Array;
  readonly flags: readonly string[];
  /** In seconds since 1970. */
  readonly received: number;
  /** What no IMAP server takes: it can be there as a file only. */
  readonly fileOnly?: boolean;
  /** An mbox takes something of it for its own. */
  readonly notInMbox?: boolean;
}

export interface CorpusMailbox {
  readonly name: string;
  readonly mails: readonly CorpusMail[];
  readonly subscribed?: boolean;
}

export interface Corpus {
  readonly mailboxes: readonly CorpusMailbox[];
  /** What is subscribed and not there. */
  readonly absent: readonly string[];
}

const SYSTEM = ["\\Answered", "\\Deleted", "\\Draft", "\\Flagged", "\\Seen"];
const START = Date.UTC(2024, 0, 1) / 1000;

/** What is chosen by the bits of a number. */
const bitsOf = <T>(of: readonly T[], bits: number): readonly T[] =>
  of.filter((_, at) => (bits >> at & 1) === 1);

const plain = (
  number: number,
  more: Partial<CorpusMail> & { readonly subject?: string; readonly text?: string } = {},
): CorpusMail => {
  const { subject = `Mail ${number}`, text = `This is mail ${number}.\n`, ...rest } = more;
  return {
    bytes: mailOf(number, subject, text),
    flags: [],
    received: START + number * 61,
    ...rest,
  };
};

/** All combinations of the five system flags. */
const combinations = (): readonly CorpusMail[] =>
  Array.from({ length: 32 }, (_, bits) => plain(1000 + bits, { flags: bitsOf(SYSTEM, bits) }));

const keywords = (): readonly CorpusMail[] => [
  plain(1100, { flags: ["$Forwarded"] }),
  plain(1101, { flags: ["$Forwarded", "\\Seen", "$Label1", "NonJunk"] }),
  plain(1102, { flags: ["work-todo", "work.todo", "work_todo"] }),
  plain(1103, { flags: ["Junk", "\\Flagged"] }),
  plain(1104, { flags: ["a", "b", "c", "d", "e", "f", "g", "h"] }),
];

const dates = (): readonly CorpusMail[] =>
  [
    "1970-01-02T00:00:00Z",
    "1999-12-31T23:59:59Z",
    "2024-03-31T01:30:00Z",
    "2024-10-27T00:30:00Z",
    "2024-10-27T01:30:00Z",
    "2038-01-19T03:14:07Z",
    "2038-01-19T03:14:08Z",
    "2099-12-31T23:59:59Z",
  ].map((date, at) => ({
    ...plain(1200 + at, { subject: date, received: Date.parse(date) / 1000 }),
    // Dovecot does not believe a client that a mail was received in the future.
    fileOnly: date > "2027",
  }));

/** What goes wrong where bytes are taken for text, or one format's marks for another's. */
const bodies = (): readonly CorpusMail[] => [
  plain(1300, { text: "From somebody who begins a line so\n>From another\n>>From a third\n" }),
  plain(1301, {
    text: "From x@example.org Thu Jan  1 00:00:00 2024\n\nFrom: y\n\nIt looks like a mail.\n",
  }),
  plain(1302, { text: ".\n..\n.leading\n\n.\n" }),
  plain(1303, { text: `${"long ".repeat(4000)}\n` }),
  plain(1304, { text: "no line end at the end" }),
  plain(1305, { text: "\n\nblank lines around\n\n\n" }),
  plain(1306, { text: "" }),
  plain(1307, { text: "a bare \r in a line, and\r\rtwo\n\rone at the start\n" }),
  plain(1308, { text: "tabs\tand trailing blanks  \nform feed \f, escape \x1b[31m, bell \x07\n" }),
  plain(1309, { text: "Grüße, 日本語, 📨\n" }),
  {
    ...plain(1310),
    bytes: bytesOf("Subject: Gr\xfc\xdfe in Latin-1\nFrom: M\xfcller <m@x.org>\n\nx\n"),
  },
  { ...plain(1311), bytes: bytesOf("Subject: no Message-ID, no Date, no From\n\nx\n") },
  { ...plain(1312), bytes: mailOf(1300, "the Message-ID of another mail", "x\n") },
  { ...plain(1313), bytes: mailOf(1300, "the Message-ID of another mail", "x\n") },
  { ...plain(1314), bytes: bytesOf("Subject: folded\n\tby a tab\n  and blanks\nX-Empty:\n\nx\n") },
  { ...plain(1315), bytes: bytesOf("Subject: only a header\n") },
  { ...plain(1316), bytes: bytesOf("no header line at all\n\nx\n") },
  { ...plain(1317), bytes: bytesOf("\nno header at all\n") },
  plain(1318, { text: "0123456789abcdef".repeat(64 * 1024) + "\n", subject: "1 MiB in one line" }),
  plain(1319, { text: `${"x".repeat(75)}\n`.repeat(4_000), subject: "300 kB in short lines" }),
];

/** What an mbox keeps in headers of its own. */
const mboxMarks = (): readonly CorpusMail[] =>
  ["Status: RO", "X-Status: AF", "X-UID: 77", "X-Keywords: seen-there", "Content-Length: 3"]
    .map((line, at) => ({
      ...plain(1400 + at),
      bytes: bytesOf(
        `Subject: ${line}\n${line}\nMessage-ID: <1400.${at}@example.org>\n\nlong text\n`,
      ),
      notInMbox: true,
    }));

/** What only a file can be. */
const files = (): readonly CorpusMail[] =>
  [
    bytesOf(""),
    bytesOf("Subject: CRLF\r\n\r\none\r\ntwo\r\n"),
    bytesOf("Subject: both line ends\r\n\r\none\ntwo\r\nthree\n"),
    bytesOf("Subject: NUL\n\nbefore \0 after\n"),
    bytesOf("\n"),
  ].map((bytes, at) => ({ ...plain(1500 + at), bytes, fileOnly: true, notInMbox: true }));

const some = (from: number, count: number): readonly CorpusMail[] =>
  Array.from(
    { length: count },
    (_, at) => plain(from + at, { flags: bitsOf(SYSTEM, at * 7 % 32) }),
  );

/** More than a hundred mails in some twenty mailboxes. */
export function corpus(): Corpus {
  return {
    mailboxes: [
      { name: "INBOX", mails: combinations(), subscribed: true },
      { name: "Keywords", mails: keywords() },
      { name: "Dates", mails: dates(), subscribed: true },
      { name: "Bodies", mails: [...bodies(), ...mboxMarks(), ...files()] },
      { name: "Empty", mails: [], subscribed: true },
      { name: "Sent", mails: some(100, 2) },
      { name: "Trash", mails: some(110, 1), subscribed: true },
      { name: "Archive/2024/Q1", mails: some(120, 3) },
      { name: "Archive/2024/Q2", mails: some(130, 1), subscribed: true },
      { name: "Archive/2025", mails: some(140, 2) },
      ...[
        "Größe",
        "日本語",
        "📨 mails",
        "R&D",
        "a~b",
        "Two words",
        'He said "hi"',
        "100%",
        "work",
        "Work",
        "-dash",
        "plus+equals=",
      ].map((name, at) => ({
        name,
        mails: some(200 + at * 10, at % 3),
        subscribed: at % 2 === 0,
      })),
    ],
    absent: ["Gone", "Gone/too"],
  };
}

/** What both of two kinds of storage can hold. */
export function corpusWithout(
  what: { readonly fileOnly?: boolean; readonly notInMbox?: boolean },
): Corpus {
  const { mailboxes, absent } = corpus();
  const isLeft = (mail: CorpusMail) =>
    !(what.fileOnly === true && mail.fileOnly === true) &&
    !(what.notInMbox === true && mail.notInMbox === true);
  return {
    mailboxes: mailboxes.map((box) => ({ ...box, mails: box.mails.filter(isLeft) })),
    absent,
  };
}
