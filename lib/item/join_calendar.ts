/** Changes items of a calendar that holds many, and leaves everything else in it as it is. */

import { canonicalForm } from "./digest.ts";
import { ITEM_LIMITS, parseComponents } from "./components.ts";
import { byteString } from "./lines.ts";
import { type Edit, NoItem, SPLIT_LIMITS } from "./split.ts";
import type { CalendarPart } from "./split_calendar.ts";
import { type RawComponent, scanComponents, wholeLines } from "./split_scan.ts";

/** The components of an item that comes in, and the time zones that came with it. */
interface Incoming {
  readonly components: readonly string[];
  /** The names of the time zones that it uses. */
  readonly zones: ReadonlySet<string>;
  readonly definitions: ReadonlyMap<string, string>;
}

/** What one calendar object of the whole is to become. */
interface Change {
  /** What each of its components becomes; one that is not named stays as it is. */
  readonly components: Map<RawComponent, string>;
  /** What is put at its end. */
  readonly added: string[];
  readonly incoming: Incoming[];
}

/**
 * The text of a calendar with some of its items changed. Components that are replaced stay where
 * they were, new ones go to the end, into the last calendar object.
 *
 * There is one definition of each time zone. Where an item comes with another one of a zone that
 * other items use, theirs stays; a definition that nobody uses any more goes with the last item that
 * did. Throws {@linkcode NoItem}.
 */
export function joinCalendar(
  text: string,
  calendars: readonly RawComponent[],
  edits: readonly Edit[],
): string {
  const changes = new Map(calendars.map((it) => [it, newChange()] as const));
  const last = calendars.at(-1);
  for (const edit of edits) {
    if (edit.kind === "add") {
      const change = last && changes.get(last);
      if (change === undefined) throw new NoItem("there is no calendar to put it into");
      const incoming = readIncoming(edit.bytes);
      change.added.push(...incoming.components);
      change.incoming.push(incoming);
      continue;
    }
    const { parts } = edit.item as CalendarPart;
    for (const { component, calendar } of parts) {
      changes.get(calendar)?.components.set(component, "");
    }
    const [first] = parts;
    const change = first && changes.get(first.calendar);
    if (edit.kind === "remove" || first === undefined || change === undefined) continue;
    const incoming = readIncoming(edit.bytes);
    change.components.set(first.component, incoming.components.join(""));
    change.incoming.push(incoming);
  }
  let joined = "";
  let at = 0;
  for (const [calendar, change] of changes) {
    joined += text.slice(at, calendar.start) + changed(text, calendar, change);
    at = calendar.end;
  }
  return joined + text.slice(at);
}

const newChange = (): Change => ({ components: new Map(), added: [], incoming: [] });

/** Reads what is to be put in. */
function readIncoming(bytes: Uint8Array): Incoming {
  const text = byteString(bytes);
  const scanned = scanComponents(text, SPLIT_LIMITS);
  if (!scanned.ok) throw new NoItem(`it ${scanned.reason}`);
  const [calendar, ...others] = scanned.roots;
  if (calendar?.name !== "VCALENDAR") throw new NoItem("it is no calendar");
  if (others.length > 0) throw new NoItem("it holds several calendars");
  const items = calendar.children.filter(({ name }) => name !== "VTIMEZONE");
  if (items.length === 0) throw new NoItem("it holds no event, todo or journal entry");
  const definitions = new Map<string, string>();
  for (const child of calendar.children) {
    if (child.name !== "VTIMEZONE" || child.zone === undefined) continue;
    if (!definitions.has(child.zone)) definitions.set(child.zone, wholeLines(text, child));
  }
  return {
    components: items.map((item) => wholeLines(text, item)),
    zones: new Set(items.flatMap(({ zones }) => [...zones])),
    definitions,
  };
}

function changed(text: string, calendar: RawComponent, change: Change): string {
  const { components, added } = change;
  if (components.size === 0 && added.length === 0) {
    return text.slice(calendar.start, calendar.end);
  }
  const { replaced, fresh } = newZones(text, calendar, change);
  const first = calendar.children[0]?.start ?? calendar.close;
  const parts: string[] = [text.slice(calendar.start, first), ...fresh];
  let at = first;
  for (const child of calendar.children) {
    const instead = components.get(child) ?? replaced.get(child);
    parts.push(
      text.slice(at, child.start),
      instead ?? text.slice(child.start, child.end),
    );
    at = child.end;
  }
  return parts.join("") + text.slice(at, calendar.close) + added.join("") +
    text.slice(calendar.close, calendar.end);
}

interface NewZones {
  /** What becomes of the definitions that are there. */
  readonly replaced: ReadonlyMap<RawComponent, string>;
  /** Those of zones of which there was none. */
  readonly fresh: readonly string[];
}

function newZones(
  text: string,
  calendar: RawComponent,
  { components, incoming }: Change,
): NewZones {
  const kept = new Set<string>();
  const left = new Set<string>();
  for (const child of calendar.children) {
    for (const zone of child.zones) (components.has(child) ? left : kept).add(zone);
  }
  const wanted = new Map<string, string>();
  const used = new Set<string>();
  for (const { zones, definitions } of incoming) {
    for (const zone of zones) {
      used.add(zone);
      const definition = definitions.get(zone);
      if (definition !== undefined && !wanted.has(zone)) wanted.set(zone, definition);
    }
  }
  const replaced = new Map<RawComponent, string>();
  for (const child of calendar.children) {
    if (child.name !== "VTIMEZONE" || child.zone === undefined) continue;
    const { zone } = child;
    const definition = wanted.get(zone);
    wanted.delete(zone);
    if (kept.has(zone)) continue;
    if (!used.has(zone)) {
      if (left.has(zone)) replaced.set(child, "");
    } else if (definition !== undefined && !sameText(definition, wholeLines(text, child))) {
      replaced.set(child, definition);
    }
  }
  return { replaced, fresh: [...wanted.values()] };
}

/** Whether two definitions say the same, so that the one that is there may stay. */
function sameText(one: string, other: string): boolean {
  return one === other || meaning(one) === meaning(other);
}

function meaning(text: string): string {
  const parsed = parseComponents(text, ITEM_LIMITS);
  return parsed.ok ? parsed.components.map((it) => canonicalForm(it)).join("") : text;
}
