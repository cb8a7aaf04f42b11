/** Very many mails in little memory: a hundred-odd bytes each, whatever they are. */

import { Buffer } from "node:buffer";
import { digest } from "../../lib/model/names.ts";
import type { Mail, Range } from "./mail.ts";

/** The numbers that each mail has, in columns beside each other. */
const NUMBERS = 8;
/** SHA-256. */
const DIGEST = 32;
const SYSTEM = ["\\Seen", "\\Answered", "\\Flagged", "\\Draft", "\\Deleted"] as const;
const PARTED = 1 << SYSTEM.length;

/**
 * Mails in the order in which they stand in their file. They are given as they were taken, but for
 * what counts only while a file is read: the Content-Length, and all but the first one's base.
 */
export class Mails {
  #length = 0;
  #numbers = new Float64Array(64 * NUMBERS);
  #digests = new Uint8Array(64 * DIGEST);
  #uids = new Uint32Array(64);
  #bits = new Uint8Array(64);
  /** Which of the keywords below. */
  #words = new Uint32Array(64);
  /** Where the hidden ranges begin in the list of all of them; those of a mail end with the next. */
  #hiddenAt = new Uint32Array(65);
  #hidden = new Float64Array(128);
  #first: Mail | undefined;
  #keywords: (readonly string[])[] = [];
  #known = new Map<string, number>();

  get length(): number {
    return this.#length;
  }

  /** Takes another one, behind those that are there. */
  add(mail: Mail): void {
    const at = this.#length++;
    this.#makeRoom();
    this.#hide(at, mail.hidden);
    this.#set(at, mail);
  }

  /** Puts a mail in the place of one that is hidden in as many ranges. */
  put(index: number, mail: Mail): void {
    const begin = this.#hiddenAt[index] ?? 0;
    const count = (this.#hiddenAt[index + 1] ?? 0) - begin;
    if (index >= this.#length || mail.hidden.length !== count) {
      throw new RangeError(`the mail ${index} is another one`);
    }
    this.#hidden.set(mail.hidden.flat(), 2 * begin);
    this.#set(index, mail);
  }

  #set(at: number, mail: Mail): void {
    const { said, from, header, body, end, next, received, size, crlfSize } = mail;
    this.#numbers.set([from, header, body, end, next, received, size, crlfSize], at * NUMBERS);
    this.#digests.set(Buffer.from(mail.digest, "hex"), at * DIGEST);
    this.#uids[at] = said.uid ?? 0;
    const bits = SYSTEM.reduce(
      (all, flag, bit) => said.flags.includes(flag) ? all | 1 << bit : all,
      0,
    );
    this.#bits[at] = mail.parted ? bits | PARTED : bits;
    this.#words[at] = this.#numberOf(said.keywords);
    if (at === 0) this.#first = mail;
  }

  /** The mail at that place, which must be there. */
  at(index: number): Mail {
    if (index === 0 && this.#first !== undefined) return this.#first;
    if (index < 0 || index >= this.#length) throw new RangeError(`there is no mail ${index}`);
    const number = (column: number) => this.#numbers[index * NUMBERS + column] ?? 0;
    const bits = this.#bits[index] ?? 0;
    const uid = this.#uids[index] ?? 0;
    const bytes = this.#digests.subarray(index * DIGEST, (index + 1) * DIGEST);
    const hidden: Range[] = [];
    const end = this.#hiddenAt[index + 1] ?? 0;
    for (let at = this.#hiddenAt[index] ?? 0; at < end; at++) {
      hidden.push([this.#hidden[2 * at] ?? 0, this.#hidden[2 * at + 1] ?? 0]);
    }
    return {
      from: number(0),
      header: number(1),
      body: number(2),
      end: number(3),
      next: number(4),
      parted: (bits & PARTED) !== 0,
      received: number(5),
      hidden,
      said: {
        flags: SYSTEM.filter((_, bit) => (bits >> bit & 1) === 1),
        keywords: this.#keywords[this.#words[index] ?? 0] ?? [],
        ...(uid === 0 ? {} : { uid }),
      },
      size: number(6),
      crlfSize: number(7),
      digest: digest(Buffer.from(bytes).toString("hex")),
    };
  }

  /** What a mail says, without the rest of it. */
  saidOf(index: number): Mail["said"] {
    return this.at(index).said;
  }

  /** The same mails up to that place. */
  upTo(length: number): Mails {
    const copy = new Mails();
    copy.#length = length;
    copy.#numbers = this.#numbers.slice(0, length * NUMBERS);
    copy.#digests = this.#digests.slice(0, length * DIGEST);
    copy.#uids = this.#uids.slice(0, length);
    copy.#bits = this.#bits.slice(0, length);
    copy.#words = this.#words.slice(0, length);
    copy.#hiddenAt = this.#hiddenAt.slice(0, length + 1);
    copy.#hidden = this.#hidden.slice(0, 2 * (this.#hiddenAt[length] ?? 0));
    copy.#first = length > 0 ? this.#first : undefined;
    copy.#keywords = [...this.#keywords];
    copy.#known = new Map(this.#known);
    return copy;
  }

  #hide(at: number, ranges: readonly Range[]): void {
    let next = this.#hiddenAt[at] ?? 0;
    for (const range of ranges) {
      if (2 * next + 2 > this.#hidden.length) {
        const larger = new Float64Array(this.#hidden.length * 1.5 + 64);
        larger.set(this.#hidden);
        this.#hidden = larger;
      }
      this.#hidden.set(range, 2 * next++);
    }
    this.#hiddenAt[at + 1] = next;
  }

  /** Most mails have the same keywords as many others, or none. */
  #numberOf(keywords: readonly string[]): number {
    const key = keywords.join("\0");
    const known = this.#known.get(key);
    if (known !== undefined && (key !== "" || this.#keywords[known]?.length === keywords.length)) {
      return known;
    }
    this.#keywords.push(keywords);
    this.#known.set(key, this.#keywords.length - 1);
    return this.#keywords.length - 1;
  }

  #makeRoom(): void {
    const room = this.#uids.length;
    if (this.#length <= room) return;
    const more = Math.ceil(room * 1.5) + 64;
    const larger = <T extends Float64Array | Uint8Array | Uint32Array>(now: T, into: T): T => {
      into.set(now);
      return into;
    };
    this.#numbers = larger(this.#numbers, new Float64Array(more * NUMBERS));
    this.#digests = larger(this.#digests, new Uint8Array(more * DIGEST));
    this.#uids = larger(this.#uids, new Uint32Array(more));
    this.#bits = larger(this.#bits, new Uint8Array(more));
    this.#words = larger(this.#words, new Uint32Array(more));
    this.#hiddenAt = larger(this.#hiddenAt, new Uint32Array(more + 1));
  }
}

/** Those mails. */
export function mailsOf(mails: Iterable<Mail>): Mails {
  const all = new Mails();
  for (const mail of mails) all.add(mail);
  return all;
}
