/** The mails of a mailbox under their UIDs, in little memory. */

import type { Flags } from "../../lib/model/item.ts";
import type { Etag, Href } from "../../lib/model/names.ts";
import { hrefOfUid, uidOf } from "../../lib/model/mail.ts";
import type { Mail } from "./mail.ts";
import type { Mails } from "./mails.ts";

/** Flags that mails have together: few of all that could be. */
export interface FlagSet {
  readonly flags: Flags;
  readonly etag: Etag;
}

/** One of them. Where it stands and who it is is looked up when it is asked for. */
export class Entry implements FlagSet {
  readonly #mails: Mails;
  readonly #index: number;
  readonly uid: number;
  readonly flags: Flags;
  readonly etag: Etag;

  constructor(mails: Mails, index: number, uid: number, { flags, etag }: FlagSet) {
    this.#mails = mails;
    this.#index = index;
    this.uid = uid;
    this.flags = flags;
    this.etag = etag;
  }

  get mail(): Mail {
    return this.#mails.at(this.#index);
  }

  /** What a listing says of it. */
  get told(): { readonly size: number; readonly received: number } {
    return this.#mails.toldOf(this.#index);
  }
}

/** With ascending UIDs, which is the order in which they stand in the file. */
export class Entries implements Iterable<Entry> {
  readonly #mails: Mails;
  readonly #skipped: number;
  readonly #uids: Uint32Array;
  readonly #sets: readonly FlagSet[];
  readonly #setOf: Uint32Array;

  /**
   * @param skipped How many mails at the beginning are none of these.
   * @param setOf Which of the sets each mail has.
   */
  constructor(
    mails: Mails,
    skipped: number,
    uids: Uint32Array,
    sets: readonly FlagSet[],
    setOf: Uint32Array,
  ) {
    this.#mails = mails;
    this.#skipped = skipped;
    this.#uids = uids;
    this.#sets = sets;
    this.#setOf = setOf;
  }

  get length(): number {
    return this.#uids.length;
  }

  /** The one at that place, counted from the end where it is negative; nothing where there is none. */
  at(index: number): Entry | undefined {
    const place = index < 0 ? this.length + index : index;
    const uid = this.#uids[place];
    const set = this.#sets[this.#setOf[place] ?? -1];
    if (uid === undefined || set === undefined) return undefined;
    return new Entry(this.#mails, place + this.#skipped, uid, set);
  }

  of(href: Href): Entry | undefined {
    return this.at(this.placeOf(href));
  }

  has(href: Href): boolean {
    return this.placeOf(href) < this.length;
  }

  *[Symbol.iterator](): Generator<Entry, void, undefined> {
    for (let index = 0; index < this.length; index++) {
      const entry = this.at(index);
      if (entry !== undefined) yield entry;
    }
  }

  /** The place of the one that is called so; behind all of them where there is none. */
  placeOf(href: Href): number {
    const uid = uidOf(href);
    if (hrefOfUid(uid) !== href) return this.length;
    let [from, to] = [0, this.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#uids[middle] ?? 0) < uid) from = middle + 1;
      else to = middle;
    }
    return this.#uids[from] === uid ? from : this.length;
  }
}
