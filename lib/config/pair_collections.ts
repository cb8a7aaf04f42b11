/** Which collections of a pair are kept in step. */

import { collectionId, href, type Side, SIDES } from "../model/names.ts";
import { type Block, type CheckContext, readBlock } from "./block.ts";
import type { CollectionRef, CollectionsConfig, MappingConfig, StorageKind } from "./config.ts";
import { directiveOf, plainOf, wordOf } from "./given.ts";
import { quotedWord, type Report } from "./problem.ts";
import type { Directive, Span, Word } from "./tree.ts";
import { badId } from "./value_text.ts";

/** Reads `collections` and `collection`, with whatever is mapped twice reported. */
export function readCollections(
  block: Block,
  kind: StorageKind,
  context: CheckContext,
): CollectionsConfig {
  const patterns = block.all("collections").flatMap(({ given }) =>
    given?.kind === "patterns" ? given.patterns : []
  );
  const { report } = context;
  const sources = new Map<string, Word>();
  const ids = new Map<string, Word>();
  for (const [name, seen] of [["collections", sources], ["collection", ids]] as const) {
    for (const { given } of block.all(name)) {
      if (given?.kind !== "word") continue;
      const first = seen.get(given.text);
      if (first === undefined) {
        seen.set(given.text, given.word);
        continue;
      }
      report({
        severity: "warning",
        message: `"${name} ${given.word.text}" is given twice`,
        at: given.word.span,
        related: { message: "the first is here", at: first.span },
      });
    }
  }
  const mappings = block.all("collection").flatMap(({ directive, given }) =>
    given?.kind === "block" ? readMapping(directive, given.block, kind, context) ?? [] : []
  );
  for (const word of ids.values()) checkId(word, kind, report);
  return {
    // Patterns by themselves choose from what either side has.
    all: sources.has("all") || (patterns.length > 0 && sources.size === 0),
    fromA: sources.has("from a"),
    fromB: sources.has("from b"),
    patterns,
    ids: [...ids.keys()].map(collectionId),
    mappings: withoutRepeated(mappings, ids, report),
  };
}

function readMapping(
  { name }: Directive,
  directives: readonly Directive[],
  kind: StorageKind,
  context: CheckContext,
): MappingConfig | undefined {
  const where = { place: "collection", owner: name, title: "this collection" } as const;
  const block = readBlock(directives, where, context);
  const alias = wordOf(block, "alias");
  const a = readRef(block, "a", name, context);
  const b = readRef(block, "b", name, context);
  for (const each of ["alias", "id_a", "id_b"]) {
    const word = wordOf(block, each);
    if (word !== undefined) checkId(word, kind, context.report);
  }
  if (alias === undefined || a === undefined || b === undefined) return undefined;
  return { alias: collectionId(alias.text), a, b, at: name.span };
}

/** Only mailboxes lie in one another. */
function checkId(word: Word, kind: StorageKind, report: Report): void {
  const problem = kind === "mail" ? undefined : badId(word.text);
  if (problem === undefined) return;
  const message = `${quotedWord(word)} cannot be the id of a collection: ${problem}`;
  report({ severity: "error", message, at: word.span });
}

function readRef(
  block: Block,
  side: Side,
  owner: Word,
  { report }: CheckContext,
): CollectionRef | undefined {
  const names = { id: `id_${side}`, href: `href_${side}` };
  const both = directiveOf(block, names.href);
  const severity = "error";
  if (block.has(names.id) && both !== undefined) {
    const message = `this collection has "${names.id}" and "${names.href}"`;
    report({ severity, message, at: both.name.span, help: "leave one of them out" });
    return undefined;
  }
  if (!block.has(names.id) && both === undefined) {
    const message = `this collection has no "${names.id}", and no "${names.href}"`;
    const help = `add a line like this: ${names.id} ID`;
    report({ severity, message, at: owner.span, help });
    return undefined;
  }
  const id = wordOf(block, names.id)?.text;
  if (id !== undefined) return { id: collectionId(id) };
  const path = plainOf(block, names.href);
  return path === undefined ? undefined : { href: href(path) };
}

/** A name stands for one mapping, and a collection is part of one: reports all others. */
function withoutRepeated(
  mappings: readonly MappingConfig[],
  ids: ReadonlyMap<string, Word>,
  report: Report,
): readonly MappingConfig[] {
  const taken = new Map<string, Span>();
  for (const [id, { span }] of ids) {
    taken.set(`alias ${id}`, span);
    for (const side of SIDES) taken.set(`id_${side} ${id}`, span);
  }
  return mappings.filter(({ alias, a, b, at }) => {
    const claims = [`alias ${alias}`, claimOf("a", a), claimOf("b", b)];
    const claimed = claims.find((claim) => taken.has(claim));
    const first = claimed === undefined ? undefined : taken.get(claimed);
    for (const claim of claims) taken.set(claim, first ?? at);
    if (claimed === undefined || first === undefined) return true;
    const message = `"${claimed}" is mapped already`;
    report({ severity: "error", message, at, related: { message: "it is here", at: first } });
    return false;
  });
}

const claimOf = (side: Side, ref: CollectionRef): string =>
  "id" in ref ? `id_${side} ${ref.id}` : `href_${side} ${ref.href}`;
