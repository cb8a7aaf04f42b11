/** From the syntax tree of TOML to directives. */

import type { AST } from "toml-eslint-parser";
import { REDACTED, Secret } from "../model/secret.ts";
import { concealWord, isSecretBlock, secretFrom } from "./conceal.ts";
import { findDirective } from "./schema.ts";
import type { DirectiveSpec, Place } from "./schema_types.ts";
import {
  insert,
  isNameless,
  type Key,
  type Leaf,
  newTable,
  spanOfNode,
  type Table,
  type Tables,
  tablesOf,
  textOf,
  type TomlContext,
  wrong,
} from "./toml_tables.ts";
import type { Directive, Word } from "./tree.ts";

/** The directives of a file. */
export function makeTomlTree(program: AST.TOMLProgram, context: TomlContext): readonly Directive[] {
  return directivesOf(tablesOf(program, context), "global", false, context);
}

function directivesOf(
  table: Table,
  place: Place,
  inSecret: boolean,
  context: TomlContext,
): readonly Directive[] {
  return [...table.entries.values()].flatMap(({ key, value }) => {
    const name = wordOf(key, textOf(key), concealWord(textOf(key), true), context);
    const spec = findDirective(place, textOf(key));
    const block = spec?.block;
    if (block?.after === "name") return sectionsOf(block.place, name, value, context);
    if (value.type === "tables") {
      return value.tables.map((each) => blockOf(name, each, block?.place, inSecret, context));
    }
    if (value.type !== "table") return leafOf(name, value, spec, inSecret, context);
    // `[storage.NAME.auth_method.oauth2]`: the word that has a block, and its block.
    const worded = block?.after === "word" ? value.entries.get(block.word) : undefined;
    if (worded?.value.type === "table" && value.entries.size === 1) {
      const word = wordOf(worded.key, textOf(worded.key), undefined, context);
      const inner = blockOf(name, worded.value, block?.place, inSecret, context);
      return [{ ...inner, params: [word] }];
    }
    return [blockOf(name, value, block?.place, inSecret, context)];
  });
}

/** A directive and its block; one that is no other is the block of a value. */
function blockOf(
  name: Word,
  table: Table,
  place: Place | undefined,
  inSecret: boolean,
  context: TomlContext,
): Directive {
  const secret = inSecret || (place === undefined && isSecretBlock(name.text, 0));
  return { name, params: [], block: directivesOf(table, place ?? "value", secret, context) };
}

/** `[storage.NAME]`: a directive for each name. */
function sectionsOf(
  block: Place,
  name: Word,
  value: Table | Tables | Leaf,
  context: TomlContext,
): readonly Directive[] {
  const help = `write [${name.text}.NAME], and its directives below`;
  if (value.type === "tables") return [];
  if (value.type !== "table") {
    wrong(context, value.loc, `"${name.text}" is a table of tables`, help);
    return [];
  }
  return [...value.entries.values()].flatMap(({ key, value: section }) => {
    if (section.type !== "table") {
      wrong(context, key.loc, `this "${name.text}" has no name`, help);
      if (section.type !== "tables") context.hide(section.loc, REDACTED);
      return [];
    }
    const params: readonly Word[] = [{ text: textOf(key), span: spanOfNode(key.loc, context) }];
    return [{ name, params, block: directivesOf(section, block, false, context) }];
  });
}

/** A key and its value: one directive, or one for each element where it may be repeated. */
function leafOf(
  name: Word,
  value: Leaf,
  spec: DirectiveSpec | undefined,
  inSecret: boolean,
  context: TomlContext,
): readonly Directive[] {
  if (value.type === "TOMLValue" && value.kind === "boolean") {
    return value.value ? [{ name, params: [] }] : [];
  }
  if (value.type !== "TOMLArray") return [directiveOf(name, [value], inSecret, context)];
  if (!spec?.repeatable) return [directiveOf(name, value.elements, inSecret, context)];
  return value.elements.map((element) => {
    if (element.type === "TOMLInlineTable" && isNameless(spec)) {
      const table = newTable();
      for (const pair of element.body) insert(table, pair, 1, context);
      return blockOf(name, table, spec.block?.place, inSecret, context);
    }
    const params = element.type === "TOMLArray" ? element.elements : [element];
    return directiveOf(name, params, inSecret, context);
  });
}

function directiveOf(
  name: Word,
  nodes: readonly AST.TOMLContentNode[],
  inSecret: boolean,
  context: TomlContext,
): Directive {
  const texts = nodes.map(scalarText);
  const from = secretFrom([name.text, ...texts.map((text) => text ?? "")], inSecret) - 1;
  const params = nodes.flatMap((node, index): readonly Word[] => {
    const text = texts[index];
    const shown = index >= from ? REDACTED : concealWord(text ?? "", false);
    if (text === undefined) {
      if (shown !== undefined) context.hide(node.loc, shown);
      wrong(context, node.loc, `${describe(node)} has no meaning here`);
      return [];
    }
    return [wordOf(node, text, shown, context)];
  });
  return params.length < nodes.length ? { name, params, broken: true } : { name, params };
}

/** A word, and what is shown of it where that is not all. */
function wordOf(
  node: Key | AST.TOMLContentNode,
  text: string,
  shown: string | undefined,
  context: TomlContext,
): Word {
  const span = spanOfNode(node.loc, context);
  if (shown === undefined) return { text, span };
  context.hide(node.loc, shown);
  return { text: shown, secret: new Secret(text), span };
}

/** What scfg would have as a word; undefined for what it has no word for. */
function scalarText(node: AST.TOMLContentNode): string | undefined {
  if (node.type !== "TOMLValue") return undefined;
  switch (node.kind) {
    case "string":
      return node.value;
    case "integer":
      return node.bigint.toString();
    case "float":
      return node.number;
    default:
      return undefined;
  }
}

function describe(node: AST.TOMLContentNode): string {
  if (node.type === "TOMLArray") return "a list";
  if (node.type === "TOMLInlineTable") return "a table";
  return node.kind === "boolean" ? "true or false" : "a date without quotes";
}
