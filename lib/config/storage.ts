/** A storage's block, as its configuration. */

import { collectionId, storageName } from "../model/names.ts";
import type { AuthBlocks } from "./auth.ts";
import { type Block, type CheckContext, readBlock, type Where } from "./block.ts";
import type {
  ItemKind,
  ItemType,
  SinglefileConfig,
  StorageConfig,
  StorageKind,
  VdirConfig,
  WindowConfig,
} from "./config.ts";
import { windowAt } from "./date_bound.ts";
import { directiveOf, filtersOf, givenOf, numberOf, textOf, valueOf, wordsOf } from "./given.ts";
import { listed } from "./listed.ts";
import { didYouMean } from "./near.ts";
import { quotedWord } from "./problem.ts";
import { DEFAULTS, SCHEMA } from "./schema.ts";
import type { StorageTypeSpec } from "./schema_types.ts";
import type { Section } from "./section.ts";
import { buildImap, buildMaildir, buildMbox } from "./storage_mail.ts";
import { buildDav, buildWebcal } from "./storage_network.ts";
import { wordValue } from "./tree.ts";

/** What a storage may refer to. */
export interface StorageContext extends CheckContext {
  readonly auths: AuthBlocks;
}

/** What every storage has, whatever its type. */
export type CommonConfig = Pick<
  StorageConfig,
  | "name"
  | "kind"
  | "readOnly"
  | "noDelete"
  | "interval"
  | "itemTypes"
  | "window"
  | "filters"
  | "at"
>;

/** The storage's configuration; undefined after reporting why there is none. */
export function readStorage(section: Section, context: StorageContext): StorageConfig | undefined {
  const type = findType(section, context);
  const where: Where = {
    place: "storage",
    owner: section.word,
    title: `the storage ${quotedWord(section.word)}`,
    ...(type?.supported && { type: type.name }),
  };
  const block = readBlock(section.block, where, context);
  if (!type?.supported) return undefined;
  const common = readCommon(section, block, type.kind, context);
  switch (type.name) {
    case "vdir/icalendar":
    case "vdir/vcard":
      return buildVdir(type.name, common, block);
    case "singlefile/icalendar":
    case "singlefile/vcard":
      return buildSinglefile(type.name, common, block, context);
    case "caldav":
    case "carddav":
      return buildDav(type.name, common, { section, block, context });
    case "webcal":
      return buildWebcal(common, { section, block, context });
    case "maildir":
      return buildMaildir(common, block);
    case "mbox":
      return buildMbox(common, block);
    case "imap":
      return buildImap(common, { section, block, context });
  }
}

/** What else a storage needs depends on its type, so that is looked for first. */
function findType({ block }: Section, { report }: CheckContext): StorageTypeSpec | undefined {
  const directive = block.find(({ name }) => wordValue(name) === "type");
  const [word] = directive?.params ?? [];
  if (word === undefined || directive?.broken) return undefined;
  const text = wordValue(word);
  const type = SCHEMA.storageTypes.find(({ name }) => name === text);
  if (type?.supported) return type;
  const supported = SCHEMA.storageTypes.filter((each) => each.supported).map(({ name }) => name);
  const these = `supported are ${listed(supported, "and")}`;
  report(
    type === undefined
      ? {
        severity: "error",
        message: `unknown storage type ${quotedWord(word)}`,
        at: word.span,
        help: OTHER_NAMES.get(text) ?? didYouMean(text, supported) ?? these,
      }
      : {
        severity: "error",
        message: `the storage type ${quotedWord(word)} is not supported`,
        at: word.span,
        help: type.hint,
      },
  );
  return type;
}

