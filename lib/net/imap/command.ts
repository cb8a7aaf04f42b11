/** What commands are made of. No text of others' gets into one but as a string or a literal. */

import { latin1Bytes } from "./value.ts";

/** A literal whose bytes come while it is sent. They have to be exactly so many. */
export interface StreamedLiteral {
  readonly size: number;
  readonly stream: () => ReadableStream<Uint8Array>;
}

/** Plain text of the grammar, or a literal. */
export type Part = string | Uint8Array | StreamedLiteral;

const UTF8 = new TextEncoder();

/** Longer strings are sent as literals, in characters. */
const MOST_QUOTED = 512;

/**
 * A string: quoted where that can be, otherwise a literal (RFC 3501 section 4.3).
 * @param text Characters up to U+00FF stand for bytes.
 */
export function stringPart(text: string): Part {
  if (text.length > MOST_QUOTED || !/^[\x20-\x7e]*$/.test(text)) return latin1Bytes(text);
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** The same of text, which is sent in UTF-8. */
export function textPart(text: string): Part {
  return /^[\x20-\x7e]*$/.test(text) ? stringPart(text) : UTF8.encode(text);
}

/** Whether a flag or keyword can be sent as it is: an atom, with one backslash before it or none. */
export const isFlag = (flag: string): boolean => /^\\?[!#$&'+-[^-z|}~]+$/.test(flag);

export const flagList = (flags: readonly string[]): string => `(${flags.filter(isFlag).join(" ")})`;

const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

/** A date and time as APPEND takes it, in UTC: `" 7-Feb-1994 21:52:25 +0000"` with its quotes. */
export function dateTime(ms: number): string | undefined {
  const date = new Date(ms);
  const year = date.getUTCFullYear();
  if (!(year >= 1 && year <= 9999)) return undefined;
  const month = MONTHS.slice(date.getUTCMonth() * 3, date.getUTCMonth() * 3 + 3);
  const day = String(date.getUTCDate()).padStart(2, " ");
  const time = date.toISOString().replace(/^.*T(\d\d:\d\d:\d\d).*$/, "$1");
  return `"${day}-${month}-${String(year).padStart(4, "0")} ${time} +0000"`;
}

const DATE_TIME =
  /^ ?(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d)(?:\.\d+)? ([+-])(\d\d)(\d\d)$/;

/** The reverse of an INTERNALDATE, in milliseconds since 1970; nothing where it is none. */
export function timeOf(text: string): number | undefined {
  const match = DATE_TIME.exec(text);
  if (match === null) return undefined;
  const [, day, name = "", year, hour, minute, second, sign, zoneHours, zoneMinutes] = match;
  const month = MONTHS.toLowerCase().indexOf(name.toLowerCase()) / 3;
  if (!Number.isInteger(month) || month < 0) return undefined;
  const zone = (Number(zoneHours) * 60 + Number(zoneMinutes)) * (sign === "-" ? -1 : 1);
  const time = new Date(0);
  time.setUTCFullYear(Number(year), month, Number(day));
  time.setUTCHours(Number(hour), Number(minute) - zone, Number(second));
  return time.getTime();
}
