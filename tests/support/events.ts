/**
 * Realistic calendar items for tests and measurements, the same for the same seed.
 *
 * What is in them comes back from Radicale 3.1.8 and Xandikos 0.2.8 with the same meaning, though
 * not with the same bytes. Left out, because one of them destroys or refuses it: backslashes in
 * text, commas within a category, several RESOURCES, text and X- properties with commas that are
 * not escaped (so also X-APPLE-STRUCTURED-LOCATION), `%2C` and the like in URLs, durations of 24
 * hours and more, RDATEs with periods, REQUEST-STATUS, time zones without their definition, empty
 * parameters, and folds within a character.
 */

import { serialise } from "./event_lines.ts";
import {
  after,
  below,
  chance,
  type Clock,
  compact,
  DAY,
  MINUTE,
  pick,
  type Random,
  randomClock,
  randomNumbers,
  randomStart,
  timeLine,
  uuid,
  zoneLines,
} from "./event_values.ts";
import { CATEGORIES, NAMES, PLACES, SENTENCES, TITLES } from "./events_data.ts";

export { editEvent } from "./event_edits.ts";

/** An item as a client would have written it. */
export interface GeneratedItem {
  readonly uid: string;
  /** A file name for it, of letters, digits and hyphens. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface GenerateOptions {
  /** How many of a hundred are todos; none by default. */
  readonly todos?: number;
  /** Folds lines at 75 bytes sharp, within a character too, which RFC 5545 allows. */
  readonly foldAnywhere?: boolean;
}

/** `count` items, about 1.2 KB each on average. */
export function generateEvents(
  count: number,
  seed: number,
  options: GenerateOptions = {},
): readonly GeneratedItem[] {
  const random = randomNumbers(seed);
  const items: GeneratedItem[] = [];
  for (let index = 0; index < count; index++) {
    const id = uuid(random);
    const uid = chance(random, 30) ? `${id}@example.org` : id;
    const todo = chance(random, options.todos ?? 0);
    const lines = todo ? todoLines(random, uid) : eventLines(random, uid);
    const bytes = serialise(lines, options.foldAnywhere ?? false);
    items.push({ uid, name: `${id}.ics`, bytes });
  }
  return items;
}

function eventLines(random: Random, uid: string): readonly string[] {
  const clock = randomClock(random);
  const start = randomStart(random);
  const rule = chance(random, 35) ? ruleLines(random, clock, start) : [];
  const event = [
    "BEGIN:VEVENT",
    ...stamps(random, uid),
    timeLine(clock, "DTSTART", start),
    ...randomEnd(random, clock, start),
    ...rule,
    ...texts(random),
    ...people(random),
    ...extras(random),
    `TRANSP:${clock.allDay ? "TRANSPARENT" : "OPAQUE"}`,
    ...alarms(random),
    "END:VEVENT",
  ];
  const override = rule.length > 0 && chance(random, 40)
    ? overrideLines(random, uid, clock, start)
    : [];
  return calendarLines(random, clock, [...event, ...override]);
}

function todoLines(random: Random, uid: string): readonly string[] {
  const clock = randomClock(random);
  const start = randomStart(random);
  const done = chance(random, 30);
  return calendarLines(random, clock, [
    "BEGIN:VTODO",
    ...stamps(random, uid),
    timeLine(clock, "DTSTART", start),
    timeLine(clock, "DUE", after(start, (1 + below(random, 9)) * DAY)),
    ...texts(random),
    `PRIORITY:${below(random, 10)}`,
    ...(done
      ? [`COMPLETED:${compact(after(start, DAY))}Z`, "PERCENT-COMPLETE:100", "STATUS:COMPLETED"]
      : [`PERCENT-COMPLETE:${below(random, 10) * 10}`, "STATUS:IN-PROCESS"]),
    ...(chance(random, 30) ? [`RELATED-TO;RELTYPE=PARENT:${uuid(random)}`] : []),
    ...alarms(random),
    "END:VTODO",
  ]);
}

function calendarLines(random: Random, clock: Clock, item: readonly string[]): readonly string[] {
  const zone = clock.zone === undefined ? [] : zoneLines(clock.zone);
  const product = pick(random, ["-//Example Corp.//Calendar 4.2//EN", "-//Beispiel//Kalender//DE"]);
  return [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    `PRODID:${product}`,
    ...(chance(random, 50) ? ["CALSCALE:GREGORIAN"] : []),
    ...(chance(random, 80) ? [...zone, ...item] : [...item, ...zone]),
    "END:VCALENDAR",
  ];
}

function stamps(random: Random, uid: string): readonly string[] {
  const created = after(new Date(Date.UTC(2024, 0, 1)), below(random, 360) * DAY);
  const modified = after(created, below(random, 60 * 24 * 60) * MINUTE);
  return [
    `UID:${uid}`,
    `DTSTAMP:${compact(modified)}Z`,
    `CREATED:${compact(created)}Z`,
    `LAST-MODIFIED:${compact(modified)}Z`,
    ...(chance(random, 60) ? [`SEQUENCE:${below(random, 5)}`] : []),
  ];
}

