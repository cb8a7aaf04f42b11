/** `dovetail login`: a person allows us access to a storage, and the tokens are kept. */

import type { Config, PairConfig, StorageConfig } from "../../config/config.ts";
import { nearest } from "../../config/near.ts";
import { resolveSecrets } from "../../config/secrets.ts";
import type { Instruction } from "../../net/oauth2/options.ts";
import { readConfiguration } from "../configuration.ts";
import type { Context } from "../context.ts";
import type { ExitStatus } from "../exit.ts";
import type { Screen } from "../show/screen.ts";
import { faint, line, strong } from "../show/text.ts";
import { UsageError } from "../usage_error.ts";

export interface LoginInvocation {
  readonly storage: string;
  /** By a code that is typed in on another machine, not by a browser on this one. */
  readonly device: boolean;
}

/** Throws {@linkcode UsageError} where no person can log in to that storage. */
export async function login(
  { storage: wanted, device }: LoginInvocation,
  context: Context,
): Promise<ExitStatus> {
  const { screen, env, signal } = context;
  const { config, source } = await readConfiguration(context);
  const { name } = storageNamed(config, wanted);
  // Only the commands of this storage are run: it stands in for both sides of one of its pairs.
  const pair = { ...userOf(config, wanted), a: name, b: name };
  const { storages } = await resolveSecrets(config, [pair], { env, signal, source });
  const resolved = storages.get(name);
  const auth = resolved !== undefined && "auth" in resolved ? resolved.auth : undefined;
  if (auth?.method !== "oauth2") {
    throw new UsageError(`The storage "${name}" does not log in by OAuth 2.`, [
      'Nothing is to be done, or it needs "auth_method oauth2".',
    ]);
  }
  const { openTokensOf } = await import("../oauth_tokens.ts");
  const remote = env.get("SSH_CONNECTION") !== undefined;
  const talk = (instruction: Instruction) => tell(instruction, name, remote, screen);
  await openTokensOf(auth, name).authorise(device ? "device" : "loopback", talk, signal);
  screen.say(line`Logged in. The tokens are in ${auth.tokenFile}.`);
  screen.object({ type: "login", storage: name, state: "done" });
  return 0;
}

function storageNamed({ storages }: Config, wanted: string): StorageConfig {
  for (const storage of storages.values()) if (storage.name === wanted) return storage;
  const names: readonly string[] = [...storages.keys()];
  const meant = nearest(wanted, names);
  throw new UsageError(`There is no storage "${wanted}".`, [
    meant === undefined ? `The storages are ${names.join(", ")}.` : `Did you mean "${meant}"?`,
  ]);
}

function userOf({ pairs }: Config, wanted: string): PairConfig {
  const pair = pairs.find(({ a, b }) => a === wanted || b === wanted);
  if (pair !== undefined) return pair;
  throw new UsageError(`The storage "${wanted}" is in no pair.`, [
    "Put it into a pair to work with it.",
  ]);
}

/** Says what to do. The url has a line of its own, uncut, so that it can be copied. */
function tell(instruction: Instruction, storage: string, remote: boolean, screen: Screen): void {
  if (instruction.type === "open") {
    screen.say(line`Open this with a browser on this machine, and allow it there:`);
    screen.say(line``);
    screen.say(line`${instruction.url}`);
    screen.say(line``);
    const port = portOf(instruction.url);
    if (remote && port !== undefined) {
      screen.say(
        line`${
          faint("The browser is on another machine? Run this there first:")
        } ssh -L ${port}:127.0.0.1:${port} ${faint("and the name of this machine")}`,
      );
    }
    screen.object({ type: "login", storage, state: "open", url: instruction.url });
    return;
  }
  const { url, code, complete, lasts } = instruction;
  const minutes = Math.floor(lasts / 60_000);
  screen.say(line`Open ${url} with any browser, and type in this code: ${strong(code)}`);
  if (complete !== undefined) screen.say(line`Or open ${complete}`);
  if (minutes > 0) screen.say(line`${faint(`It is good for ${minutes} minutes.`)}`);
  screen.object({ type: "login", storage, state: "code", url: complete ?? url, code });
}

/** The port that the browser comes back to. */
function portOf(url: string): string | undefined {
  const back = new URL(url).searchParams.get("redirect_uri");
  return back === null ? undefined : new URL(back).port;
}
