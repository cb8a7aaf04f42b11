/** Mails, as the contract's cases write them: with CRLF at the ends of their lines. */

import { lines } from "./samples.ts";

type Samples = Readonly<Record<string, (uid: string) => Uint8Array>>;

const header = (uid: string): readonly string[] => [
  "Return-Path: <jane@example.org>",
  "Date: Tue, 14 Nov 2023 22:14:20 +0000",
  "From: Jane Doe <jane@example.org>",
  "To: John Doe <john@example.org>",
  `Message-ID: <${uid}@example.org>`,
];

/** A mail that says `text`. */
export const mail = (uid: string, text: string): Uint8Array =>
  lines(
    ...header(uid),
    "Subject: A mail",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: 8bit",
    "",
    ...text.split("\n"),
  );

/** What else people keep in mailboxes, by what it is called in the name of its case. */
export const MAILS: Samples = {
  "a mail with an attachment": (uid) =>
    lines(
      ...header(uid),
      "Subject: =?utf-8?Q?Z=C3=BCrich?=",
      "MIME-Version: 1.0",
      'Content-Type: multipart/mixed; boundary="--=_x"',
      "",
      "This is a message in parts.",
      "----=_x",
      "Content-Type: text/plain",
      "",
      "See below.",
      "----=_x",
      'Content-Type: image/jpeg; name="a b.jpg"',
      "Content-Transfer-Encoding: base64",
      "",
      ..."/9j/4AAQSkZJRgABAQEASABIAAD/".repeat(500).match(/.{1,76}/g) ?? [],
      "----=_x--",
    ),
  "a mail with umlauts in its header": (uid) =>
    lines(...header(uid), "Subject: Grüße aus Köln", "", "Grüße."),
  "a mail whose lines begin with From and with dots": (uid) =>
    lines(
      ...header(uid),
      "Subject: From here",
      "",
      "From the beginning",
      ">From the quoted",
      "From jane@example.org Tue Nov 14 22:14:20 2023",
      ".",
      "..",
      "",
      "From jane@example.org Tue Nov 14 22:14:20 2023",
      "Subject: no mail of its own",
      "",
      "text",
    ),
  "a mail with nothing but a header": (uid) => lines(...header(uid), "Subject: empty", ""),
  "a mail with folded and repeated fields": (uid) =>
    lines(
      "Received: from a.example.org",
      "\tby b.example.org; Tue, 14 Nov 2023 22:14:20 +0000",
      "Received: from c.example.org",
      "  by a.example.org; Tue, 14 Nov 2023 22:14:19 +0000",
      ...header(uid),
      "Subject: one",
      " two",
      "",
      "text",
    ),
  "a mail with a very long line": (uid) =>
    lines(...header(uid), "Subject: long", "", "0123456789".repeat(10_000)),
  "a mail with many empty lines at its end": (uid) =>
    lines(...header(uid), "Subject: blank", "", "text", "", "", "", ""),
  "a mail with fields that some storages write themselves": (uid) =>
    lines(
      ...header(uid),
      "Subject: fields",
      "X-Mozilla-Status: 0001",
      "X-Spam-Status: No",
      "Lines: 3",
      "",
      "Status: RO",
      "X-UID: 7",
      "",
      "text",
    ),
};
