/** From the syntax tree of TOML to directives. */

import type { AST } from "toml-eslint-parser";
import { REDACTED, Secret } from "../model/secret.ts";
import { concealWord, isSecretBlock, secretFrom } from "./conceal.ts";
import type { Report } from "./problem.ts";
import { findDirective } from "./schema.ts";
import type { DirectiveSpec, Place } from "./schema_types.ts";
import type { Directive, Span, Word } from "./tree.ts";

/** Lines from 1, columns in UTF-16 code units from 0; the end is behind the last. */
export interface NodeRange {
  readonly start: { readonly line: number; readonly column: number };
  readonly end: { readonly line: number; readonly column: number };
}

/** What is needed besides the syntax tree. */
export interface TomlContext {
  readonly file: string;
  readonly lines: readonly string[];
  readonly report: Report;
  /** Has a part of the file shown as this instead. */
  readonly hide: (range: NodeRange, shown: string) => void;
}

/** The most tables within tables; what is deeper is left out. */
const MOST_DEPTH = 32;

type Key = AST.TOMLBare | AST.TOMLQuoted;

/** A table, wherever its parts stand: under its header, in braces, behind dotted keys. */
interface Table {
  readonly type: "table";
  readonly entries: Map<string, Entry>;
}

interface Entry {
  readonly key: Key;
  readonly value: Table | Tables | Leaf;
}

/** `[[pair.NAME.collection]]`: blocks without a name. */
interface Tables {
  readonly type: "tables";
  readonly tables: Table[];
}

type Leaf = Exclude<AST.TOMLContentNode, AST.TOMLInlineTable>;

/** The directives of a file. */
export function makeTomlTree(program: AST.TOMLProgram, context: TomlContext): readonly Directive[] {
  const root = newTable();
  for (const node of program.body[0].body) {
    if (node.type === "TOMLKeyValue") {
      insert(root, node, 0, context);
    } else if (node.kind === "array") {
      const added = addTable(root, node.key.keys, context);
      if (added !== undefined) {
        for (const pair of node.body) insert(added, pair, node.key.keys.length, context);
        continue;
      }
      const name = node.key.keys.map(textOf).join(".");
      wrong(context, node.key.loc, `[[${name}]] has no meaning here`, `write [${name}.NAME]`);
      for (const { loc } of node.body) context.hide(loc, REDACTED);
    } else {
      const table = descend(root, node.key.keys, context);
      for (const pair of node.body) {
        if (table !== undefined) insert(table, pair, node.key.keys.length, context);
      }
    }
  }
  return directivesOf(root, "global", false, context);
}

/** The table that a `[[…]]` begins; undefined where there may be none. */
function addTable(root: Table, keys: readonly Key[], context: TomlContext): Table | undefined {
  const [section, , last] = keys;
  if (section === undefined || last === undefined || keys.length !== 3) return undefined;
  const place = findDirective("global", textOf(section))?.block?.place;
  if (place === undefined || !isNameless(findDirective(place, textOf(last)))) return undefined;
  const owner = descend(root, keys.slice(0, -1), context);
  const added = newTable();
  const found = owner?.entries.get(textOf(last))?.value;
  if (found?.type === "tables") found.tables.push(added);
  else owner?.entries.set(textOf(last), { key: last, value: { type: "tables", tables: [added] } });
  return added;
}

/** Whether it may have a block in place of its parameters. */
const isNameless = (spec: DirectiveSpec | undefined): boolean => spec?.block?.after === "nothing";

const newTable = (): Table => ({ type: "table", entries: new Map() });

const textOf = (key: Key) => key.type === "TOMLBare" ? key.name : key.value;

/** The table at the end of these keys, made where it is not there yet. */
function descend(table: Table, keys: readonly Key[], context: TomlContext): Table | undefined {
  let inner = table;
  for (const [depth, key] of keys.entries()) {
    if (depth === MOST_DEPTH) {
      wrong(context, key.loc, `more than ${MOST_DEPTH} tables within each other`);
      return undefined;
    }
    const found = inner.entries.get(textOf(key))?.value;
    // The parser has made sure that nothing is a table and a value.
    if (found !== undefined && found.type !== "table") return undefined;
    const next = found ?? newTable();
    if (found === undefined) inner.entries.set(textOf(key), { key, value: next });
    inner = next;
  }
  return inner;
}

function insert(
  table: Table,
  { key, value }: AST.TOMLKeyValue,
  depth: number,
  context: TomlContext,
): void {
  const last = key.keys.at(-1);
  if (last === undefined) return;
  if (value.type === "TOMLInlineTable") {
    if (depth >= MOST_DEPTH) {
      wrong(context, key.loc, `more than ${MOST_DEPTH} tables within each other`);
      return;
    }
    const inner = descend(table, key.keys, context);
    for (const pair of value.body) {
      if (inner !== undefined) insert(inner, pair, depth + key.keys.length, context);
    }
    return;
  }
  const owner = descend(table, key.keys.slice(0, -1), context);
  owner?.entries.set(textOf(last), { key: last, value });
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

function spanOfNode({ start, end }: NodeRange, { file, lines }: TomlContext): Span {
  const text = lines[start.line - 1] ?? "";
  const column = [...text.slice(0, start.column)].length + 1;
  const covered = text.slice(start.column, start.line === end.line ? end.column : undefined);
  return { file, line: start.line, column, length: Math.max(1, [...covered].length) };
}

function wrong(context: TomlContext, range: NodeRange, message: string, help?: string): void {
  const problem = { severity: "error", message, at: spanOfNode(range, context) } as const;
  context.report(help === undefined ? problem : { ...problem, help });
}
