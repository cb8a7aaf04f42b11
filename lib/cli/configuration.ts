/** The configuration that a command works with, and what is to be said of it. */

import { loadConfig, type Loaded } from "../config/load.ts";
import { type Resolved, resolveSecrets } from "../config/secrets.ts";
import type { Context } from "./context.ts";
import type { Chosen } from "./select.ts";
import type { LogRequest, Talk } from "./open.ts";
import { faint, line, styled } from "./show/text.ts";
import { sayWarnings } from "./show/config_error.ts";

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
