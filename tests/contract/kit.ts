/** What the contract's cases write: items of one kind, and how they are understood. */

import { readCalendarItem, type ReadItem } from "../../lib/item/icalendar.ts";
import { readContact } from "../../lib/item/vcard.ts";
import { bodyOf, type Flags, NO_FLAGS } from "../../lib/model/item.ts";
import { digest, ident } from "../../lib/model/names.ts";
import type { Content, Kind } from "../../lib/model/storage.ts";

export interface Kit {
  readonly kind: Kind;
  /** An item with this UID that says `text`. */
  item(uid: string, text: string): Uint8Array;
  /** One with an override that stands before what it overrides, where the kind has such. */
  readonly recurring?: (uid: string) => Uint8Array;
  read(bytes: Uint8Array): ReadItem;
}

const lines = (...all: readonly string[]) => new TextEncoder().encode(all.join("\r\n") + "\r\n");

const escaped = (text: string) => text.replace(/[\\;,]/g, "\\$&").replaceAll("\n", "\\n");

/** Folds as RFC 5545 3.1 asks: no line is longer than 75 bytes, and no character is cut. */
function folded(line: string): string {
  const parts: string[] = [];
  let part = "";
  let size = 0;
  for (const character of line) {
    const code = character.codePointAt(0) ?? 0;
    const bytes = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (size + bytes > 74) {
      parts.push(part);
      part = "";
      size = 0;
    }
    part += character;
    size += bytes;
  }
  return [...parts, part].join("\r\n ");
}

export const calendarKit: Kit = {
  kind: "calendar",
  item: (uid, text) =>
    lines(
      "BEGIN:VCALENDAR",
      "VERSION:2.0",
      "PRODID:-//example//contract//EN",
      "BEGIN:VEVENT",
      folded(`UID:${escaped(uid)}`),
      "DTSTAMP:20260101T000000Z",
      "DTSTART:20260201T090000Z",
      "DTEND:20260201T100000Z",
      folded(`SUMMARY:${escaped(text)}`),
      "END:VEVENT",
      "END:VCALENDAR",
    ),
  recurring: (uid) =>
    lines(
      "BEGIN:VCALENDAR",
      "VERSION:2.0",
      "PRODID:-//example//contract//EN",
      "BEGIN:VEVENT",
      `UID:${uid}`,
      "DTSTAMP:20260101T000000Z",
      "RECURRENCE-ID:20260202T090000Z",
      "DTSTART:20260202T110000Z",
      "DTEND:20260202T120000Z",
      "SUMMARY:later today",
      "END:VEVENT",
      "BEGIN:VEVENT",
      `UID:${uid}`,
      "DTSTAMP:20260101T000000Z",
      "DTSTART:20260201T090000Z",
      "DTEND:20260201T100000Z",
      "RRULE:FREQ=DAILY;COUNT=5",
      "SUMMARY:every day",
      "END:VEVENT",
      "END:VCALENDAR",
    ),
  read: readCalendarItem,
};

export const contactsKit: Kit = {
  kind: "contacts",
  item: (uid, text) =>
    lines(
      "BEGIN:VCARD",
      "VERSION:3.0",
      "PRODID:-//example//contract//EN",
      folded(`UID:${escaped(uid)}`),
      "N:Doe;Jane;;;",
      "FN:Jane Doe",
      "item1.EMAIL;TYPE=INTERNET,HOME:jane@example.org",
      "item1.X-ABLABEL:Post",
      folded(`NOTE:${escaped(text)}`),
      "END:VCARD",
    ),
  read: readContact,
};

/** Stands in for mail where nothing depends on its form: the storage in memory. */
export const plainMailKit: Kit = {
  kind: "mail",
  item: (uid, text) => lines(`UID:${uid}`, "", text),
  read: (bytes) => {
    const text = new TextDecoder().decode(bytes);
    const uid = /^UID:(.*)\r$/m.exec(text)?.[1];
    return { state: "read", ident: ident(uid ?? text), digest: digest(text) };
  },
};

/** An item's bytes as they are given to `apply`. */
export function contentOf(kit: Kit, bytes: Uint8Array, flags: Flags = NO_FLAGS): Content {
  const said = kit.read(bytes);
  return {
    digest: said.state === "read" ? said.digest : digest("none"),
    flags,
    body: bodyOf(bytes),
  };
}
