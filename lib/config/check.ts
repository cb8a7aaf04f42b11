/** From the tree to the typed configuration, with everything that is wrong reported on the way. */

import { type StorageName, storageName } from "../model/names.ts";
import { type AuthBlocks, readAuthBlocks } from "./auth.ts";
import { type Block, type CheckContext, readBlock } from "./block.ts";
import type { Config, StorageConfig, Value } from "./config.ts";
import { textOf } from "./given.ts";
import { readPair } from "./pair.ts";
import { defaultStatusPath } from "./paths.ts";
import { quoted, quotedWord, type Report } from "./problem.ts";
import { misplacedSections, readSections } from "./section.ts";
import { readStorage } from "./storage.ts";
import type { Parsed } from "./tree.ts";

/**
 * The configuration, as far as it is sound: what an error was reported of is left out. It may be
 * used only where no error was reported.
 */
export function checkConfig(parsed: Parsed, context: CheckContext): Config {
  const { directives } = parsed;
  const where = { place: "global", owner: undefined, title: "the file" } as const;
  const root = readBlock([...directives, ...misplacedSections(directives)], where, context);
  const sectionsOf = (kind: "storage" | "auth" | "pair") =>
    readSections(kind, root.all(kind).map(({ directive }) => directive), context);

  const authSections = sectionsOf("auth");
  const auths = readAuthBlocks(authSections, context);
  const storageSections = sectionsOf("storage");
  const storages = new Map<StorageName, StorageConfig | undefined>();
  for (const name of storageSections.names.keys()) storages.set(storageName(name), undefined);
  for (const section of storageSections.sound) {
    storages.set(storageName(section.name), readStorage(section, { ...context, auths }));
  }
  for (const section of storageSections.misnamed) readStorage(section, { ...context, auths });

  warnOfUnusedAuth(auths, context.report);
  const pairSections = sectionsOf("pair");
  const pairs = pairSections.sound.flatMap((section) =>
    readPair(section, { ...context, storages }) ?? []
  );
  for (const section of pairSections.misnamed) readPair(section, { ...context, storages });
  const mailLocation = textOf(root, "mail_location");
  return {
    file: parsed.source.file,
    statusPath: statusPath(root, context),
    ...(mailLocation !== undefined && { mailLocation }),
    storages: new Map([...storages].flatMap(([name, found]) => found ? [[name, found]] : [])),
    pairs,
  };
}

function warnOfUnusedAuth(auths: AuthBlocks, report: Report): void {
  for (const { word } of auths.unused()) {
    const message = `no storage uses the auth block ${quotedWord(word)}`;
    report({ severity: "warning", message, at: word.span });
  }
}

/** What is of no use in a configuration that has no errors. */
export function warnOfUnused(
  { pairs, storages, mailLocation }: Config,
  report: Report,
): void {
  // With where the mail is, "mirror" and "backup" have all that they need.
  if (pairs.length === 0 && storages.size === 0 && mailLocation !== undefined) return;
  if (pairs.length === 0) {
    report({ severity: "warning", message: "no pair is defined, so there is nothing to do" });
    return;
  }
  const used = new Set(pairs.flatMap(({ a, b }) => [a, b]));
  for (const { name, at } of storages.values()) {
    if (used.has(name)) continue;
    report({ severity: "warning", message: `no pair uses the storage ${quoted(name)}`, at });
  }
}

function statusPath(root: Block, { env, report }: CheckContext): Value {
  const [given] = root.all("status_path").map((found) => found.given);
  if (given?.kind === "value") return given.value;
  const path = defaultStatusPath(env);
  if (path === undefined && !root.has("status_path")) {
    report({
      severity: "error",
      message: "there is no place for the status: $HOME is not set",
      help: "set it, or add a status_path",
    });
  }
  return { kind: "text", value: path ?? "" };
}
