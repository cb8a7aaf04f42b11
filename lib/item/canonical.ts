/**
 * The canonical form of a property: what it says, in one spelling.
 *
 * Servers parse what they are given and write it out anew. That must not count as an edit, and a
 * real edit, or a real loss, must not be taken for it. So two spellings are one here if they mean
 * the same by RFC 5545 *and* some server was seen to write one for the other: Radicale 3.1.8 (with
 * vobject 0.9.6), Xandikos 0.2.8 (with icalendar 4.0), or libical 3.0.16, on which Cyrus is built.
 *
 * | spellings that are one | who turns one into the other |
 * |---|---|
 * | names of components, properties and parameters in any case | all |
 * | order of properties, of components and of parameters | Radicale, Xandikos |
 * | line ends, folding, empty lines | all |
 * | a byte order mark and none | libical; Radicale and Xandikos refuse it |
 * | parameter values with and without quotes, where they may be without | all |
 * | `;P=a;P=b` and `;P=a,b` | Radicale |
 * | a VALUE parameter that says what is so without it | Radicale (TRIGGER), libical |
 * | `DTSTART:20260314` and `DTSTART;VALUE=DATE:20260314`, a TRIGGER at a time likewise | Radicale, libical |
 * | X-VOBJ-FLOATINGTIME-ALLOWED | Radicale adds it to local times where UTC is due |
 * | `TZID=UTC` (or Etc/UTC, GMT), a Z at the end, and both | Radicale, Xandikos (UTC) |
 * | TEXT: `\N` and `\n` | all |
 * | TEXT: a comma or semicolon with and without its backslash, where one value is expected | Xandikos, libical |
 * | TEXT: a backslash before any other character, and two of them | Radicale, Xandikos |
 * | the last two in X- properties and URIs too, whatever their VALUE | Xandikos; libical the other way |
 * | a line of CATEGORIES, RESOURCES, EXDATE, RDATE or FREEBUSY with several values, and one for each | libical |
 * | STATUS, CLASS, TRANSP, ACTION and enumerated parameters in any case | libical |
 * | integers with a plus sign or leading zeros | Xandikos, libical |
 * | GEO with other zeros or signs, as far as a double tells them apart | Xandikos |
 * | durations in other units: weeks and days, hours and minutes and seconds; signs, zeros | Radicale, Xandikos |
 * | recurrence rules: order of parts, case, zeros, empty parts | Xandikos, libical |
 * | recurrence rules: order and plus signs of the values of BY parts, INTERVAL=1 and WKST=MO or none | libical |
 * | UTC offsets with seconds that are 00, and without | Xandikos, libical |
 * | spaces around a UID | libical |
 *
 * On purpose not one, though a server does this: `PT24H` and `P1D` (Radicale, Xandikos; they differ
 * where the clock changes), `\:` and `:` (Xandikos), `\"` and `"` (Radicale), spaces around other
 * values (libical), an empty parameter and none (Radicale), an item without the definition of its
 * time zone and with one (Radicale adds it), without VERSION and with it (Radicale adds it), an EXDATE
 * with a date and with a time (Radicale), and whatever is cut off, dropped or decoded wrongly.
 *
 * The form is not meant to be read back. Its separators are CR and LF with a mark, which no
 * unfolded line can hold, so that no two different properties come out the same. A change to it
 * changes every digest that a status holds.
 */

import { type ContentLine, parseParams, trimSpaces } from "./lines.ts";
import {
  canonicalDuration,
  canonicalGeo,
  canonicalInteger,
  canonicalOffset,
  canonicalRule,
  canonicalText,
  canonicalTime,
  canonicalWord,
  timeType,
  upperCase,
} from "./spellings.ts";

/**
 * What is left out altogether, wherever it stands (rule 2): a server sets these on its own. REV is
 * a vCard's.
 */
const IGNORED: ReadonlySet<string> = new Set([
  "PRODID",
  "DTSTAMP",
  "LAST-MODIFIED",
  "CREATED",
  "REV",
  "METHOD",
  "X-RADICALE-NAME",
  "X-WR-CALNAME",
]);

/** Whether the digest knows nothing of this property. */
export function isIgnored(name: string): boolean {
  return IGNORED.has(name);
}

/** How the values of a property are spelt. */
interface Spelling {
  /** The VALUE parameter that says nothing new of this value, or empty. */
  readonly type: (value: string) => string;
  /** Whether a line with several values counts as one line for each, and how they are parted. */
  readonly split?: (value: string) => readonly string[];
  readonly canonical: (value: string) => string;
}

const spelling = (type: string, canonical: (value: string) => string): Spelling => ({
  type: () => type,
  canonical,
});

const TEXT = spelling("TEXT", canonicalText);
const WORD = spelling("TEXT", canonicalWord);
const TEXTS: Spelling = { ...TEXT, split: splitTexts };
const URI = spelling("URI", canonicalText);
const ADDRESS = spelling("CAL-ADDRESS", canonicalText);
const INTEGER = spelling("INTEGER", canonicalInteger);
const DURATION = spelling("DURATION", canonicalDuration);
const RULE = spelling("RECUR", canonicalRule);
const OFFSET = spelling("UTC-OFFSET", canonicalOffset);
const TIME: Spelling = { type: timeType, canonical: canonicalTime };
const TIMES: Spelling = { ...TIME, split: (value) => value.split(",") };
/** X- properties and others that are not known: read as TEXT, whatever their VALUE says. */
const UNKNOWN = spelling("", canonicalText);

