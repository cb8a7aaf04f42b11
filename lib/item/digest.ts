/** What an item says, whatever its spelling, as a number (rule 2). */

import { hash } from "node:crypto";
import { type Digest, digest } from "../model/names.ts";
import { canonicalLines, isIgnored } from "./canonical.ts";
import type { Component } from "./components.ts";
import type { ContentLine } from "./lines.ts";

/** How the properties of one format are spelt for the digest. */
export interface Spelling {
  /** Whether the digest knows nothing of the property of that name. */
  isIgnored(name: string): boolean;
  /** The canonical form of a property. Its lines hold no LF. */
  lines(line: ContentLine): readonly string[];
}

const CALENDAR: Spelling = { isIgnored, lines: canonicalLines };

/**
 * SHA-256, in hex, of the component's canonical form. Components of one level are in any order:
 * where a VTIMEZONE stands, an override or an alarm means nothing (RFC 5545 3.6), and Radicale sorts
 * them by name. A line that is no property stays with the property before it, whose continuation it
 * most likely was.
 */
export function digestOf(component: Component, spelling = CALENDAR): Digest {
  return digest(hash("sha256", canonicalForm(component, spelling), "hex"));
}

/** The text that is digested. Its lines end in LF, which no line holds otherwise. */
export function canonicalForm(component: Component, spelling = CALENDAR): string {
  const texts: string[] = [];
  let before: string | undefined;
  const keep = (text: string) => {
    if (before !== undefined) texts.push(before);
    before = text;
  };
  for (const line of component.lines) {
    if (line.name === "") before = `${before ?? ""}\r!${line.value}`;
    else if (spelling.isIgnored(line.name)) {
      if (before !== undefined) texts.push(before);
      before = undefined;
    } else for (const text of spelling.lines(line)) keep(text);
  }
  if (before !== undefined) texts.push(before);
  const properties = texts.sort().map((text) => `${text}\n`).join("");
  const children = component.children.map((child) => canonicalForm(child, spelling));
  return `BEGIN${component.params}\r:${component.name}\n${properties}${
    children.sort().join("")
  }END\n`;
}
