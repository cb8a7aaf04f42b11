/** A block of directives, checked against the schema. */

import type { Command } from "./config.ts";
import { nearest } from "./near.ts";
import type { Environment } from "./paths.ts";
import { type Problem, quotedWord, type Report } from "./problem.ts";
import { findDirective, SCHEMA, type Syntax, typesInWords, usageOf } from "./schema.ts";
import type { DirectiveSpec, Place } from "./schema_types.ts";
import { listed } from "./listed.ts";
import { type Given, readGiven } from "./values.ts";
import { type Directive, type Word, wordValue } from "./tree.ts";

/** What of a block is sound. The names are those of the schema, whatever alias was written. */
export interface Block {
  /** The first of this name, or of those that may be repeated, all. */
  all(name: string): readonly Found[];
  /** Whether it is there at all, sound or not. */
  has(name: string): boolean;
}

/** A directive, and its value if that is sound. */
export interface Found {
  readonly directive: Directive;
  readonly given: Given | undefined;
}

/** Where a block is. */
export interface Where {
  readonly place: Place;
  /** In a storage: its type, if it has one that is known. */
  readonly type?: string;
  /** What to point at where something is missing. */
  readonly owner: Word | undefined;
  /** What it is called in a message: `storage "work"`. */
  readonly title: string;
}

export interface CheckContext {
  readonly env: Environment;
  readonly report: Report;
  readonly syntax: Syntax;
}

/**
 * Checks each directive: that it is known, belongs here, stands as often as it may, and has a sound
 * value; and that none is missing. Sections (`storage`, `pair`) are only found, not read.
 */
export function readBlock(
  directives: readonly Directive[],
  where: Where,
  context: CheckContext,
): Block {
  const found = new Map<string, Found[]>();
  for (const directive of directives) {
    const spec = findDirective(where.place, wordValue(directive.name));
    if (spec === undefined || !belongs(spec, where)) {
      context.report(misplaced(directive, where, context.syntax));
      continue;
    }
    const before = found.get(spec.name);
    const first = before?.[0];
    if (first !== undefined && !spec.repeatable) {
      context.report(twice(spec, directive, first.directive));
      continue;
    }
    const sound = { directive, given: read(spec, directive, context) };
    if (before === undefined) found.set(spec.name, [sound]);
    else before.push(sound);
  }
  for (const spec of SCHEMA.directives) {
    if (spec.place === where.place && !found.has(spec.name) && isNeeded(spec, where)) {
      context.report(missing(spec, where, context.syntax));
    }
  }
  return { all: (name) => found.get(name) ?? [], has: (name) => found.has(name) };
}

function read(
  spec: DirectiveSpec,
  directive: Directive,
  context: CheckContext,
): Given | undefined {
  if (spec.block?.after === "name" || spec.place === "value") return undefined;
  return readGiven(spec, directive, {
    ...context,
    command: (owner) => readCommandBlock(owner, context),
  });
}

/** In a storage of a type that is not known, every storage's directive has its place. */
function belongs(spec: DirectiveSpec, { type }: Where): boolean {
  return spec.types === undefined || type === undefined || spec.types.some((each) => each === type);
}

/** Of a storage without a type it is not known what else it needs. */
function isNeeded({ required, types }: DirectiveSpec, { type }: Where): boolean {
  if (typeof required !== "boolean") return required.some((each) => each === type);
  if (!required) return false;
  return types === undefined || types.some((each) => each === type);
}

const COMMANDS = ["cmd", "shell", "prompt"] as const;