const SPELLINGS: ReadonlyMap<string, Spelling> = new Map([
  ["UID", spelling("TEXT", (value) => canonicalText(trimSpaces(value)))],
  ["SUMMARY", TEXT],
  ["DESCRIPTION", TEXT],
  ["LOCATION", TEXT],
  ["COMMENT", TEXT],
  ["CONTACT", TEXT],
  ["RELATED-TO", TEXT],
  ["VERSION", TEXT],
  ["TZID", TEXT],
  ["TZNAME", TEXT],
  ["NAME", TEXT],
  ["COLOR", TEXT],
  ["STATUS", WORD],
  ["CLASS", WORD],
  ["TRANSP", WORD],
  ["ACTION", WORD],
  ["CALSCALE", WORD],
  ["CATEGORIES", TEXTS],
  ["RESOURCES", TEXTS],
  ["URL", URI],
  ["TZURL", URI],
  ["ATTACH", URI],
  ["SOURCE", URI],
  ["ORGANIZER", ADDRESS],
  ["ATTENDEE", ADDRESS],
  ["PRIORITY", INTEGER],
  ["PERCENT-COMPLETE", INTEGER],
  ["SEQUENCE", INTEGER],
  ["REPEAT", INTEGER],
  ["GEO", spelling("FLOAT", canonicalGeo)],
  ["DURATION", DURATION],
  ["REFRESH-INTERVAL", DURATION],
  ["RRULE", RULE],
  ["EXRULE", RULE],
  ["TZOFFSETFROM", OFFSET],
  ["TZOFFSETTO", OFFSET],
  ["DTSTART", TIME],
  ["DTEND", TIME],
  ["DUE", TIME],
  ["COMPLETED", TIME],
  ["RECURRENCE-ID", TIME],
  ["ACKNOWLEDGED", TIME],
  ["TRIGGER", TIME],
  ["EXDATE", TIMES],
  ["RDATE", TIMES],
  ["FREEBUSY", TIMES],
  // Semicolons part its values: they must not be taken for text, as Xandikos does.
  ["REQUEST-STATUS", spelling("TEXT", (value) => value)],
]);

/** The parameters whose values are words of a list, in any case (RFC 5545 2). */
const WORD_PARAMS: ReadonlySet<string> = new Set([
  "CUTYPE",
  "ENCODING",
  "FBTYPE",
  "PARTSTAT",
  "RANGE",
  "RELATED",
  "RELTYPE",
  "ROLE",
  "RSVP",
  "VALUE",
]);

/** Names of UTC for which servers write or add a Z. */
const UTC_NAMES: ReadonlySet<string> = new Set(["UTC", "Etc/UTC", "GMT"]);

type Params = ReadonlyMap<string, readonly string[]>;
const NO_PARAMS: Params = new Map();

/** The canonical form of a property: as many lines as it has values. Never throws. */
export function canonicalLines(line: ContentLine): readonly string[] {
  const spelling = SPELLINGS.get(line.name) ?? UNKNOWN;
  const head = line.group === "" ? line.name : `${line.group}\r.${line.name}`;
  const params = line.params === "" ? NO_PARAMS : readParams(line.params);
  const values = spelling.split?.(line.value) ?? [line.value];
  return values.map((value) => {
    if (params.size === 0) return `${head}\r:${spelling.canonical(value)}`;
    const type = spelling.type(value);
    const utc = type === "DATE-TIME" && isOnly(params.get("TZID"), UTC_NAMES);
    const left = paramTexts(params, type, utc).join("");
    return `${head}${left}\r:${spelling.canonical(value)}${utc && !value.endsWith("Z") ? "Z" : ""}`;
  });
}

/** By name, those of the same name joined, and in upper case where case is nothing. */
function readParams(text: string): Params {
  const params = new Map<string, string[]>();
  for (const { name, values } of parseParams(text)) {
    if (name === "X-VOBJ-FLOATINGTIME-ALLOWED") continue;
    const all = params.get(name) ?? [];
    for (const value of values) all.push(WORD_PARAMS.has(name) ? upperCase(value) : value);
    params.set(name, all);
  }
  return params;
}

function paramTexts(params: Params, type: string, utc: boolean): readonly string[] {
  const texts: string[] = [];
  for (const [name, values] of params) {
    if (name === "VALUE" && values.length === 1 && values[0] === type) continue;
    if (name === "TZID" && utc) continue;
    texts.push(`\r;${name}${values.map((value) => `\r,${value}`).join("")}`);
  }
  return texts.length > 1 ? texts.sort() : texts;
}

function isOnly(values: readonly string[] | undefined, one: ReadonlySet<string>): boolean {
  return values?.length === 1 && one.has(values[0] ?? "");
}

/** Splits at the commas that no backslash stands before. */
function splitTexts(value: string): readonly string[] {
  if (!value.includes("\\")) return value.split(",");
  const texts: string[] = [];
  let start = 0;
  for (let at = 0; at < value.length; at++) {
    if (value[at] === "\\") at++;
    else if (value[at] === ",") {
      texts.push(value.slice(start, at));
      start = at + 1;
    }
  }
  return [...texts, value.slice(start)];
}
