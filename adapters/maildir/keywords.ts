/** `dovecot-keywords`: which keyword is which letter. Written under the lock of the UID list. */

import { join } from "node:path";
import type { Flags } from "../../lib/model/item.ts";
import { SYSTEM_FLAGS } from "../../lib/item/mail/flags.ts";
import { type Disk, readWhole, replaceFile, statIfThere } from "./disk.ts";
import { letterToWrite, MAX_KEYWORDS } from "./mail_name.ts";
import type { Mailbox } from "./mailbox.ts";

/** By number; not every number need be given away. */
export type Keywords = readonly (string | undefined)[];

const FILE = "dovecot-keywords";
const MOST_BYTES = 1024 * 1024;
/** Longer than any that people or programs use. */
const MAX_KEYWORD = 200;

/** What a keyword may be made of: an atom (RFC 3501 section 9), which a system flag is not. */
const ATOM = /^[^\p{Cc} (){%*"\\\]]+$/u;

export const isKeyword = (flag: string): boolean => flag.length <= MAX_KEYWORD && ATOM.test(flag);

/** The keywords of a mailbox; none where there is no such file. */
export function readKeywords(disk: Disk, mailbox: Mailbox): Keywords {
  const bytes = readWhole(disk, join(mailbox.control, FILE), MOST_BYTES);
  return bytes === undefined ? [] : parseKeywords(new TextDecoder().decode(bytes));
}

/** Lines that say nothing are left out. A keyword that stands twice is the letter that came first. */
export function parseKeywords(text: string): Keywords {
  const keywords: (string | undefined)[] = [];
  const seen = new Set<string>();
  for (const line of text.split("\n")) {
    const [, number, name] = /^(\d{1,2}) (.+)$/.exec(line) ?? [];
    const index = Number(number);
    if (name === undefined || index >= MAX_KEYWORDS || !isKeyword(name)) continue;
    if (keywords[index] !== undefined || seen.has(name.toLowerCase())) continue;
    seen.add(name.toLowerCase());
    keywords[index] = name;
  }
  return keywords;
}

export const formatKeywords = (keywords: Keywords): string =>
  Array.from(keywords, (name, index) => name === undefined ? "" : `${index} ${name}\n`).join("");

/**
 * The keywords with letters for those of `flags` that have none, as far as there are letters left.
 * A letter that mails have though nobody knows what it means is not given away.
 */
export function withLettersFor(keywords: Keywords, flags: Flags, used: string): Keywords {
  const wanted = flags.filter((flag) =>
    isKeyword(flag) && letterToWrite(flag, keywords) === undefined
  );
  if (wanted.length === 0) return keywords;
  const more = Array.from(keywords);
  for (const flag of wanted) {
    if (letterToWrite(flag, more) !== undefined) continue;
    const index = freeIndex(more, used);
    if (index === undefined) break;
    more[index] = flag;
  }
  return more;
}

function freeIndex(keywords: Keywords, used: string): number | undefined {
  for (let index = 0; index < MAX_KEYWORDS; index++) {
    const letter = String.fromCharCode(97 + index);
    if (keywords[index] === undefined && !used.includes(letter)) return index;
  }
  return undefined;
}

/** What can be kept, where that is not everything: all letters are given away. */
export function keptBy(keywords: Keywords): readonly string[] | undefined {
  const names = Array.from(keywords).filter((name) => name !== undefined);
  return names.length < MAX_KEYWORDS ? undefined : [...SYSTEM_FLAGS, ...names];
}

/**
 * Replaces the file. The lock of the UID list is to be held. Dovecot goes by the file's time in
 * seconds, so that it has to grow.
 */
export async function writeKeywords(
  disk: Disk,
  mailbox: Mailbox,
  keywords: Keywords,
): Promise<void> {
  const path = join(mailbox.control, FILE);
  const old = statIfThere(disk, path);
  const second = (time: number) => Math.floor(time / 1000) * 1000;
  const grown = old === undefined || second(old.mtime) < second(disk.now())
    ? undefined
    : second(old.mtime) + 1000;
  const bytes = new TextEncoder().encode(formatKeywords(keywords));
  await replaceFile(disk, `${path}.lock`, path, bytes, mailbox.fileMode, grown);
}
