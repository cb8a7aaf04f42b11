/** Runs the commands that a configuration names, and puts what they print in its place. */

import type { StorageName } from "../model/names.ts";
import { Secret } from "../model/secret.ts";
import type {
  AuthConfig,
  Config,
  ImapConfig,
  NetworkConfig,
  PairConfig,
  SecretValue,
  StorageConfig,
  Value,
  WebcalConfig,
} from "./config.ts";
import type { DavConfig } from "./config.ts";
import { makeDynamic, type ResolveOptions } from "./dynamic.ts";
import { endpointOf, type HttpUrl, type NoHttpUrl, readHttpUrl } from "./http_url.ts";
import { imapPlaceOf, readUrl } from "./imap_url.ts";
import { absolutePath } from "./paths.ts";
import { ConfigError, quoted } from "./problem.ts";
import type { Resolved, ResolvedAuth, ResolvedImap, ResolvedStorage } from "./resolved.ts";

export type * from "./resolved.ts";
export type { ResolveOptions } from "./dynamic.ts";

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
  return await resolve(config, pairs, options, (_, thrown) => {
    throw thrown;
  });
}

/** What can be resolved, and why the rest cannot. */
export interface ResolvedInPart extends Resolved {
  readonly failed: ReadonlyMap<StorageName, ConfigError>;
}

/**
 * The same, where a storage whose value cannot be had stops no other. Throws {@linkcode ConfigError}
 * where there is no place for the status; and `cancelled`.
 */
export async function resolveInPart(
  config: Config,
  pairs: readonly PairConfig[],
  options: ResolveOptions,
): Promise<ResolvedInPart> {
  const failed = new Map<StorageName, ConfigError>();
  const resolved = await resolve(config, pairs, options, (name, thrown) => {
    if (!(thrown instanceof ConfigError)) throw thrown;
    failed.set(name, thrown);
  });
  return { ...resolved, failed };
}

async function resolve(
  config: Config,
  pairs: readonly PairConfig[],
  options: ResolveOptions,
  onFailure: (storage: StorageName, thrown: unknown) => void,
): Promise<Resolved> {
  const values = makeValues(options);
  const statusPath = await values.path(config.statusPath, "the status_path");
  const storages = new Map<StorageName, ResolvedStorage>();
  for (const name of new Set(pairs.flatMap(({ a, b }) => [a, b]))) {
    const storage = config.storages.get(name);
    // A configuration without errors has every storage that its pairs name.
    if (storage === undefined) throw new Error(`the storage "${name}" is not in the configuration`);
    try {
      storages.set(name, await resolveStorage(storage, values));
    } catch (thrown) {
      onFailure(name, thrown);
    }
  }
  return { statusPath, pairs, storages };
}

type OnServer = DavConfig | WebcalConfig;

/** Resolves values, and remembers what a command has printed. */
interface Values {
  text(value: Value | SecretValue, title: string): Promise<string>;
  secret(value: SecretValue, title: string): Promise<Secret>;
  path(value: Value, title: string): Promise<string>;
  url(storage: OnServer): Promise<HttpUrl>;
  imapUrl(url: Value, storage: ImapConfig): Promise<HttpUrl>;
  /** Gives a value once more, where that may be another. */
  again(value: SecretValue, title: string): ((signal: AbortSignal) => Promise<Secret>) | undefined;
}

async function resolveStorage(storage: StorageConfig, values: Values): Promise<ResolvedStorage> {
  switch (storage.type) {
    case "vdir/icalendar":
    case "vdir/vcard":
    case "singlefile/icalendar":
    case "singlefile/vcard":
    case "maildir":
    case "mbox":
      return { ...storage, path: await values.path(storage.path, titleOf("path", storage)) };
    case "caldav":
    case "carddav":
    case "webcal": {
      const { url: _url, auth: _auth, ...rest } = storage;
      const place = await values.url(storage);
      const auth = await resolveAuth(storage, place, values);
      return {
        ...rest,
        url: place.url,
        ...(place.socket !== undefined && { socket: place.socket }),
        ...(auth && { auth }),
      };
    }
    case "imap":
      return await resolveImap(storage, values);
  }
}

