/** The tables of a TOML file, wherever their parts stand. */

import type { AST } from "toml-eslint-parser";
import { REDACTED } from "../model/secret.ts";
import type { Report } from "./problem.ts";
import { findDirective } from "./schema.ts";
import type { DirectiveSpec } from "./schema_types.ts";
import type { Span } from "./tree.ts";

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

/** A part of a key: `a` in `a.b`. */
export type Key = AST.TOMLBare | AST.TOMLQuoted;

/** A table, wherever its parts stand: under its header, in braces, behind dotted keys. */
export interface Table {
  readonly type: "table";
  readonly entries: Map<string, Entry>;
}

/** What stands behind a key. */
export interface Entry {
  readonly key: Key;
  readonly value: Table | Tables | Leaf;
}

/** `[[pair.NAME.collection]]`: blocks without a name. */
export interface Tables {
  readonly type: "tables";
  readonly tables: Table[];
}

/** A value that is no table. */
export type Leaf = Exclude<AST.TOMLContentNode, AST.TOMLInlineTable>;

/** All that a file holds. */
export function tablesOf(program: AST.TOMLProgram, context: TomlContext): Table {
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
      wrong(context, node.key.loc, `[[${name}]] has no meaning here`, instead(name, node.key));
      for (const { loc } of node.body) context.hide(loc, REDACTED);
    } else {
      const table = descend(root, node.key.keys, context);
      for (const pair of node.body) {
        if (table !== undefined) insert(table, pair, node.key.keys.length, context);
      }
    }
  }
  return root;
}

/** A section needs a name; what has one already is a table as it stands. */
const instead = (name: string, { keys }: AST.TOMLTable["key"]): string =>
  keys.length === 1 ? `write [${name}.NAME]` : `write [${name}]`;

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

/** Whether a directive may have a block in place of its parameters. */
export const isNameless = (spec: DirectiveSpec | undefined): boolean =>
  spec?.block?.after === "nothing";

/** A table with nothing in it. */
export const newTable = (): Table => ({ type: "table", entries: new Map() });

/** What a key says. */
export const textOf = (key: Key): string => key.type === "TOMLBare" ? key.name : key.value;

/** The table at the end of these keys, made where it is not there yet. */
function descend(table: Table, keys: readonly Key[], context: TomlContext): Table | undefined {
  let inner = table;
  for (const [depth, key] of keys.entries()) {
    if (depth === MOST_DEPTH) {
      wrong(context, key.loc, `more than ${MOST_DEPTH} tables within each other`);
      return undefined;
    }
    const found = inner.entries.get(textOf(key))?.value;
    // What follows a `[[…]]` belongs to the table that it began.
    const begun = found?.type === "tables" ? found.tables.at(-1) : found;
    // The parser has made sure that nothing is a table and a value.
    if (begun !== undefined && begun.type !== "table") return undefined;
    const next = begun ?? newTable();
    if (begun === undefined) inner.entries.set(textOf(key), { key, value: next });
    inner = next;
  }
  return inner;
}

/** Puts a key and its value into a table that is itself `depth` tables deep. */
export function insert(
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

/** Where a part of the file stands. */
export function spanOfNode({ start, end }: NodeRange, { file, lines }: TomlContext): Span {
  const text = lines[start.line - 1] ?? "";
  const column = [...text.slice(0, start.column)].length + 1;
  const covered = text.slice(start.column, start.line === end.line ? end.column : undefined);
  return { file, line: start.line, column, length: Math.max(1, [...covered].length) };
}

/** Reports what is wrong with a part of the file. */
export function wrong(
  context: TomlContext,
  range: NodeRange,
  message: string,
  help?: string,
): void {
  const problem = { severity: "error", message, at: spanOfNode(range, context) } as const;
  context.report(help === undefined ? problem : { ...problem, help });
}
