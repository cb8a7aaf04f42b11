/** Items and edits for the tests of merging, in few words. */

import { equal } from "node:assert/strict";
import {
  mergeCalendar,
  mergeContact,
  type Merged,
  type MergeInput,
} from "../../../../lib/item/merge/mod.ts";
import { readCalendarItem } from "../../../../lib/item/icalendar.ts";
import { readContact } from "../../../../lib/item/vcard.ts";
import { byteString } from "../../../../lib/item/lines.ts";

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Lines with CRLF. */
export const lines = (...some: readonly string[]): string =>
  some.map((line) => `${line}\r\n`).join("");

/** A calendar with one event of these lines. */
export function event(...some: readonly string[]): string {
  return calendar(...vevent(...some));
}

export function vevent(...some: readonly string[]): readonly string[] {
  return ["BEGIN:VEVENT", "UID:1", ...some, "END:VEVENT"];
}

export function calendar(...some: readonly string[]): string {
  return lines("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", ...some, "END:VCALENDAR");
}

export function alarm(trigger: string, ...some: readonly string[]): readonly string[] {
  return ["BEGIN:VALARM", "ACTION:DISPLAY", `TRIGGER:${trigger}`, ...some, "END:VALARM"];
}

export function card(...some: readonly string[]): string {
  return lines("BEGIN:VCARD", "VERSION:4.0", "UID:1", ...some, "END:VCARD");
}

/** Texts of the four versions; the base of b is that of a unless it is given. */
export interface Texts {
  readonly base: string;
  readonly baseB?: string;
  readonly a?: string;
  readonly b?: string;
}

function inputOf({ base, baseB = base, a = base, b = baseB }: Texts): MergeInput {
  return {
    base: { a: bytesOf(base), b: bytesOf(baseB) },
    now: { a: bytesOf(a), b: bytesOf(b) },
  };
}

export const mergeOf = (texts: Texts): Merged =>
  (texts.base.startsWith("BEGIN:VCARD") ? mergeContact : mergeCalendar)(inputOf(texts));

/** What both sides are to hold. Makes sure of it that merging again changes nothing. */
export function merged(texts: Texts): { readonly a: string; readonly b: string } {
  const result = mergeOf(texts);
  if (result.state !== "merged") throw new Error(JSON.stringify(result));
  const { a, b } = result.sides;
  const { base, baseB = base } = texts;
  const bytesA = { a: textOf(a), b: textOf(b) };
  for (
    const now of [
      bytesA,
      { a: bytesA.a, b: texts.b ?? baseB },
      { a: texts.a ?? base, b: bytesA.b },
    ]
  ) {
    const again = mergeOf({ base, baseB, ...now });
    if (again.state !== "merged") throw new Error(`merging again: ${JSON.stringify(again)}`);
    equal(digestOf(again.sides.a), digestOf(a), "merging again changes side a");
    equal(digestOf(again.sides.b), digestOf(b), "merging again changes side b");
  }
  return bytesA;
}

/** The clashes as `COMPONENT WHAT: A | B`, with `-` for what is not there. */
export function clashes(texts: Texts): readonly string[] {
  const result = mergeOf(texts);
  if (result.state !== "clash") throw new Error(JSON.stringify(result));
  return result.clashes.map(({ what, component, a = "-", b = "-" }) =>
    `${component === undefined ? "" : `${component}: `}${what}: ${a} | ${b}`
  );
}

export function digestOf(bytes: Uint8Array): string {
  const read = byteString(bytes).startsWith("BEGIN:VCARD")
    ? readContact(bytes)
    : readCalendarItem(bytes);
  if (read.state === "malformed") throw read.error;
  return read.digest;
}
