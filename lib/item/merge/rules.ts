/** How the properties of an item are told apart when two people's edits are put together. */

import { canonicalLines, isIgnored } from "../canonical.ts";
import { canonicalCardLines, isIgnoredInCards } from "../canonical_card.ts";
import { type ContentLine, trimSpaces } from "../lines.ts";
import { upperCase } from "../spellings.ts";
import { splitValues } from "./values.ts";

/**
 * What counts as one thing that a person changes.
 *
 * | shape | one thing is | for example |
 * |---|---|---|
 * | `one` | the property, however often it stands | SUMMARY, FN |
 * | `any` | the property; where some version repeats it, the whole line | X-FOO, NOTE |
 * | `each` | the line with this identity | ATTENDEE, TEL |
 * | `list` | the value, of which a line may hold several | EXDATE, CATEGORIES |
 */
export type Shape = "one" | "any" | "each" | "list";

export interface Rules {
  /** What a line says, in one spelling, without a vCard's group: one text for each of its values. */
  readonly canonical: (line: ContentLine) => readonly string[];
  /** Whether the digest knows nothing of this property. */
  readonly isIgnored: (name: string) => boolean;
  readonly shape: (name: string) => Shape;
  /** What makes a line of shape `each` the same line with other parameters; empty: everything. */
  readonly identity: (line: ContentLine) => string;
  /**
   * Set by programs rather than people: two edits of it are no clash, the later time or the larger
   * number wins, or each side keeps its own.
   */
  readonly stamp: (name: string) => "later" | "larger" | "own" | undefined;
  /** Properties that only mean something together: edits of two of them are a clash. */
  readonly cluster: (component: string, name: string) => string | undefined;
  /** Whether a new value is mostly an old one that was changed: a number, and no member of a group. */
  readonly isEdited: (name: string) => boolean;
  /** Whether lines may bear a group. */
  readonly grouped: boolean;
}

type Stamp = Exclude<ReturnType<Rules["stamp"]>, undefined>;

const STAMPS: ReadonlyMap<string, Stamp> = new Map([
  ["DTSTAMP", "later"],
  ["LAST-MODIFIED", "later"],
  // When an alarm was last dismissed or put off: what both people have seen off is seen off.
  ["ACKNOWLEDGED", "later"],
  ["X-MOZ-LASTACK", "later"],
  ["X-MOZ-SNOOZE-TIME", "later"],
  ["SEQUENCE", "larger"],
  ["X-MOZ-GENERATION", "larger"],
  ["CREATED", "own"],
  ["PRODID", "own"],
  ["METHOD", "own"],
  ["X-RADICALE-NAME", "own"],
  ["X-WR-CALNAME", "own"],
]);

const SHAPES: ReadonlyMap<string, Shape> = new Map([
  ...each("list", ["CATEGORIES", "RESOURCES", "EXDATE", "RDATE", "FREEBUSY"]),
  ...each("each", ["ATTENDEE", "ATTACH", "COMMENT", "CONTACT", "RELATED-TO", "CONFERENCE"]),
  ...each("each", ["IMAGE", "REQUEST-STATUS", "REFID", "LINK"]),
  ...each("one", ["UID", "RECURRENCE-ID", "DTSTART", "DTEND", "DUE", "DURATION", "RRULE"]),
  ...each("one", ["SUMMARY", "LOCATION", "GEO", "CLASS", "PRIORITY", "STATUS", "TRANSP", "URL"]),
  ...each("one", ["ORGANIZER", "COMPLETED", "PERCENT-COMPLETE", "COLOR", "VERSION", "CALSCALE"]),
  ...each("one", ["ACTION", "TRIGGER", "REPEAT", ...STAMPS.keys()]),
]);

function each(shape: Shape, names: readonly string[]): readonly (readonly [string, Shape])[] {
  return names.map((name) => [name, shape]);
}

/** By property. A move of the start on one side and of the end on the other is nobody's wish. */
const CLUSTERS: ReadonlyMap<string, string> = new Map([
  ["DTSTART", "time"],
  ["DTEND", "time"],
  ["DUE", "time"],
  ["DURATION", "time"],
  ["RRULE", "time"],
  ["EXRULE", "time"],
  ["X-MICROSOFT-CDO-ALLDAYEVENT", "time"],
  ["LOCATION", "place"],
  ["GEO", "place"],
  ["X-APPLE-STRUCTURED-LOCATION", "place"],
  ["DESCRIPTION", "description"],
  ["X-ALT-DESC", "description"],
  ["TRANSP", "busy"],
  ["X-MICROSOFT-CDO-BUSYSTATUS", "busy"],
]);

const PROGRESS: ReadonlySet<string> = new Set(["STATUS", "COMPLETED", "PERCENT-COMPLETE"]);

export const CALENDAR_RULES: Rules = {
  canonical: canonicalLines,
  isIgnored,
  shape: (name) => SHAPES.get(name) ?? "any",
  identity: ({ name, value }) => name === "ATTENDEE" ? upperCase(trimSpaces(value)) : "",
  stamp: (name) => STAMPS.get(name),
  cluster: (component, name) => {
    // An alarm is changed as a whole.
    if (component === "VALARM") return "alarm";
    if (component === "VTODO" && PROGRESS.has(name)) return "progress";
    return CLUSTERS.get(name);
  },
  isEdited: () => false,
  grouped: false,
};

const CONTACT_SHAPES: ReadonlyMap<string, Shape> = new Map([
  ...each("list", ["CATEGORIES"]),
  ...each("each", ["TEL", "EMAIL", "ADR", "LABEL", "URL", "IMPP", "RELATED", "MEMBER", "LANG"]),
  ...each("each", ["KEY", "HOBBY", "INTEREST", "EXPERTISE", "CALURI", "CALADRURI", "FBURL"]),
  ...each("each", ["CLIENTPIDMAP", "X-ABDATE", "X-ABRELATEDNAMES", "X-SOCIALPROFILE"]),
  ...each("each", ["X-ADDRESSBOOKSERVER-MEMBER"]),
  ...each("one", ["VERSION", "UID", "N", "FN", "BDAY", "ANNIVERSARY", "GENDER", "KIND"]),
  ...each("one", ["REV", "PRODID"]),
]);

/** Of these one is removed and another one added. */
const CONTACT_MEMBERS: ReadonlySet<string> = new Set([
  "MEMBER",
  "X-ADDRESSBOOKSERVER-MEMBER",
  "LANG",
  "KEY",
  "CLIENTPIDMAP",
]);

/** What a line is about, by its value: the same number with another TYPE is the same number. */
function contactIdentity({ name, value }: ContentLine): string {
  const text = trimSpaces(value);
  return name === "EMAIL" || name === "IMPP" ? upperCase(text) : text;
}

const CONTACT_STAMPS: ReadonlyMap<string, Stamp> = new Map([
  ["REV", "later"],
  ["PRODID", "own"],
  ["X-RADICALE-NAME", "own"],
]);

export const CONTACT_RULES: Rules = {
  canonical: (line) => {
    const plain = line.group === "" ? line : { ...line, group: "" };
    if (line.name !== "CATEGORIES") return canonicalCardLines(plain);
    return splitValues(plain).flatMap((value) => canonicalCardLines({ ...plain, value }));
  },
  isIgnored: isIgnoredInCards,
  shape: (name) => CONTACT_SHAPES.get(name) ?? "any",
  identity: contactIdentity,
  stamp: (name) => CONTACT_STAMPS.get(name),
  cluster: () => undefined,
  isEdited: (name) => CONTACT_SHAPES.get(name) === "each" && !CONTACT_MEMBERS.has(name),
  grouped: true,
};
