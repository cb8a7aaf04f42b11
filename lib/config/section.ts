/** The sections of a file, `storage NAME { … }` and the like, and their names. */

import type { CheckContext } from "./block.ts";
import { quotedWord } from "./problem.ts";
import { findDirective, usageOf } from "./schema.ts";
import { type Directive, type Word, wordValue } from "./tree.ts";
import { readGiven } from "./values.ts";

/** A section that has a sound name, and a block. */
export interface Section {
  readonly name: string;
  readonly word: Word;
  readonly block: readonly Directive[];
}

/** The sections of a kind: what may be read, and all the names there are. */
export interface Sections {
  readonly sound: readonly Section[];
  readonly names: ReadonlyMap<string, Word>;
  /** What stands under a name that is none, or is taken: to be looked at for its mistakes alone. */
  readonly misnamed: readonly Section[];
}

/** What is called so in a message has no name. */
const NAMELESS = "?";

/** Finds the sections among the directives of their kind. Of those with one name, the first. */
export function readSections(
  kind: "storage" | "auth" | "pair",
  directives: readonly Directive[],
  context: CheckContext,
): Sections {
  const { report, syntax } = context;
  const spec = findDirective("global", kind);
  if (spec === undefined) throw new Error(`the schema has no "${kind}"`);
  const names = new Map<string, Word>();
  const sound: Section[] = [];
  const misnamed: Section[] = [];
  for (const { name, params, block, broken } of directives) {
    const head = broken === undefined ? { name, params } : { name, params, broken };
    const given = readGiven(spec, head, { ...context, command: () => undefined });
    if (given?.kind !== "word") {
      const word = params[0] ?? { ...name, text: NAMELESS };
      if (block?.length) misnamed.push({ name: NAMELESS, word, block });
      continue;
    }
    const { text, word } = given;
    const title = `the ${kind === "auth" ? "auth block" : kind} ${quotedWord(word)}`;
    const first = names.get(text);
    if (first !== undefined) {
      report({
        severity: "error",
        message: `${title} is defined twice`,
        at: word.span,
        related: { message: "the first is here", at: first.span },
      });
      if (block?.length) misnamed.push({ name: text, word, block });
      continue;
    }
    names.set(text, word);
    if (block !== undefined) sound.push({ name: text, word, block });
    else {
      const help = `write it like this: ${usageOf(spec, syntax)}`;
      report({ severity: "error", message: `${title} has no block`, at: word.span, help });
    }
  }
  return { sound, names, misnamed };
}

/**
 * Sections within sections: a closing brace is missing before them, most likely. They are reported
 * where they stand; that they define something is taken for granted, so that no more is said of it.
 */
export function misplacedSections(directives: readonly Directive[]): readonly Directive[] {
  return directives.filter(isSection).flatMap(({ block }) => {
    const inner = (block ?? []).filter(isSection);
    return [...inner, ...misplacedSections(inner)];
  });
}

const isSection = ({ name }: Directive) => SECTIONS.has(wordValue(name));

/** `auth` is no section where a storage names one. */
const SECTIONS: ReadonlySet<string> = new Set(["storage", "pair"]);
