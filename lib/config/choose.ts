/** The pairs that a command is about, and their collections. */

import type { CollectionId } from "../model/names.ts";
import type { CollectionsConfig, Config, PairConfig } from "./config.ts";
import { didYouMean } from "./near.ts";
import { ConfigError, type Problem, quoted } from "./problem.ts";
import { listed } from "./listed.ts";

/**
 * The pairs of these names, in the order of the file and each once; all pairs where no name is
 * given. Throws {@linkcode ConfigError} for names that no pair has.
 */
export function choosePairs(config: Config, names: readonly string[]): readonly PairConfig[] {
  if (names.length === 0) return config.pairs;
  const known = config.pairs.map(({ name }): string => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    const problems = unknown.map((name): Problem => ({
      severity: "error",
      message: `no pair is named ${quoted(name)}`,
      help: didYouMean(name, known) ??
        (known.length === 0 ? "no pair is defined" : `the pairs are ${listed(known, "and")}`),
    }));
    throw new ConfigError(problems, undefined);
  }
  return config.pairs.filter(({ name }) => names.includes(name));
}

/** The collections that are named one by one, as they are called on the command line. */
export const namedCollections = (
  { ids, mappings }: CollectionsConfig,
): readonly CollectionId[] => [...ids, ...mappings.map(({ alias }) => alias)];
