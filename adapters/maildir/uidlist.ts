/** `dovecot-uidlist`: which mail has which UID. Version 3 is written, and 1 is read as well. */

import { hash } from "node:crypto";
import { MOST } from "../../lib/model/mail.ts";

/**
 * One mail. The name is a string of bytes (one character each), as names need not be UTF-8; it is
 * compared with names of files, and never made a path of.
 */
export interface UidRecord {
  readonly uid: number;
  readonly base: string;
  /** The fields before the name as they stand there, such as `W367 Gabc`; those unknown as well. */
  readonly fields: string;
}

export interface UidList {
  readonly uidValidity: number | undefined;
  /** 32 hexadecimal digits. */
  readonly guid: string | undefined;
  /** The UID that the next mail gets: more than any that is there. */
  readonly next: number;
  /** Fields of the header that nobody here knows. */
  readonly others: readonly string[];
  /** Grows as records are appended: one who holds a hundred thousand does not copy them for each. */
  readonly records: Map<number, UidRecord>;
  readonly byBase: Map<string, UidRecord>;
  /** It is as it should be, and ends with a whole line: so that more can be appended. */
  readonly isSound: boolean;
}

/** A list that is not there, or says nothing. */
export const emptyList = (): UidList => ({
  uidValidity: undefined,
  guid: undefined,
  next: 1,
  others: [],
  records: new Map(),
  byBase: new Map(),
  isSound: false,
});

const LATIN1 = new TextDecoder("latin1");

/** Bytes as a string of one character each. */
export function byteString(bytes: Uint8Array): string {
  // TextDecoder's Latin-1 is Windows-1252, which is the same only for ASCII.
  if (bytes.every((byte) => byte < 0x80)) return LATIN1.decode(bytes);
  let text = "";
  for (let at = 0; at < bytes.length; at += 4096) {
    text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  }
  return text;
}

/** The reverse. */
export const bytesOf = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text, (char) => char.charCodeAt(0));

/** A file's name, as the system told it, as a string of bytes. */
export function nameBytes(name: string): string {
  // deno-lint-ignore no-control-regex -- ASCII is what is looked for
  return /^[\x00-\x7f]*$/.test(name) ? name : byteString(new TextEncoder().encode(name));
}

/**
 * Reads what was written, or half-written. Lines that say nothing are left out; of two records with
 * one UID the first stays, and of two with one name the last, as Dovecot has it.
 */
export function parseUidList(bytes: Uint8Array): UidList {
  const text = byteString(bytes);
  const firstEnd = text.indexOf("\n");
  const header = headerOf(firstEnd === -1 ? text : text.slice(0, firstEnd));
  if (header === undefined) return emptyList();
  const records = new Map<number, UidRecord>();
  const byBase = new Map<string, UidRecord>();
  let isSound = header.version === 3 && header.guid !== undefined && text.endsWith("\n");
  let last = 0;
  for (let at = firstEnd + 1; firstEnd !== -1 && at < text.length;) {
    const end = text.indexOf("\n", at);
    const line = text.slice(at, end === -1 ? text.length : end);
    at = end === -1 ? text.length : end + 1;
    const record = recordOf(line, header.version);
    if (record === undefined || records.has(record.uid)) {
      isSound = false;
      continue;
    }
    if (record.uid < last) isSound = false;
    last = Math.max(last, record.uid);
    const twin = byBase.get(record.base);
    if (twin !== undefined) {
      records.delete(twin.uid);
      isSound = false;
    }
    records.set(record.uid, record);
    byBase.set(record.base, record);
  }
  const { uidValidity, guid, others } = header;
  return {
    uidValidity,
    guid,
    next: Math.min(Math.max(header.next, last + 1), MOST),
    others,
    records,
    byBase,
    isSound,
  };
}

interface Header extends Pick<UidList, "uidValidity" | "guid" | "next" | "others"> {
  readonly version: 1 | 3;
}

