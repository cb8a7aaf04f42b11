/** Tries the answers: with the very configuration that would be written, before it is written. */

import type { ItemKind } from "../../config/config.ts";
import { loadConfig } from "../../config/load.ts";
import { ConfigError } from "../../config/problem.ts";
import { resolveSecrets } from "../../config/secrets.ts";
import { asSyncError, SyncError } from "../../model/error.ts";
import { storageName } from "../../model/names.ts";
import type { Collection } from "../../model/storage.ts";
import { talkOf } from "../configuration.ts";
import type { Context } from "../context.ts";
import { openStorages } from "../open.ts";
import type { Answers } from "./answers.ts";
import { configurationText, storageNames } from "./configuration_text.ts";

/** The collections of each kind, or why they cannot be listed; or why nothing could be asked. */
export type Probed = ReadonlyMap<ItemKind, readonly Collection[] | SyncError> | ConfigError;

/** Throws `cancelled`. */
export type Probe = (answers: Answers) => Promise<Probed>;

export const probeWith = (context: Context): Probe => async (answers) => {
  try {
    return await probe(answers, context);
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown;
    throw thrown;
  }
};

async function probe(
  answers: Answers,
  context: Context,
): Promise<ReadonlyMap<ItemKind, readonly Collection[] | SyncError>> {
  const { env, signal } = context;
  const bytes = new TextEncoder().encode(configurationText(answers));
  const { config, source } = await loadConfig({
    file: "the new configuration",
    env,
    readFile: () => Promise.resolve(bytes),
  });
  const typed = answers.login?.typed;
  // Only the servers are opened: each stands in for both sides of its pair.
  const pairs = config.pairs.map((pair) => ({ ...pair, a: pair.b }));
  const resolved = await resolveSecrets(config, pairs, {
    env,
    signal,
    source,
    ...(typed === undefined ? {} : {
      prompt: () => Promise.resolve({ status: "answered", text: typed.reveal() } as const),
    }),
  });
  const storages = await openStorages(resolved, talkOf(context), { assign: "pretend" });
  try {
    const found = answers.halves.map(async ({ kind }) => {
      try {
        const storage = storages.get(storageName(storageNames(kind).there));
        return { kind, found: await storage.collections(signal) };
      } catch (thrown) {
        const error = asSyncError(thrown, "storage");
        if (error.kind === "cancelled") throw error;
        return { kind, found: error };
      }
    });
    return new Map((await Promise.all(found)).map((it) => [it.kind, it.found]));
  } finally {
    await storages.close();
  }
}
