/** Random values for generated events: numbers, ids, times and their time zones. */

import { type Some, type Zone, ZONES } from "./events_data.ts";

export type Random = () => number;

/** Numbers from 0 up to 1 (Mulberry32). */
export function randomNumbers(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x100000000;
  };
}

export const below = (random: Random, limit: number): number => Math.floor(random() * limit);
export const chance = (random: Random, percent: number): boolean => random() * 100 < percent;

export function pick<T>(random: Random, [first, ...others]: Some<T>): T {
  const at = below(random, others.length + 1);
  return at === 0 ? first : others[at - 1] ?? first;
}

export function uuid(random: Random): string {
  const hex = Array.from({ length: 32 }, () => below(random, 16).toString(16)).join("");
  const parts = [[0, 8], [8, 12], [12, 16], [16, 20], [20, 32]] as const;
  return parts.map(([from, to]) => hex.slice(from, to)).join("-");
}

export function zoneLines(zone: Zone): readonly string[] {
  return [
    "BEGIN:VTIMEZONE",
    `TZID:${zone.id}`,
    ...zone.rules.flatMap(([part, from, to, name, start, rule]) => [
      `BEGIN:${part}`,
      `TZOFFSETFROM:${from}`,
      `TZOFFSETTO:${to}`,
      `TZNAME:${name}`,
      `DTSTART:${start}`,
      ...(rule === "" ? [] : [`RRULE:${rule}`]),
      `END:${part}`,
    ]),
    "END:VTIMEZONE",
  ];
}

export const compact = (date: Date): string => date.toISOString().replace(/[-:]|\.\d+Z$/g, "");
const compactDay = (date: Date): string => compact(date).slice(0, 8);

/** When something is: how to write its times. */
export interface Clock {
  readonly zone?: Zone;
  readonly allDay: boolean;
  readonly params: string;
  readonly value: (date: Date) => string;
  /** An UNTIL is local exactly where DTSTART is floating (RFC 5545 3.3.10). */
  readonly until: (date: Date) => string;
}

export function randomClock(random: Random): Clock {
  const utc = (date: Date) => `${compact(date)}Z`;
  const kind = below(random, 100);
  if (kind < 55) {
    const zone = pick(random, ZONES);
    return { zone, allDay: false, params: `;TZID=${zone.id}`, value: compact, until: utc };
  }
  if (kind < 70) return { allDay: false, params: "", value: utc, until: utc };
  if (kind < 78) return { allDay: false, params: "", value: compact, until: compact };
  return { allDay: true, params: ";VALUE=DATE", value: compactDay, until: compactDay };
}

export const timeLine = (clock: Clock, name: string, ...dates: readonly Date[]): string =>
  `${name}${clock.params}:${dates.map(clock.value).join(",")}`;

export const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;
export const after = (date: Date, milliseconds: number): Date =>
  new Date(date.getTime() + milliseconds);

export function randomStart(random: Random): Date {
  const day = Date.UTC(2025, 0, 1) + below(random, 730) * DAY;
  return new Date(day + (7 * 60 + below(random, 52) * 15) * MINUTE);
}
