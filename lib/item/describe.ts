/** What a person is shown of a calendar item. */

import { ITEM_LIMITS } from "./components.ts";
import {
  byteString,
  type ContentLine,
  decodeBytes,
  parseLine,
  parseParams,
  trimSpaces,
  unescapeText,
  unfold,
} from "./lines.ts";
import { upperCase } from "./spellings.ts";

export interface Description {
  /** `item` where nothing can be made of it. */
  readonly component: "event" | "todo" | "journal" | "free/busy" | "availability" | "item";
  /** As it stands in the item: it is up to the caller to make it fit for a terminal. */
  readonly summary?: string;
  /**
   * `2026-03-14` all day, `2026-03-14 10:30` wherever one is, `2026-03-14 10:30 UTC`,
   * `2026-03-14 10:30 Europe/Berlin`; a todo's due date as `due 2026-03-14`; what recurs ends in
   * ` (weekly)` or ` (every 2 weeks)`. The zone's name is as it stands in the item.
   */
  readonly when?: string;
}

const COMPONENTS: ReadonlyMap<string, Description["component"]> = new Map([
  ["VEVENT", "event"],
  ["VTODO", "todo"],
  ["VJOURNAL", "journal"],
  ["VFREEBUSY", "free/busy"],
  ["VAVAILABILITY", "availability"],
]);

/** Nobody reads more of an item than this. */
const MOST_BYTES = 1024 * 1024;

/** The properties that are shown, or decide what is. */
const SHOWN = ["SUMMARY", "DTSTART", "DUE", "RRULE", "RECURRENCE-ID"] as const;
type Name = typeof SHOWN[number];
type Shown = ReadonlyMap<string, ContentLine>;

/**
 * Describes a calendar item by its first component that is no override. Never throws: of an item that
 * is damaged it tells what can be read, which is what a person needs to find it.
 *
 * Times are shown as they are written: ts-ics cannot tell a time in UTC from one without a zone, and
 * moves a date that does not exist to one that does. It is loaded when it is first needed.
 */
export async function describe(bytes: Uint8Array): Promise<Description> {
  const main = mainComponent(bytes);
  if (main === undefined) return { component: "item" };
  const { name, shown } = main;
  const { summary, rule } = await readValues(shown);
  const due = name === "VTODO" ? timeText(shown.get("DUE")) : undefined;
  const time = due === undefined ? timeText(shown.get("DTSTART")) : `due ${due}`;
  return {
    component: COMPONENTS.get(name) ?? "item",
    ...(summary === undefined ? {} : { summary }),
    ...(time === undefined ? {} : { when: `${time}${ruleText(rule)}` }),
  };
}

interface MainComponent {
  readonly name: string;
  readonly shown: Shown;
}

/** The lines that are shown, found without minding whether the components end where they should. */
function mainComponent(bytes: Uint8Array): MainComponent | undefined {
  const lines = unfold(byteString(bytes.subarray(0, MOST_BYTES)), ITEM_LIMITS.lines) ?? [];
  const found: MainComponent[] = [];
  const open: string[] = [];
  let shown = new Map<string, ContentLine>();
  for (const text of lines) {
    const line = parseLine(text);
    if (line.name === "BEGIN") {
      open.push(upperCase(trimSpaces(line.value)));
      if (open.length === 2) {
        shown = new Map();
        found.push({ name: open[1] ?? "", shown });
      }
    } else if (line.name === "END") open.pop();
    else if (open.length === 2 && isShown(line.name) && !shown.has(line.name)) {
      shown.set(line.name, line);
    }
  }
  const items = found.filter(({ name }) => name !== "VTIMEZONE");
  return items.find((item) => !item.shown.has("RECURRENCE-ID")) ?? items[0];
}

const isShown = (name: string): boolean => SHOWN.some((shown: Name) => shown === name);

interface Rule {
  readonly frequency?: string | undefined;
  readonly interval?: number | undefined;
}

interface Values {
  readonly summary?: string | undefined;
  readonly rule?: Rule | undefined;
}

/** The values that are read by ts-ics, or by ourselves where it throws. */
async function readValues(shown: Shown): Promise<Values> {
  const summary = shown.get("SUMMARY");
  const rule = shown.get("RRULE");
  // Only what is shown is handed over, so that no other odd property makes it throw.
  const lines = [summary, rule].flatMap((line) =>
    line === undefined ? [] : decodeBytes(`${line.name}${line.params}:${line.value}`)
  );
  const { convertIcsEvent } = await import("ts-ics");
  try {
    const text = ["BEGIN:VEVENT", ...lines, "END:VEVENT", ""].join("\r\n");
    const event = convertIcsEvent(undefined, text);
    return { summary: event.summary, rule: event.recurrenceRule };
  } catch {
    // It throws at values that are not what they should be; they are shown all the same.
    return {
      summary: summary === undefined ? undefined : decodeBytes(unescapeText(summary.value)),
      rule: rule === undefined ? undefined : {},
    };
  }
}

const TIME = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?$/;

function timeText(line: ContentLine | undefined): string | undefined {
  const match = TIME.exec(trimSpaces(line?.value ?? ""));
  if (line === undefined || match === null) return undefined;
  const [, year, month, day, hour, minute, second, utc] = match;
  const date = `${year}-${month}-${day}`;
  if (hour === undefined) return date;
  const zone = utc === "Z" ? "UTC" : zoneOf(line);
  const time = `${date} ${hour}:${minute}${second === "00" ? "" : `:${second}`}`;
  return zone === "" ? time : `${time} ${zone}`;
}

function zoneOf(line: ContentLine): string {
  return decodeBytes(parseParams(line.params).find(({ name }) => name === "TZID")?.values[0] ?? "");
}

const FREQUENCIES: ReadonlyMap<string, readonly [string, string]> = new Map([
  ["SECONDLY", ["every second", "seconds"]],
  ["MINUTELY", ["every minute", "minutes"]],
  ["HOURLY", ["hourly", "hours"]],
  ["DAILY", ["daily", "days"]],
  ["WEEKLY", ["weekly", "weeks"]],
  ["MONTHLY", ["monthly", "months"]],
  ["YEARLY", ["yearly", "years"]],
]);

function ruleText(rule: Rule | undefined): string {
  if (rule === undefined) return "";
  const words = FREQUENCIES.get(rule.frequency ?? "");
  if (words === undefined) return " (recurs)";
  const [each, units] = words;
  return rule.interval === undefined || rule.interval <= 1
    ? ` (${each})`
    : ` (every ${rule.interval} ${units})`;
}
