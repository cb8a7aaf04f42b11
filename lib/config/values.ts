/** What stands behind a directive's name, read as the schema says. */

import { Secret } from "../model/secret.ts";
import type { Command, SecretValue, Value } from "./config.ts";
import { type HttpUrl, readHttpUrl } from "./http_url.ts";
import { didYouMean } from "./near.ts";
import { absolutePath, type Environment } from "./paths.ts";
import { quotedWord, type Report } from "./problem.ts";
import { type Syntax, usageOf } from "./schema.ts";
import type { DirectiveSpec } from "./schema_types.ts";
import { type Directive, spanOf, type Word, wordValue } from "./tree.ts";

/** The value of a directive, by the kind of its parameters. */
export type Given =
  | { readonly kind: "flag" }
  | { readonly kind: "word"; readonly text: string; readonly word: Word }
  | { readonly kind: "number"; readonly number: number }
  | { readonly kind: "value"; readonly value: Value }
  | { readonly kind: "secret"; readonly value: SecretValue }
  /** `url` is absent where a command gives it. */
  | { readonly kind: "url"; readonly value: Value; readonly url?: HttpUrl; readonly word?: Word };

/** What reading a value needs besides the words themselves. */
export interface Context {
  readonly env: Environment;
  readonly report: Report;
  readonly syntax: Syntax;
  /** Reads the block in place of a value. */
  readonly command: (directive: Directive) => Command | undefined;
}

/** Reads the parameters, or the block in their place; undefined after reporting what is wrong. */
export function readGiven(
  spec: DirectiveSpec,
  directive: Directive,
  context: Context,
): Given | undefined {
  const { params, block, name } = directive;
  if (directive.broken) return undefined;
  const title = quotedWord(name);
  const usage = `write it like this: ${usageOf(spec, context.syntax)}`;
  const wrong = (message: string, word: Word, help?: string) => {
    const problem = { severity: "error", message, at: word.span } as const;
    context.report(help === undefined ? problem : { ...problem, help });
    return undefined;
  };
  if (block !== undefined && !spec.dynamic) {
    if (spec.name === "collection") {
      return wrong("the block form of collection is not supported by this version yet", name);
    }
    return wrong(`${title} takes no block`, name, usage);
  }
  const [first, second] = params;
  if (block !== undefined) {
    if (first === undefined) return readCommand(spec, directive, context);
    return wrong(`${title} takes a value or a block, not both`, first);
  }
  if (spec.params.kind === "flag") {
    if (first === undefined) return { kind: "flag" };
    return wrong(`${title} takes no parameter`, first);
  }
  if (first === undefined) {
    return wrong(`${title} needs a value`, name, usage);
  }
  if (spec.params.kind === "choice") {
    return readChoice(spec, spec.params.choices, [first, ...params.slice(1)], context);
  }
  if (second !== undefined) {
    return wrong(
      `${title} takes one parameter`,
      second,
      helpForMore(spec, first, second, context.syntax),
    );
  }
  return readOne(spec, first, wrong, context.env);
}

type Wrong = (message: string, word: Word, help?: string) => undefined;

