/** A mailbox as its file has it: which mail has which UID and which flags. */

import { etagOfFlags, flagsOf } from "../../lib/item/mail/flags.ts";
import type { Flags } from "../../lib/model/item.ts";
import type { Etag, Href } from "../../lib/model/names.ts";
import { hrefOfUid } from "../../lib/model/mail.ts";
import { type DiskStat, versionOf } from "./disk.ts";
import { knownKeywords } from "./said.ts";
import type { Mail } from "./mail.ts";

export interface Entry {
  readonly mail: Mail;
  readonly uid: number;
  readonly flags: Flags;
  readonly etag: Etag;
}

export interface Box {
  readonly stat: DiskStat;
  /** Of the file: see {@linkcode versionOf}. */
  readonly version: string;
  /** Whether every later write makes another version. */
  readonly settled: boolean;
  readonly uidValidity: number;
  readonly uidNext: number;
  /** Those that mails can have without the file being written anew. */
  readonly keywords: readonly string[];
  /** The mail that holds nothing but the numbers of the mailbox. */
  readonly pseudo?: Mail;
  /** With ascending UIDs, which is the order in which they stand in the file. */
  readonly entries: readonly Entry[];
  readonly byHref: ReadonlyMap<Href, Entry>;
  /** Whether UIDVALIDITY and all UIDs are in the file, so that they stay what they are. */
  readonly written: boolean;
  /** Where the last UID stands in the file, as ten digits. */
  readonly uidLastAt?: number;
}

/**
 * Numbers the mails as Dovecot does: a UID in the file is good if it is higher than the one before and
 * not higher than the base says (or just the next one, as programs append without touching the base).
 * All others get new ones.
 *
 * @param made The UIDVALIDITY of a mailbox that has none.
 */
export function boxOf(
  mails: readonly Mail[],
  stat: DiskStat,
  made: number,
  settled: boolean,
): Box {
  const [first, ...rest] = mails;
  const base = first?.said.base;
  const pseudo = base?.pseudo ? first : undefined;
  const keywords = base?.keywords ?? [];
  const entries: Entry[] = [];
  let next = (base?.uidLast ?? 0) + 1;
  let previous = 0;
  // A file of no bytes has nothing to be written to: Dovecot makes its numbers when it needs them.
  let written = base !== undefined;
  for (const mail of pseudo === undefined ? mails : rest) {
    const said = mail.said.uid;
    let uid: number;
    if (said !== undefined && said <= next && said > previous) {
      uid = said;
      if (uid === next) next++;
    } else {
      uid = next++;
      written = false;
    }
    previous = uid;
    const flags = flagsOf([...mail.said.flags, ...knownKeywords(mail.said, keywords)]);
    entries.push({ mail, uid, flags, etag: etagOfFlags(flags) });
  }
  const uidLastAt = first?.said.uidLastAt;
  return {
    stat,
    version: versionOf(stat),
    settled,
    uidValidity: base?.uidValidity ?? made,
    uidNext: next,
    keywords,
    entries,
    byHref: new Map(entries.map((entry) => [hrefOfUid(entry.uid), entry] as const)),
    written,
    ...(pseudo === undefined ? {} : { pseudo }),
    ...(uidLastAt === undefined ? {} : { uidLastAt }),
  };
}
