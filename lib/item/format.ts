/** What the core asks about calendar items and contacts, answered by the rooms beside this one. */

import type { Format } from "../model/format.ts";
import { extentOf } from "./extent.ts";
import { readCalendarItem } from "./icalendar.ts";
import { mergeCalendar, mergeContact } from "./merge/mod.ts";
import { lostInWords } from "./merge/words.ts";
import { withUid } from "./new_uid.ts";
import { stampOf } from "./newest.ts";
import { readContact } from "./vcard.ts";

export const CALENDAR_FORMAT: Format = {
  read: readCalendarItem,
  merge: (base, now) => mergeCalendar({ base, now }),
  withUid: (bytes, uid) => withUid(bytes, "calendar", uid),
  stamp: (bytes) => stampOf(bytes, "calendar"),
  extent: extentOf,
  lost: (sent, stored) => lostInWords(sent, stored, "calendar"),
};

export const CONTACT_FORMAT: Format = {
  read: readContact,
  merge: (base, now) => mergeContact({ base, now }),
  withUid: (bytes, uid) => withUid(bytes, "contacts", uid),
  stamp: (bytes) => stampOf(bytes, "contacts"),
  extent: () => undefined,
  lost: (sent, stored) => lostInWords(sent, stored, "contacts"),
};
