/** The values of the configuration, each storage's by itself, so that one can fail alone. */

import type { Config, PairConfig } from "../../config/config.ts";
import type { Loaded } from "../../config/load.ts";
import { ConfigError } from "../../config/problem.ts";
import { type ResolvedStorage, resolveInPart, resolveSecrets } from "../../config/secrets.ts";
import type { StorageName } from "../../model/names.ts";
import type { Context } from "../context.ts";

export interface ResolvedEach {
  readonly statusPath: string | ConfigError;
  /** Those of the pairs, in their order. */
  readonly storages: ReadonlyMap<StorageName, ResolvedStorage | ConfigError>;
}

/**
 * Runs the commands of the storages of these pairs, one after another and each distinct one once,
 * whether it fails or not. Throws `cancelled`.
 */
export async function resolveEach(
  { config, source }: Loaded,
  pairs: readonly PairConfig[],
  { env, signal }: Context,
): Promise<ResolvedEach> {
  const options = { env, signal, source };
  const status = await orConfigError(resolveSecrets(config, [], options));
  // A status that has no place is one finding, and not one for each storage.
  const placed: Config = { ...config, statusPath: { kind: "text", value: "/" } };
  const { storages, failed } = await resolveInPart(placed, pairs, options);
  const names = new Set(pairs.flatMap(({ a, b }) => [a, b]));
  return {
    statusPath: status instanceof ConfigError ? status : status.statusPath,
    storages: new Map(
      [...names].flatMap((name) => {
        const found = storages.get(name) ?? failed.get(name);
        return found === undefined ? [] : [[name, found] as const];
      }),
    ),
  };
}

async function orConfigError<Value>(value: Promise<Value>): Promise<Value | ConfigError> {
  try {
    return await value;
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown;
    throw thrown;
  }
}
