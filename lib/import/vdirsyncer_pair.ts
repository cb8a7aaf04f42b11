/** A pair of vdirsyncer's. */

import type { Problem } from "../config/problem.ts";
import { badId } from "../config/value_text.ts";
import {
  collectionId,
  type PairName,
  pairName,
  type Side,
  SIDES,
  type Sides,
} from "../model/names.ts";
import type { ImportedPair } from "./imported.ts";
import type { Json, Section } from "./ini.ts";
import type { Options } from "./options.ts";
import { singleId, typeOf, type Used } from "./vdirsyncer_use.ts";
import type { Entry } from "./write_scfg.ts";

/** What a pair becomes, and what it needs of its storages. */
export interface PairParts extends ImportedPair {
  readonly name: PairName;
  readonly entries: readonly Entry[];
  readonly sides: readonly Used[];
}

/** What a pair may refer to. */
export interface PairContext {
  readonly storages: ReadonlyMap<string, Section>;
  /** The storages that some pair uses as a place of several collections. */
  readonly rooted: ReadonlySet<string>;
}

/** One element of `collections`; null: the storage points at one collection. */
type Wanted =
  | { readonly from: Side }
  | { readonly name: string | null; readonly sides: Sides<string | null> };

/** Reads a pair, and notes what of it has no equivalent. */
export function readPair(
  { name, at }: Section,
  options: Options,
  { storages, rooted }: PairContext,
  note: (problem: Problem) => void,
): PairParts {
  const warn = (message: string, help?: string) =>
    note({ severity: "warning", message, at, ...(help !== undefined && { help }) });
  const storage = { a: options.text("a") ?? "", b: options.text("b") ?? "" };
  for (const side of SIDES) {
    if (storages.has(storage[side])) continue;
    options.note(side, `the storage "${storage[side]}" is not there`);
  }
  const wanted = readWanted(options);
  const used = (side: Side) => useOf(side, storage[side], { storages, rooted }, wanted, warn);
  const sides = { a: used("a"), b: used("b") };
  const renamed: { theirs: string | null; ours: ReturnType<typeof collectionId> }[] = [];
  const named: Entry[] = [];
  for (const each of wanted) {
    if ("from" in each) continue;
    const ids = {
      a: each.sides.a ?? idOf(storages.get(storage.a)),
      b: each.sides.b ?? idOf(storages.get(storage.b)),
    };
    const made = mapping(each.name ?? name, ids);
    if (typeof made === "string") {
      options.note("collections", made, "write a collection block for it by hand");
      continue;
    }
    if (each.name !== made.id) renamed.push({ theirs: each.name, ours: collectionId(made.id) });
    named.push(made.entry);
  }
  const entries: Entry[] = [
    { words: ["storage_a", sides.a.name] },
    { words: ["storage_b", sides.b.name] },
    ...fromEntries(wanted),
    ...named,
    ...readRules(options, storages, storage, warn),
  ];
  options.noteOthers();
  return { name: pairName(name), entries, sides: [sides.a, sides.b], renamed };
}

function readWanted(options: Options): readonly Wanted[] {
  const value = options.json("collections");
  if (value === undefined) return [{ name: null, sides: { a: null, b: null } }];
  const list: readonly Json[] = Array.isArray(value) ? value : [];
  if (!Array.isArray(value)) {
    options.note("collections", '"collections" is neither a list nor null');
  }
  return list.flatMap((each): readonly Wanted[] => {
    if (each === "from a" || each === "from b") return [{ from: each === "from a" ? "a" : "b" }];
    if (typeof each === "string") return [{ name: each, sides: { a: each, b: each } }];
    const triple: readonly Json[] = Array.isArray(each) ? each : [];
    const [name, a, b] = triple;
    if (typeof name === "string" && triple.length === 3 && isName(a) && isName(b)) {
      return [{ name, sides: { a, b } }];
    }
    options.note("collections", "an element of collections is neither a name nor three of them");
    return [];
  });
}

const isName = (value: Json | undefined): value is string | null =>
  value === null || typeof value === "string";

/** How the storage of a side is used; one that is used both ways cannot be one storage of ours. */
function useOf(
  side: Side,
  storage: string,
  { storages, rooted }: PairContext,
  wanted: readonly Wanted[],
  warn: (message: string, help?: string) => void,
): Used {
  const section = storages.get(storage);
  const names = wanted.map((each) => "from" in each ? undefined : each.sides[side]);
  const isSingle = isSingleUse(names);
  if (!isSingle && names.includes(null)) {
    warn(
      `storage "${storage}" is used with and without names of collections`,
      "make it two storages, and this two pairs",
    );
  }
  const collections = names.filter((each) => typeof each === "string");
  // A single file and a feed are what they are, whether it has a name or not.
  const type = section === undefined ? "" : typeOf(section);
  const alike = type === "http" || type.startsWith("singlefile");
  const name = isSingle && !alike && rooted.has(storage) ? `${storage}_single` : storage;
  return { storage, name, way: isSingle ? "single" : "root", collections };
}

