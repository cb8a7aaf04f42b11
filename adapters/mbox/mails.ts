/** Very many mails in little memory: a hundred-odd bytes each, whatever they are. */

import { Buffer } from "node:buffer";
import { digest } from "../../lib/model/names.ts";
import type { Mail, Range } from "./mail.ts";

/** How many mails are kept together. What did not change is shared by what was known before and since. */
const TOGETHER = 2048;
/** For how many there is room at first: most mailboxes of some people are small. */
const FEW = 16;
/** The numbers that each mail has, beside each other. */
const NUMBERS = 8;
/** SHA-256. */
const DIGEST = 32;
const SYSTEM = ["\\Seen", "\\Answered", "\\Flagged", "\\Draft", "\\Deleted"] as const;
const FLAGS = (1 << SYSTEM.length) - 1;
const PARTED = FLAGS + 1;

/** Mails that stand behind each other. */
class Chunk {
  readonly numbers: Float64Array;
  readonly digests: Uint8Array;
  readonly uids: Uint32Array;
  readonly bits: Uint8Array;
  /** Which keywords, of a list of them. */
  readonly words: Uint32Array;
  /** Where a mail's hidden ranges begin in the list of all; those of a mail end with the next one's. */
  readonly hiddenAt: Uint32Array;
  hidden: Float64Array;

  /** @param like What it is to hold at first. */
  constructor(room: number, like?: Chunk) {
    this.numbers = new Float64Array(room * NUMBERS);
    this.digests = new Uint8Array(room * DIGEST);
    this.uids = new Uint32Array(room);
    this.bits = new Uint8Array(room);
    this.words = new Uint32Array(room);
    this.hiddenAt = new Uint32Array(room + 1);
    this.hidden = like?.hidden.slice() ?? new Float64Array(2 * room);
    if (like === undefined) return;
    this.numbers.set(like.numbers);
    this.digests.set(like.digests);
    this.uids.set(like.uids);
    this.bits.set(like.bits);
    this.words.set(like.words);
    this.hiddenAt.set(like.hiddenAt);
  }

  get room(): number {
    return this.uids.length;
  }

  /** Puts the ranges behind those of the mail before. */
  hide(at: number, ranges: readonly Range[]): void {
    const begin = this.hiddenAt[at] ?? 0;
    const end = begin + ranges.length;
    if (2 * end > this.hidden.length) {
      const larger = new Float64Array(3 * end);
      larger.set(this.hidden);
      this.hidden = larger;
    }
    this.hidden.set(ranges.flat(), 2 * begin);
    this.hiddenAt[at + 1] = end;
  }
}

/** Keywords that mails have together, each list once: most have the same as many others, or none. */
class Words {
  readonly all: (readonly string[])[] = [];
  readonly #known = new Map<string, number>();

