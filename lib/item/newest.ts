/** When an item was last edited, by its own word. */

import type { Kind } from "../model/storage.ts";
import { trimSpaces } from "./lines.ts";
import { placedLines } from "./raw_lines.ts";

/**
 * Milliseconds since 1970: the latest LAST-MODIFIED of a calendar item's components, or else the
 * latest DTSTAMP, which says the same where there is no METHOD (RFC 5545 3.8.7.2); a vCard's REV.
 * None where there is none that can be read, and for mail. Never throws.
 *
 * Times without a zone are taken for UTC, which RFC 5545 asks for. It is only as good as the clocks
 * of those who edited it, and some servers set a DTSTAMP of their own.
 */
export function stampOf(bytes: Uint8Array, kind: Kind): number | undefined {
  if (kind === "mail") return undefined;
  const latest = new Map<string, number>();
  for (const { line, path } of placedLines(bytes)) {
    // Alarms and time zones have stamps of their own.
    if (path.length !== (kind === "calendar" ? 2 : 1) || path[1] === "VTIMEZONE") continue;
    if (line.name !== "LAST-MODIFIED" && line.name !== "DTSTAMP" && line.name !== "REV") continue;
    const time = timeOf(line.value);
    if (time !== undefined) latest.set(line.name, Math.max(time, latest.get(line.name) ?? time));
  }
  return kind === "contacts"
    ? latest.get("REV")
    : latest.get("LAST-MODIFIED") ?? latest.get("DTSTAMP");
}

/** With and without the separators of ISO 8601: vCard 3 and 4 allow both. */
const TIME =
  /^(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d)(?::?(\d\d)(?:[.,]\d{1,9})?)?(Z|[+-]\d\d:?(?:\d\d)?)?)?$/i;

function timeOf(value: string): number | undefined {
  const match = TIME.exec(trimSpaces(value));
  if (match === null) return undefined;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match.slice(1, 7)
    .map((digits) => Number(digits ?? 0));
  const time = Date.UTC(year, month - 1, day, hour, minute, second);
  return Number.isNaN(time) ? undefined : time - offsetOf(match[7] ?? "Z");
}

/** In milliseconds. */
function offsetOf(zone: string): number {
  const match = /^([+-])(\d\d):?(\d\d)?$/.exec(zone);
  if (match === null) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  return (match[1] === "-" ? -minutes : minutes) * 60_000;
}
