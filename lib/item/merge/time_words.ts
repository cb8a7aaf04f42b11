/** Times, durations and recurrence rules as people say them. */

import { type ContentLine, decodeBytes, excerpt, parseParams, trimSpaces } from "../lines.ts";
import { upperCase } from "../spellings.ts";

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const;
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
] as const;

const TIME = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?$/;

/** A date or a time as it is written: in milliseconds, as if it were in UTC. */
export function naiveTime(value: string): number | undefined {
  const match = TIME.exec(trimSpaces(value));
  if (match === null) return undefined;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match.slice(1, 7)
    .map((digits) => Number(digits ?? 0));
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** `Mon 2 March 2026 10:00`, without a time where it is a day; what is no time as it stands. */
export function timeWords(value: string): string {
  const time = naiveTime(value);
  const match = TIME.exec(trimSpaces(value));
  if (time === undefined || match === null) return excerpt(value);
  const date = new Date(time);
  const month = MONTHS[date.getUTCMonth()] ?? "";
  const day = DAYS[date.getUTCDay()] ?? "";
  const text = `${day} ${date.getUTCDate()} ${month} ${match[1] ?? ""}`;
  return match[4] === undefined ? text : `${text} ${match[4]}:${match[5] ?? ""}`;
}

/** The zone that a time is in: a TZID, `UTC`, or empty where it is local everywhere. */
export function zoneWords({ params, value }: ContentLine): string {
  if (value.endsWith("Z")) return "UTC";
  const zone = parseParams(params).find(({ name }) => name === "TZID")?.values[0] ?? "";
  return excerpt(zone);
}

const UNITS = ["week", "day", "hour", "minute", "second"] as const;

/** `1 hour 30 minutes`, without its sign; nothing where it is no duration, or none at all. */
export function durationWords(value: string): string {
  const match =
    /^[+-]?P(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?$/i
      .exec(trimSpaces(value));
  return (match ?? []).slice(1).flatMap((digits, at) => {
    const count = Number(digits ?? 0);
    return count === 0 ? [] : `${count} ${UNITS[at] ?? ""}${count === 1 ? "" : "s"}`;
  }).join(" ");
}

/** When an alarm goes off: `10 minutes before`, `at the start`, `1 hour after the end`. */
export function triggerWords({ params, value }: ContentLine): string {
  if (naiveTime(value) !== undefined) return timeWords(value);
  const related = parseParams(params).find(({ name }) => name === "RELATED")?.values[0] ?? "";
  const end = upperCase(related) === "END";
  const length = durationWords(value);
  if (!/^[+-]?P/i.test(trimSpaces(value))) return excerpt(value);
  if (length === "") return end ? "at the end" : "at the start";
  const when = trimSpaces(value).startsWith("-") ? "before" : "after";
  return `${length} ${when}${end ? " the end" : when === "after" ? " the start" : ""}`;
}

const FREQUENCIES: ReadonlyMap<string, string> = new Map([
  ["SECONDLY", "second"],
  ["MINUTELY", "minute"],
  ["HOURLY", "hour"],
  ["DAILY", "day"],
  ["WEEKLY", "week"],
  ["MONTHLY", "month"],
  ["YEARLY", "year"],
]);

/** `every week`, `every 2 weeks, until Mon 2 March 2026`; what is told otherwise, as it stands. */
export function ruleWords(rule: string): string {
  const left: string[] = [];
  let unit: string | undefined;
  let interval = 1;
  let end = "";
  for (const part of rule.split(";")) {
    const equals = part.indexOf("=");
    const name = upperCase(part.slice(0, equals));
    const value = part.slice(equals + 1);
    if (name === "FREQ") unit = FREQUENCIES.get(upperCase(value));
    else if (name === "INTERVAL") interval = Number(value);
    else if (name === "UNTIL") end = `, until ${timeWords(value)}`;
    else if (name === "COUNT") end = `, ${value} times`;
    else if (part !== "" && part !== "WKST=MO") left.push(part);
  }
  if (unit === undefined || !Number.isInteger(interval)) return excerpt(rule);
  const every = interval === 1 ? `every ${unit}` : `every ${interval} ${unit}s`;
  const others = left.length === 0 ? "" : ` (${left.join(", ")})`;
  return decodeBytes(`${every}${others}${end}`);
}
