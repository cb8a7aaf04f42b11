/** What a mailbox is to hold, as the pieces that its file is to be made of. */

import type { Flags } from "../../lib/model/item.ts";
import { type BaseToWrite, blockOf, isKeyword, pseudoMail } from "./block.ts";
import type { Box } from "./box.ts";
import type { DiskFile } from "./disk.ts";
import type { Entry } from "./entries.ts";
import { FROM_LINE_BYTES, fromLine, parseFromLine } from "./from_line.ts";
import type { Mail } from "./mail.ts";
import type { Staged } from "./stage.ts";

/** A mail that is to be there: one that is, or a new one. */
export interface Wanted {
  readonly uid: number;
  readonly flags: Flags;
  readonly source: Entry | NewMail;
}

export interface NewMail {
  readonly staged: Staged;
  /** In milliseconds since 1970. */
  readonly received: number;
}

export interface Layout {
  readonly uidValidity: number;
  readonly uidNext: number;
  /** With ascending UIDs. Gone through more than once, as they may be too many to be kept. */
  readonly mails: Iterable<Wanted>;
}

/** A piece: bytes, or where they stand in the file of the mailbox or of new mails. */
export type Segment =
  | { readonly of: "bytes"; readonly bytes: Uint8Array }
  | { readonly of: "box" | "staged"; readonly from: number; readonly to: number };

