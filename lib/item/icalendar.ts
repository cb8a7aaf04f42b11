/** An iCalendar object that is one item: an event with its overrides, a todo, a journal entry. */

import { ident } from "../model/names.ts";
import { type Component, ITEM_LIMITS, type ItemLimits } from "./components.ts";
import { digestOf } from "./digest.ts";
import { decodeBytes, excerpt } from "./lines.ts";
import {
  malformed,
  type MalformedItem,
  parseItem,
  type ReadItem,
  SPLIT,
  tooLarge,
  uidOf,
} from "./parse_item.ts";

export { type ReadItem, uidOf } from "./parse_item.ts";

/** A calendar object, parsed, or why it cannot be read. */
export type ParsedCalendar =
  | { readonly state: "read"; readonly calendar: Component }
  | MalformedItem;

/**
 * The ident and the digest of a calendar item. Never throws.
 *
 * The ident is the UID of its events: the first UID line of each, not that of an alarm or a location
 * within (Apple gives alarms UIDs). It is taken without its escapes, as Xandikos escapes a comma that
 * came without, and without spaces around, as Cyrus removes them; its parameters do not matter. If
 * there is none, it is `sha256:` and the digest. The UID is part of the digest as any other property.
 *
 * Malformed, and so neither copied nor taken for deleted, is what is no iCalendar, what is cut short
 * or holds NUL bytes, as files do after a crash, what holds no event, todo or journal entry, and
 * what holds several: two different UIDs, or more than one component where one has no UID. One ident
 * could only stand for one of them, and the others would be hidden, or deleted with it.
 */
export function readCalendarItem(bytes: Uint8Array, limits: ItemLimits = ITEM_LIMITS): ReadItem {
  const parsed = parseCalendar(bytes, limits);
  if (parsed.state === "malformed") return parsed;
  const items = parsed.calendar.children.filter((child) => child.name !== "VTIMEZONE");
  if (items.length === 0) return malformed("holds no event, todo or journal entry");
  const uids = [...new Set(items.map(uidOf))];
  const [uid] = uids;
  if (uids.length > 1) return malformed(`holds more than one item: UIDs ${listed(uids)}`, SPLIT);
  if (uid === undefined && items.length > 1) {
    return malformed(`holds ${items.length} items without a UID`, SPLIT);
  }
  if (uid !== undefined && uid.length > limits.uid) {
    return tooLarge(`has a UID of ${uid.length} bytes; ${limits.uid} are allowed`);
  }
  const digest = digestOf(parsed.calendar);
  const name = uid === undefined ? `sha256:${digest}` : decodeBytes(uid);
  return { state: "read", ident: ident(name), digest };
}

/** The one VCALENDAR that `bytes` hold. Never throws. */
export function parseCalendar(
  bytes: Uint8Array,
  limits: ItemLimits = ITEM_LIMITS,
): ParsedCalendar {
  const parsed = parseItem(bytes, { component: "VCALENDAR", noun: "calendar" }, limits);
  return parsed.state === "read" ? { state: "read", calendar: parsed.root } : parsed;
}

/** The first few UIDs, for a message. */
function listed(uids: readonly (string | undefined)[]): string {
  const shown = uids.slice(0, 3).map((uid) => uid === undefined ? "none" : `"${excerpt(uid)}"`);
  return uids.length > 3 ? `${shown.join(", ")} and ${uids.length - 3} more` : shown.join(", ");
}
