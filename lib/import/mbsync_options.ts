/** The options of one of mbsync's sections, read one by one, so that the rest can be told. */

import type { Problem } from "../config/problem.ts";
import type { Option, Section } from "./mbsyncrc.ts";
import { isWritable } from "./write_scfg.ts";

export type Note = (problem: Problem) => void;

export interface Options {
  readonly section: Section;
  /** The first word of the last line of this name. */
  text(...keys: readonly string[]): string | undefined;
  /** All words of all lines of these names. */
  words(...keys: readonly string[]): readonly string[];
  flag(key: string): boolean | undefined;
  has(...keys: readonly string[]): boolean;
  /** Says what becomes of an option that is there, and that it was thought of. */
  note(key: string, message: string, help?: string): void;
  /** Takes an option for known that changes nothing here. */
  ignore(...keys: readonly string[]): void;
  /** Says which options nobody asked for. */
  noteOthers(): void;
}

/** `fallback`: options that hold where the section itself has none. */
export function readOptions(
  section: Section,
  note: Note,
  fallback: readonly Section[] = [],
): Options {
  const asked = new Set<string>();
  const linesOf = (key: string): readonly Option[] => {
    asked.add(key);
    for (const { options } of [section, ...fallback]) {
      const lines = options.filter((it) => it.key === key);
      if (lines.length > 0) return lines;
    }
    return [];
  };
  const text: Options["text"] = (...keys) => {
    const found = keys.map((key) => linesOf(key).at(-1)?.words[0]).find((it) => it !== undefined);
    return found !== undefined && isWritable(found) ? found : undefined;
  };
  return {
    section,
    text,
    words: (...keys) =>
      keys.flatMap((key) => linesOf(key).flatMap(({ words }) => words)).filter(isWritable),
    flag(key) {
      const value = text(key)?.toLowerCase();
      if (value === undefined) return undefined;
      return ["yes", "true", "on", "1"].includes(value);
    },
    has: (...keys) => keys.some((key) => linesOf(key).length > 0),
    note(key, message, help) {
      const at = linesOf(key)[0]?.at ?? section.at;
      const problem = { severity: "warning", message, at } as const;
      note(help === undefined ? problem : { ...problem, help });
    },
    ignore: (...keys) => keys.forEach((key) => asked.add(key)),
    noteOthers() {
      for (const { key, at } of section.options) {
        if (asked.has(key)) continue;
        note({ severity: "warning", message: `"${key}" is not known, and was left out`, at });
        asked.add(key);
      }
    },
  };
}

/** A name of ours for one of mbsync's, which may have any characters. */
export const ourName = (name: string): string =>
  name.replace(/[^A-Za-z0-9_.-]/g, "-").replace(/^[.-]+/, "").slice(0, 64) || "unnamed";
