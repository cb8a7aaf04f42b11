/**
 * Keeps a calendar server from inviting guests that were invited already (RFC 6638, 7.1).
 *
 * A server that schedules sends invitations for whatever event of its user it is given. One that was
 * copied from elsewhere had its guests told there. `SCHEDULE-AGENT=CLIENT` says that somebody else sees
 * to it. A parameter of our own marks each line that it was added to, so that just these are as they
 * were once they are read again.
 */

import { byteString, parseParams, trimSpaces } from "./lines.ts";
import { editLines, endOfLine, fold, type PlacedLine, placedLines } from "./raw_lines.ts";
import { upperCase } from "./spellings.ts";

const AGENT = "SCHEDULE-AGENT";
const MARK = "X-DOVETAIL-SCHEDULE-AGENT";
const ADDED = `;${AGENT}=CLIENT;${MARK}=ADDED`;

/** Whether a server might schedule the item at all. */
export function hasGuests(bytes: Uint8Array): boolean {
  return mayHaveGuests(bytes) && [...placedLines(bytes)].some(isGuest);
}

/**
 * Whether a server that holds this sees to it that guests hear of changes: there are guests, and the
 * organiser's line, or where there is none any guest's, does not say that somebody else does.
 */
export function isScheduledByServer(bytes: Uint8Array): boolean {
  if (!mayHaveGuests(bytes)) return false;
  const guests = [...placedLines(bytes)].filter(isGuest);
  const organisers = guests.filter(({ line }) => line.name === "ORGANIZER");
  const telling = organisers.length > 0 ? organisers : guests;
  return telling.some((placed) => {
    const agent = agentOf(placed);
    return agent === undefined || agent === "SERVER";
  });
}

/**
 * `bytes` with `SCHEDULE-AGENT=CLIENT` on the organiser and on each guest that has no agent yet. All
 * else stays byte for byte. Never throws.
 */
export function withClientAgent(bytes: Uint8Array): Uint8Array {
  if (!mayHaveGuests(bytes)) return bytes;
  return editLines(bytes, (placed) => {
    const { raw, text, line } = placed;
    if (!isGuest(placed) || agentOf(placed) !== undefined) return raw;
    const end = line.group.length + (line.group === "" ? 0 : 1) + line.name.length;
    const lineEnd = endOfLine(raw);
    if (!raw.startsWith(text.slice(0, end))) {
      return fold(`${text.slice(0, end)}${ADDED}${text.slice(end)}`, lineEnd);
    }
    const isShort = raw.startsWith(text) && text.length + ADDED.length <= 75;
    const added = isShort ? ADDED : folded(lineEnd);
    return `${raw.slice(0, end)}${added}${raw.slice(end)}`;
  });
}

/** {@linkcode withClientAgent} taken back. */
export function withoutClientAgent(bytes: Uint8Array): Uint8Array {
  if (!mayHaveGuests(bytes)) return bytes;
  return editLines(bytes, (placed) => {
    const { raw, text, line } = placed;
    if (!isGuest(placed) || !isMarked(placed)) return raw;
    const lineEnd = endOfLine(raw);
    for (const added of [folded(lineEnd), ADDED]) {
      const at = raw.indexOf(added);
      if (at !== -1) return `${raw.slice(0, at)}${raw.slice(at + added.length)}`;
    }
    // A server wrote it anew: with other folds, or its parameters in another order.
    const head = text.slice(0, text.length - line.params.length - line.value.length - 1);
    const params = splitParams(line.params).filter((param) => !isAdded(param)).join("");
    return fold(`${head}${params}:${line.value}`, lineEnd);
  });
}

function folded(lineEnd: string): string {
  return `${lineEnd} ${ADDED}${lineEnd} `;
}

const GUEST = /ATTENDEE|ORGANIZER/i;

/** Most items have no guests, and need not be looked into line by line. */
function mayHaveGuests(bytes: Uint8Array): boolean {
  const text = byteString(bytes);
  if (GUEST.test(text)) return true;
  // A name may be folded, if nobody does it.
  return /[\r\n][ \t]/.test(text) && GUEST.test(text.replaceAll(/(?:\r\n|\r|\n)[ \t]/g, ""));
}

/** Those of the event itself: a guest of an alarm is sent a mail, and is not invited. */
function isGuest({ line, path }: PlacedLine): boolean {
  return path.length === 2 && (line.name === "ATTENDEE" || line.name === "ORGANIZER");
}

function agentOf({ line }: PlacedLine): string | undefined {
  const values = parseParams(line.params).find(({ name }) => name === AGENT)?.values;
  return values === undefined ? undefined : upperCase(trimSpaces(values[0] ?? ""));
}

function isMarked({ line }: PlacedLine): boolean {
  return parseParams(line.params).some(({ name }) => name === MARK);
}

/** The parameters as they stand, each with its semicolon. */
function splitParams(params: string): readonly string[] {
  return params.match(/;(?:"[^"]*"|[^;"])*/g) ?? [];
}

function isAdded(param: string): boolean {
  const [only] = parseParams(param);
  return only?.name === MARK ||
    only?.name === AGENT && upperCase(only.values[0] ?? "") === "CLIENT";
}
