/** Runs the commands that a configuration names, and puts what they print in its place. */

import type { StorageName } from "../model/names.ts";
import { Secret } from "../model/secret.ts";
import type {
  AuthConfig,
  Command,
  Config,
  NetworkConfig,
  PairConfig,
  SecretValue,
  StorageConfig,
  Value,
} from "./config.ts";
import { EXPOSED, type HttpUrl, readHttpUrl } from "./http_url.ts";
import { absolutePath, type Environment } from "./paths.ts";
import { ConfigError, quoted } from "./problem.ts";
import type { Resolved, ResolvedAuth, ResolvedStorage } from "./resolved.ts";
import { type Outcome, type RunCommand, runCommand } from "./run_command.ts";
import type { Source, Span } from "./tree.ts";

export type * from "./resolved.ts";

export interface ResolveOptions {
  readonly env: Environment;
  readonly signal: AbortSignal;
  /** For the excerpt under an error. */
  readonly source?: Source;
  readonly run?: RunCommand;
  /** How long one command may take, in milliseconds; a person may have to be asked. */
  readonly timeout?: number;
}

const DEFAULT_TIMEOUT = 120_000;

/** The most bytes that a command may print. */
const MOST_OUTPUT = 64 * 1024;

/**
 * Runs the commands of the storages that these pairs use, one after another, so that questions do
 * not overlap, and each distinct one once. Throws {@linkcode ConfigError} at the first that gives no
 * value, for a person would otherwise be asked over and over; and `cancelled`.
 */
export async function resolveSecrets(
  config: Config,
  pairs: readonly PairConfig[],
  options: ResolveOptions,
): Promise<Resolved> {
  const values = makeValues(options);
  const statusPath = await values.path(config.statusPath, "the status_path");
  const storages = new Map<StorageName, ResolvedStorage>();
  for (const name of pairs.flatMap(({ a, b }) => [a, b])) {
    const storage = config.storages.get(name);
    // A configuration without errors has every storage that its pairs name.
    if (storage === undefined) throw new Error(`the storage "${name}" is not in the configuration`);
    if (!storages.has(name)) storages.set(name, await resolveStorage(storage, values));
  }
  return { statusPath, pairs, storages };
}

/** Resolves values, and remembers what a command has printed. */
interface Values {
  text(value: Value | SecretValue, title: string): Promise<string>;
  path(value: Value, title: string): Promise<string>;
  url(value: Value, insecure: boolean, title: string): Promise<HttpUrl>;
}

async function resolveStorage(storage: StorageConfig, values: Values): Promise<ResolvedStorage> {
  switch (storage.type) {
    case "vdir/icalendar":
    case "vdir/vcard":
    case "singlefile/icalendar":
    case "singlefile/vcard":
      return { ...storage, path: await values.path(storage.path, titleOf("path", storage)) };
    case "caldav":
    case "carddav":
    case "webcal": {
      const { url: _url, auth: _auth, ...rest } = storage;
      return { ...rest, ...await resolveNetwork(storage, values) };
    }
  }
}

async function resolveNetwork(
  storage: StorageConfig & NetworkConfig,
  values: Values,
): Promise<{ readonly url: string; readonly auth?: ResolvedAuth }> {
  const place = await values.url(storage.url, storage.insecure, titleOf("url", storage));
  const auth = await resolveAuth(storage, storage.auth, place, values);
  return auth === undefined ? { url: place.url } : { url: place.url, auth };
}

async function resolveAuth(
  storage: StorageConfig,
  auth: AuthConfig = { method: "basic" },
  place: HttpUrl,
  values: Values,
): Promise<ResolvedAuth | undefined> {
  const text = (value: Value | SecretValue, what: string) =>
    values.text(value, titleOf(what, storage));
  switch (auth.method) {
    case "basic":
    case "digest": {
      const { method, username, password } = auth;
      const name = username === undefined ? place.username : await text(username, "username");
      const secret = password === undefined
        ? place.password
        : new Secret(await text(password, "password"));
      if (name === undefined) return undefined;
      return { method, username: name, password: secret ?? new Secret("") };
    }
    case "bearer":
      return { method: "bearer", token: new Secret(await text(auth.token, "token")) };
    case "oauth2": {
      const { clientId, clientSecret, ...rest } = auth;
      const id = await text(clientId, "client_id");
      const secret = clientSecret && new Secret(await text(clientSecret, "client_secret"));
      return { ...rest, clientId: id, ...(secret && { clientSecret: secret }) };
    }
  }
}

