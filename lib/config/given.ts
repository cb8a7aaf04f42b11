/** Single values of a block, by their kinds. Each is undefined where it is absent or not sound. */

import type { Block } from "./block.ts";
import type { FilterConfig, SecretValue, Value } from "./config.ts";
import type { Directive, Word } from "./tree.ts";
import type { Given } from "./values.ts";

type OfKind<Kind extends Given["kind"]> = Given & { readonly kind: Kind };

/** The value of the first directive of this name, if it is of this kind. */
export function givenOf<Kind extends Given["kind"]>(
  block: Block,
  name: string,
  kind: Kind,
): OfKind<Kind> | undefined {
  const given = block.all(name)[0]?.given;
  return given?.kind === kind ? given as OfKind<Kind> : undefined;
}

export const valueOf = (block: Block, name: string): Value | undefined =>
  givenOf(block, name, "value")?.value;

export const secretOf = (block: Block, name: string): SecretValue | undefined =>
  givenOf(block, name, "secret")?.value;

export const wordOf = (block: Block, name: string): Word | undefined => {
  const given = givenOf(block, name, "word");
  return given && { ...given.word, text: given.text };
};

export const textOf = (block: Block, name: string): string | undefined =>
  givenOf(block, name, "word")?.text;

export const wordsOf = (block: Block, name: string): readonly string[] | undefined =>
  givenOf(block, name, "words")?.texts;

export const numberOf = (block: Block, name: string): number | undefined =>
  givenOf(block, name, "number")?.number;

/** A value that no command can give. */
export function plainOf(block: Block, name: string): string | undefined {
  const value = valueOf(block, name);
  return value?.kind === "text" ? value.value : undefined;
}

export const filtersOf = (block: Block): readonly FilterConfig[] =>
  block.all("filter").flatMap(({ given }) => given?.kind === "filter" ? [given.filter] : []);

/** The directive itself, sound or not. */
export const directiveOf = (block: Block, name: string): Directive | undefined =>
  block.all(name)[0]?.directive;
