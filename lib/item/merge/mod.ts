/**
 * Puts two people's edits of one item together, property by property.
 *
 * Each side is held against its own base, as servers rewrite what they store, and drop some of it:
 * what a person did is the difference to what *that* side held when both were last in step. The
 * other side gets this difference, and keeps everything else byte for byte as it has it.
 *
 * | what | is merged |
 * |---|---|
 * | SUMMARY, FN, PHOTO and whatever else stands once | as a whole: two different edits are a clash |
 * | DTSTART, DTEND, DUE, DURATION, RRULE | each, and edits of two of them are a clash |
 * | LOCATION and GEO; DESCRIPTION and its HTML; STATUS, COMPLETED, PERCENT-COMPLETE of a todo | likewise |
 * | EXDATE, RDATE, CATEGORIES, RESOURCES | value by value |
 * | ATTENDEE | address by address, each with its parameters |
 * | ATTACH, COMMENT, CONTACT, RELATED-TO and whatever is repeated | line by line |
 * | TEL, EMAIL, ADR, URL, IMPP and their like | value by value, with their `item1.X-ABLabel` |
 * | overrides | one by one; a clash where the other side moved the series |
 * | alarms | one by one, each as a whole |
 * | DTSTAMP, LAST-MODIFIED, REV, SEQUENCE, when an alarm was dismissed | the later or larger |
 * | PRODID, CREATED, METHOD | each side keeps its own |
 * | VTIMEZONE | those that are used; each side keeps its own definition |
 *
 * A component or property that one person deleted and the other edited is a clash; of a card's
 * numbers and addresses, of which an edit looks like a removal and an addition, the edit stays.
 */

import type { Merged } from "../../model/format.ts";
import { SIDES, type Sides } from "../../model/names.ts";
import { readCalendarItem } from "../icalendar.ts";
import { byteString } from "../lines.ts";
import { malformed, type MalformedItem } from "../parse_item.ts";
import { bytesOf } from "../raw_lines.ts";
import { readContact } from "../vcard.ts";
import { mergeComponent } from "./component.ts";
import { type RawComponent, readRaw } from "./raw.ts";
import { CALENDAR_RULES, CONTACT_RULES, type Rules } from "./rules.ts";
import { mapFour } from "./four.ts";
import { lineEndOf } from "./values.ts";

export type { Clash, Merged } from "../../model/format.ts";

export interface MergeInput {
  /** What each side held when both were last in step. */
  readonly base: Sides<Uint8Array>;
  /** What each side holds now. */
  readonly now: Sides<Uint8Array>;
}

/**
 * Merges two versions of a calendar item. Never throws. Where a side is to say what it says already,
 * its bytes come back as they are.
 */
export function mergeCalendar(input: MergeInput): Merged {
  return merge(input, { rules: CALENDAR_RULES, parse: readCalendarItem });
}

/** Merges two versions of a contact. Never throws. */
export function mergeContact(input: MergeInput): Merged {
  return merge(input, { rules: CONTACT_RULES, parse: readContact });
}

interface Format {
  readonly rules: Rules;
  /** Makes sure of it that an item can be read. */
  readonly parse: (bytes: Uint8Array) => { readonly state: "read" } | MalformedItem;
}

function merge(input: MergeInput, format: Format): Merged {
  const read = mapFour(input, (bytes) => readRoot(bytes, format));
  const { base, now } = read;
  if (base.a.state === "malformed") return unreadable("what a held before", base.a);
  if (base.b.state === "malformed") return unreadable("what b held before", base.b);
  if (now.a.state === "malformed") return unreadable("what a holds", now.a);
  if (now.b.state === "malformed") return unreadable("what b holds", now.b);
  const { raws, changed, clashes } = mergeComponent(
    { base: { a: base.a.root, b: base.b.root }, now: { a: now.a.root, b: now.b.root } },
    undefined,
    {
      rules: format.rules,
      lineEnds: { a: lineEndOf(now.a.root.begin), b: lineEndOf(now.b.root.begin) },
    },
  );
  if (clashes.length > 0) return { state: "clash", clashes: clashes.slice(0, MOST_CLASHES) };
  const sides = { ...input.now };
  for (const side of SIDES) {
    if (!changed[side]) continue;
    sides[side] = bytesOf(raws[side]);
    const result = format.parse(sides[side]);
    if (result.state === "malformed") return unreadable("what would come of both", result);
  }
  return { state: "merged", sides };
}

/** Nobody reads more of them. */
const MOST_CLASHES = 100;

function unreadable(which: string, { error }: MalformedItem): Merged {
  return { state: "unreadable", reason: `${which}: ${error.message}` };
}

type Root = { readonly state: "read"; readonly root: RawComponent } | MalformedItem;

function readRoot(bytes: Uint8Array, { rules, parse }: Format): Root {
  const parsed = parse(bytes);
  if (parsed.state === "malformed") return parsed;
  const [root] = readRaw(byteString(bytes), rules) ?? [];
  return root === undefined ? malformed("is empty") : { state: "read", root };
}
