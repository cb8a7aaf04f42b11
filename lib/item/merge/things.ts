/** The things in a component that people change, and which of them are the same on both sides. */

import { parseParams } from "../lines.ts";
import { otherSide, type Side, type Sides } from "../../model/names.ts";
import { linesOf, type RawComponent, type RawLine } from "./raw.ts";
import type { Rules, Shape } from "./rules.ts";
import { splitValues } from "./values.ts";

/** The bases of the two sides and what they hold now. */
export interface Four<T> {
  readonly base: Sides<T>;
  readonly now: Sides<T>;
}

/** One thing, as one version of a component has it. */
export interface Thing {
  readonly name: string;
  /** What makes it the same thing in the other versions, unless another key is found for it. */
  readonly id: string;
  /** The same in two versions that do not differ in it. */
  readonly said: string;
  /** The property's line, and those that belong to it: `item1.X-ABLabel`. */
  readonly lines: readonly [RawLine, ...RawLine[]];
  /** Which value of the line it is, if it is one of a list. */
  readonly value?: string;
  /** A vCard's group. */
  readonly group: string;
}

export type Things = ReadonlyMap<string, Thing>;

/** A list that is longer is taken as a whole: nobody edits it, and each value costs memory. */
const MOST_VALUES = 10_000;

/** Lines that say more of the line whose group they share. */
const SATELLITES: ReadonlySet<string> = new Set(["X-ABLABEL", "X-ABADR"]);

/** The things of the four versions of a component, by keys that are the same in all of them. */
export function readThings(four: Four<RawComponent | undefined>, rules: Rules): Four<Things> {
  const lines = mapFour(four, linesOf);
  const repeated = repeatedNames(lines);
  const shapeOf = (name: string): Shape | "lines" => {
    const shape = rules.shape(name);
    return shape === "one" && repeated.has(name) ? "lines" : shape;
  };
  const plain = mapFour(lines, (some) => thingsOf(some, rules, shapeOf));
  const twice = repeatedIds(plain);
  const listed = mapFour(
    plain,
    (things) =>
      things.map((thing) =>
        twice.has(thing.id) && rules.shape(thing.name) === "each"
          ? { ...thing, id: `${thing.name}\n${thing.said}` }
          : thing
      ),
  );
  return keyThings(listed, rules, (name) => shapeOf(name) === "each" || shapeOf(name) === "lines");
}

export function mapFour<T, U>({ base, now }: Four<T>, map: (value: T) => U): Four<U> {
  return {
    base: { a: map(base.a), b: map(base.b) },
    now: { a: map(now.a), b: map(now.b) },
  };
}

function values<T>({ base, now }: Four<T>): readonly T[] {
  return [base.a, base.b, now.a, now.b];
}

/** Names that some version has more than once. */
function repeatedNames(four: Four<readonly RawLine[]>): ReadonlySet<string> {
  const repeated = new Set<string>();
  for (const lines of values(four)) {
    const seen = new Set<string>();
    for (const { line: { name } } of lines) {
      if (seen.has(name)) repeated.add(name);
      seen.add(name);
    }
  }
  return repeated;
}

function repeatedIds(four: Four<readonly Thing[]>): ReadonlySet<string> {
  const repeated = new Set<string>();
  for (const things of values(four)) {
    const seen = new Set<string>();
    for (const { id } of things) {
      if (seen.has(id)) repeated.add(id);
      seen.add(id);
    }
  }
  return repeated;
}

function thingsOf(
  lines: readonly RawLine[],
  rules: Rules,
  shapeOf: (name: string) => Shape | "lines",
): readonly Thing[] {
  const things: Thing[] = [];
  const satellites = rules.grouped ? satellitesOf(lines) : new Map<RawLine, readonly RawLine[]>();
  const taken = new Set([...satellites.values()].flat());
  for (const line of lines) {
    if (taken.has(line)) continue;
    const { name, group } = line.line;
    const shape = shapeOf(name);
    if (shape === "list" && line.canonical.length <= MOST_VALUES) {
      const parts = splitValues(line.line);
      line.canonical.forEach((said, at) => {
        const value = parts[at] ?? "";
        things.push({ name, id: `${name}\n${said}`, said, lines: [line], value, group });
      });
      continue;
    }
    const own = line.canonical.join("\n");
    const others = satellites.get(line) ?? [];
    const said = [own, ...others.flatMap(({ canonical }) => canonical).sort()].join("\n");
    const identity = shape === "each" ? rules.identity(line.line) : "";
    const id = shape === "one" ? name : `${name}\n${identity === "" ? said : identity}`;
    things.push({ name, id, said, lines: [line, ...others], group });
  }
  return things;
}

/** What belongs to a line: the satellites of its group, for the first other line of that group. */
function satellitesOf(lines: readonly RawLine[]): ReadonlyMap<RawLine, readonly RawLine[]> {
  const first = new Map<string, RawLine>();
  for (const line of lines) {
    const { group, name } = line.line;
    const key = group.toLowerCase();
    if (group !== "" && !SATELLITES.has(name) && !first.has(key)) first.set(key, line);
  }
  const found = new Map<RawLine, RawLine[]>();
  for (const line of lines) {
    const main = first.get(line.line.group.toLowerCase());
    if (main === undefined || !SATELLITES.has(line.line.name)) continue;
    const some = found.get(main) ?? [];
    some.push(line);
    found.set(main, some);
  }
  return found;
}

/**
 * Gives each thing its key. What a server spells its own way in one of two repeated lines is still
 * the same line as on the other side; what a person has changed in a number is still that number.
 * Nothing here depends on an order, which servers change.
 */
function keyThings(
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
  const aliases = pairKeys(only(base.a, base.b, now.b), only(base.b, base.a, now.a));
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
    return rekeyed(keyed.now[side], pairKeys(new Map(old), only(added[side], added[other])));
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

function rekeyed(things: Things, keys: ReadonlyMap<string, string>): Things {
  if (keys.size === 0) return things;
  return new Map([...things].map(([key, thing]) => [keys.get(key) ?? key, thing]));
}

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

/** The keys of those that are the only ones with their trait, by it. */
function onlyOnes(
  things: readonly (readonly [string, Thing])[],
  trait: (thing: Thing) => string,
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
