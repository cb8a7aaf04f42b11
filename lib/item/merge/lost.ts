/** What a server made of an item that it was given. */

import type { Kind } from "../../model/storage.ts";
import { keyChildren } from "./children.ts";
import type { Four } from "./four.ts";
import { readItem } from "./read.ts";
import type { RawComponent } from "./raw.ts";
import type { Rules } from "./rules.ts";
import { readThings } from "./things.ts";

/**
 * What `stored` lacks of `sent`, or says differently: `PHOTO changed`, `ATTENDEE dropped (2)`, `VALARM
 * DESCRIPTION dropped`. Spellings that mean the same, what servers set on their own, time zones and
 * what was added are not mentioned. Names are as they stand in the item. Nothing where one of the two
 * cannot be read. Never throws.
 */
export function lostInWords(sent: Uint8Array, stored: Uint8Array, kind: Kind): readonly string[] {
  const before = readItem(sent, kind);
  const after = readItem(stored, kind);
  if (before === undefined || after === undefined) return [];
  const counts = new Map<string, number>();
  collect(before.root, after.root, before.rules, "", counts);
  return [...counts].map(([text, count]) => count === 1 ? text : `${text} (${count})`).sort();
}

function collect(
  sent: RawComponent,
  stored: RawComponent,
  rules: Rules,
  path: string,
  counts: Map<string, number>,
): void {
  const count = (text: string) => counts.set(text, (counts.get(text) ?? 0) + 1);
  const four: Four<RawComponent> = {
    base: { a: sent, b: stored },
    now: { a: sent, b: stored },
  };
  const things = readThings(four, rules).base;
  const fresh = new Set(
    [...things.b].filter(([key]) => !things.a.has(key)).map(([, { name }]) => name),
  );
  for (const [key, { name, said }] of things.a) {
    if (rules.isIgnored(name) || rules.stamp(name) !== undefined) continue;
    if (sent.name === "VCALENDAR" && isOfTheWrapper(name)) continue;
    const kept = things.b.get(key);
    if (kept?.said === said) continue;
    // What came instead may be the same, made of one value instead of two.
    const verb = kept === undefined && !fresh.has(name) ? "dropped" : "changed";
    count(`${path}${name} ${verb}`);
  }
  const children = keyChildren(four).base;
  for (const [key, child] of children.a) {
    const kept = children.b.get(key);
    if (kept === undefined) count(`${path}${child.name} dropped`);
    else collect(child, kept, rules, pathOf(child), counts);
  }
}

/** What speaks of a whole calendar, and says nothing of the item. */
const isOfTheWrapper = (name: string): boolean => name === "CALSCALE" || name.startsWith("X-WR-");

/** Events and the like are what an item is made of, and not worth a word. */
function pathOf({ name }: RawComponent): string {
  return /^V(?:EVENT|TODO|JOURNAL)$/.test(name) ? "" : `${name} `;
}