/** How many bytes they are together. */
export function sizeOf(segments: Iterable<Segment>): number {
  let size = 0;
  for (const it of segments) size += it.of === "bytes" ? it.bytes.byteLength : it.to - it.from;
  return size;
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const LINE_END = encode("\n");
/** Behind a mail that ends with a CR, as that would count as a part of the line end otherwise. */
const CRLF = encode("\r\n");
const CR = 13;

/** The keywords of a mailbox after a change: those that it knew, and those that mails have now. */
export function keywordsOf(known: readonly string[], mails: Iterable<Flags>): readonly string[] {
  const all = new Map(known.map((name) => [name.toLowerCase(), name] as const));
  for (const flags of mails) {
    for (const flag of flags) {
      if (isKeyword(flag) && !all.has(flag.toLowerCase())) all.set(flag.toLowerCase(), flag);
    }
  }
  return [...all.values()];
}

/** Reads some bytes of the mailbox's file. */
export type Look = (at: number, length: number) => Uint8Array;

export const lookInto = (file: DiskFile): Look => (at, length) => {
  const bytes = new Uint8Array(length);
  return bytes.subarray(0, file.read(bytes, at));
};

/**
 * All of a mailbox's file, in order. What does not change is taken over byte for byte. The pieces are
 * made anew each time that they are gone through.
 */
export function segmentsOf(box: Box, layout: Layout, look: Look, now: number): Iterable<Segment> {
  return { [Symbol.iterator]: () => allSegments(box, layout, look, now) };
}

function* allSegments(box: Box, layout: Layout, look: Look, now: number): Generator<Segment> {
  const { mails } = layout;
  const base: BaseToWrite = {
    uidValidity: layout.uidValidity,
    uidLast: layout.uidNext - 1,
    keywords: keywordsOf(box.keywords, flagsOf(mails)),
  };
  const same = isSame(box, base);
  let ownBase: BaseToWrite | undefined = base;
  if (box.pseudo !== undefined || isEmpty(mails)) {
    yield* segments((out) => {
      if (same && box.pseudo !== undefined) return out.addMail(box.pseudo, look);
      out.bytes(encode(fromLine(now)));
      out.bytes(pseudoMail(base, now));
    });
    ownBase = undefined;
  }
  for (const wanted of mails) {
    const { source } = wanted;
    yield* segments((out) => {
      if ("staged" in source) out.addNew(wanted, source, ownBase);
      else if (isUnchanged(wanted, source, ownBase, same)) out.addMail(source.mail, look);
      else out.addChanged(wanted, source.mail, ownBase, look);
    });
    ownBase = undefined;
  }
}

function segments(make: (out: Segments) => void): readonly Segment[] {
  const out = new Segments();
  make(out);
  return out.all;
}

function* flagsOf(mails: Iterable<Wanted>): Generator<Flags> {
  for (const { flags } of mails) yield flags;
}

function isEmpty(mails: Iterable<Wanted>): boolean {
  for (const _ of mails) return false;
  return true;
}

/** What is put behind the mails that are there, each of them higher than any UID that was given. */
export function appended(box: Box, news: readonly Wanted[], look: Look): readonly Segment[] {
  const out = new Segments();
  const last = box.entries.at(-1)?.mail ?? box.pseudo;
  if (last !== undefined && last.next === last.end) out.bytes(lineEndFor(last, look));
  for (const wanted of news) {
    if ("staged" in wanted.source) out.addNew(wanted, wanted.source, undefined);
  }
  return out.all;
}

function isSame(box: Box, base: BaseToWrite): boolean {
  const written = (box.pseudo ?? box.entries.at(0)?.mail)?.said.base;
  return written !== undefined && written.uidValidity === base.uidValidity &&
    written.uidLast === base.uidLast && written.keywords.length === base.keywords.length;
}

function isUnchanged(
  { uid, flags }: Wanted,
  { mail, flags: had }: Entry,
  ownBase: BaseToWrite | undefined,
  same: boolean,
): boolean {
  if (mail.said.uid !== uid || flags.join(" ") !== had.join(" ")) return false;
  return ownBase === undefined
    ? mail.said.base === undefined
    : same && mail.said.base !== undefined;
}

class Segments {
  readonly all: Segment[] = [];

  bytes(bytes: Uint8Array): void {
    if (bytes.byteLength > 0) this.all.push({ of: "bytes", bytes });
  }

  part(of: "box" | "staged", from: number, to: number): void {
    if (to <= from) return;
    const last = this.all.at(-1);
    if (last?.of === of && last.to === from) this.all.splice(-1, 1, { of, from: last.from, to });
    else this.all.push({ of, from, to });
  }

  addMail(mail: Mail, look: Look): void {
    this.part("box", mail.from, mail.next);
    if (mail.next === mail.end) this.bytes(lineEndFor(mail, look));
  }

  addChanged({ uid, flags }: Wanted, mail: Mail, base: BaseToWrite | undefined, look: Look): void {
    this.part("box", mail.from, mail.header);
    const gap = !mail.parted
      ? 0
      : mail.body - mail.header > 1 && look(mail.body - 2, 1)[0] === CR
      ? 2
      : 1;
    const headerEnd = mail.parted ? mail.body - gap : mail.end;
    const header: (readonly [number, number])[] = [];
    let at = mail.header;
    for (const [from, to] of mail.hidden) {
      if (from > at) header.push([at, from]);
      at = to;
    }
    if (headerEnd > at) header.push([at, headerEnd]);
    const contentLength = mail.parted ? mail.end - mail.body : undefined;
    const block = blockOf({
      uid,
      flags,
      ...(base === undefined ? {} : { base }),
      ...(contentLength === undefined ? {} : { contentLength }),
    });
    const [first] = header;
    const last = header.at(-1);
    // A last line without an end can only be that of a mail without a body.
    const unended = last !== undefined && look(last[1] - 1, 1)[0] !== LINE_END[0];
    const ahead = unended && first !== undefined && mayFollow(look(first[0], FROM_LINE_BYTES));
    if (ahead) this.bytes(block);
    // With an end, a CR alone becomes the empty line, behind which nothing of ours would be found.
    const emptied = unended && !ahead && isCrAlone(look(last[1] - 2, 2), last);
    for (const [from, to] of header) {
      this.part("box", from, emptied && to === last?.[1] ? to - 1 : to);
    }
    if (!ahead) {
      if (unended && !emptied) this.bytes(LINE_END);
      this.bytes(block);
      if (emptied) this.bytes(CRLF);
    }
    this.part("box", headerEnd, mail.end);
    if (mail.next > mail.end) this.part("box", mail.end, mail.next);
    else this.bytes(lineEndFor(mail, look));
  }

  addNew({ uid, flags }: Wanted, { staged, received }: NewMail, base?: BaseToWrite): void {
    this.bytes(encode(fromLine(received)));
    const { from, headerEnd, to, gap, unended, endsWithCr } = staged;
    const block = blockOf({
      uid,
      flags,
      ...(base === undefined ? {} : { base }),
      ...(gap === 0 ? {} : { contentLength: to - headerEnd - gap }),
    });
    if (unended) this.bytes(block);
    this.part("staged", from, headerEnd);
    if (!unended) this.bytes(block);
    this.part("staged", headerEnd, to);
    this.bytes(endsWithCr ? CRLF : LINE_END);
  }
}

/** Whether these bytes stay what they are behind lines of ours: they do not continue or end them. */
const mayFollow = (bytes: Uint8Array): boolean =>
  bytes[0] !== 32 && bytes[0] !== 9 && parseFromLine(bytes) === undefined;

const isCrAlone = (bytes: Uint8Array, [from, to]: readonly [number, number]): boolean =>
  bytes[1] === CR && (to - from === 1 || bytes[0] === LINE_END[0]);

const lineEndFor = (mail: Mail, look: Look): Uint8Array =>
  mail.end > mail.header && look(mail.end - 1, 1)[0] === CR ? CRLF : LINE_END;