  numberOf(keywords: readonly string[]): number {
    // No value of a field holds a line of its own.
    const key = `${keywords.length}\n${keywords.join("\n\n")}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.#known.set(key, this.all.push(keywords) - 1);
    return this.all.length - 1;
  }
}

/**
 * Mails in the order in which they stand in their file. They are given as they were taken, but for
 * what counts only while a file is read: the Content-Length, and all but the first one's base.
 */
export class Mails {
  #length = 0;
  #chunks: Chunk[] = [];
  /** Chunks that others have too, and that are copied before they are changed. */
  #shared = 0;
  /** Those of them that were copied. */
  readonly #owned = new Set<number>();
  #first: Mail | undefined;
  #words = new Words();

  get length(): number {
    return this.#length;
  }

  /** Takes another one, behind those that are there. */
  add(mail: Mail): void {
    const index = this.#length++;
    const at = index % TOGETHER;
    if (at === 0) this.#chunks.push(new Chunk(FEW));
    const chunk = this.#ownChunk(index, at + 1);
    chunk.hide(at, mail.hidden);
    this.#set(chunk, index, mail);
  }

  /** Puts a mail in the place of one that is hidden in as many ranges. */
  put(index: number, mail: Mail): void {
    const at = index % TOGETHER;
    const chunk = this.#ownChunk(index, at + 1);
    const begin = chunk.hiddenAt[at] ?? 0;
    if (index >= this.#length || begin + mail.hidden.length !== chunk.hiddenAt[at + 1]) {
      throw new RangeError(`the mail ${index} is another one`);
    }
    chunk.hidden.set(mail.hidden.flat(), 2 * begin);
    this.#set(chunk, index, mail);
  }

  /** The mail at that place, which must be there. */
  at(index: number): Mail {
    if (index === 0 && this.#first !== undefined) return this.#first;
    const chunk = this.#chunkOf(index);
    const place = index % TOGETHER;
    const number = (column: number) => chunk.numbers[place * NUMBERS + column] ?? 0;
    const bits = chunk.bits[place] ?? 0;
    const uid = chunk.uids[place] ?? 0;
    const hidden: Range[] = [];
    const end = chunk.hiddenAt[place + 1] ?? 0;
    for (let at = chunk.hiddenAt[place] ?? 0; at < end; at++) {
      hidden.push([chunk.hidden[2 * at] ?? 0, chunk.hidden[2 * at + 1] ?? 0]);
    }
    const bytes = chunk.digests.subarray(place * DIGEST, (place + 1) * DIGEST);
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
        keywords: this.#words.all[chunk.words[place] ?? 0] ?? [],
        ...(uid === 0 ? {} : { uid }),
      },
      size: number(6),
      crlfSize: number(7),
      digest: digest(Buffer.from(bytes).toString("hex")),
    };
  }

  /** Its size, with CRLF at the ends of lines, and when it came, without all the rest. */
  toldOf(index: number): { readonly size: number; readonly received: number } {
    const { numbers } = this.#chunkOf(index);
    const at = index % TOGETHER * NUMBERS;
    return { size: numbers[at + 7] ?? 0, received: numbers[at + 5] ?? 0 };
  }

  /** The UID that a mail says it has; 0 where it says none. */
  saidUid(index: number): number {
    return this.#chunkOf(index).uids[index % TOGETHER] ?? 0;
  }

  /** A number for the flags and keywords that a mail says it has: the same for the same ones. */
  saidFlags(index: number): number {
    const chunk = this.#chunkOf(index);
    const place = index % TOGETHER;
    return (chunk.words[place] ?? 0) * PARTED + ((chunk.bits[place] ?? 0) & FLAGS);
  }

  /** The same mails up to that place. Nothing more may be put into these here from then on. */
  upTo(length: number): Mails {
    const copy = new Mails();
    copy.#length = length;
    copy.#chunks = this.#chunks.slice(0, Math.ceil(length / TOGETHER));
    copy.#shared = copy.#chunks.length;
    copy.#first = length > 0 ? this.#first : undefined;
    // Only ever added to, so that numbers stay what they are.
    copy.#words = this.#words;
    return copy;
  }

  #chunkOf(index: number): Chunk {
    const chunk = this.#chunks[Math.floor(index / TOGETHER)];
    if (chunk === undefined || index < 0 || index >= this.#length) {
      throw new RangeError(`there is no mail ${index}`);
    }
    return chunk;
  }

  /** One that may be changed, and has room for that many. */
  #ownChunk(index: number, room: number): Chunk {
    const chunk = this.#chunkOf(index);
    const number = Math.floor(index / TOGETHER);
    const isOwn = number >= this.#shared || this.#owned.has(number);
    if (isOwn && room <= chunk.room) return chunk;
    const own = new Chunk(room <= chunk.room ? chunk.room : Math.min(2 * room, TOGETHER), chunk);
    this.#chunks[number] = own;
    this.#owned.add(number);
    return own;
  }

  #set(chunk: Chunk, index: number, mail: Mail): void {
    const at = index % TOGETHER;
    const { said, from, header, body, end, next, received, size, crlfSize } = mail;
    chunk.numbers.set([from, header, body, end, next, received, size, crlfSize], at * NUMBERS);
    chunk.digests.set(Buffer.from(mail.digest, "hex"), at * DIGEST);
    chunk.uids[at] = said.uid ?? 0;
    let bits = mail.parted ? PARTED : 0;
    for (const [bit, flag] of SYSTEM.entries()) if (said.flags.includes(flag)) bits |= 1 << bit;
    chunk.bits[at] = bits;
    chunk.words[at] = this.#words.numberOf(said.keywords);
    if (index === 0) this.#first = mail;
  }
}

/** Those mails. */
export function mailsOf(mails: Iterable<Mail>): Mails {
  const all = new Mails();
  for (const mail of mails) all.add(mail);
  return all;
}
