/** Items with a part of what they say. */

import { readCalendarItem } from "./icalendar.ts";
import { editLines, endOfLine, placedLines } from "./raw_lines.ts";
import { upperCase } from "./spellings.ts";

/**
 * What cannot be left out: without it, an item would be another one, or none. `DTSTART` is among it as
 * servers refuse an event without.
 */
export const NEVER_DROPPED: ReadonlySet<string> = new Set([
  "BEGIN",
  "END",
  "VCALENDAR",
  "VCARD",
  "VERSION",
  "PRODID",
  "UID",
  "DTSTART",
  "RECURRENCE-ID",
  "FN",
  "N",
]);

/**
 * `bytes` without the properties and components of these names, in any case; `X-FOO-*` stands for all
 * that begin so. All else stays byte for byte. None where nothing of the item is left: it is one of
 * the components that are to be dropped. {@linkcode NEVER_DROPPED} names what stays all the same.
 * What cannot be read comes back in some form that cannot be read either. Never throws.
 */
export function dropFrom(bytes: Uint8Array, names: readonly string[]): Uint8Array | undefined {
  const isNamed = matcher(names);
  const labels = labelsOf(bytes, isNamed);
  let depth = 0;
  let left = 0;
  const result = editLines(bytes, ({ raw, line, path }) => {
    const isFrame = line.name === "BEGIN" || line.name === "END";
    if (depth > 0) {
      if (isFrame) depth += line.name === "BEGIN" ? 1 : -1;
      return undefined;
    }
    if (line.name === "BEGIN" && isNamed(path.at(-1) ?? "")) {
      depth = 1;
      return undefined;
    }
    if (line.name === "BEGIN" && path[1] !== "VTIMEZONE") {
      if (path.length === 2 || path[0] === "VCARD") left++;
    }
    if (isFrame) return raw;
    return isNamed(line.name) || isLabel(line.name) && labels.has(line.group) ? undefined : raw;
  });
  return left === 0 ? undefined : result;
}

const isLabel = (name: string): boolean => name === "X-ABLABEL" || name === "X-ABADR";

/** The groups of a card of which nothing is left but what says more of the rest. */
function labelsOf(bytes: Uint8Array, isNamed: (name: string) => boolean): ReadonlySet<string> {
  const left = new Map<string, boolean>();
  for (const { line: { group, name } } of placedLines(bytes)) {
    if (group === "" || isLabel(name)) continue;
    left.set(group, left.get(group) === true || !isNamed(name));
  }
  return new Set([...left].filter(([, some]) => !some).map(([group]) => group));
}

function matcher(names: readonly string[]): (name: string) => boolean {
  const exact = new Set<string>();
  const starts: string[] = [];
  for (const name of names.map(upperCase)) {
    if (name.endsWith("*")) starts.push(name.slice(0, -1));
    else exact.add(name);
  }
  return (name) =>
    !NEVER_DROPPED.has(name) &&
    (exact.has(name) || starts.some((start) => name.startsWith(start)));
}

/** What is left of an event of which others may know when it is, and no more. */
const BUSY: ReadonlySet<string> = new Set([
  "BEGIN",
  "END",
  "UID",
  "RECURRENCE-ID",
  "DTSTART",
  "DTEND",
  "DURATION",
  "RRULE",
  "EXRULE",
  "RDATE",
  "EXDATE",
  "TRANSP",
  "STATUS",
  "SEQUENCE",
  "DTSTAMP",
]);

/** What is left of the calendar around it. */
const WRAPPER: ReadonlySet<string> = new Set(["BEGIN", "END", "VERSION", "PRODID", "CALSCALE"]);

/**
 * `bytes` with nothing but when the event is: its title is `Busy`, and there are no alarms, guests,
 * places or texts. The lines that stay do so byte for byte. None where it is no event: a todo or a
 * journal entry says nothing about who is busy. None either where it cannot be read, as nobody can
 * tell what it would give away. Never throws.
 */
export function busyOnly(bytes: Uint8Array): Uint8Array | undefined {
  if (readCalendarItem(bytes).state === "malformed") return undefined;
  let events = 0;
  const result = editLines(bytes, ({ raw, line, path }) => {
    const [, component] = path;
    if (component === undefined) return WRAPPER.has(line.name) ? raw : undefined;
    if (component === "VTIMEZONE") return raw;
    if (component !== "VEVENT" || path.length > 2) return undefined;
    if (line.name === "BEGIN") events++;
    if (line.name === "END") return `SUMMARY:Busy${endOfLine(raw)}${raw}`;
    return BUSY.has(line.name) ? raw : undefined;
  });
  return events === 0 ? undefined : result;
}
