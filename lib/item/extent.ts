/** When an item takes place, for those who want to see only a part of a calendar. */

import type { Extent } from "../model/format.ts";
import { type ContentLine, trimSpaces } from "./lines.ts";
import { parseCalendar } from "./icalendar.ts";
import type { Component } from "./components.ts";
import { upperCase } from "./spellings.ts";

export type { Extent } from "../model/format.ts";

const DAY = 86_400_000;

/**
 * The time from an item's first instance to its last, rather too long than too short: what it leaves
 * out does not take place then. A day is added on both sides, as zones are not looked into. None
 * where the item cannot be read. Never throws.
 *
 * There is no end where instances are without end, or where only counting all of them would tell. A
 * todo that is not finished has no end either: it is not done with when it is overdue. What has no
 * date at all has neither beginning nor end.
 */
export function extentOf(bytes: Uint8Array): Extent | undefined {
  const parsed = parseCalendar(bytes);
  if (parsed.state === "malformed") return undefined;
  const items = parsed.calendar.children.filter(({ name }) => name !== "VTIMEZONE");
  const [first] = items;
  if (first === undefined) return undefined;
  let span: Span | undefined;
  for (const item of items) {
    const own = spanOf(item);
    span = span === undefined
      ? own
      : { from: Math.min(span.from, own.from), to: Math.max(span.to, own.to) };
  }
  return {
    component: first.name,
    ...(span === undefined || span.from === -Infinity ? {} : { from: span.from - DAY }),
    ...(span === undefined || span.to === Infinity ? {} : { to: span.to + DAY }),
  };
}

interface Span {
  readonly from: number;
  readonly to: number;
}

const ALWAYS: Span = { from: -Infinity, to: Infinity };

function spanOf(component: Component): Span {
  const start = firstTime(component, ["DTSTART", "DUE"]);
  if (start === undefined) return ALWAYS;
  const end = endOf(component, start);
  const first: Span = { from: Math.min(start.from, end), to: Math.max(start.to, end) };
  const length = first.to - first.from;
  let span = first;
  const widen = (from: number, to: number) => {
    span = { from: Math.min(span.from, from), to: Math.max(span.to, to) };
  };
  for (const { name, params, value } of component.lines) {
    if (name === "RRULE") widen(span.from, lastStart(value, start.from) + length);
    else if (name === "RDATE") {
      for (const one of value.split(",")) {
        const time = timeOf(one.split("/")[0] ?? "");
        widen(time?.from ?? -Infinity, (time?.to ?? Infinity) + length + periodLength(one));
      }
      // An override that goes for all that follow moves them too.
    } else if (name === "RECURRENCE-ID" && /RANGE=THISANDFUTURE/i.test(params)) {
      widen(span.from, Infinity);
    }
  }
  return component.name === "VTODO" && !isFinished(component) ? { ...span, to: Infinity } : span;
}

function isFinished({ lines }: Component): boolean {
  return lines.some(({ name, value }) =>
    name === "COMPLETED" ||
    name === "STATUS" && /^(?:COMPLETED|CANCELLED)$/i.test(trimSpaces(value))
  );
}

function firstTime(component: Component, names: readonly string[]): Span | undefined {
  for (const name of names) {
    const line = lineOf(component, name);
    if (line !== undefined) return timeOf(line.value) ?? ALWAYS;
  }
  return undefined;
}

function lineOf(component: Component, name: string): ContentLine | undefined {
  return component.lines.find((line) => line.name === name);
}

function endOf(component: Component, start: Span): number {
  const end = firstTime(component, ["DTEND", "DUE"]);
  if (end !== undefined) return end.to;
  const duration = lineOf(component, "DURATION");
  return duration === undefined ? start.to : start.to + durationOf(duration.value);
}

const TIME = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)Z?)?$/i;

/** A moment, or a day from its beginning to its end, as if all the world were in UTC. */
function timeOf(value: string): Span | undefined {
  const match = TIME.exec(trimSpaces(value));
  if (match === null) return undefined;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match.slice(1)
    .map((digits) => Number(digits ?? 0));
  const from = Date.UTC(year, month - 1, day, hour, minute, second);
  return { from, to: match[4] === undefined ? from + DAY : from };
}

/** In milliseconds; a day may have 25 hours, which the day that is added makes up for. */
function durationOf(value: string): number {
  const match = /^[+-]?P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/i
    .exec(trimSpaces(value));
  if (match === null) return Infinity;
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1)
    .map((digits) => Number(digits ?? 0));
  return (weeks * 7 + days) * DAY + ((hours * 60 + minutes) * 60 + seconds) * 1000;
}

/** How long a PERIOD is: the end of `20260301T100000Z/PT1H` or `…/20260301T110000Z`. */
function periodLength(value: string): number {
  const [start = "", end] = value.split("/");
  if (end === undefined) return 0;
  const [from, to] = [timeOf(start), timeOf(end)];
  if (to === undefined) return durationOf(end);
  return from === undefined ? Infinity : Math.max(0, to.to - from.from);
}

/** The longest that one of these can be, in days. */
const UNITS: ReadonlyMap<string, number> = new Map([
  ["SECONDLY", 1 / 86_400],
  ["MINUTELY", 1 / 1440],
  ["HOURLY", 1 / 24],
  ["DAILY", 1],
  ["WEEKLY", 7],
  ["MONTHLY", 31],
  ["YEARLY", 366],
]);

/** No later than this the last instance begins; infinity where there is none, or it is not known. */
function lastStart(rule: string, start: number): number {
  const parts = new Map(
    upperCase(rule).split(";").map((part) => {
      const equals = part.indexOf("=");
      return [part.slice(0, equals), part.slice(equals + 1)] as const;
    }),
  );
  const until = parts.get("UNTIL");
  if (until !== undefined) return Math.max(start, timeOf(until)?.to ?? Infinity);
  const frequency = parts.get("FREQ") ?? "";
  const days = UNITS.get(frequency);
  const count = Number(parts.get("COUNT") ?? NaN);
  const interval = Number(parts.get("INTERVAL") ?? 1);
  if (days === undefined || !Number.isInteger(count) || !Number.isInteger(interval)) {
    return Infinity;
  }
  // A rule may pass over any number of days, months and years, but a week has all its days.
  const rules = [...parts.keys()].filter((name) => name.startsWith("BY"));
  const isPlain = rules.length === 0 ||
    frequency === "WEEKLY" && rules.every((name) => name === "BYDAY");
  const isLate = days > 7 && new Date(start).getUTCDate() > 28;
  return isPlain && !isLate ? start + count * interval * days * DAY : Infinity;
}
