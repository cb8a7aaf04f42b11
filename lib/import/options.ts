/** The options of a section, read one by one, so that what nobody asked for can be told. */

import type { Problem } from "../config/problem.ts";
import type { Span } from "../config/tree.ts";
import { Secret } from "../model/secret.ts";
import type { Json, Section } from "./ini.ts";
import { type Entry, isWritable } from "./write_scfg.ts";

export interface Options {
  readonly section: Section;
  /** The value, whatever it is; absent where it is null or not there. */
  json(key: string): Json | undefined;
  /** A text that is not empty; what is something else is noted. */
  text(key: string): string | undefined;
  flag(key: string): boolean;
  /** A list of texts. */
  texts(key: string): readonly string[] | undefined;
  /** The entry of a value that a command may give: `KEY` or `KEY.fetch`. */
  dynamic(key: string, directive: string, secret?: "secret"): Entry | undefined;
  /** Whether the option, or its `.fetch`, is there. */
  has(key: string): boolean;
  note(key: string, message: string, help?: string): void;
  /** Notes what was not asked for. */
  noteOthers(): void;
  at(key: string): Span;
}

export interface OptionsContext {
  readonly note: (problem: Problem) => void;
  /** Absolute, for `~/`. */
  readonly home: string | undefined;
}

export function readOptions(section: Section, { note, home }: OptionsContext): Options {
  const asked = new Set<string>();
  const at = (key: string) =>
    section.options.get(key)?.at ?? section.options.get(`${key}.fetch`)?.at ?? section.at;
  const say = (key: string, message: string, help?: string) => {
    const problem = { severity: "warning", message, at: at(key) } as const;
    note(help === undefined ? problem : { ...problem, help });
  };
  const json = (key: string) => {
    asked.add(key);
    return section.options.get(key)?.value ?? undefined;
  };
  const text = (key: string) => {
    const value = json(key);
    if (value === undefined || value === "") return undefined;
    if (typeof value === "string" && isWritable(value)) return value;
    say(key, `"${key}" is no text that can be taken over`);
    return undefined;
  };
  const texts = (key: string) => {
    const value = json(key);
    if (value === undefined) return undefined;
    if (Array.isArray(value)) {
      const list: readonly Json[] = value;
      if (list.every((each) => typeof each === "string" && isWritable(each))) {
        return list as readonly string[];
      }
    }
    say(key, `"${key}" is no list of texts that can be taken over`);
    return undefined;
  };
  const options: Options = {
    section,
    json,
    text,
    texts,
    flag(key) {
      const value = json(key);
      if (value !== undefined && typeof value !== "boolean") {
        say(key, `"${key}" is neither true nor false`);
      }
      return value === true;
    },
    dynamic(key, directive, secret) {
      const fetch = texts(`${key}.fetch`);
      if (fetch !== undefined) {
        return fetchEntry(directive, fetch, home, (...it) => say(key, ...it));
      }
      const value = text(key);
      if (value === undefined) return undefined;
      return { words: [directive, secret === undefined ? value : new Secret(value)] };
    },
    has: (key) => section.options.has(key) || section.options.has(`${key}.fetch`),
    note: say,
    noteOthers() {
      for (const key of section.options.keys()) {
        if (asked.has(key)) continue;
        const [plain = key, fetch] = key.split(".");
        if (fetch === "fetch" && asked.has(plain)) {
          say(key, `"${key}": the value of "${plain}" has to be written here, no command gives it`);
        } else say(key, `"${key}" is not known and was left out`);
      }
    },
    at,
  };
  return options;
}

/** `["command", "pass", "show", …]` and the like, as a block. */
function fetchEntry(
  directive: string,
  [strategy, ...args]: readonly string[],
  home: string | undefined,
  note: (message: string, help?: string) => void,
): Entry | undefined {
  const [first, ...rest] = args;
  // Whatever stands in a command may be a secret; the program itself is not.
  const hidden = (words: readonly string[]) => words.map((word) => new Secret(word));
  const block = (...words: Entry["words"]) => ({ words: [directive], block: [{ words }] });
  switch (strategy) {
    case "command":
      if (first === undefined) break;
      return block("cmd", expand(first, home), ...hidden(rest.map((arg) => expand(arg, home))));
    case "shell":
      if (first === undefined) break;
      if (rest.length > 0) note(`"${directive}": only the first text is the script for the shell`);
      return block("shell", ...hidden([first]));
    case "prompt":
      return block("prompt", ...(first === undefined || first === "" ? [] : [first]));
    default:
      note(`"${directive}" comes by the strategy "${strategy}", which is not known`);
      return undefined;
  }
  note(`"${directive}" has a command without a program`);
  return undefined;
}

/** Vdirsyncer expands `~/` in each word of a command, and `cmd` in none. */
export function expand(word: string, home: string | undefined): string {
  return word.startsWith("~/") && home !== undefined ? `${home}${word.slice(1)}` : word;
}
