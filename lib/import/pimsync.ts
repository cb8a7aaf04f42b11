/** Pimsync's configuration as one of ours, which it is: it is checked, and copied as it stands. */

import { checkConfig } from "../config/check.ts";
import { absolutePath, type Environment } from "../config/paths.ts";
import { collectProblems, ConfigError, inOrder, type Problem } from "../config/problem.ts";
import { parseScfg } from "../config/scfg.ts";
import type { Config, MappingConfig } from "../config/config.ts";
import type { Source } from "../config/tree.ts";
import type { Imported, ImportedPair } from "./imported.ts";

export interface PimsyncOptions {
  /** The file's name, for what is said of it. */
  readonly file: string;
  readonly env: Environment;
}

/**
 * Reads pimsync's configuration as our own. Its text stays as it is, comments and all, and so does
 * its status_path: ours has other names in it. Throws `ConfigError` where pimsync, or we, cannot use
 * it.
 */
export function importPimsync(
  text: string,
  { file, env }: PimsyncOptions,
): Imported & { readonly source: Source } {
  const { problems, report } = collectProblems();
  const parsed = parseScfg(text, file, report);
  const config = checkConfig(parsed, { env, report, syntax: "scfg" });
  if (problems.some(({ severity }) => severity === "error")) {
    throw new ConfigError(inOrder(problems), parsed.source);
  }
  const { statusPath } = config;
  const place = statusPath.kind === "text" ? absolutePath(statusPath.value, env) : undefined;
  return {
    config: text,
    shown: shownOf(parsed.source),
    notes: [...inOrder(problems), ...differences(config)],
    pairs: config.pairs.map(({ name, collections }) => ({
      name,
      renamed: collections.mappings.flatMap(renamed),
    })),
    ...(place !== undefined && "path" in place && { statusPath: place.path }),
    source: parsed.source,
  };
}

/** In its status a mapping has the id of one side, and not its alias. */
function renamed({ alias, a, b }: MappingConfig): ImportedPair["renamed"] {
  const theirs = "id" in a ? a.id : "id" in b ? b.id : undefined;
  return theirs === undefined || theirs === alias ? [] : [{ theirs, ours: alias }];
}

/** The file as it may be shown. */
const shownOf = ({ lines }: Source): string =>
  lines.map((pieces) => pieces.map(({ text }) => text).join("")).join("\n");

/** What means something else here than it does there. */
function differences({ pairs }: Config): readonly Problem[] {
  const merging = pairs.filter(({ conflicts }) => conflicts.kind === "merge");
  return merging.map(({ name, at }) => ({
    severity: "warning",
    message: `edits on both sides of "${name}" are merged where they do not touch each other`,
    at,
    help: "conflict_resolution none leaves all of them alone, as pimsync does",
  }));
}

/** Where pimsync looks for its configuration. */
export function pimsyncCandidates(env: Environment): readonly string[] {
  const config = env.get("XDG_CONFIG_HOME");
  // It does not try the home directory where the variable is set.
  if (config !== undefined && config !== "") return [`${config}/pimsync/pimsync.conf`];
  const home = env.get("HOME");
  return home === undefined ? [] : [`${home}/.config/pimsync/pimsync.conf`];
}
