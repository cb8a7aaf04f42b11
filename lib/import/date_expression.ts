/** The Python expressions that vdirsyncer has for days, as far as people write them. */

import type { DateBound } from "../config/config.ts";

const NOW = /^(?:datetime\.datetime|datetime|date)\.(?:now|today|utcnow)\([^()]*\)$/;
const FIXED = /^(?:datetime\.datetime|datetime|date)\((\d{4}),(\d{1,2}),(\d{1,2})(?:,[\d,]*)?\)$/;
const DELTA = /^(?:datetime\.)?timedelta\((\w+=)?(\d{1,6}(?:\*\d{1,6})*)\)$/;

const DAYS: Readonly<Record<string, number>> = { "": 1, "days=": 1, "weeks=": 7, "hours=": 1 / 24 };

/**
 * The day of `datetime.now() - timedelta(days=365)` and the like; undefined for all else. `start` is
 * what `start_date` stands for in the expression of an `end_date`.
 */
export function readDateExpression(expression: string, start?: DateBound): DateBound | undefined {
  const text = expression.replace(/\s+/g, "");
  if (text.length > 200) return undefined;
  const [first = "", ...rest] = text.split(/(?=[+-](?![^(]*\)))/);
  const base = baseOf(first, start);
  if (base === undefined) return undefined;
  let days = 0;
  for (const term of rest) {
    const sign = term.startsWith("-") ? -1 : 1;
    const [, unit = "", factors] = DELTA.exec(term.slice(1)) ?? [];
    const perUnit = DAYS[unit];
    if (factors === undefined || perUnit === undefined) return undefined;
    days += sign * perUnit *
      factors.split("*").reduce((product, each) => product * Number(each), 1);
  }
  return plus(base, Math.trunc(days));
}

function baseOf(text: string, start: DateBound | undefined): DateBound | undefined {
  if (text === "start_date") return start;
  if (NOW.test(text)) return { kind: "relative", count: 0, unit: "day" };
  const [, year, month, day] = FIXED.exec(text) ?? [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const date = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const time = new Date(`${date}T00:00:00Z`).getTime();
  return Number.isNaN(time) ? undefined : { kind: "date", date };
}

/** Days are the only unit that vdirsyncer's expressions come to. */
function plus(bound: DateBound, days: number): DateBound | undefined {
  if (bound.kind === "relative") {
    const count = bound.count + days;
    return Math.abs(count) > 99_999 ? undefined : { ...bound, count };
  }
  const [year = 0, month = 1, day = 1] = bound.date.split("-").map(Number);
  const moved = new Date(Date.UTC(year, month - 1, day + days));
  const text = Number.isNaN(moved.getTime()) ? "" : moved.toISOString().slice(0, 10);
  return /^\d{4}-/.test(text) ? { kind: "date", date: text } : undefined;
}
