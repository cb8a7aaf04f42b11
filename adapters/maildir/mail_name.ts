/** The names of mails in a Maildir: `base[:2,flags[,more]]`. https://cr.yp.to/proto/maildir.html */

import type { Flags } from "../../lib/model/item.ts";
import { flagsOf } from "../../lib/item/mail/flags.ts";

/** What a file's name says, apart from which mail it is. */
export interface Info {
  /** The letters after `:2,`, as they stand there. */
  readonly letters: string;
  /** What follows them, from a comma on. Nobody knows what it means; it is kept. */
  readonly more: string;
}

/** Keywords are the letters a to z, by their place in `dovecot-keywords`. */
export const MAX_KEYWORDS = 26;

const SYSTEM: Readonly<Record<string, string>> = {
  "\\Draft": "D",
  "\\Flagged": "F",
  "\\Answered": "R",
  "\\Seen": "S",
  "\\Deleted": "T",
};
const MEANINGS: Readonly<Record<string, string>> = {
  D: "\\Draft",
  F: "\\Flagged",
  R: "\\Answered",
  S: "\\Seen",
  T: "\\Deleted",
  P: "$Forwarded",
};

/** The part of a file's name that stays as long as the mail is there. */
export function baseOf(name: string): string {
  const colon = name.indexOf(":");
  return colon === -1 ? name : name.slice(0, colon);
}

export function infoOf(name: string): Info {
  const colon = name.indexOf(":");
  if (colon === -1 || !name.startsWith("2,", colon + 1)) return { letters: "", more: "" };
  const info = name.slice(colon + 3);
  const comma = info.indexOf(",");
  return comma === -1
    ? { letters: info, more: "" }
    : { letters: info.slice(0, comma), more: info.slice(comma) };
}

/** A name in `cur`: letters sorted, each once. */
export function nameOf(base: string, { letters, more }: Info): string {
  return `${base}:2,${[...new Set(letters)].sort().join("")}${more}`;
}

/** What the letters mean. Those that nothing is known of mean nothing, and are kept all the same. */
export function flagsOfLetters(letters: string, keywords: readonly (string | undefined)[]): Flags {
  if (letters === "") return [];
  const flags: string[] = [];
  for (const letter of letters) {
    const flag = letter >= "a" && letter <= "z"
      ? keywords[letter.charCodeAt(0) - 97]
      : MEANINGS[letter];
    if (flag !== undefined) flags.push(flag);
  }
  return flagsOf(flags);
}

/** The letters that mean this flag: `$Forwarded` may be a keyword and P. */
export function lettersOfFlag(flag: string, keywords: readonly (string | undefined)[]): string {
  const system = SYSTEM[flag];
  if (system !== undefined) return system;
  const folded = flag.toLowerCase();
  const index = keywords.findIndex((keyword) => keyword?.toLowerCase() === folded);
  const letter = index === -1 ? "" : letterOf(index);
  return folded === "$forwarded" ? `${letter}P` : letter;
}

/** The one letter that a flag is written as, if there is one. */
export function letterToWrite(
  flag: string,
  keywords: readonly (string | undefined)[],
): string | undefined {
  const letter = lettersOfFlag(flag, keywords).charAt(0);
  return letter === "" || letter === "P" ? undefined : letter;
}

export const letterOf = (index: number): string => String.fromCharCode(97 + index);

/** What the `S=` and `W=` of a base name say the sizes are: in the file, and with CRLF. */
export function sizesOf(base: string): { readonly file?: number; readonly crlf?: number } {
  const file = /,S=(\d{1,15})(?=,|$)/.exec(base)?.[1];
  const crlf = /,W=(\d{1,15})(?=,|$)/.exec(base)?.[1];
  return {
    ...(file === undefined ? undefined : { file: Number(file) }),
    ...(crlf === undefined ? undefined : { crlf: Number(crlf) }),
  };
}

/** Longer names leave no room for flags on disks that take 255 bytes. */
const MAX_BASE = 200;

/** Whether a GUID from elsewhere may be the base of a file's name: our allow-list (rule 7). */
export const isSafeBase = (guid: string): boolean =>
  guid.length <= MAX_BASE && /^[A-Za-z0-9_=+@-][A-Za-z0-9_.,=+@-]*$/.test(guid);

let made = 0;

/** A base name that no mail has had, made as Dovecot makes its own. */
export function newBase(now: number, pid: number, host: string): string {
  const random = Array.from(
    crypto.getRandomValues(new Uint8Array(4)),
    (byte) => byte.toString(16).padStart(2, "0"),
  ).join("");
  const micro = String((made++ * 7919 + (now % 1000) * 1000) % 1_000_000).padStart(6, "0");
  const safeHost = host.replace(/[^A-Za-z0-9.-]/g, "_").slice(0, 64);
  return `${Math.floor(now / 1000)}.M${micro}P${pid}Q${made}R${random}.${safeHost}`;
}

/** The order in which mails without a UID get theirs: as they came, by their names. */
export function byArrival(one: string, other: string): number {
  const time = (base: string) => Number(/^\d{1,15}/.exec(base)?.[0] ?? 0);
  return time(one) - time(other) || (one < other ? -1 : one > other ? 1 : 0);
}
