/** A pair's block, as its configuration. */

import { pairName, type StorageName, storageName } from "../model/names.ts";
import type { PropertyName } from "../model/storage.ts";
import { type Block, type CheckContext, readBlock } from "./block.ts";
import type {
  ConflictConfig,
  MaxDeleteConfig,
  PairConfig,
  StorageConfig,
  StorageKind,
} from "./config.ts";
import { directiveOf, givenOf, textOf, wordOf, wordsOf } from "./given.ts";
import { listed } from "./listed.ts";
import { didYouMean } from "./near.ts";
import { absolutePath } from "./paths.ts";
import { readCollections } from "./pair_collections.ts";
import { checkKind, readPairMail } from "./pair_mail.ts";
import { quoted, quotedWord } from "./problem.ts";
import { DEFAULTS } from "./schema.ts";
import type { Section } from "./section.ts";
import type { Word } from "./tree.ts";

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
    undefinedStorage(side, title, context);
  }
  const [first, second] = [a, b].map((side) => side && storages.get(storageName(side.text)));
  const kind = first?.kind ?? second?.kind ?? "calendar";
  const collections = readCollections(block, kind, context);
  const none = !block.has("collections") && !block.has("collection");
  if (none && section.block.length > 0) {
    report({
      severity: "warning",
      message: `${title} names no collections, so it does nothing`,
      at: section.word.span,
      help: 'add "collections all", or a "collection" for each that is meant',
    });
  }
  const conflicts = readConflicts(block, context);
  const mail = readPairMail(block);
  if (a === undefined || b === undefined) return undefined;
  if (a.text === b.text) {
    const message = `${title} has the same storage on both sides`;
    report({ severity: "error", message, at: b.span });
    return undefined;
  }
  if (first !== undefined && second !== undefined) {
    checkTogether(section, block, { a: first, b: second }, context);
    const path = pathOf(second, context);
    if (path !== undefined && path === pathOf(first, context)) {
      const message = `both storages of ${title} are the same place: ${quoted(path)}`;
      report({ severity: "error", message, at: b.span });
    }
  }
  // Of storages that are wrong themselves nobody knows of what kind they were meant to be.
  const kinds = new Set([first, second].flatMap((it) => it?.kind ?? []));
  if (kinds.size === 1) checkKind(block, kind, context);
  const maxDelete = readMaxDelete(block);
  const hook = wordsOf(block, "hook");
  return {
    name: pairName(section.name),
    at: section.word.span,
    a: storageName(a.text),
    b: storageName(b.text),
    kind,
    collections,
    onEmpty: textOf(block, "on_empty") === "sync" ? "sync" : DEFAULTS.onEmpty,
    onDelete: textOf(block, "on_delete") === "skip" ? "skip" : DEFAULTS.onDelete,
    ...(maxDelete && { maxDelete }),
    // A mail never changes, and its flags are merged one by one.
    conflicts: kind === "mail" ? { kind: "none" } : conflicts,
    resolveDuring: textOf(block, "resolve_during") === "sync" ? "sync" : DEFAULTS.resolveDuring,
    oneWay: block.has("one_way"),
    properties: readProperties(block, kind),
    ...(kind === "mail" && { mail }),
    ...(hook && { hook }),
  };
}

/** What only both storages together can have wrong. */
function checkTogether(
  { word }: Section,
  block: Block,
  { a, b }: { readonly a: StorageConfig; readonly b: StorageConfig },
  { report }: CheckContext,
): void {
  const title = `the pair ${quotedWord(word)}`;
  const severity = "error";
  if (a.kind !== b.kind) {
    const has = (storage: StorageConfig) => `${quoted(storage.name)} has ${itemsOf(storage)}`;
    const message = `${title} is of two kinds: ${has(a)}, ${has(b)}`;
    report({ severity, message, at: word.span, help: "look at the types of its storages" });
  }
  if (a.readOnly && b.readOnly) {
    const message = `both storages of ${title} are read-only, so nothing can be kept in step`;
    report({ severity, message, at: word.span });
    return;
  }
  const oneWay = directiveOf(block, "one_way");
  if (oneWay === undefined || !b.readOnly) return;
  const message = `with one_way only ${quoted(b.name)} is written to, and that is read-only`;
  report({ severity, message, at: oneWay.name.span, help: "swap storage_a and storage_b" });
}

/** Where its files are, however that is written; undefined where a command gives it. */
function pathOf(storage: StorageConfig, { env }: PairContext): string | undefined {
  if (!("path" in storage) || storage.path.kind !== "text") return undefined;
  const read = absolutePath(storage.path.value, env);
  if (!("path" in read)) return undefined;
  const parts = read.path.split("/").filter((part) => part !== "" && part !== ".");
  return `/${parts.join("/")}`;
}

const itemsOf = ({ kind }: StorageConfig) => kind === "calendar" ? "calendars" : kind;

function readConflicts(block: Block, { report }: CheckContext): ConflictConfig {
  const given = givenOf(block, "conflict_resolution", "conflicts");
  const conflicts = given?.conflicts ?? { kind: DEFAULTS.conflicts };
  const during = directiveOf(block, "resolve_during");
  const isSound = given !== undefined || !block.has("conflict_resolution");
  if (during !== undefined && isSound && conflicts.kind !== "cmd") {
    report({
      severity: "warning",
      message: '"resolve_during" is of use only with "conflict_resolution cmd"',
      at: during.name.span,
    });
  }
  return conflicts;
}

function readMaxDelete(block: Block): MaxDeleteConfig | undefined {
  const given = givenOf(block, "max_delete", "limit");
  return given === undefined ? DEFAULTS.maxDelete : given.limit;
}

function readProperties(block: Block, kind: StorageKind): readonly PropertyName[] {
  const given = wordsOf(block, "properties") ?? ["all"];
  if (given[0] === "none") return [];
  const known: readonly PropertyName[] = kind === "mail"
    ? DEFAULTS.mailProperties
    : DEFAULTS.properties;
  return known.filter((name) => given[0] === "all" || given.includes(name));
}

function undefinedStorage(word: Word, title: string, { report, storages }: PairContext): void {
  const names = [...storages.keys()];
  const kinds = new Set([...storages.values()].map((storage) => storage?.kind));
  const described = [...storages].map(([name, storage]) =>
    kinds.size < 2 || storage === undefined ? name : `${name} (${itemsOf(storage)})`
  );
  const known = names.length === 0
    ? "no storage is defined"
    : `defined ${names.length === 1 ? "is" : "are"} ${listed(described, "and")}`;
  const meant = didYouMean(word.text, names);
  report({
    severity: "error",
    message: `${title} names the storage ${quotedWord(word)}, which is not defined`,
    at: word.span,
    help: meant ?? known,
  });
}
