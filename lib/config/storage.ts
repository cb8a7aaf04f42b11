/** A storage's block, as its configuration. */

import { storageName } from "../model/names.ts";
import { type Block, type CheckContext, readBlock, type Where } from "./block.ts";
import type { Section } from "./section.ts";
import type {
  AuthConfig,
  CaldavConfig,
  SecretValue,
  StorageConfig,
  Value,
  VdirConfig,
} from "./config.ts";
import { EXPOSED } from "./http_url.ts";
import { didYouMean } from "./near.ts";
import { quotedWord } from "./problem.ts";
import { DEFAULTS, SCHEMA } from "./schema.ts";
import type { StorageType, StorageTypeSpec } from "./schema_types.ts";
import { wordValue } from "./tree.ts";
import { type Given, listed } from "./values.ts";

/** The storage's configuration; undefined after reporting why there is none. */
export function readStorage(section: Section, context: CheckContext): StorageConfig | undefined {
  const type = findType(section, context);
  const where: Where = {
    place: "storage",
    owner: section.word,
    title: `the storage ${quotedWord(section.word)}`,
    ...(type?.supported && { type: type.name }),
  };
  const block = readBlock(section.block, where, context);
  return type?.supported ? BUILD[type.name](section, block, context) : undefined;
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
        help: didYouMean(text, SCHEMA.storageTypes.map(({ name }) => name)) ?? these,
      }
      : {
        severity: "error",
        message: `the storage type ${quotedWord(word)} is not supported by this version yet`,
        at: word.span,
        help: these,
      },
  );
  return type;
}

type Build<T> = (section: Section, block: Block, context: CheckContext) => T | undefined;

const BUILD: Readonly<Record<StorageType, Build<StorageConfig>>> = {
  "vdir/icalendar": buildVdir,
  "caldav": buildCaldav,
};

function buildVdir({ name, word }: Section, block: Block): VdirConfig | undefined {
  const path = valueOf(block, "path");
  if (path === undefined) return undefined;
  return {
    type: "vdir/icalendar",
    name: storageName(name),
    at: word.span,
    kind: "calendar",
    readOnly: block.has("read_only"),
    noDelete: false,
    interval: 300_000,
    filters: [],
    path,
    fileext: wordOf(block, "fileext") ?? DEFAULTS.fileext,
    fileignoreext: "tmp",
  };
}

function buildCaldav(
  { name, word }: Section,
  block: Block,
  { report }: CheckContext,
): CaldavConfig | undefined {
  const given = one(block, "url");
  if (given?.kind !== "url") return undefined;
  const insecure = block.has("insecure");
  if (given.url?.exposed && !insecure && given.value.at !== undefined) {
    const { problem, help } = EXPOSED;
    report({ severity: "error", message: problem, at: given.value.at, ...(help && { help }) });
  }
  return {
    type: "caldav",
    name: storageName(name),
    at: word.span,
    kind: "calendar",
    readOnly: block.has("read_only"),
    noDelete: false,
    interval: 300_000,
    filters: [],
    tls: {},
    collectionIdSegment: "last",
    scheduleAgent: "client",
    url: given.value,
    ...authOf(block, given),
    insecure,
    connections: numberOf(block, "connections") ?? DEFAULTS.connections,
    timeout: 1000 * (numberOf(block, "timeout") ?? DEFAULTS.timeout),
  };
}

function authOf(block: Block, given: GivenUrl): { readonly auth?: AuthConfig } {
  const username = valueOf(block, "username") ?? usernameIn(given);
  const password = secretOf(block, "password") ?? passwordIn(given);
  if (username === undefined && password === undefined) return {};
  return {
    auth: { method: "basic", ...(username && { username }), ...(password && { password }) },
  };
}

type GivenUrl = Given & { readonly kind: "url" };

/** The login that stood in the URL is used where none is given by itself. */
function usernameIn({ url, word }: GivenUrl): Value | undefined {
  if (url?.username === undefined || word === undefined) return undefined;
  return { kind: "text", value: url.username, at: word.span };
}

function passwordIn({ url, word }: GivenUrl): SecretValue | undefined {
  if (url?.password === undefined || word === undefined) return undefined;
  return { kind: "text", value: url.password, at: word.span };
}

const one = (block: Block, name: string): Given | undefined => block.all(name)[0]?.given;

function valueOf(block: Block, name: string): Value | undefined {
  const given = one(block, name);
  return given?.kind === "value" ? given.value : undefined;
}

function secretOf(block: Block, name: string): SecretValue | undefined {
  const given = one(block, name);
  return given?.kind === "secret" ? given.value : undefined;
}

function wordOf(block: Block, name: string): string | undefined {
  const given = one(block, name);
  return given?.kind === "word" ? given.text : undefined;
}

function numberOf(block: Block, name: string): number | undefined {
  const given = one(block, name);
  return given?.kind === "number" ? given.number : undefined;
}
