/** What the header fields of a mail in an mbox say to those who keep it: UIDs, flags, keywords. */

/** As much of the value of such a field as is looked at, folded lines and all, in bytes. */
export const MAX_VALUE = 64 * 1024;

/** `X-IMAPbase`, or `X-IMAP` of the mail that is none. */
export interface Base {
  readonly uidValidity: number;
  /** The highest UID that was given to a mail. */
  readonly uidLast: number;
  readonly keywords: readonly string[];
  /** The mail holds nothing but this: "FOLDER INTERNAL DATA". */
  readonly pseudo: boolean;
}

/** What the fields of one mail say, as far as it can be said without the mails before it. */
export interface Said {
  readonly base?: Base;
  /** Where the ten digits of `uidLast` stand in the file. */
  readonly uidLastAt?: number;
  readonly uid?: number;
  /** System flags. */
  readonly flags: readonly string[];
  readonly keywords: readonly string[];
  readonly contentLength?: number;
}

export interface Field {
  readonly name: string;
  /** Behind the colon and the blank, folded lines as they stand. */
  readonly value: string;
  /** Where the value begins in the file. */
  readonly at: number;
}

const SEEN: Readonly<Record<string, string>> = { R: "\\Seen" };
const OTHERS: Readonly<Record<string, string>> = {
  A: "\\Answered",
  F: "\\Flagged",
  T: "\\Draft",
  D: "\\Deleted",
};
const MOST_UID = 0xffff_fffe;

/**
 * Reads the fields in the order in which they stand. As with Dovecot, a base counts only in the first
 * mail, the UID of the first mail only behind the base, and of two fields the first.
 */
export function readSaid(fields: readonly Field[], isFirst: boolean): Said {
  let base: Base | undefined;
  let uidLastAt: number | undefined;
  let uid: number | undefined;
  let contentLength: number | undefined;
  const keywordFields: string[] = [];
  const flags = new Set<string>();
  for (const { name, value, at } of fields) {
    switch (name) {
      case "x-imap":
      case "x-imapbase": {
        if (!isFirst || base !== undefined) break;
        const read = /^(\d{1,10})([ \t\r\n]+)(\d{1,10})(?=[ \t\r\n]|$)([^]*)$/.exec(value);
        const [, validity = "", gap = "", last = "", rest = ""] = read ?? [];
        if (!inRange(Number(validity)) || !gap.startsWith(" ") || Number(last) > MOST_UID) break;
        base = {
          uidValidity: Number(validity),
          uidLast: Number(last),
          keywords: rest.split(/[ \t\r\n]+/).filter((it) => it !== ""),
          pseudo: name === "x-imap",
        };
        if (last.length === 10) uidLastAt = at + validity.length + gap.length;
        break;
      }
      case "x-uid": {
        const read = /^(\d{1,10})[ \t\r\n]*$/.exec(value);
        const number = Number(read?.[1] ?? "0");
        if (uid !== undefined || (isFirst && base === undefined) || !inRange(number)) break;
        uid = number;
        break;
      }
      case "status":
      case "x-status":
        for (const char of value) {
          const flag = (name === "status" ? SEEN : OTHERS)[char];
          if (flag !== undefined) flags.add(flag);
        }
        break;
      case "x-keywords":
        keywordFields.push(value);
        break;
      case "content-length": {
        const read = /^(\d{1,15})[ \t\r\n]*$/.exec(value);
        if (read !== null) contentLength ??= Number(read[1]);
        break;
      }
    }
  }
  return {
    flags: [...flags],
    keywords: keywordFields.map((it) => it.trim()),
    ...(base === undefined ? {} : { base }),
    ...(uidLastAt === undefined ? {} : { uidLastAt }),
    ...(uid === undefined ? {} : { uid }),
    ...(contentLength === undefined ? {} : { contentLength }),
  };
}

const inRange = (number: number): boolean => number > 0 && number <= MOST_UID;

/**
 * The keywords of a mail: those of its first field whose words are all known to the mailbox. One with
 * others was brought along by the mail, and means nothing.
 */
export function knownKeywords(said: Said, names: readonly string[]): readonly string[] {
  const known = new Map(names.map((name) => [name.toLowerCase(), name] as const));
  for (const value of said.keywords) {
    const words = value.split(/[ \t\r\n]+/).filter((it) => it !== "");
    const found = words.flatMap((word) => known.get(word.toLowerCase()) ?? []);
    if (found.length === words.length) return found;
  }
  return [];
}
