/** Days as they are written in a configuration, and what they come to in a run. */

import type { DateBound, WindowConfig } from "./config.ts";

const UNITS = { d: "day", w: "week", m: "month", y: "year" } as const;

/** The most that may be counted from today, in any unit. */
const MOST_COUNT = 99_999;

/** Reads `2026-01-31`, `today`, `-365d`, `-2w`, `+6m`, `-1y`; undefined where it is no day. */
export function readDateBound(text: string): DateBound | undefined {
  if (text === "today") return { kind: "relative", count: 0, unit: "day" };
  const relative = /^([+-])(\d{1,5})([dwmy])$/.exec(text);
  if (relative !== null) {
    const [, sign, digits, letter] = relative;
    const unit = UNITS[letter as keyof typeof UNITS];
    const count = Math.min(Number(digits), MOST_COUNT);
    return { kind: "relative", count: sign === "-" && count > 0 ? -count : count, unit };
  }
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const date = new Date(`${text}T00:00:00Z`);
  // A day that its month does not have is another day, or none.
  return Number.isNaN(date.getTime()) || !date.toISOString().startsWith(text)
    ? undefined
    : { kind: "date", date: text };
}

/** A bound as it is written. */
export function writeDateBound(bound: DateBound): string {
  if (bound.kind === "date") return bound.date;
  const { count, unit } = bound;
  return count === 0 ? "today" : `${count < 0 ? "-" : "+"}${Math.abs(count)}${unit.slice(0, 1)}`;
}

/** A stretch of time: from this moment on, and up to that one, which is not part of it any more. */
export interface TimeWindow {
  readonly from?: Date;
  readonly until?: Date;
}

/**
 * What a window comes to at a moment. Its days are those of UTC, and so the same on every machine;
 * the last day is part of it.
 */
export function windowAt(window: WindowConfig, now: Date): TimeWindow {
  return {
    ...(window.from && { from: startOf(window.from, now, 0) }),
    ...(window.to && { until: startOf(window.to, now, 1) }),
  };
}

/** When the day begins that is `later` days after the bound. */
function startOf(bound: DateBound, now: Date, later: number): Date {
  if (bound.kind === "date") {
    const date = new Date(`${bound.date}T00:00:00Z`);
    return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + later));
  }
  const { count, unit } = bound;
  const months = unit === "year" ? 12 * count : unit === "month" ? count : 0;
  const days = unit === "week" ? 7 * count : unit === "day" ? count : 0;
  const year = now.getUTCFullYear();
  const month = now.getUTCMonth() + months;
  // A month before the 31st of March is the last day of February.
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const day = Math.min(now.getUTCDate(), last) + days + later;
  return new Date(Date.UTC(year, month, day));
}
