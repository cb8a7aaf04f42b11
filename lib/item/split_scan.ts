/**
 * Where the components of a text stand in it, so that one can be taken out, put in or replaced with
 * all other bytes as they were. `components.ts` reads what they say; this only finds them.
 */

import type { ItemLimits } from "./components.ts";
import { excerpt, parseLine, parseParams, trimSpaces, unescapeText } from "./lines.ts";
import { upperCase } from "./spellings.ts";

/** A part of a text, from `start` up to `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A component: from its BEGIN line to its END line, the line ends behind it too. */
export interface RawComponent extends Span {
  /** In upper case. */
  readonly name: string;
  /** Where the line after BEGIN begins. */
  readonly inner: number;
  /** Where the END line begins. */
  readonly close: number;
  /** Its own UID as a byte string, without escapes and spaces around; none where it is empty. */
  readonly uid: string | undefined;
  /** All its own UID lines, also empty ones. */
  readonly uidLines: readonly Span[];
  /** The first of its own TZID lines: what a VTIMEZONE is called. */
  readonly zone: string | undefined;
  /** The time zones that it, and what is in it, names in a parameter. */
  readonly zones: ReadonlySet<string>;
  /** Of a component that stands in no other: VERSION, PRODID and CALSCALE, the first line of each. */
  readonly wrapper: ReadonlyMap<string, Span>;
  /** Of a component that stands in no other: those within. */
  readonly children: readonly RawComponent[];
}

/** What a text holds, or why it cannot be taken apart: to follow "the calendar" or "the file". */
export type Scanned =
  | { readonly ok: true; readonly roots: readonly RawComponent[] }
  | { readonly ok: false; readonly kind: "malformed" | "too large"; readonly reason: string };

/** What is kept of the calendar around an item: what says how to read it, not what it is called. */
const WRAPPER: ReadonlySet<string> = new Set(["VERSION", "PRODID", "CALSCALE"]);

/** How many components may stand side by side: each takes half a kilobyte while it is known. */
const MOST_COMPONENTS = 200_000;

const BYTE_ORDER_MARK = "\xef\xbb\xbf";
/** Lines that need not be looked at have none of this. */
const TELLING = /^(?:[BEUTVPC]|[^:;]*\.)|;TZID=/i;

/** A component while its end is looked for. */
interface Open extends RawComponent {
  end: number;
  close: number;
  uid: string | undefined;
  zone: string | undefined;
  readonly uidLines: Span[];
  readonly zones: Set<string>;
  readonly wrapper: Map<string, Span>;
  readonly children: RawComponent[];
}

/** Finds the components of a byte string, side by side. Never throws. */
export function scanComponents(text: string, limits: ItemLimits): Scanned {
  if (text.includes("\0")) return malformed("holds NUL bytes: it is damaged, or in UTF-16");
  const roots: RawComponent[] = [];
  const open: Open[] = [];
  let count = 0;
  let components = 0;
  for (const line of logicalLines(text)) {
    if (++count > limits.lines) return tooLarge(`has more than ${limits.lines} lines`);
    const current = open.at(-1);
    if (current !== undefined && !TELLING.test(line.text)) continue;
    const { name, params, value } = parseLine(line.text);
    if (name === "BEGIN") {
      if (open.length === limits.depth) {
        return tooLarge(`nests components more than ${limits.depth} deep`);
      }
      if (open.length < 2 && ++components > MOST_COMPONENTS) {
        return tooLarge(`has more than ${MOST_COMPONENTS} components`);
      }
      open.push(opened(upperCase(trimSpaces(value)), line));
    } else if (current === undefined) {
      const quoted = `"${excerpt(line.text)}"`;
      return malformed(
        count === 1
          ? `begins with ${quoted} instead of BEGIN`
          : `goes on after its end with ${quoted} (line ${lineNumber(text, line.start)})`,
      );
    } else if (name === "END") {
      const ended = upperCase(trimSpaces(value));
      if (ended !== current.name) {
        const where = `(line ${lineNumber(text, line.start)})`;
        const due = `END:${excerpt(current.name)}`;
        return malformed(`has END:${excerpt(ended)} where ${due} is due ${where}`);
      }
      open.pop();
      current.close = line.start;
      current.end = line.end;
      if (open.length === 0) roots.push(current);
      else if (open.length === 1) open[0]?.children.push(current);
    } else {
      noteLine(current, open.length, { name, value, line });
      if (params !== "" && open.length > 1) noteZones(open[1], params);
    }
  }
  const last = open.at(-1);
  if (last !== undefined) return malformed(`ends before END:${excerpt(last.name)}`);
  return { ok: true, roots };
}

