/** Configurations as scfg text. */

import { REDACTED, type Secret } from "../model/secret.ts";

/** A directive to be written: its words, and its block if it has one. */
export interface Entry {
  readonly words: readonly (string | Secret)[];
  readonly block?: readonly Entry[];
}

/** A comment on a line of its own, or an empty line. */
export interface Remark {
  readonly remark: string;
}

export type Written = Entry | Remark;

/** Those of the entries that are there. */
export const entriesOf = (...entries: readonly (Entry | undefined)[]): readonly Entry[] =>
  entries.filter((entry) => entry !== undefined);

/** The text, with its secrets or, to be shown, without them. */
export function writeScfg(entries: readonly Written[], secrets: "revealed" | "hidden"): string {
  return entries.flatMap((entry) => linesOf(entry, "", secrets)).map((line) => `${line}\n`).join(
    "",
  );
}

function linesOf(
  entry: Written,
  indent: string,
  secrets: "revealed" | "hidden",
): readonly string[] {
  if ("remark" in entry) return [entry.remark === "" ? "" : `${indent}# ${entry.remark}`];
  const words = entry.words.map((word) =>
    typeof word === "string" ? quote(word) : secrets === "hidden" ? REDACTED : quote(word.reveal())
  );
  const line = indent + words.join(" ");
  if (entry.block === undefined) return [line];
  const block = entry.block.flatMap((inner) => linesOf(inner, `${indent}  `, secrets));
  return [`${line} {`, ...block, `${indent}}`];
}

/** What needs no quotes in any parser of the format. */
const PLAIN = /^[A-Za-z0-9_.,:;@%+=/~!?&*<>()|^-][A-Za-z0-9_.,:;@%+=/~!?&*<>()|^#$-]*$/;

/** A word as it has to be written. */
export function quote(word: string): string {
  if (PLAIN.test(word)) return word;
  // All parsers agree on single quotes; on a backslash in double quotes they do not.
  if (!word.includes("'")) return `'${word}'`;
  return `"${word.replace(/["\\]/g, "\\$&")}"`;
}

/** Whether a word can be written at all: the format has no way to say these characters. */
export const isWritable = (word: string): boolean =>
  // deno-lint-ignore no-control-regex -- these are what is looked for
  !/[\u0000-\u0008\u000a-\u001f\u007f]/.test(word);