/** What the first line of a list says, or nothing where it is none. */
export function headerOf(line: string): Header | undefined {
  const [version, ...fields] = line.split(" ").filter((field) => field !== "");
  if (version === "1") {
    const uidValidity = numberOf(fields[0] ?? "");
    const next = numberOf(fields[1] ?? "") ?? 1;
    if (uidValidity === undefined) return undefined;
    return { version: 1, uidValidity, guid: undefined, next, others: [] };
  }
  if (version !== "3") return undefined;
  let uidValidity: number | undefined;
  let next = 1;
  let guid: string | undefined;
  const others: string[] = [];
  for (const field of fields) {
    const value = field.slice(1);
    if (field.startsWith("V")) uidValidity = numberOf(value);
    else if (field.startsWith("N")) next = numberOf(value) ?? 1;
    else if (field.startsWith("G") && isGuid(value)) guid = value.toLowerCase();
    else if (!field.startsWith("G")) others.push(field);
  }
  return uidValidity === undefined ? undefined : { version: 3, uidValidity, guid, next, others };
}

/** The record that a line is, or nothing where it is none. */
export function recordOf(line: string, version: 1 | 3 = 3): UidRecord | undefined {
  const blank = line.indexOf(" ");
  const uid = blank === -1 ? undefined : numberOf(line.slice(0, blank));
  if (uid === undefined) return undefined;
  const rest = line.slice(blank);
  const colon = version === 3 ? rest.indexOf(" :") : -1;
  if (version === 3 && colon === -1) return undefined;
  const fields = version === 3 ? rest.slice(1, Math.max(colon, 1)).trim() : "";
  const name = version === 3 ? rest.slice(colon + 2) : rest.slice(1);
  const info = name.indexOf(":");
  const base = info === -1 ? name : name.slice(0, info);
  return base === "" ? undefined : { uid, base, fields };
}

/** A number from 1 to the highest that IMAP knows. */
function numberOf(text: string): number | undefined {
  if (!/^\d{1,10}$/.test(text)) return undefined;
  const number = Number(text);
  return number >= 1 && number <= MOST ? number : undefined;
}

export const isGuid = (text: string): boolean => /^[0-9a-f]{32}$/i.test(text);

/** The value of the field with that letter. */
export function fieldOf(record: UidRecord, letter: string): string | undefined {
  if (record.fields === "") return undefined;
  return record.fields.split(" ").find((field) => field.startsWith(letter))?.slice(1);
}

/** What a field of a list can hold: no blank, and nothing but ASCII. */
const FIELD = /^[\x21-\x7e]{1,1000}$/;

/**
 * What names the mail: what the list says, or else the name of its file. A name that no list can hold
 * is told in the form that Dovecot's dsync compares such a GUID in: the last 16 bytes of its SHA-1.
 */
export function guidOf(record: UidRecord): string {
  const guid = fieldOf(record, "G") ?? record.base;
  return FIELD.test(guid) ? guid : hash("sha1", bytesOf(guid), "hex").slice(-32);
}

export const formatRecord = ({ uid, fields, base }: UidRecord): string =>
  fields === "" ? `${uid} :${base}\n` : `${uid} ${fields} :${base}\n`;

/** The bytes of a list: its records by UID. */
export function formatUidList(list: UidList): Uint8Array<ArrayBuffer> {
  const others = list.others.map((field) => ` ${field}`).join("");
  const header = `3 V${list.uidValidity ?? 1} N${list.next} G${list.guid ?? ""}${others}\n`;
  const lines = [...list.records.values()].sort((one, other) => one.uid - other.uid)
    .map(formatRecord);
  return bytesOf(header + lines.join(""));
}

/** The list with these records, and no others. `next` is raised where one of them needs it. */
export function withRecords(list: UidList, records: Iterable<UidRecord>): UidList {
  const kept = new Map<number, UidRecord>();
  const byBase = new Map<string, UidRecord>();
  let next = list.next;
  for (const record of records) {
    kept.set(record.uid, record);
    byBase.set(record.base, record);
    next = Math.max(next, Math.min(record.uid + 1, MOST));
  }
  return { ...list, records: kept, byBase, next, isSound: true };
}

/** The list with one more record, which has the highest UID. What was passed is not used any more. */
export function withAppended(list: UidList, record: UidRecord): UidList {
  list.records.set(record.uid, record);
  list.byBase.set(record.base, record);
  return { ...list, next: Math.min(record.uid + 1, MOST) };
}
