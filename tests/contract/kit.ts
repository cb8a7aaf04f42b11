/** What the contract's cases write: items of one kind, and how they are understood. */

import { readCalendarItem, type ReadItem } from "../../lib/item/icalendar.ts";
import { readContact } from "../../lib/item/vcard.ts";
import { bodyOf, type Flags, NO_FLAGS } from "../../lib/model/item.ts";
import { digest, ident } from "../../lib/model/names.ts";
import type { Content, Kind } from "../../lib/model/storage.ts";
import { mailDigest } from "../../lib/item/mail/digest.ts";
import { CrlfCounter } from "../../lib/item/mail/newlines.ts";
import { mail, MAILS } from "./sample_mails.ts";
import { CARDS, contact, event, EVENTS, recurringEvent } from "./samples.ts";

export interface Kit {
  readonly kind: Kind;
  /** An item with this UID that says `text`. */
  item(uid: string, text: string): Uint8Array;
  /** One with an override that stands before what it overrides, where the kind has such. */
  readonly recurring?: (uid: string) => Uint8Array;
  /** What else people keep, by what it is called in the name of its case. */
  readonly others?: Readonly<Record<string, (uid: string) => Uint8Array>>;
  /** An item of another kind. */
  readonly foreign?: (uid: string) => Uint8Array;
  read(bytes: Uint8Array): ReadItem;
}

export const calendarKit: Kit = {
  kind: "calendar",
  item: event,
  recurring: recurringEvent,
  others: EVENTS,
  foreign: (uid) => contact(uid, "text"),
  read: readCalendarItem,
};

export const contactsKit: Kit = {
  kind: "contacts",
  item: contact,
  others: CARDS,
  foreign: (uid) => event(uid, "text"),
  read: readContact,
};

/** The same kit with something behind each UID. */
export function withUids(kit: Kit, suffix: string): Kit {
  const { recurring, others, foreign } = kit;
  return {
    ...kit,
    item: (uid, text) => kit.item(uid + suffix, text),
    ...(recurring === undefined ? {} : { recurring: (uid) => recurring(uid + suffix) }),
    ...(foreign === undefined ? {} : { foreign: (uid) => foreign(uid + suffix) }),
    ...(others === undefined ? {} : {
      others: Object.fromEntries(
        Object.entries(others).map(([what, make]) => [what, (uid: string) => make(uid + suffix)]),
      ),
    }),
  };
}

/** Mails, which are who their headers and sizes say. */
export const mailKit: Kit = {
  kind: "mail",
  item: mail,
  others: MAILS,
  read(bytes) {
    const counter = new CrlfCounter();
    counter.add(bytes);
    const digest = mailDigest(bytes, counter.size);
    return { state: "read", ident: ident(digest), digest };
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