/** The block in place of a value: exactly one of `cmd`, `shell` and `prompt`. */
function readCommandBlock(owner: Directive, context: CheckContext): Command | undefined {
  const title = `"${owner.name.text}"`;
  const where: Where = { place: "value", owner: owner.name, title };
  const block = readBlock(owner.block ?? [], where, context);
  const [found, second] = COMMANDS.flatMap((kind) => {
    const [first] = block.all(kind);
    return first === undefined ? [] : [{ kind, directive: first.directive }];
  });
  const directive = found?.directive;
  const wrong = (message: string, word: Word, help: string) => {
    context.report({ severity: "error", message, at: word.span, help });
    return undefined;
  };
  if (directive === undefined || found === undefined) {
    // A mistyped command was reported as an unknown directive.
    if ((owner.block ?? []).length > 0) return undefined;
    return wrong(`the block of ${title} is empty`, owner.name, 'it needs "cmd" or "shell"');
  }
  if (directive.broken) return undefined;
  const name = directive.name;
  if (second !== undefined) {
    return wrong(`${title} has two commands`, second.directive.name, "leave one of them out");
  }
  if (directive.block !== undefined) {
    return wrong(`"${name.text}" takes no block`, name, "put what it runs on its line");
  }
  const words = directive.params.map(wordValue);
  const at = name.span;
  if (found.kind === "prompt") return { kind: "prompt", text: words.join(" "), at };
  const [program, ...rest] = words;
  if (program === undefined || program === "") {
    return wrong(`"${name.text}" has nothing to run`, name, "write the program behind it");
  }
  if (words.some((word) => word.includes("\0"))) {
    return wrong("a command has no NUL characters", name, "remove them");
  }
  return found.kind === "shell"
    ? { kind: "shell", script: words.join(" "), at }
    : { kind: "cmd", argv: [program, ...rest], at };
}

function twice(spec: DirectiveSpec, directive: Directive, first: Directive): Problem {
  return {
    severity: "error",
    message: `"${spec.name}" is given twice`,
    at: directive.name.span,
    related: { message: "the first is here", at: first.name.span },
    help: "leave one of them out",
  };
}

function missing(spec: DirectiveSpec, { owner, title }: Where, syntax: Syntax): Problem {
  const message = `${title} has no "${spec.name}"`;
  const help = `add a line like this: ${usageOf(spec, syntax)}`;
  if (owner === undefined) return { severity: "error", message, help };
  return { severity: "error", message, at: owner.span, help };
}

/** Why this directive cannot stand here: it is refused, belongs elsewhere, or is not known. */
function misplaced(directive: Directive, where: Where, syntax: Syntax): Problem {
  const name = wordValue(directive.name);
  const at = directive.name.span;
  const title = quotedWord(directive.name);
  const severity = "error";
  const refused = SCHEMA.refused.find((each) => each.place === where.place && each.name === name);
  if (refused !== undefined) {
    const message = `${title} is not supported: ${refused.reason}`;
    return { severity, message, at, help: refused.hint };
  }
  const here = findDirective(where.place, name);
  if (here !== undefined) {
    const types = listed(typesInWords(here.types ?? []), "and");
    const message = `${title} belongs to ${types} storages; this one is ${where.type ?? "another"}`;
    return { severity, message, at };
  }
  const elsewhere = [...SCHEMA.directives, ...SCHEMA.refused].find((each) => each.name === name) ??
    SCHEMA.directives.find(({ aliases }) => aliases.includes(name));
  if (elsewhere !== undefined) {
    const message = `${title} belongs ${PLACES[elsewhere.place]}, not ${PLACES[where.place]}`;
    if (elsewhere.place !== "global" || syntax === "toml") return { severity, message, at };
    return { severity, message, at, help: 'is a "}" missing above it?' };
  }
  const help = helpForUnknown(name, where, syntax);
  return { severity, message: `unknown directive ${title}`, at, help };
}

const PLACES: Readonly<Record<Place, string>> = {
  global: "outside of all blocks",
  storage: "in a storage",
  auth: "in an auth block",
  oauth2: "in the block of oauth2",
  pair: "in a pair",
  collection: "in the block of a collection",
  value: "in the block of a value",
};

function helpForUnknown(name: string, where: Where, syntax: Syntax): string {
  const names = namesAt(where);
  const assigned = /^([^=:]*)[=:]/.exec(name)?.[1];
  if (assigned !== undefined && syntax === "scfg") {
    const meant = nearest(assigned, names);
    if (meant !== undefined) return `a blank stands between a name and its value: ${meant} VALUE`;
  }
  const meant = nearest(name, names);
  if (meant !== undefined) return `did you mean "${meant}"?`;
  return `known ${PLACES[where.place]} are ${listed(names, "and")}`;
}

function namesAt(where: Where): readonly string[] {
  return SCHEMA.directives
    .filter((spec) => spec.place === where.place && belongs(spec, where))
    .flatMap(({ name, aliases }) => [name, ...aliases]);
}
