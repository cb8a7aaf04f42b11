/** A calendar with many items, such as a feed, as one calendar object for each item. */

import { type Ident, ident } from "../model/names.ts";
import { byteString, decodeBytes, excerpt } from "./lines.ts";
import { joinCalendar } from "./join_calendar.ts";
import {
  bytesOf,
  contentUid,
  MOST_TOGETHER,
  type Split,
  SPLIT_LIMITS,
  type SplitItem,
  type SplitOptions,
  takeName,
  takenNames,
  type Uids,
  unsplit,
} from "./split.ts";
import {
  lineEndOf,
  type RawComponent,
  scanComponents,
  textWithUid,
  wholeLines,
} from "./split_scan.ts";

/** A component with the calendar that it stands in. */
export interface Part {
  readonly component: RawComponent;
  readonly calendar: RawComponent;
}

/** An item, and where in the whole its components stand. */
export interface CalendarPart extends SplitItem {
  readonly parts: readonly Part[];
}

/**
 * Splits what is one calendar object, or several one after the other, into items: all components
 * with one UID are one, so that overrides stay with their master in whatever order they stand (and
 * if they stand in different objects). Each item is a calendar object with
 *
 * - VERSION, PRODID and CALSCALE of the calendar that it stood in, the first two also where they are
 *   missing, as RFC 5545 section 3.6 wants them and servers insist. METHOD is dropped: an item in a
 *   collection is no message (RFC 4791 section 4.1); so is what the calendar is called and how often
 *   it is to be fetched, which is not about the item;
 * - the definitions of the time zones that it names by TZID, of those that its calendar has;
 * - its components, byte for byte. Only a UID is put in where there is none (RFC 5545 section
 *   3.8.4.7 wants one), and put in place of the others where `uids` is `content`.
 *
 * A calendar without items has none; what is no calendar, or is cut short, is malformed as a whole,
 * whatever of it could be read. Never throws.
 */
export function splitCalendar(bytes: Uint8Array, options: SplitOptions = {}): Split {
  const { limits = SPLIT_LIMITS, uids = "kept" } = options;
  if (bytes.byteLength > limits.bytes) {
    return unsplit(`has ${bytes.byteLength} bytes; ${limits.bytes} are allowed`, "too large");
  }
  const text = byteString(bytes);
  const scanned = scanComponents(text, limits);
  if (!scanned.ok) return unsplit(scanned.reason, scanned.kind);
  const { roots } = scanned;
  if (roots.length === 0) return unsplit("is empty");
  const stranger = roots.find(({ name }) => name !== "VCALENDAR");
  if (stranger !== undefined) {
    return unsplit(`is no calendar: it holds BEGIN:${excerpt(stranger.name)}`);
  }
  const items = itemsOf(text, roots, uids);
  if (items.reduce((sum, { size }) => sum + size, 0) > MOST_TOGETHER) {
    return unsplit("repeats its time zones too often", "too large");
  }
  return { state: "split", items, joined: (edits) => bytesOf(joinCalendar(text, roots, edits)) };
}

function itemsOf(
  text: string,
  calendars: readonly RawComponent[],
  uids: Uids,
): readonly CalendarPart[] {
  const groups = new Map<string | RawComponent, Part[]>();
  for (const calendar of calendars) {
    for (const component of calendar.children) {
      if (component.name === "VTIMEZONE") continue;
      const key = component.uid ?? component;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [{ component, calendar }]);
      else group.push({ component, calendar });
    }
  }
  const zones = new Map(calendars.map((calendar) => [calendar, zonesOf(calendar)] as const));
  const taken = takenNames(uids === "kept" ? [...groups.keys()].filter(isText) : []);
  return [...groups].map(([key, parts]) => {
    if (uids === "kept" && isText(key)) return item(text, parts, zones, ident(decodeBytes(key)));
    const content = parts.map(({ component: { start, end } }) => text.slice(start, end));
    const uid = takeName(taken, contentUid(content));
    return item(text, parts, zones, ident(uid), uid);
  });
}

const isText = (key: string | RawComponent): key is string => typeof key === "string";

/** The definitions of a calendar's time zones by their names; of two with one name, the first. */
export function zonesOf(calendar: RawComponent): ReadonlyMap<string, RawComponent> {
  const zones = new Map<string, RawComponent>();
  for (const child of calendar.children) {
    if (child.name === "VTIMEZONE" && child.zone !== undefined && !zones.has(child.zone)) {
      zones.set(child.zone, child);
    }
  }
  return zones;
}

type Zones = ReadonlyMap<RawComponent, ReadonlyMap<string, RawComponent>>;

/** `uid`: what its components are to have instead of theirs. */
function item(
  text: string,
  parts: readonly Part[],
  zones: Zones,
  ident: Ident,
  uid?: string,
): CalendarPart {
  const used = definitionsFor(parts, zones);
  const compose = (): string => {
    const calendar = parts[0]?.calendar;
    return calendar === undefined ? "" : [
      text.slice(calendar.start, calendar.inner),
      ...wrapperOf(text, calendar),
      ...used.map(({ start, end }) => text.slice(start, end)),
      ...parts.map(({ component }) =>
        uid === undefined
          ? text.slice(component.start, component.end)
          : textWithUid(text, component, uid)
      ),
      wholeLines(text, { start: calendar.close, end: calendar.end }),
    ].join("");
  };
  return { ident, parts, size: sizeOf(parts, used), bytes: () => bytesOf(compose()) };
}

/** What an item has that was given none. */
const DEFAULTS = ["VERSION:2.0", "PRODID:-//dovetail//dovetail//EN"];

function wrapperOf(text: string, calendar: RawComponent): readonly string[] {
  const { start, inner: end, wrapper } = calendar;
  const missing = DEFAULTS.filter((line) => !wrapper.has(line.slice(0, line.indexOf(":"))));
  return [
    ...missing.map((line) => line + lineEndOf(text, { start, end })),
    ...[...wrapper.values()].map((span) => text.slice(span.start, span.end)),
  ];
}

/** The definitions of the time zones that an item names, in the order in which they stand. */
function definitionsFor(parts: readonly Part[], zones: Zones): readonly RawComponent[] {
  const found = new Map<string, RawComponent>();
  for (const { component, calendar } of parts) {
    for (const name of component.zones) {
      const definition = zones.get(calendar)?.get(name);
      if (definition !== undefined && !found.has(name)) found.set(name, definition);
    }
  }
  return [...found.values()].sort((one, other) => one.start - other.start);
}

/** What a UID and a wrapper of ours add, with room. */
const UID_BYTES = 100;
const WRAPPER_BYTES = 100;

function sizeOf(parts: readonly Part[], used: readonly RawComponent[]): number {
  const calendar = parts[0]?.calendar;
  const wrapper = calendar === undefined ? [] : [
    { start: calendar.start, end: calendar.inner },
    ...calendar.wrapper.values(),
    { start: calendar.close, end: calendar.end },
  ];
  const spans = [...wrapper, ...used, ...parts.map(({ component }) => component)];
  return spans.reduce(
    (sum, { start, end }) => sum + end - start,
    UID_BYTES * parts.length + WRAPPER_BYTES,
  );
}