interface Line extends Span {
  /** Unfolded. */
  readonly text: string;
}

interface Noted {
  readonly name: string;
  readonly value: string;
  readonly line: Line;
}

function noteLine(current: Open, depth: number, { name, value, line }: Noted): void {
  if (depth > 2) return;
  const { start, end } = line;
  if (name === "UID") {
    const uid = trimSpaces(unescapeText(value));
    if (current.uidLines.length === 0 && uid !== "") current.uid = uid;
    current.uidLines.push({ start, end });
  } else if (name === "TZID" && depth === 2) {
    current.zone ??= trimSpaces(unescapeText(value));
  } else if (depth === 1 && WRAPPER.has(name) && !current.wrapper.has(name)) {
    current.wrapper.set(name, { start, end });
  }
}

function noteZones(item: Open | undefined, params: string): void {
  if (item === undefined || !/TZID/i.test(params)) return;
  for (const { name, values: [zone] } of parseParams(params)) {
    if (name === "TZID" && zone !== undefined) item.zones.add(trimSpaces(zone));
  }
}

function opened(name: string, { start, end }: Line): Open {
  return {
    name,
    start,
    end: start,
    inner: end,
    close: start,
    uid: undefined,
    uidLines: [],
    zone: undefined,
    zones: new Set(),
    wrapper: new Map(),
    children: [],
  };
}

/**
 * The logical lines, as `unfold` in `lines.ts` has them. Each goes on to where the next begins, so
 * that together they are the text.
 */
function* logicalLines(text: string): Generator<Line> {
  const physical = /[^\r\n]+/g;
  physical.lastIndex = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
  let match = physical.exec(text);
  while (match !== null) {
    const start = match.index;
    const pieces = [match[0]];
    match = physical.exec(text);
    while (match !== null && (match[0].startsWith(" ") || match[0].startsWith("\t"))) {
      pieces.push(match[0].slice(1));
      match = physical.exec(text);
    }
    const whole = pieces.length === 1 ? pieces[0] ?? "" : pieces.join("");
    yield { start, end: match?.index ?? text.length, text: whole };
  }
}

/** The first line end of a span, else that of the line before, else CRLF. */
export function lineEndOf(text: string, { start, end }: Span): string {
  return /\r\n|\r|\n/.exec(text.slice(start, end))?.[0] ??
    /(?:\r\n|\r|\n)$/.exec(text.slice(Math.max(0, start - 2), start))?.[0] ?? "\r\n";
}

/** The text of a span, made to end in a line end. */
export function wholeLines(text: string, { start, end }: Span): string {
  const part = text.slice(start, end);
  return /[\r\n]$/.test(part) ? part : `${part}${lineEndOf(text, { start, end })}`;
}

/**
 * The text of a component with this UID, in one line, instead of whatever UIDs it has. Where it had
 * none, a vCard gets it as its last line, since VERSION must stay the first (RFC 6350 section 6.7.9),
 * and others as their first, since components within must stay behind (RFC 5545 section 3.6.1).
 */
export function textWithUid(text: string, component: RawComponent, uid: string): string {
  const { start, inner } = component;
  return textWithUidLine(text, component, `UID:${uid}${lineEndOf(text, { start, end: inner })}`);
}

/** The same with a line that is there already, as it stands, its end included. */
export function textWithUidLine(text: string, component: RawComponent, line: string): string {
  const { name, start, inner, close, end, uidLines } = component;
  const [first, ...others] = uidLines;
  const place = name === "VCARD" ? close : inner;
  const parts = [text.slice(start, first?.start ?? place), line];
  let at = first?.end ?? place;
  for (const other of others) {
    parts.push(text.slice(at, other.start));
    at = other.end;
  }
  return parts.join("") + wholeLines(text, { start: at, end });
}

function lineNumber(text: string, offset: number): number {
  return text.slice(0, offset).split(/\r\n|\r|\n/).length;
}

function malformed(reason: string): Scanned {
  return { ok: false, kind: "malformed", reason };
}

function tooLarge(reason: string): Scanned {
  return { ok: false, kind: "too large", reason };
}