const isSingleUse = (names: readonly (string | null | undefined)[]): boolean =>
  names.length > 0 && names.every((each) => each === null);

/** The storages that this pair uses as places of several collections. */
export function rootedBy(options: Options): readonly string[] {
  const wanted = readWanted(options);
  return SIDES.flatMap((side) => {
    const names = wanted.map((each) => "from" in each ? undefined : each.sides[side]);
    return isSingleUse(names) ? [] : options.text(side) ?? [];
  });
}

const idOf = (section: Section | undefined) => section && singleId(section);

function mapping(
  alias: string,
  { a, b }: Sides<string | undefined>,
): { readonly id: string; readonly entry: Entry } | string {
  if (a === undefined || b === undefined) {
    return `what the collection of "${alias}" is called is not known here`;
  }
  if (a === b && badId(a) === undefined) return { id: a, entry: { words: ["collection", a] } };
  const bad = [alias, a, b].find((each) => badId(each) !== undefined);
  if (bad !== undefined) return `"${bad}" cannot be the id of a collection`;
  const block = [["alias", alias], ["id_a", a], ["id_b", b]].map((words) => ({ words }));
  return { id: alias, entry: { words: ["collection"], block } };
}

function fromEntries(wanted: readonly Wanted[]): readonly Entry[] {
  const from = SIDES.filter((side) => wanted.some((each) => "from" in each && each.from === side));
  if (from.length === 2) return [{ words: ["collections", "all"] }];
  return from.map((side) => ({ words: ["collections", "from", side] }));
}

function readRules(
  options: Options,
  storages: ReadonlyMap<string, Section>,
  storage: Sides<string>,
  warn: (message: string, help?: string) => void,
): readonly Entry[] {
  const implicit = options.json("implicit");
  if (implicit !== undefined && implicit !== "create") {
    options.note("implicit", '"implicit" has a value that is not known');
  }
  return [
    ...readConflicts(options, warn),
    ...readPartialSync(options, storages, storage),
    ...readMetadata(options),
  ];
}

function readConflicts(
  options: Options,
  warn: (message: string, help?: string) => void,
): readonly Entry[] {
  const key = "conflict_resolution";
  const value = options.json(key);
  if (value === undefined) {
    warn(
      `edits on both sides of "${options.section.name}" are merged where they do not touch each other`,
      "conflict_resolution none leaves all of them alone, as vdirsyncer does",
    );
    return [];
  }
  if (value === "a wins" || value === "b wins") {
    return [{ words: [key, "keep", value.slice(0, 1)] }];
  }
  const list = Array.isArray(value) ? options.texts(key) : undefined;
  const [kind, program, ...args] = list ?? [];
  if (kind === "command" && program !== undefined) {
    return [{ words: [key, "cmd", program, ...args] }, { words: ["resolve_during", "sync"] }];
  }
  options.note(key, `"${key}" has a value that is not known`);
  return [];
}

function readPartialSync(
  options: Options,
  storages: ReadonlyMap<string, Section>,
  storage: Sides<string>,
): readonly Entry[] {
  const value = options.json("partial_sync");
  const readOnly = SIDES.find((side) => {
    const section = storages.get(storage[side]);
    return section !== undefined &&
      (typeOf(section) === "http" || section.options.get("read_only")?.value === true);
  });
  if (readOnly === undefined) return [];
  const kept = `what is changed in "${storage[readOnly === "a" ? "b" : "a"]}" is kept there and ` +
    `shown, for "${storage[readOnly]}" is read-only`;
  switch (value) {
    case "revert":
      if (readOnly === "a") return [{ words: ["one_way"] }];
      options.note(
        "partial_sync",
        kept,
        "to have it changed back, swap the storages and add one_way",
      );
      return [];
    case "ignore":
    case "error":
    case undefined: {
      const help = readOnly === "a" ? "one_way has it changed back" : undefined;
      options.note("partial_sync", kept, help);
      return [];
    }
    default:
      options.note("partial_sync", '"partial_sync" has a value that is not known');
      return [];
  }
}

const PROPERTIES = ["displayname", "color", "description", "order"];

function readMetadata(options: Options): readonly Entry[] {
  const wanted = options.texts("metadata") ?? [];
  const known = wanted.filter((each) => PROPERTIES.includes(each));
  if (known.length < wanted.length) {
    options.note("metadata", `of the metadata only ${PROPERTIES.join(", ")} can be kept in step`);
  }
  const names = known.length === 0 ? ["none"] : [...new Set(known)];
  return [{ words: ["properties", ...names] }];
}
