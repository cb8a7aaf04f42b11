/** Content lines as nested components: BEGIN, what is between, END (RFC 5545 3.6). */

import { type ContentLine, excerpt, parseLine, trimSpaces, unfold } from "./lines.ts";
import { upperCase } from "./spellings.ts";

/** Everything between a BEGIN and its END, in the order in which it stands there. */
export interface Component {
  /** In upper case. */
  readonly name: string;
  /** The BEGIN line's own parameters, which there should not be. */
  readonly params: string;
  readonly lines: readonly ContentLine[];
  readonly children: readonly Component[];
}

/** How much of something from outside is read before it is given up. */
export interface ItemLimits {
  /** Of the whole item. */
  readonly bytes: number;
  /** Unfolded. */
  readonly lines: number;
  /** Components within components. */
  readonly depth: number;
  /** Of a UID, in bytes. */
  readonly uid: number;
}

export const ITEM_LIMITS: ItemLimits = {
  bytes: 10 * 1024 * 1024,
  lines: 100_000,
  depth: 64,
  uid: 8 * 1024,
};

/** What a text holds, or why it cannot be read. */
export type Parsed =
  | { readonly ok: true; readonly components: readonly Component[] }
  | {
    readonly ok: false;
    readonly kind: "malformed" | "too large";
    /** To follow "the item": `ends before END:VEVENT`. */
    readonly reason: string;
  };

interface OpenComponent {
  readonly name: string;
  readonly params: string;
  readonly lines: ContentLine[];
  readonly children: Component[];
}

/**
 * The components of a byte string, side by side. Where BEGIN and END do not match, the text is
 * taken for damaged, most likely cut short, and what can be made out of it is not handed out. Never
 * throws.
 */
export function parseComponents(text: string, limits: ItemLimits): Parsed {
  const lines = unfold(text, limits.lines);
  if (lines === undefined) {
    return { ok: false, kind: "too large", reason: `has more than ${limits.lines} lines` };
  }
  const roots: Component[] = [];
  const open: OpenComponent[] = [];
  let current: OpenComponent | undefined;
  for (let index = 0; index < lines.length; index++) {
    const line = parseLine(lines[index] ?? "");
    if (line.name === "BEGIN") {
      if (open.length === limits.depth) {
        const reason = `nests components more than ${limits.depth} deep`;
        return { ok: false, kind: "too large", reason };
      }
      current = { name: componentName(line), params: line.params, lines: [], children: [] };
      open.push(current);
    } else if (line.name === "END") {
      const name = componentName(line);
      if (current?.name !== name) {
        const wanted = current === undefined ? "nothing" : `END:${excerpt(current.name)}`;
        return damaged(`has END:${excerpt(name)} where ${wanted} is due`, text, index);
      }
      open.pop();
      const parent = open.at(-1);
      (parent === undefined ? roots : parent.children).push(current);
      current = parent;
    } else if (current === undefined) {
      const quoted = `"${excerpt(lines[index] ?? "")}"`;
      const reason = index === 0
        ? `begins with ${quoted} instead of BEGIN`
        : `goes on after its end with ${quoted}`;
      return damaged(reason, text, index);
    } else {
      current.lines.push(line);
    }
  }
  if (current !== undefined) {
    return { ok: false, kind: "malformed", reason: `ends before END:${excerpt(current.name)}` };
  }
  return { ok: true, components: roots };
}

function componentName(line: ContentLine): string {
  return upperCase(trimSpaces(line.value));
}

function damaged(reason: string, text: string, line: number): Parsed {
  return {
    ok: false,
    kind: "malformed",
    reason: `${reason} (line ${physicalLine(text, line)})`,
  };
}

/** The line of the file, from 1, in which the logical line `index`, from 0, begins. */
function physicalLine(text: string, index: number): number {
  let logical = -1;
  let number = 0;
  for (const line of text.split(/\r\n|\r|\n/)) {
    number++;
    if (line !== "" && (logical === -1 || !/^[ \t]/.test(line)) && ++logical === index) break;
  }
  return number;
}
