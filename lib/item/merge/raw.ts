/**
 * An item as nested components that still hold every byte of it: written out one after the other,
 * they give back the text they were read from.
 */

import { hash } from "node:crypto";
import { type ContentLine, parseLine, trimSpaces } from "../lines.ts";
import { logicalLines } from "../raw_lines.ts";
import { upperCase } from "../spellings.ts";
import type { Rules } from "./rules.ts";

/** A property, with what it stands in the text as. */
export interface RawLine {
  readonly kind: "line";
  /** Its bytes: folds, line end and the empty lines after it included. */
  readonly raw: string;
  /** Unfolded. */
  readonly text: string;
  readonly line: ContentLine;
  /** What it says, in one spelling; as many as it has values. Without a vCard's group. */
  readonly canonical: readonly string[];
  /** The lines after it that are no properties, in one text; mostly empty. */
  readonly rest: string;
}

/** All that a line says, in one spelling. */
export function saidBy({ canonical, rest }: RawLine): readonly string[] {
  return rest === "" ? canonical : [...canonical, `\r!${rest}`];
}

/** A component, with what it stands in the text as. */
export interface RawComponent {
  readonly kind: "component";
  /** In upper case. */
  readonly name: string;
  /** The bytes of the BEGIN line, with everything that stands before it. */
  readonly begin: string;
  readonly body: readonly RawNode[];
  /** The bytes of the END line. */
  readonly end: string;
  /** The same for two components that have the same digest. */
  readonly said: string;
  /** The same for two components that differ in their stamps at most (see `rules.ts`). */
  readonly core: string;
}

export type RawNode = RawLine | RawComponent;

/** The lines of a component, in their order. */
export function linesOf(component: RawComponent | undefined): readonly RawLine[] {
  return (component?.body ?? []).filter((node) => node.kind === "line");
}

/** The components within a component, in their order. */
export function childrenOf(component: RawComponent | undefined): readonly RawComponent[] {
  return (component?.body ?? []).filter((node) => node.kind === "component");
}

/** The first line of this name. */
export function lineNamed(component: RawComponent, name: string): RawLine | undefined {
  return linesOf(component).find(({ line }) => line.name === name);
}

/** The bytes of a node. */
export function rawOf(node: RawNode): string {
  return node.kind === "line"
    ? node.raw
    : `${node.begin}${node.body.map(rawOf).join("")}${node.end}`;
}

interface Open {
  readonly name: string;
  readonly begin: string;
  readonly body: RawNode[];
}

/**
 * The components of a byte string that `parseComponents` has found to be sound, side by side;
 * undefined if it is not sound.
 */
export function readRaw(text: string, rules: Rules): readonly RawComponent[] | undefined {
  const roots: RawComponent[] = [];
  const open: Open[] = [];
  for (const { raw, text: logical } of logicalLines(text)) {
    const line = parseLine(logical);
    const current = open.at(-1);
    if (line.name === "BEGIN") {
      open.push({ name: upperCase(trimSpaces(line.value)), begin: raw, body: [] });
    } else if (current === undefined) {
      return undefined;
    } else if (line.name === "END") {
      if (current.name !== upperCase(trimSpaces(line.value))) return undefined;
      open.pop();
      const closed = close(current, raw, rules);
      const parent = open.at(-1);
      if (parent === undefined) roots.push(closed);
      else parent.body.push(closed);
    } else addLine(current.body, raw, logical, line, rules);
  }
  return open.length === 0 ? roots : undefined;
}

/** What is no property belongs to the one before it, whose continuation it most likely was. */
function addLine(
  body: RawNode[],
  raw: string,
  text: string,
  line: ContentLine,
  rules: Rules,
): void {
  const before = body.at(-1);
  if (line.name === "" && before?.kind === "line") {
    const rest = `${before.rest}\r!${line.value}`;
    body[body.length - 1] = { ...before, raw: `${before.raw}${raw}`, rest };
    return;
  }
  const canonical = line.name === "" ? [line.value] : rules.canonical(line);
  body.push({ kind: "line", raw, text, line, canonical, rest: "" });
}

function close({ name, begin, body }: Open, end: string, rules: Rules): RawComponent {
  const said: string[] = [];
  const core: string[] = [];
  for (const node of body) {
    if (node.kind === "component") {
      said.push(`\r(${node.said}`);
      core.push(`\r(${node.core}`);
    } else if (!rules.isIgnored(node.line.name)) {
      const isStamp = rules.stamp(node.line.name) !== undefined;
      for (const text of saidBy(node)) {
        said.push(text);
        if (!isStamp) core.push(text);
      }
    }
  }
  const sum = (texts: string[]) => hash("sha256", [name, ...texts.sort()].join("\n"), "hex");
  return { kind: "component", name, begin, body, end, said: sum(said), core: sum(core) };
}
