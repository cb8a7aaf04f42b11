/** The values of the configuration, each storage's by itself, so that one can fail alone. */

import type { Config, PairConfig } from "../../config/config.ts";
import type { Loaded } from "../../config/load.ts";
import { ConfigError } from "../../config/problem.ts";
import { askSecret, type Prompt } from "../../config/prompt.ts";
import { type RunCommand, runCommand } from "../../config/run_command.ts";
import { type ResolvedStorage, resolveSecrets } from "../../config/secrets.ts";
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
  const options = { env, signal, source, run: once(runCommand), prompt: onceAsked(askSecret) };
  const status = await orConfigError(resolveSecrets(config, [], options));
  // A status that has no place is one finding, and not one for each storage.
  const placed: Config = { ...config, statusPath: { kind: "text", value: "/" } };
  const storages = new Map<StorageName, ResolvedStorage | ConfigError>();
  for (const pair of pairs) {
    for (const name of [pair.a, pair.b]) {
      if (storages.has(name)) continue;
      const alone = [{ ...pair, a: name, b: name }];
      const resolved = await orConfigError(resolveSecrets(placed, alone, options));
      const found = resolved instanceof ConfigError ? resolved : resolved.storages.get(name);
      if (found !== undefined) storages.set(name, found);
    }
  }
  return {
    statusPath: status instanceof ConfigError ? status : status.statusPath,
    storages,
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

/** Runs each program once: a person may have to answer it. */
function once(run: RunCommand): RunCommand {
  const known = new Map<string, ReturnType<RunCommand>>();
  return (argv, options) => {
    const key = JSON.stringify(argv);
    const outcome = known.get(key) ?? run(argv, options);
    known.set(key, outcome);
    return outcome;
  };
}

function onceAsked(prompt: Prompt): Prompt {
  const known = new Map<string, ReturnType<Prompt>>();
  return (question, signal) => {
    const asked = known.get(question) ?? prompt(question, signal);
    known.set(question, asked);
    return asked;
  };
}
