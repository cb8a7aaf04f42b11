/** The things in a component that people change, and which of them are the same on both sides. */

import { everyOne, type Four, mapFour } from "./four.ts";
import { keyThings } from "./keys.ts";
import { linesOf, type RawComponent, type RawLine, saidBy } from "./raw.ts";
import type { Rules, Shape } from "./rules.ts";
import { splitValues } from "./values.ts";

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
  const shapeOf = (name: string): Shape => {
    const shape = rules.shape(name);
    return shape === "any" && !repeated.has(name) ? "one" : shape;
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
  return keyThings(listed, rules, (name) => shapeOf(name) === "each" || shapeOf(name) === "any");
}

/** Names that some version has more than once. */
function repeatedNames(four: Four<readonly RawLine[]>): ReadonlySet<string> {
  const repeated = new Set<string>();
  for (const lines of everyOne(four)) {
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
  for (const things of everyOne(four)) {
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
  shapeOf: (name: string) => Shape,
): readonly Thing[] {
  const things: Thing[] = [];
  const satellites = rules.grouped ? satellitesOf(lines) : new Map<RawLine, readonly RawLine[]>();
  const taken = new Set([...satellites.values()].flat());
  const ones = new Map<string, RawLine[]>();
  for (const line of lines) {
    if (taken.has(line)) continue;
    const { name, group } = line.line;
    const shape = shapeOf(name);
    if (shape === "list" && line.canonical.length <= MOST_VALUES) {
      const parts = splitValues(line.line);
      line.canonical.forEach((text, at) => {
        // What hangs on to the line goes with its first value.
        const said = at === 0 ? `${text}${line.rest}` : text;
        const value = parts[at] ?? "";
        things.push({ name, id: `${name}\n${said}`, said, lines: [line], value, group });
      });
      continue;
    }
    const whole: [RawLine, ...RawLine[]] = [line, ...satellites.get(line) ?? []];
    const said = saidOf(whole);
    if (shape !== "one") {
      const identity = shape === "each" ? rules.identity(line.line) : "";
      const id = `${name}\n${identity === "" ? said : identity}`;
      things.push({ name, id, said, lines: whole, group });
      continue;
    }
    const others = ones.get(name);
    if (others === undefined) ones.set(name, whole);
    else for (const other of whole) others.push(other);
  }
  for (const [name, [first, ...others]] of ones) {
    if (first === undefined) continue;
    const said = saidOf([first, ...others]);
    things.push({ name, id: name, said, lines: [first, ...others], group: first.line.group });
  }
  return things;
}

function saidOf(lines: readonly RawLine[]): string {
  return lines.flatMap(saidBy).sort().join("\n");
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
