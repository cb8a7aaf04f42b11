/** What somebody changed in an item, in words. */

import type { Kind } from "../../model/storage.ts";
import { excerpt, parseParams, trimSpaces, unescapeText } from "../lines.ts";
import { upperCase } from "../spellings.ts";
import { keyChildren } from "./children.ts";
import type { Four } from "./four.ts";
import { lineNamed, type RawComponent } from "./raw.ts";
import { readItem } from "./read.ts";
import type { Rules } from "./rules.ts";
import { readThings, type Thing, type Things } from "./things.ts";
import {
  durationWords,
  naiveTime,
  ruleWords,
  timeWords,
  triggerWords,
  zoneWords,
} from "./time_words.ts";

export { lostInWords } from "./lost.ts";

/** What properties are called; others by their own name, in small letters. */
const NOUNS: ReadonlyMap<string, string> = new Map([
  ["LOCATION", "place"],
  ["X-APPLE-STRUCTURED-LOCATION", "place on the map"],
  ["GEO", "coordinates"],
  ["TRANSP", "shown as"],
  ["CLASS", "privacy"],
  ["PERCENT-COMPLETE", "per cent done"],
  ["CATEGORIES", "category"],
  ["ATTACH", "attachment"],
  ["ORGANIZER", "organiser"],
  ["FN", "name"],
  ["N", "parts of the name"],
  ["TEL", "phone"],
  ["EMAIL", "e-mail"],
  ["ADR", "address"],
  ["ORG", "organisation"],
  ["BDAY", "birthday"],
  ["RELATED", "relation"],
  ["X-ABRELATEDNAMES", "relation"],
  ["X-ABDATE", "date"],
  ["MEMBER", "member"],
  ["X-ADDRESSBOOKSERVER-MEMBER", "member"],
]);

/** Nobody reads what stands in them. */
const UNREADABLE: ReadonlySet<string> = new Set([
  "PHOTO",
  "LOGO",
  "SOUND",
  "KEY",
  "ATTACH",
  "IMAGE",
]);

const TIMES: ReadonlySet<string> = new Set(["DTSTART", "DTEND", "DUE", "DURATION"]);

/** Nobody reads more of them. */
const MOST = 100;

/**
 * What is different in `after`, for people: `moved from Mon 2 March 2026 10:00 to …`, `summary: Lunch
 * -> Dinner`, `alarm added (10 minutes before)`, `guest added: bob@example.com`, `photo removed`. What
 * programs set on their own is not mentioned. Texts are as they stand in the items: it is up to the
 * caller to make them fit for a terminal. Nothing where one of the two cannot be read. Never throws.
 */
export function changesInWords(
  before: Uint8Array,
  after: Uint8Array,
  kind: Kind,
): readonly string[] {
  const [old, now] = [readItem(before, kind), readItem(after, kind)];
  if (old === undefined || now === undefined) return [];
  return componentWords(old.root, now.root, now.rules).slice(0, MOST);
}

function componentWords(old: RawComponent, now: RawComponent, rules: Rules): readonly string[] {
  const four: Four<RawComponent> = { base: { a: old, b: old }, now: { a: now, b: old } };
  const things = readThings(four, rules);
  const changed = changedThings(things.base.a, things.now.a, rules);
  const times = changed.some(({ name }) => TIMES.has(name))
    ? movedWords(things.base.a, things.now.a)
    : [];
  const words = changed.filter(({ name }) => !TIMES.has(name)).map(thingWords);
  return [...times, ...words, ...childWords(four, rules)];
}

interface Changed {
  readonly name: string;
  readonly old: Thing | undefined;
  readonly now: Thing | undefined;
}

function changedThings(old: Things, now: Things, rules: Rules): readonly Changed[] {
  const changed: Changed[] = [];
  for (const key of new Set([...old.keys(), ...now.keys()])) {
    const [one, other] = [old.get(key), now.get(key)];
    const name = (other ?? one)?.name ?? "";
    if (one?.said === other?.said || rules.stamp(name) !== undefined) continue;
    changed.push({ name, old: one, now: other });
  }
  return changed;
}

function movedWords(old: Things, now: Things): readonly string[] {
  const words: string[] = [];
  const [start, newStart] = [old.get("DTSTART"), now.get("DTSTART")];
  const moved = start?.said !== newStart?.said;
  if (moved) words.push(fromTo("moved", "starts", start, newStart));
  const [end, newEnd] = [endOf(old), endOf(now)];
  const same = end?.said === newEnd?.said || moved && lengthOf(old) === lengthOf(now);
  if (same) return words;
  if (newEnd?.name === "DURATION" || newEnd === undefined && end?.name === "DURATION") {
    const length = durationWords(newEnd?.lines[0].line.value ?? "");
    return [...words, length === "" ? "has no length any more" : `lasts ${length}`];
  }
  const isDue = (newEnd ?? end)?.name === "DUE";
  return [...words, fromTo(isDue ? "due" : "end moved", isDue ? "due" : "ends", end, newEnd)];
}

function fromTo(
  verb: string,
  noun: string,
  old: Thing | undefined,
  now: Thing | undefined,
): string {
  if (old === undefined || now === undefined) {
    return now === undefined ? `${noun} at no time any more` : `${noun} ${pointWords(now, true)}`;
  }
  const [was, is] = [old.lines[0].line, now.lines[0].line];
  const zones = zoneWords(was) !== zoneWords(is);
  return `${verb} from ${pointWords(old, zones)} to ${pointWords(now, zones)}`;
}

function pointWords({ lines: [{ line }] }: Thing, withZone: boolean): string {
  const zone = withZone ? zoneWords(line) : "";
  return zone === "" ? timeWords(line.value) : `${timeWords(line.value)} ${zone}`;
}

