/** Which things of the four versions are the same thing. */

import { otherSide, type Side } from "../../model/names.ts";
import { parseParams } from "../lines.ts";
import { type Four, mapFour } from "./four.ts";
import type { Rules } from "./rules.ts";
import type { Thing, Things } from "./things.ts";

/**
 * Gives each thing its key. What a server spells its own way in one of two repeated lines is still
 * the same line as on the other side; what a person has changed in a number is still that number.
 * Nothing here depends on an order, which servers change.
 */
export function keyThings(
  listed: Four<readonly Thing[]>,
  rules: Rules,
  mayPair: (name: string) => boolean,
): Four<Things> {
  const { base, now } = mapFour(listed, numbered);
  const only = (things: Things, ...others: readonly Things[]): Things =>
    new Map(
      [...things].filter(([key, { name }]) =>
        mayPair(name) && !others.some((other) => other.has(key))
      ),
    );
  // What somebody has come to add on the other side is a thing of its own.
  const aliases = spellingKeys(only(base.a, base.b, now.b), only(base.b, base.a, now.a));
  const keyed = {
    base: { a: base.a, b: rekeyed(base.b, aliases) },
    now: { a: now.a, b: rekeyed(now.b, aliases) },
  };
  const added = { a: only(keyed.now.a, keyed.base.a), b: only(keyed.now.b, keyed.base.b) };
  const gone = { a: only(keyed.base.a, keyed.now.a), b: only(keyed.base.b, keyed.now.b) };
  // What both have come to add is no edit of anything, and where there is such, what both have come
  // to remove was replaced by it: one side may hold the result of an earlier merge.
  const agreed = [...added.a].filter(([key]) => added.b.has(key));
  const names = new Set(agreed.map(([, { name }]) => name));
  const edited = (side: Side) => {
    const other = otherSide(side);
    const old = [...gone[side]].filter(([key, { name }]) =>
      rules.isEdited(name) && (!names.has(name) || !gone[other].has(key))
    );
    // What the other side knows by this name is another thing already.
    const fresh = only(added[side], keyed.now[other], keyed.base[other]);
    return rekeyed(keyed.now[side], pairKeys(new Map(old), fresh));
  };
  return { base: keyed.base, now: { a: edited("a"), b: edited("b") } };
}

/** By id, those of the same id numbered. */
function numbered(things: readonly Thing[]): Things {
  const keys = new Map<string, Thing>();
  const counts = new Map<string, number>();
  for (const thing of things) {
    const count = counts.get(thing.id) ?? 0;
    counts.set(thing.id, count + 1);
    keys.set(count === 0 ? thing.id : `${thing.id}\r${count}`, thing);
  }
  return keys;
}

/** The same under other keys, where there are such. */
export function rekeyed<T>(
  things: ReadonlyMap<string, T>,
  keys: ReadonlyMap<string, string>,
): ReadonlyMap<string, T> {
  if (keys.size === 0) return things;
  return new Map([...things].map(([key, thing]) => [keys.get(key) ?? key, thing]));
}

/**
 * For keys of things that one side has always held, the keys of those that the other has instead:
 * in other letters or signs, or cut off. What is not alike is no spelling but another thing.
 */
function spellingKeys(some: Things, others: Things): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  const left = onlyOnes(some, lettersOf);
  for (const [text, key] of onlyOnes(others, lettersOf)) {
    const same = left.get(text);
    if (same !== undefined) keys.set(key, same);
  }
  const taken = new Set(keys.values());
  const byName = ({ name }: Thing) => name;
  const last = onlyOnes([...some].filter(([key]) => !taken.has(key)), byName);
  for (const [name, key] of onlyOnes([...others].filter(([key]) => !keys.has(key)), byName)) {
    const only = last.get(name);
    const [one, other] = [some.get(only ?? ""), others.get(key)];
    if (only !== undefined && one !== undefined && other !== undefined && isCut(one, other)) {
      keys.set(key, only);
    }
  }
  return keys;
}

function isCut(one: Thing, other: Thing): boolean {
  const [short, long] = [lettersOf(one), lettersOf(other)].sort((a, b) => a.length - b.length);
  if (short === undefined || long === undefined) return false;
  return long.startsWith(short) && short.length >= one.name.length + 1 + SURELY_CUT;
}

function lettersOf({ name, lines: [{ line }] }: Thing): string {
  return `${name}\n${line.value.replaceAll(/[^0-9A-Za-z\x80-\xff]+/g, "").toLowerCase()}`;
}

/** How many letters and digits of a value make sure that it is the beginning of the other. */
const SURELY_CUT = 5;

/**
 * For keys of things that are new, the keys of those that they stand for: of the same group, with
 * the same parameters, or the only one of the property that is new where only one is gone.
 */
function pairKeys(gone: Things, fresh: Things): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  if (gone.size === 0 || fresh.size === 0) return keys;
  const taken = new Set<string>();
  const traits: readonly ((thing: Thing) => string)[] = [
    ({ name, group }) => group === "" ? "" : `${name}\n${group.toLowerCase()}`,
    ({ name, lines: [{ line }] }) => `${name}\n${paramsOf(line.params)}`,
    ({ name }) => name,
  ];
  for (const trait of traits) {
    const old = onlyOnes([...gone].filter(([key]) => !taken.has(key)), trait);
    for (const [text, key] of onlyOnes([...fresh].filter(([key]) => !keys.has(key)), trait)) {
      const instead = old.get(text);
      if (instead === undefined) continue;
      keys.set(key, instead);
      taken.add(instead);
    }
  }
  return keys;
}

/** The keys of those that are the only ones with their trait, by it; one without a trait is none. */
export function onlyOnes<T>(
  things: Iterable<readonly [string, T]>,
  trait: (thing: T) => string,
): ReadonlyMap<string, string> {
  const only = new Map<string, string | undefined>();
  for (const [key, thing] of things) {
    const text = trait(thing);
    if (text !== "") only.set(text, only.has(text) ? undefined : key);
  }
  const found = new Map<string, string>();
  for (const [text, key] of only) if (key !== undefined) found.set(text, key);
  return found;
}

function paramsOf(params: string): string {
  return parseParams(params)
    .map(({ name, values }) => `${name}=${[...values].sort().join(",").toLowerCase()}`)
    .sort().join(";");
}