async function resolveImap(storage: ImapConfig, values: Values): Promise<ResolvedImap> {
  const { url, auth: _, username: given, ...rest } = storage;
  const read = url && await values.imapUrl(url, storage);
  const auth = await resolveAuth(storage, read ?? {}, values);
  const named = given && await values.text(given, titleOf("username", storage));
  const username = named ?? (auth !== undefined && "username" in auth ? auth.username : undefined);
  return {
    ...rest,
    ...(read && { place: imapPlaceOf(read.url, storage.insecure) }),
    ...(username !== undefined && { username }),
    ...(auth && { auth }),
  };
}

async function resolveAuth(
  storage: StorageConfig & Pick<NetworkConfig, "auth">,
  place: Partial<Pick<HttpUrl, "username" | "password">>,
  values: Values,
): Promise<ResolvedAuth | undefined> {
  const title = (what: string) => titleOf(what, storage);
  const auth: AuthConfig = storage.auth ?? { method: "basic" };
  switch (auth.method) {
    case "basic":
    case "digest": {
      const { method } = auth;
      const username = auth.username === undefined
        ? place.username
        : await values.text(auth.username, title("username"));
      const password = auth.password === undefined
        ? place.password
        : await values.secret(auth.password, title("password"));
      if (username === undefined) return undefined;
      return { method, username, password: password ?? new Secret("") };
    }
    case "bearer": {
      const token = await values.secret(auth.token, title("token"));
      const renew = values.again(auth.token, title("token"));
      return { method: "bearer", token, ...(renew && { renew }) };
    }
    case "oauth2": {
      const { clientId: id, clientSecret: secret, ...rest } = auth;
      const clientId = await values.text(id, title("client_id"));
      const clientSecret = secret && await values.secret(secret, title("client_secret"));
      return { ...rest, clientId, ...(clientSecret && { clientSecret }) };
    }
  }
}

const titleOf = (what: string, { name }: StorageConfig) =>
  `the ${what} of the storage ${quoted(name)}`;

function makeValues(options: ResolveOptions): Values {
  const { output, fail } = makeDynamic(options);

  async function text(value: Value | SecretValue, title: string): Promise<string> {
    if (value.kind !== "text") return await output(value, title);
    return value.value instanceof Secret ? value.value.reveal() : value.value;
  }

  async function path(value: Value, title: string): Promise<string> {
    const read = absolutePath(await text(value, title), options.env);
    return "path" in read ? read.path : fail(value.at, `${title}: ${read.problem}`, read.help);
  }

  async function url(storage: OnServer): Promise<HttpUrl> {
    const title = titleOf("url", storage);
    const wrong = ({ problem, help }: NoHttpUrl) =>
      fail(storage.url.at, `${title}: ${problem}`, help);
    const read = readHttpUrl(await text(storage.url, title));
    if ("problem" in read) return wrong(read);
    const end = endpointOf(read, storage);
    return "problem" in end ? wrong(end) : { ...read, ...end };
  }

  async function imapUrl(url: Value, storage: ImapConfig): Promise<HttpUrl> {
    const title = titleOf("url", storage);
    const read = readUrl(await text(url, title));
    if ("problem" in read) return fail(url.at, `${title}: ${read.problem}`, read.help);
    return read.mail === undefined ? fail(url.at, `${title}: this is no URL of IMAP`) : read;
  }

  const secret = async (value: SecretValue, title: string) => new Secret(await text(value, title));

  return {
    text,
    path,
    url,
    imapUrl,
    secret,
    again(value, title) {
      if (value.kind === "text" || value.kind === "prompt") return undefined;
      return async (signal) => {
        const fresh = makeDynamic({ ...options, signal });
        return new Secret(await fresh.output(value, title));
      };
    },
  };
}
