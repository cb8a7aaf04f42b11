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
 * | `one` | the property, or the whole line where the property is repeated | SUMMARY, FN |
 * | `each` | the line with this identity | ATTENDEE, TEL |
 * | `list` | the value, of which a line may hold several | EXDATE, CATEGORIES |
 */
export type Shape = "one" | "each" | "list";

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

const LISTS: ReadonlySet<string> = new Set([
  "CATEGORIES",
  "RESOURCES",
  "EXDATE",
  "RDATE",
  "FREEBUSY",
]);

const REPEATED: ReadonlySet<string> = new Set([
  "ATTENDEE",
  "ATTACH",
  "COMMENT",
  "CONTACT",
  "RELATED-TO",
  "CONFERENCE",
  "IMAGE",
  "REQUEST-STATUS",
  "REFID",
  "LINK",
]);

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
  shape: (name) => LISTS.has(name) ? "list" : REPEATED.has(name) ? "each" : "one",
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

const CONTACT_REPEATED: ReadonlySet<string> = new Set([
  "TEL",
  "EMAIL",
  "ADR",
  "LABEL",
  "URL",
  "IMPP",
  "RELATED",
  "MEMBER",
  "LANG",
  "KEY",
  "HOBBY",
  "INTEREST",
  "EXPERTISE",
  "CALURI",
  "CALADRURI",
  "FBURL",
  "CLIENTPIDMAP",
  "X-ABDATE",
  "X-ABRELATEDNAMES",
  "X-ADDRESSBOOKSERVER-MEMBER",
  "X-SOCIALPROFILE",
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
  shape: (name) => {
    if (name === "CATEGORIES") return "list";
    return CONTACT_REPEATED.has(name) ? "each" : "one";
  },
  identity: (line) => CONTACT_REPEATED.has(line.name) ? contactIdentity(line) : "",
  stamp: (name) => CONTACT_STAMPS.get(name),
  cluster: () => undefined,
  isEdited: (name) => CONTACT_REPEATED.has(name) && !CONTACT_MEMBERS.has(name),
  grouped: true,
};