function randomEnd(random: Random, clock: Clock, start: Date): readonly string[] {
  if (clock.allDay) return [timeLine(clock, "DTEND", after(start, (1 + below(random, 3)) * DAY))];
  const minutes = 15 * (1 + below(random, 16));
  if (chance(random, 75)) return [timeLine(clock, "DTEND", after(start, minutes * MINUTE))];
  return [chance(random, 50) ? `DURATION:PT${minutes}M` : "DURATION:PT1H30M"];
}

const WEEKDAYS = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];

function ruleLines(random: Random, clock: Clock, start: Date): readonly string[] {
  const day = WEEKDAYS[start.getUTCDay()] ?? "";
  const month = start.getUTCMonth() + 1;
  const rule = pick(random, [
    `FREQ=DAILY;COUNT=${5 + below(random, 20)}`,
    `FREQ=WEEKLY;BYDAY=${day};UNTIL=${clock.until(after(start, 200 * DAY))}`,
    `FREQ=WEEKLY;INTERVAL=2;BYDAY=${day};COUNT=${4 + below(random, 9)};WKST=SU`,
    `FREQ=MONTHLY;BYMONTHDAY=${start.getUTCDate()}`,
    `FREQ=YEARLY;BYMONTH=${month};BYMONTHDAY=${start.getUTCDate()}`,
  ]);
  const exceptions = [14, 28].slice(0, below(random, 3)).map((days) => after(start, days * DAY));
  return [
    `RRULE:${rule}`,
    ...(exceptions.length > 0 ? [timeLine(clock, "EXDATE", ...exceptions)] : []),
  ];
}

function overrideLines(
  random: Random,
  uid: string,
  clock: Clock,
  start: Date,
): readonly string[] {
  const original = after(start, 7 * DAY);
  const moved = after(original, clock.allDay ? DAY : 90 * MINUTE);
  return [
    "BEGIN:VEVENT",
    ...stamps(random, uid),
    timeLine(clock, "RECURRENCE-ID", original),
    timeLine(clock, "DTSTART", moved),
    timeLine(clock, "DTEND", after(moved, clock.allDay ? DAY : 60 * MINUTE)),
    `SUMMARY:${escape(pick(random, TITLES))} (verschoben)`,
    "END:VEVENT",
  ];
}

function texts(random: Random): readonly string[] {
  const sentences = new Set(
    Array.from({ length: 1 + below(random, 5) }, () => pick(random, SENTENCES)),
  );
  const categories = [...new Set([pick(random, CATEGORIES), pick(random, CATEGORIES)])];
  return [
    `SUMMARY${chance(random, 10) ? ";LANGUAGE=de" : ""}:${escape(pick(random, TITLES))}`,
    `DESCRIPTION:${escape([...sentences].join("\n\n"))}`,
    ...(chance(random, 65) ? [`LOCATION:${escape(pick(random, PLACES))}`] : []),
    ...(chance(random, 40) ? [`CATEGORIES:${categories.join(",")}`] : []),
    ...(chance(random, 15) ? ["GEO:52.520008;13.404950"] : []),
    ...(chance(random, 20) ? ["URL:https://example.org/events?id=42&lang=de"] : []),
    ...(chance(random, 30) ? ["CLASS:PRIVATE"] : []),
  ];
}

function people(random: Random): readonly string[] {
  if (!chance(random, 50)) return [];
  const states = ["NEEDS-ACTION", "ACCEPTED", "DECLINED", "TENTATIVE"] as const;
  const attendees = Array.from({ length: 1 + below(random, 3) }, (_, at) => {
    const params = `CN=${quoted(pick(random, NAMES))};PARTSTAT=${pick(random, states)}`;
    const role = `ROLE=${pick(random, ["REQ-PARTICIPANT", "OPT-PARTICIPANT"])}`;
    return `ATTENDEE;CUTYPE=INDIVIDUAL;${role};${params};RSVP=TRUE:mailto:guest${at}@example.org`;
  });
  return [
    `ORGANIZER;CN=${quoted(pick(random, NAMES))}:mailto:organizer@example.org`,
    ...attendees,
    "STATUS:CONFIRMED",
  ];
}

const escape = (text: string): string => text.replace(/[\\,;]/g, "\\$&").replaceAll("\n", "\\n");
const quoted = (name: string): string => /[,;:]/.test(name) ? `"${name}"` : name;

function extras(random: Random): readonly string[] {
  return [
    ...(chance(random, 30) ? ["X-MOZ-GENERATION:3"] : []),
    ...(chance(random, 20) ? ["X-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC"] : []),
    ...(chance(random, 20) ? ["X-EXAMPLE-NOTE;X-COLOUR=blau;X-SIZE=3:Größe\\, 大きい"] : []),
    ...(chance(random, 10)
      ? ["ATTACH;FMTTYPE=application/pdf:https://example.org/files/agenda.pdf"]
      : []),
  ];
}

function alarms(random: Random): readonly string[] {
  const triggers = ["-PT15M", "-PT60M", "-P1D", "PT0S", "-P1W"] as const;
  return Array.from({ length: below(random, 3) }, () => [
    "BEGIN:VALARM",
    "ACTION:DISPLAY",
    `DESCRIPTION:${escape(pick(random, TITLES))}`,
    `TRIGGER${chance(random, 20) ? ";RELATED=END" : ""}:${pick(random, triggers)}`,
    ...(chance(random, 30) ? [`UID:${uuid(random)}`] : []),
    "END:VALARM",
  ]).flat();
}
