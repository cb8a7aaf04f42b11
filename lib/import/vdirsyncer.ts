/** Vdirsyncer's configuration as one of ours. */

import type { StorageKind } from "../config/config.ts";
import { listed } from "../config/listed.ts";
import { type Problem, quoted } from "../config/problem.ts";
import { SIDES } from "../model/names.ts";
import { safeText } from "../model/text.ts";
import type { Source } from "../config/tree.ts";
import { type Json, parseIni, type Section, sourceOf } from "./ini.ts";
import type { Imported } from "./imported.ts";
import { expand, readOptions } from "./options.ts";
import { type PairParts, readPair, rootedBy } from "./vdirsyncer_pair.ts";
import { readStorage } from "./vdirsyncer_storage.ts";
import { isKnown, kindOf, type StorageUse, typeOf, type Used } from "./vdirsyncer_use.ts";
import { writeScfg, type Written } from "./write_scfg.ts";

export interface ImportOptions {
  /** The file's name, for what is said of it; its folder is where a relative status_path begins. */
  readonly file: string;
  /** Absolute, for `~/`. */
  readonly home: string | undefined;
}

/**
 * Turns vdirsyncer's configuration (of versions 0.16 to 0.21) into one of ours that does the same,
 * as far as there is a way to say it; the rest is in the notes. Throws `ConfigError` where the file
 * is not what vdirsyncer reads.
 */
export function importVdirsyncer(
  text: string,
  { file, home }: ImportOptions,
): Imported & { readonly source: Source } {
  const notes: Problem[] = [];
  const note = (problem: Problem) => void notes.push(problem);
  const sections = parseIni(text, file);
  const of = (kind: string) => sections.filter((section) => section.kind === kind);
  const storages = new Map(of("storage").map((section) => [section.name, section]));
  const unknown = of("storage").filter((section) => !isKnown(section));
  const pairSections = of("pair").filter((section) =>
    !unknown.some((storage) => isPartOf(storage, section))
  );
  for (const { kind, at } of sections) {
    if (["general", "storage", "pair"].includes(kind)) continue;
    note({ severity: "warning", message: `the section [${kind}] is not known`, at });
  }
  const silently = { note: () => {}, home };
  const rooted = new Set(
    pairSections.flatMap((section) => rootedBy(readOptions(section, silently))),
  );
  const pairs = pairSections.map((section) =>
    readPair(section, readOptions(section, { note, home }), { storages, rooted }, note)
  );
  const uses = usesOf(pairs);
  const written: Written[] = [
    { remark: "Made from vdirsyncer's configuration." },
  ];
  for (const storage of unknown) {
    written.push({ remark: "" }, ...leftOut(storage, of("pair"), note));
  }
  for (const [name, section] of storages) {
    if (!isKnown(section)) continue;
    const of = uses.get(name) ?? [{ name, way: "root", collections: [] }];
    const kind = guessKind(section, storages, pairs, note);
    for (const use of of) {
      const options = readOptions(section, { note, home });
      const entries = readStorage(options, kind, use, home);
      if (use === of[0]) options.noteOthers();
      written.push({ remark: "" }, { words: ["storage", use.name], block: entries });
    }
  }
  for (const { name, entries } of pairs) {
    written.push({ remark: "" }, { words: ["pair", name], block: entries });
  }
  const statusPath = statusPathOf(of("general")[0], file, home);
  return {
    config: writeScfg(written, "revealed"),
    shown: writeScfg(written, "hidden"),
    notes: unique(notes),
    source: sourceOf(text, file),
    pairs: pairs.map(({ name, renamed }) => ({ name, renamed })),
    ...(statusPath !== undefined && { statusPath }),
  };
}

const isPartOf = ({ name }: Section, pair: Section): boolean =>
  SIDES.some((side) => pair.options.get(side)?.value === name);

/**
 * There is nothing that a storage of an unknown type could become, nor its pairs: they are named, and
 * the rest does not have to wait for them.
 */
function leftOut(
  storage: Section,
  pairs: readonly Section[],
  note: (problem: Problem) => void,
): readonly Written[] {
  const without = pairs.filter((pair) => isPartOf(storage, pair));
  const names = listed(without.map(({ name }) => quoted(name)), "and");
  const type = typeOf(storage);
  const message = type === ""
    ? `the storage ${quoted(storage.name)} has no type`
    : `storages of the type ${quoted(type)} are not known`;
  const title = `the storage ${quoted(storage.name)}`;
  const consequence = without.length === 0
    ? `${title} was left out`
    : `${title} was left out, and with it ${
      without.length === 1 ? "the pair" : "the pairs"
    } ${names}`;
  note({
    severity: "warning",
    message,
    at: storage.options.get("type")?.at ?? storage.at,
    notes: [consequence],
  });
  return [message, consequence].map((text) => ({ remark: safeText(capitalised(text)) + "." }));
}

const capitalised = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1);

/** How each storage is used, by its name; in more than one way it becomes more than one. */
function usesOf(pairs: readonly PairParts[]): ReadonlyMap<string, readonly StorageUse[]> {
  const uses = new Map<string, StorageUse[]>();
  for (const used of pairs.flatMap(({ sides }) => sides)) {
    const list = uses.get(used.storage) ?? [];
    uses.set(used.storage, list);
    const same = list.find((use) => use.name === used.name);
    if (same === undefined) list.push({ ...used, collections: [...used.collections] });
    else same.collections.push(...used.collections);
  }
  return uses;
}

function guessKind(
  section: Section,
  storages: ReadonlyMap<string, Section>,
  pairs: readonly PairParts[],
  note: (problem: Problem) => void,
): StorageKind {
  const own = kindOf(section);
  if (own !== undefined) return own;
  const with_ = (used: readonly Used[]) => used.some(({ storage }) => storage === section.name);
  const partners = pairs.filter(({ sides }) => with_(sides)).flatMap(({ sides }) => sides);
  for (const { storage } of partners) {
    const other = storages.get(storage);
    const kind = other && kindOf(other);
    if (kind !== undefined) return kind;
  }
  const message = `whether the storage "${section.name}" has calendars or contacts is a guess`;
  note({ severity: "warning", message, at: section.at, help: "look at its type" });
  return "calendar";
}

function statusPathOf(
  general: Section | undefined,
  file: string,
  home: string | undefined,
): string | undefined {
  const value: Json | undefined = general?.options.get("status_path")?.value;
  if (typeof value !== "string" || value === "") return undefined;
  const path = expand(value, home);
  if (path.startsWith("/")) return path;
  const folder = file.slice(0, file.lastIndexOf("/") + 1);
  return folder.startsWith("/") ? `${folder}${path}` : undefined;
}

/** A storage that became two is read twice, and says things twice. */
function unique(notes: readonly Problem[]): readonly Problem[] {
  const seen = new Set<string>();
  return notes.filter(({ message, at }) => {
    const key = `${at?.line} ${message}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** Where vdirsyncer looks for its configuration, in this order. */
export function vdirsyncerCandidates(
  env: { get(name: string): string | undefined },
): readonly string[] {
  const named = env.get("VDIRSYNCER_CONFIG");
  if (named !== undefined && named !== "") return [named];
  const home = env.get("HOME");
  const config = env.get("XDG_CONFIG_HOME") ?? (home === undefined ? undefined : `${home}/.config`);
  return [
    ...(home === undefined ? [] : [`${home}/.vdirsyncer/config`]),
    ...(config === undefined ? [] : [`${config}/vdirsyncer/config`]),
  ];
}