const titleOf = (what: string, { name }: StorageConfig) =>
  `the ${what} of the storage ${quoted(name)}`;

function makeValues(options: ResolveOptions): Values {
  const { env, signal, source, run = runCommand, timeout = DEFAULT_TIMEOUT } = options;
  const printed = new Map<string, string>();

  const fail = (at: Span | undefined, message: string, help?: string, cause?: unknown): never => {
    const problem = {
      severity: "error",
      message,
      ...(at && { at }),
      ...(help && { help }),
    } as const;
    throw new ConfigError([problem], source, cause);
  };

  async function output(command: Command, title: string): Promise<string> {
    // TODO-PROMPT
    if (command.kind === "prompt") return fail(command.at, title);
    const argv = command.kind === "cmd" ? command.argv : ["sh", "-c", command.script];
    const key = JSON.stringify(argv);
    const known = printed.get(key);
    if (known !== undefined) return known;
    const outcome = await run(argv, { timeout, limit: MOST_OUTPUT, signal });
    // Never its arguments, nor what it printed: either may be the secret.
    const program = command.kind === "cmd" ? quoted(argv[0] ?? "") : "the shell script";
    const read = outcome.status === "done"
      ? readOutput(outcome.output)
      : describe(outcome, timeout, command.kind);
    if ("problem" in read) {
      const cause = outcome.status === "not started" ? outcome.cause : undefined;
      return fail(command.at, `${title}: ${program} ${read.problem}`, read.help, cause);
    }
    printed.set(key, read.text);
    return read.text;
  }

  async function text(value: Value | SecretValue, title: string): Promise<string> {
    if (value.kind !== "text") return await output(value, title);
    return value.value instanceof Secret ? value.value.reveal() : value.value;
  }

  async function path(value: Value, title: string): Promise<string> {
    const read = absolutePath(await text(value, title), env);
    return "path" in read ? read.path : fail(value.at, `${title}: ${read.problem}`, read.help);
  }

  async function url(value: Value, insecure: boolean, title: string): Promise<HttpUrl> {
    const read = readHttpUrl(await text(value, title));
    if ("problem" in read) return fail(value.at, `${title}: ${read.problem}`, read.help);
    if (!read.exposed || insecure) return read;
    return fail(value.at, `${title}: ${EXPOSED.problem}`, EXPOSED.help);
  }

  return { text, path, url };
}

type Read =
  | { readonly text: string }
  | { readonly problem: string; readonly help?: string };

function readOutput(output: Uint8Array): Read {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(output).trim();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { problem: "printed something that is not UTF-8 text" };
  }
  if (text === "") return { problem: "printed nothing" };
  if (/[\r\n]/.test(text)) {
    const help = "have it print the value alone; in a shell script, head -n 1 takes the first line";
    return { problem: "printed more than one line", help };
  }
  return { text };
}

function describe(
  outcome: Exclude<Outcome, { readonly status: "done" }>,
  timeout: number,
  kind: Command["kind"],
): Exclude<Read, { readonly text: string }> {
  switch (outcome.status) {
    case "failed":
      return { problem: `ended with status ${outcome.code}` };
    case "killed":
      return { problem: `was ended by ${outcome.signal}` };
    case "missing":
      return {
        problem: "was not found",
        ...(kind === "cmd" &&
          { help: 'only "shell" has a shell: "cmd" takes "~" and "|" as they are' }),
      };
    case "not started":
      return { problem: "cannot be started" };
    case "too large":
      return { problem: `printed more than ${MOST_OUTPUT / 1024} KiB` };
    case "timed out":
      return { problem: `has not ended within ${timeout / 1000} seconds` };
  }
}
