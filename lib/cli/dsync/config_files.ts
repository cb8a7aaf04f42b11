/** The configurations that dsync's commands go by: ours, and Dovecot's. */

import { decodeUtf8 } from "../../config/decode.ts";
import { loadConfig, type Loaded } from "../../config/load.ts";
import { collectProblems, ConfigError } from "../../config/problem.ts";
import type { Context } from "../context.ts";
import { sayWarnings } from "../show/config_error.ts";
import { UsageError } from "../usage_error.ts";
import { isDovecotConfig } from "./first_location.ts";

export interface Files {
  readonly configFile: string | undefined;
  /** `-c`, where that is Dovecot's. */
  readonly dovecotConfig: string | undefined;
}

/** `-c` names our configuration or Dovecot's, which look different. */
export async function configFiles({ configFile }: Context): Promise<Files> {
  if (configFile === undefined) return { configFile, dovecotConfig: undefined };
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(configFile);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UsageError(`There is no file ${configFile}.`, []);
  }
  const { report } = collectProblems();
  const isDovecot = !configFile.toLowerCase().endsWith(".toml") &&
    isDovecotConfig(decodeUtf8(bytes, configFile, report));
  return isDovecot
    ? { configFile: undefined, dovecotConfig: configFile }
    : { configFile, dovecotConfig: undefined };
}

/** Our own configuration, if there is one: without it there is enough in the arguments. */
export async function loadedConfig(
  { configFile, env, screen }: Context,
): Promise<Loaded | undefined> {
  try {
    const file = configFile === undefined ? {} : { file: configFile };
    const loaded = await loadConfig({ env, ...file });
    if (configFile !== undefined) sayWarnings(loaded.warnings, loaded.source, screen);
    return loaded;
  } catch (thrown) {
    // That it is nowhere is no mistake; what is wrong in it is one.
    const isNowhere = thrown instanceof ConfigError && thrown.source === undefined &&
      configFile === undefined && thrown.cause === undefined;
    if (isNowhere) return undefined;
    throw thrown;
  }
}
