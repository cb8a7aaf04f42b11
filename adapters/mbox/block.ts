/** The lines that an mbox keeps in the header of a mail: the reverse of what said.ts reads. */

import type { Flags } from "../../lib/model/item.ts";

/** What is to be said of a mailbox in its first mail. */
export interface BaseToWrite {
  readonly uidValidity: number;
  readonly uidLast: number;
  readonly keywords: readonly string[];
}

export interface BlockToWrite {
  readonly base?: BaseToWrite;
  readonly uid: number;
  readonly flags: Flags;
  /** In bytes; none where no empty line ends the header, and so no body follows. */
  readonly contentLength?: number;
}

/** Room for further keywords, so that most changes need not move what follows. As Dovecot has it. */
const PADDING = 50;
const BASE_PADDING = 200;
/** Where a line is folded, in characters. Dovecot does so late, as others cannot read it then. */
const FOLD = 1024;

const STATUS = [["\\Answered", "A"], ["\\Flagged", "F"], ["\\Draft", "T"], ["\\Deleted", "D"]];

const baseValue = ({ uidValidity, uidLast, keywords }: BaseToWrite, padding: number): string =>
  `${uidValidity} ${tenDigits(uidLast)}${folded(keywords)}${" ".repeat(padding)}`;

export const tenDigits = (uid: number): string => String(uid).padStart(10, "0");

export const isKeyword = (flag: string): boolean => !flag.startsWith("\\");

/** `Status: O` says that it is not new: who looks at it first is no matter between two storages. */
function lines(
  { base, uid, flags, contentLength }: BlockToWrite,
  basePadding: number,
  padding: number,
): string {
  const others = STATUS.flatMap(([flag = "", letter = ""]) => flags.includes(flag) ? letter : "");
  return [
    ...(base === undefined ? [] : [`X-IMAPbase: ${baseValue(base, basePadding)}`]),
    `X-UID: ${uid}`,
    `Status: ${flags.includes("\\Seen") ? "RO" : "O"}`,
    ...(others.join("") === "" ? [] : [`X-Status: ${others.join("")}`]),
    ...(contentLength === undefined ? [] : [`Content-Length: ${contentLength}`]),
    `X-Keywords:${folded(flags.filter(isKeyword))}${" ".repeat(padding)}`,
  ].map((line) => `${line}\n`).join("");
}

/** The lines, with room for more keywords. */
export const blockOf = (block: BlockToWrite): Uint8Array =>
  encode(lines(block, BASE_PADDING, PADDING));

/** The lines in exactly that many bytes; nothing where they need more. */
export function blockOfSize(block: BlockToWrite, size: number): Uint8Array | undefined {
  const least = encode(lines(block, 0, 0)).byteLength;
  return least > size ? undefined : encode(lines(block, 0, size - least));
}

/** The same of a mail that holds nothing but the numbers of the mailbox. */
export const pseudoBlockOf = (base: BaseToWrite): Uint8Array =>
  encode(pseudoLines(base, BASE_PADDING));

export function pseudoBlockOfSize(base: BaseToWrite, size: number): Uint8Array | undefined {
  const least = encode(pseudoLines(base, 0)).byteLength;
  return least > size ? undefined : encode(pseudoLines(base, size - least));
}

const pseudoLines = (base: BaseToWrite, padding: number): string =>
  `X-IMAP: ${baseValue(base, padding)}\nStatus: RO\n`;

const PSEUDO_BODY = `This text is part of the internal format of your mail folder, and is not
a real message.  It is created automatically by the mail system software.
If deleted, important folder data will be lost, and it will be re-created
with the data reset to initial values.
`;

/** All of that mail, as c-client and Dovecot make it, but for the line that begins it. */
export function pseudoMail(base: BaseToWrite, now: number): Uint8Array {
  const date = new Date(now).toUTCString().replace("GMT", "+0000");
  return encode(
    `Date: ${date}\nFrom: Mail System Internal Data <MAILER-DAEMON@localhost>\n` +
      "Subject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA\n" +
      `Message-ID: <${Math.floor(now / 1000)}@localhost>\n` +
      `${pseudoLines(base, BASE_PADDING)}\n${PSEUDO_BODY}\n`,
  );
}

function folded(words: readonly string[]): string {
  let text = "";
  let length = 0;
  for (const word of words) {
    const gap = length > FOLD ? "\n\t" : " ";
    length = gap === " " ? length + word.length + 1 : word.length;
    text += gap + word;
  }
  return text;
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
