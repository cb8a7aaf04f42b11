/** An iCalendar object that is one item: an event with its overrides, a todo, a journal entry. */

import { SyncError } from "../model/error.ts";
import { type Digest, type Ident, ident } from "../model/names.ts";
import { type Component, ITEM_LIMITS, type ItemLimits, parseComponents } from "./components.ts";
import { digestOf } from "./digest.ts";
import { byteString, decodeBytes, excerpt, trimSpaces, unescapeText } from "./lines.ts";

/** What makes it the same item elsewhere, and what it says; or why it cannot be read. */
export type ReadItem =
  | { readonly state: "read"; readonly ident: Ident; readonly digest: Digest }
  /** The error's scope is `item`, its kind `malformed` or `too large`. */
  | { readonly state: "malformed"; readonly error: SyncError };

/** A calendar object, parsed, or why it cannot be read. */
export type ParsedCalendar =
  | { readonly state: "read"; readonly calendar: Component }
  | { readonly state: "malformed"; readonly error: SyncError };

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
  if (bytes.byteLength > limits.bytes) {
    return tooLarge(`has ${bytes.byteLength} bytes; ${limits.bytes} are allowed`);
  }
  const text = byteString(bytes);
  if (text === "") return malformed("is empty");
  if (text.includes("\0")) {
    return malformed("holds NUL bytes: it is damaged, or in UTF-16");
  }
  const parsed = parseComponents(text, limits);
  if (!parsed.ok) {
    return parsed.kind === "too large" ? tooLarge(parsed.reason) : malformed(parsed.reason);
  }
  const [calendar] = parsed.components;
  if (calendar === undefined) return malformed("is empty");
  if (calendar.name !== "VCALENDAR") {
    return malformed(`is no calendar: it begins with BEGIN:${excerpt(calendar.name)}`);
  }
  if (parsed.components.length > 1) {
    return malformed(`holds ${parsed.components.length} calendars`, SPLIT);
  }
  return { state: "read", calendar };
}

/** A component's own UID as a byte string, or undefined if it has none or an empty one. */
export function uidOf(component: Component): string | undefined {
  const line = component.lines.find(({ name }) => name === "UID");
  const uid = line === undefined ? "" : trimSpaces(unescapeText(line.value));
  return uid === "" ? undefined : uid;
}

const SPLIT = "Put each item into a file of its own.";

function malformed(reason: string, hint?: string): { state: "malformed"; error: SyncError } {
  const error = new SyncError(`the item ${reason}`, {
    scope: "item",
    kind: "malformed",
    ...(hint === undefined ? {} : { hint }),
  });
  return { state: "malformed", error };
}

function tooLarge(reason: string): { state: "malformed"; error: SyncError } {
  const error = new SyncError(`the item ${reason}`, { scope: "item", kind: "too large" });
  return { state: "malformed", error };
}

/** The first few UIDs, for a message. */
function listed(uids: readonly (string | undefined)[]): string {
  const shown = uids.slice(0, 3).map((uid) => uid === undefined ? "none" : `"${excerpt(uid)}"`);
  return uids.length > 3 ? `${shown.join(", ")} and ${uids.length - 3} more` : shown.join(", ");
}