function endOf(things: Things): Thing | undefined {
  return things.get("DTEND") ?? things.get("DUE") ?? things.get("DURATION");
}

/** In milliseconds, by the clock on the wall, or the DURATION as it stands. */
function lengthOf(things: Things): number | string | undefined {
  const end = endOf(things);
  if (end?.name === "DURATION") return end.said;
  const from = naiveTime(things.get("DTSTART")?.lines[0].line.value ?? "");
  const to = naiveTime(end?.lines[0].line.value ?? "");
  return from === undefined || to === undefined ? undefined : to - from;
}

function thingWords({ name, old, now }: Changed): string {
  const thing = now ?? old;
  const line = thing?.lines[0].line;
  if (thing === undefined || line === undefined) return `${name.toLowerCase()} changed`;
  if (name === "ATTENDEE") return guestWords(old, now);
  if (name === "EXDATE" || name === "RDATE") {
    const out = (name === "EXDATE") === (now !== undefined);
    return `the one on ${timeWords(thing.value ?? line.value)} ${out ? "taken out" : "added"}`;
  }
  const noun = NOUNS.get(name) ?? name.toLowerCase();
  const [was, is] = [valueWords(old), valueWords(now)];
  if (name === "RRULE") {
    return `repeats ${is ?? "no more"}${was === undefined ? "" : `, was ${was}`}`;
  }
  if (UNREADABLE.has(name)) {
    return `${noun} ${now === undefined ? "removed" : old === undefined ? "added" : "changed"}`;
  }
  if (was === undefined) return `${noun} added: ${is ?? ""}`;
  if (is === undefined) return `${noun} removed: ${was}`;
  // It is in its parameters or its label.
  if (was === is) return `${noun} ${is}: ${paramWords(old, now)}`;
  return `${noun}: ${was} -> ${is}`;
}

function valueWords(thing: Thing | undefined): string | undefined {
  if (thing === undefined) return undefined;
  const { name, value = thing.lines[0].line.value } = thing;
  if (name === "RRULE") return ruleWords(value);
  if (naiveTime(value) !== undefined) return timeWords(value);
  // The parts of N, ADR and ORG, of which some are mostly empty.
  const parts = name === "N" || name === "ADR" || name === "ORG"
    ? value.split(/(?<!\\);/)
    : [value];
  const text = parts.map(unescapeText).filter((part) => part !== "").join(", ");
  return excerpt(text.replaceAll("\n", " "));
}

function paramWords(old: Thing | undefined, now: Thing | undefined): string {
  const label = (thing: Thing | undefined) => thing?.lines[1]?.line.value;
  if (label(old) !== label(now)) return `label ${excerpt(label(now) ?? "removed")}`;
  const params = now?.lines[0].line.params.slice(1) ?? "";
  return params === "" ? "details removed" : excerpt(params);
}

function guestWords(old: Thing | undefined, now: Thing | undefined): string {
  const address = trimSpaces((now ?? old)?.lines[0].line.value ?? "").replace(/^mailto:/i, "");
  const guest = excerpt(address);
  if (old === undefined) return `guest added: ${guest}`;
  if (now === undefined) return `guest removed: ${guest}`;
  const answer = (thing: Thing) =>
    parseParams(thing.lines[0].line.params).find(({ name }) => name === "PARTSTAT")?.values[0];
  const [was, is] = [answer(old), answer(now)];
  return was === is || is === undefined
    ? `guest changed: ${guest}`
    : `guest ${guest}: ${ANSWERS.get(upperCase(is)) ?? excerpt(is)}`;
}

const ANSWERS: ReadonlyMap<string, string> = new Map([
  ["ACCEPTED", "accepted"],
  ["DECLINED", "declined"],
  ["TENTATIVE", "perhaps"],
  ["DELEGATED", "delegated"],
  ["NEEDS-ACTION", "no answer yet"],
]);

function childWords(four: Four<RawComponent>, rules: Rules): readonly string[] {
  const { base, now } = keyChildren(four);
  const words: string[] = [];
  const [old, later] = [base.a, now.a];
  for (const key of new Set([...old.keys(), ...later.keys()])) {
    const [one, other] = [old.get(key), later.get(key)];
    const child = other ?? one;
    if (child === undefined || one?.said === other?.said) continue;
    const noun = childNoun(child);
    if (one === undefined) words.push(noun.added);
    else if (other === undefined) words.push(noun.removed);
    else if (child.name === "VALARM") {
      if (one.core !== other.core) words.push(`alarm changed (${triggerOf(other)})`);
    } else {
      for (const text of componentWords(one, other, rules)) words.push(`${noun.within}${text}`);
    }
  }
  return words;
}

interface ChildNoun {
  readonly added: string;
  readonly removed: string;
  /** Before what changed in it. */
  readonly within: string;
}

function childNoun(child: RawComponent): ChildNoun {
  if (child.name === "VALARM") {
    const when = triggerOf(child);
    return {
      added: `alarm added (${when})`,
      removed: `alarm removed (${when})`,
      within: "alarm: ",
    };
  }
  const instance = lineNamed(child, "RECURRENCE-ID");
  if (instance !== undefined) {
    const when = timeWords(instance.line.value);
    return {
      added: `the one on ${when} changed by itself`,
      removed: `the one on ${when} as all others again`,
      within: `on ${when}: `,
    };
  }
  const name = excerpt(child.name.toLowerCase());
  const isMain = /^V(?:EVENT|TODO|JOURNAL)$/.test(child.name);
  return { added: `${name} added`, removed: `${name} removed`, within: isMain ? "" : `${name}: ` };
}

function triggerOf(alarm: RawComponent): string {
  const line = lineNamed(alarm, "TRIGGER");
  return line === undefined ? "without a time" : triggerWords(line.line);
}