/** What other programs call them. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ["filesystem", 'it is called "vdir/icalendar", or "vdir/vcard" for contacts'],
  ["vdir", 'it is called "vdir/icalendar", or "vdir/vcard" for contacts'],
  ["singlefile", 'it is called "singlefile/icalendar", or "singlefile/vcard" for contacts'],
  ["http", 'it is called "webcal"'],
  ["imaps", 'it is called "imap", with a url that begins with "imaps://"'],
  ["Maildir", 'it is called "maildir"'],
  ...["mdbox", "sdbox", "imapc", "pop3c", "pop3"].map((name) =>
    [name, "mail that only a server can read is reached through it: type imap"] as const
  ),
  ["google_calendar", 'use "caldav" with "auth_method oauth2 { provider google … }"'],
  ["google_contacts", 'use "carddav" with "auth_method oauth2 { provider google … }"'],
]);

function readCommon(
  { name, word }: Section,
  block: Block,
  kind: StorageKind,
  context: CheckContext,
): CommonConfig {
  const itemTypes = wordsOf(block, "item_types") as readonly ItemType[] | undefined;
  const window = readWindow(block, context);
  return {
    name: storageName(name),
    kind,
    readOnly: block.has("read_only"),
    noDelete: block.has("no_delete"),
    interval: 1000 * (numberOf(block, "interval") ?? DEFAULTS.interval),
    ...(itemTypes && { itemTypes }),
    ...(window && { window }),
    filters: filtersOf(block),
    at: word.span,
  };
}

function readWindow(block: Block, { report }: CheckContext): WindowConfig | undefined {
  const from = givenOf(block, "start_date", "date")?.bound;
  const to = givenOf(block, "end_date", "date")?.bound;
  if (from === undefined && to === undefined) return undefined;
  const at = directiveOf(block, "end_date")?.name.span;
  const window = { ...(from && { from }), ...(to && { to }) };
  if (at !== undefined && isEmptyToday(window)) {
    const message = "the end_date lies before the start_date";
    // Of a date and a number of days it depends on the day of the run which is the earlier.
    if (from?.kind === "date" && to?.kind === "date") report({ severity: "error", message, at });
    else report({ severity: "warning", message: `today ${message}, so that no item is seen`, at });
  }
  return window;
}

function isEmptyToday(window: WindowConfig): boolean {
  const { from, until } = windowAt(window, new Date());
  return from !== undefined && until !== undefined && from >= until;
}

const kindOf = (type: `${string}/${"icalendar" | "vcard"}`): ItemKind =>
  type.endsWith("/vcard") ? "contacts" : "calendar";

function buildVdir(
  type: VdirConfig["type"],
  common: CommonConfig,
  block: Block,
): VdirConfig | undefined {
  const path = valueOf(block, "path");
  if (path === undefined) return undefined;
  const kind = kindOf(type);
  const postHook = wordsOf(block, "post_hook");
  const preDeletionHook = wordsOf(block, "pre_deletion_hook");
  return {
    ...common,
    kind,
    type,
    path,
    fileext: textOf(block, "fileext") ?? DEFAULTS.fileext[kind],
    fileignoreext: textOf(block, "fileignoreext") ?? DEFAULTS.fileignoreext,
    ...(postHook && { postHook }),
    ...(preDeletionHook && { preDeletionHook }),
  };
}

function buildSinglefile(
  type: SinglefileConfig["type"],
  common: CommonConfig,
  block: Block,
  { report }: CheckContext,
): SinglefileConfig | undefined {
  const path = valueOf(block, "path");
  if (path === undefined) return undefined;
  const postHook = wordsOf(block, "post_hook");
  const id = textOf(block, "collection_id");
  const at = directiveOf(block, "collection_id")?.name.span;
  if (id !== undefined && at !== undefined && path.kind === "text" && path.value.includes("%s")) {
    const message = 'a path with "%s" has the ids of its collections in it';
    report({ severity: "error", message, at, help: "leave the collection_id out" });
  }
  return {
    ...common,
    kind: kindOf(type),
    type,
    path,
    ...(id !== undefined && { collectionId: collectionId(id) }),
    ...(postHook && { postHook }),
  };
}