/** Reads the one parameter of all other kinds. */
function readOne(
  { name, params }: DirectiveSpec,
  word: Word,
  wrong: Wrong,
  env: Environment,
): Given | undefined {
  const text = wordValue(word);
  const at = word.span;
  switch (params.kind) {
    case "integer": {
      const number = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
      if (number >= params.min && number <= params.max) return { kind: "number", number };
      const range = `a whole number from ${params.min} to ${params.max}`;
      return wrong(`"${name}" takes ${range}, not ${quotedWord(word)}`, word);
    }
    case "path": {
      const result = absolutePath(text, env);
      if ("problem" in result) return wrong(result.problem, word, result.help);
      return { kind: "value", value: { kind: "text", value: result.path, at } };
    }
    case "url": {
      const url = readHttpUrl(text);
      if ("problem" in url) return wrong(url.problem, word, url.help);
      return { kind: "url", value: { kind: "text", value: url.url, at }, url, word };
    }
    case "text":
      if (text === "") return wrong(`"${name}" must not be empty`, word);
      if (hasControl(text)) return wrong(`"${name}" has a control character`, word);
      return { kind: "value", value: { kind: "text", value: text, at } };
    case "secret":
      if (text === "") return wrong(`"${name}" must not be empty`, word);
      return { kind: "secret", value: { kind: "text", value: new Secret(text), at } };
    case "extension": {
      const extension = text.replace(/^\./, "");
      if (/^[A-Za-z0-9_-]{1,16}$/.test(extension)) {
        return { kind: "word", text: extension, word };
      }
      return wrong(`${quotedWord(word)} is no file extension`, word);
    }
    case "id": {
      const problem = badId(text);
      if (problem === undefined) return { kind: "word", text, word };
      return wrong(`${quotedWord(word)} cannot be the id of a collection: ${problem}`, word);
    }
    case "name":
      if (isName(text)) return { kind: "word", text, word };
      return wrong(`${quotedWord(word)} cannot be a name`, word, NAME_HELP);
    case "storage":
    case "type":
      return { kind: "word", text, word };
    case "flag":
    case "choice":
    case "command":
    case "script":
      // The first two were read before, the others only stand in the block of a value.
      throw new Error(`"${name}" has no parameter of its own to be read`);
  }
}

/** A choice of one or more words. TOML gives `from a` as one word, which is the same. */
function readChoice(
  spec: DirectiveSpec,
  choices: readonly string[],
  words: readonly [Word, ...Word[]],
  { report }: Context,
): Given | undefined {
  const text = words.map(wordValue).join(" ");
  const [word] = words;
  if (choices.includes(text)) return { kind: "word", text, word: { ...word, text } };
  const given = quotedWord({ ...word, text: words.map((each) => each.text).join(" ") });
  const message = `"${spec.name}" takes ${listed(choices, "or")}, not ${given}`;
  const help = didYouMean(text, choices) ?? spec.hint;
  const problem = { severity: "error", message, at: spanOf(words) } as const;
  report(help === undefined ? problem : { ...problem, help });
  return undefined;
}

function readCommand(
  spec: DirectiveSpec,
  directive: Directive,
  context: Context,
): Given | undefined {
  const command = context.command(directive);
  if (command === undefined) return undefined;
  const kind = spec.params.kind;
  return { kind: kind === "secret" || kind === "url" ? kind : "value", value: command };
}

function helpForMore(
  spec: DirectiveSpec,
  first: Word,
  second: Word,
  syntax: Syntax,
): string | undefined {
  if (syntax === "toml") return undefined;
  const text = wordValue(first);
  if (spec.dynamic && (text === "cmd" || text === "shell")) {
    return `a command stands in a block of its own: ${spec.name} { and } around its line`;
  }
  if (second.text.startsWith("#")) return "put the comment on a line of its own";
  return "put quotes around a value that has blanks in it";
}

/** The longest name of a storage or a pair. */
const MOST_NAME = 64;

/** A pair's name becomes the name of a file. */
const isName = (text: string) =>
  text.length <= MOST_NAME && /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(text);

const NAME_HELP =
  `a name has 1 to ${MOST_NAME} letters (a to z), digits, "_", "." and "-", the last two not first`;

/** A collection's id may become the name of a directory. */
function badId(text: string): string | undefined {
  if (text === "") return "it is empty";
  if (text === "." || text === "..") return "it means another directory";
  if (text.includes("/")) return 'it has a "/"';
  if (hasControl(text)) return "it has a control character";
  return new TextEncoder().encode(text).length > 255 ? "it is longer than 255 bytes" : undefined;
}

// deno-lint-ignore no-control-regex -- these are what is looked for
const hasControl = (text: string) => /[\u0000-\u001f\u007f]/.test(text);

/** `a, b or c`. */
export function listed(words: readonly string[], conjunction: "and" | "or"): string {
  const last = words.at(-1) ?? "";
  const others = words.slice(0, -1);
  return others.length === 0 ? last : `${others.join(", ")} ${conjunction} ${last}`;
}
