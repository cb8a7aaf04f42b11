/** A pair's block, as its configuration. */

import { collectionId, pairName, type StorageName, storageName } from "../model/names.ts";
import { type Block, type CheckContext, readBlock } from "./block.ts";
import type { Section } from "./section.ts";
import type { CollectionsConfig, PairConfig, StorageConfig } from "./config.ts";
import { didYouMean } from "./near.ts";
import { quotedWord } from "./problem.ts";
import { DEFAULTS } from "./schema.ts";
import type { Word } from "./tree.ts";
import { listed } from "./values.ts";

/** What a pair may refer to. */
export interface PairContext extends CheckContext {
  /** All that are defined; undefined are those that an error was reported of. */
  readonly storages: ReadonlyMap<StorageName, StorageConfig | undefined>;
}

/** The pair's configuration; undefined after reporting why there is none. */
export function readPair(section: Section, context: PairContext): PairConfig | undefined {
  const { report, storages } = context;
  const title = `the pair ${quotedWord(section.word)}`;
  const block = readBlock(section.block, { place: "pair", owner: section.word, title }, context);
  const a = wordOf(block, "storage_a");
  const b = wordOf(block, "storage_b");
  for (const side of [a, b]) {
    if (side === undefined || storages.has(storageName(side.text))) continue;
    undefinedStorage(side.word, title, context);
  }
  const collections = readCollections(block, context);
  const none = !block.has("collections") && !block.has("collection");
  if (none && section.block.length > 0) {
    report({
      severity: "warning",
      message: `${title} names no collections, so it does nothing`,
      at: section.word.span,
      help: 'add "collections all", or a "collection" for each that is meant',
    });
  }
  if (a === undefined || b === undefined) return undefined;
  if (a.text === b.text) {
    const message = `${title} has the same storage on both sides`;
    report({ severity: "error", message, at: b.word.span });
    return undefined;
  }
  const [first, second] = [a, b].map(({ text }) => storages.get(storageName(text)));
  if (first?.readOnly && second?.readOnly) {
    report({
      severity: "error",
      message: `both storages of ${title} are read-only, so nothing can be kept in step`,
      at: section.word.span,
    });
  }
  const onEmpty = wordOf(block, "on_empty")?.text;
  return {
    name: pairName(section.name),
    at: section.word.span,
    a: storageName(a.text),
    b: storageName(b.text),
    kind: first?.kind ?? second?.kind ?? "calendar",
    collections,
    onEmpty: onEmpty === "sync" ? "sync" : DEFAULTS.onEmpty,
    onDelete: "sync",
    maxDelete: { percent: 50, count: 10 },
    conflicts: { kind: "merge" },
    resolveDuring: "command",
    oneWay: false,
    properties: ["displayname", "color", "description", "order"],
  };
}

function readCollections(block: Block, { report }: CheckContext): CollectionsConfig {
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
  return {
    all: sources.has("all"),
    fromA: sources.has("from a"),
    fromB: sources.has("from b"),
    ids: [...ids.keys()].map(collectionId),
    mappings: [],
  };
}

function undefinedStorage(word: Word, title: string, { report, storages }: PairContext): void {
  const names = [...storages.keys()];
  const known = names.length === 0
    ? "no storage is defined"
    : `defined ${names.length === 1 ? "is" : "are"} ${listed(names, "and")}`;
  const meant = didYouMean(word.text, names);
  report({
    severity: "error",
    message: `${title} names the storage ${quotedWord(word)}, which is not defined`,
    at: word.span,
    help: meant ?? known,
  });
}

interface Named {
  readonly text: string;
  readonly word: Word;
}

function wordOf(block: Block, name: string): Named | undefined {
  const given = block.all(name)[0]?.given;
  return given?.kind === "word" ? given : undefined;
}
