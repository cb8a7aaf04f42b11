/** What stands behind a directive's name, read as the schema says. */

import type { Command } from "./config.ts";
import type { Environment } from "./paths.ts";
import { quotedWord, type Report } from "./problem.ts";
import type { DirectiveSpec } from "./schema_types.ts";
import { type Directive, type Word, wordValue } from "./tree.ts";
import { type Syntax, usageOf } from "./usage.ts";
import { readMany } from "./value_many.ts";
import { readOne } from "./value_one.ts";
import type { Given, Wrong } from "./value_types.ts";

export type { Given } from "./value_types.ts";

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
  const wrong: Wrong = (message, at, help) => {
    const span = "span" in at ? at.span : at;
    const problem = { severity: "error", message, at: span } as const;
    context.report(help === undefined ? problem : { ...problem, help });
    return undefined;
  };
  const [first, second] = params;
  const takesBlock = spec.dynamic || spec.block?.after === "nothing";
  if (block !== undefined && takesBlock) {
    if (first !== undefined) {
      return wrong(`${title} takes a value or a block, not both`, first);
    }
    return spec.dynamic ? readCommand(spec, directive, context) : { kind: "block", block };
  }
  const word = spec.block?.after === "word" ? spec.block.word : undefined;
  const isWord = first !== undefined && wordValue(first) === word;
  if (block !== undefined && !isWord && spec.block?.after !== "name") {
    return wrong(`${title} takes no block`, name, usage);
  }
  if (spec.params.kind === "flag") {
    if (first === undefined) return { kind: "flag" };
    return wrong(`${title} takes no parameter`, first);
  }
  if (first === undefined) {
    return wrong(`${title} needs a value`, name, usage);
  }
  const several = readMany(spec, [first, ...params.slice(1)], wrong, context);
  if (several !== "one word") {
    if (!isWord || several === undefined || block !== undefined) return several;
    return wrong(`"${name.text} ${first.text}" needs a block`, first, usage);
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
