/** A mailbox as its file has it: which mail has which UID and which flags. */

import { etagOfFlags, flagsOf } from "../../lib/item/mail/flags.ts";
import { type DiskStat, versionOf } from "./disk.ts";
import { Entries, type FlagSet } from "./entries.ts";
import { knownKeywords } from "./said.ts";
import type { Mail } from "./mail.ts";
import type { Mails } from "./mails.ts";

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
  /** All that stand in the file, with that one. */
  readonly mails: Mails;
  readonly entries: Entries;
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
  mails: Mails,
  stat: DiskStat,
  made: number,
  settled: boolean,
): Box {
  const first = mails.length > 0 ? mails.at(0) : undefined;
  const base = first?.said.base;
  const pseudo = base?.pseudo ? first : undefined;
  const keywords = base?.keywords ?? [];
  const skipped = pseudo === undefined ? 0 : 1;
  const uids = new Uint32Array(mails.length - skipped);
  const sets = new FlagSets(keywords);
  const setOf = new Uint32Array(uids.length);
  let next = (base?.uidLast ?? 0) + 1;
  let previous = 0;
  // A file of no bytes has nothing to be written to: Dovecot makes its numbers when it needs them.
  let written = base !== undefined;
  for (let index = 0; index < uids.length; index++) {
    let uid = mails.saidUid(index + skipped);
    if (uid <= next && uid > previous) {
      if (uid === next) next++;
    } else {
      uid = next++;
      written = false;
    }
    previous = uid;
    uids[index] = uid;
    setOf[index] = sets.numberOf(mails, index + skipped);
  }
  const uidLastAt = first?.said.uidLastAt;
  return {
    stat,
    version: versionOf(stat),
    settled,
    uidValidity: base?.uidValidity ?? made,
    uidNext: next,
    keywords,
    mails,
    entries: new Entries(mails, skipped, uids, sets.all, setOf),
    written,
    ...(pseudo === undefined ? {} : { pseudo }),
    ...(uidLastAt === undefined ? {} : { uidLastAt }),
  };
}

/** The sets of flags that mails of a mailbox have. */
class FlagSets {
  readonly all: FlagSet[] = [];
  readonly #numbers = new Map<number, number>();
  readonly #keywords: readonly string[];

  constructor(keywords: readonly string[]) {
    this.#keywords = keywords;
  }

  numberOf(mails: Mails, index: number): number {
    const key = mails.saidFlags(index);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const { said } = mails.at(index);
    const flags = flagsOf([...said.flags, ...knownKeywords(said, this.#keywords)]);
    this.#numbers.set(key, this.all.push({ flags, etag: etagOfFlags(flags) }) - 1);
    return this.all.length - 1;
  }
}
