/** The configuration that a command works with, and what is to be said of it. */

import { loadConfig, type Loaded } from "../config/load.ts";
import { type Resolved, resolveInPart, resolveSecrets } from "../config/secrets.ts";
import { listed } from "../config/listed.ts";
import { ConfigError, quoted } from "../config/problem.ts";
import type { Context } from "./context.ts";
import type { Chosen } from "./select.ts";
import type { LogRequest, Talk } from "./open.ts";
import { faint, line, styled } from "./show/text.ts";
import { sayWarnings, showConfigError } from "./show/config_error.ts";

/** Reads the configuration and says what its warnings are. Throws `ConfigError`. */
export async function readConfiguration(context: Context): Promise<Loaded> {
  const { configFile, env } = context;
  const loaded = await loadConfig({
    env,
    ...(configFile === undefined ? {} : { file: configFile }),
  });
  sayWarnings(loaded.warnings, loaded.source, context.screen);
  return loaded;
}

/** Runs the commands of what was chosen; nothing of the network comes before that. */
export async function resolveChosen(
  { config, source }: Loaded,
  chosen: readonly Chosen[],
  { env, signal }: Context,
): Promise<Resolved> {
  return await resolveSecrets(config, chosen.map((it) => it.pair), { env, signal, source });
}

/** What was chosen, as far as it can be run. */
export interface Usable {
  readonly resolved: Resolved;
  readonly chosen: readonly Chosen[];
  /** Pairs with a storage that some command gives no value for; it has been said why. */
  readonly unusable: readonly Chosen[];
}

/**
 * Runs the commands of what was chosen, and says which give nothing. What they stop is the pairs of
 * their storage alone.
 */
export async function resolveUsable(
  { config, source }: Loaded,
  all: readonly Chosen[],
  { env, signal, screen }: Context,
): Promise<Usable> {
  const options = { env, signal, source };
  const { failed, ...resolved } = await resolveInPart(config, all.map((it) => it.pair), options);
  const isUsable = ({ pair }: Chosen) => !failed.has(pair.a) && !failed.has(pair.b);
  for (const [name, { problems, source, cause }] of failed) {
    const without = all.filter(({ pair: { a, b } }) => a === name || b === name);
    const names = listed(without.map(({ pair }) => quoted(pair.name)), "and");
    const note = `so nothing is done for ${
      without.length === 1 ? "the pair" : "the pairs"
    } ${names}`;
    const told = problems.map((it) => ({ ...it, notes: [...it.notes ?? [], note] }));
    showConfigError(new ConfigError(told, source, cause), screen);
  }
  return { resolved, chosen: all.filter(isUsable), unusable: all.filter((it) => !isUsable(it)) };
}

/** Where the statuses are, for commands that ask no storage. */
export async function resolveStatusPath(
  { config, source }: Loaded,
  { env, signal }: Context,
): Promise<string> {
  return (await resolveSecrets(config, [], { env, signal, source })).statusPath;
}

/** What storages tell: with `-vv`, every request as it ends. */
export function talkOf({ screen, verbose }: Context): Talk {
  const onProblem: Talk["onProblem"] = (storage, error) => {
    const hint = error.hint === undefined ? "" : ` (${error.hint})`;
    screen.say(line`${styled("warning", "warning:")} ${storage}: ${error.message}${faint(hint)}`);
  };
  if (verbose < 2) return { onProblem };
  const log: LogRequest = (storage, { method, url, status, milliseconds }) => {
    const answer = status ?? "no answer";
    screen.say(
      line`${faint(`${storage}:`)} ${method} ${url} ${answer} ${
        faint(`${Math.round(milliseconds)} ms`)
      }`,
    );
  };
  return { log, onProblem };
}
