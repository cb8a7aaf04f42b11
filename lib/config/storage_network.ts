/** The configuration of storages on servers. */

import { collectionId } from "../model/names.ts";
import { readLogin } from "./auth.ts";
import type { Block } from "./block.ts";
import type {
  AuthConfig,
  DavConfig,
  NetworkConfig,
  SecretValue,
  TlsConfig,
  Value,
  WebcalConfig,
} from "./config.ts";
import { givenOf, numberOf, plainOf, textOf, wordsOf } from "./given.ts";
import { endpointOf } from "./http_url.ts";
import { quotedWord } from "./problem.ts";
import { DEFAULTS } from "./schema.ts";
import type { Section } from "./section.ts";
import type { CommonConfig, StorageContext } from "./storage.ts";
import type { Given } from "./values.ts";

/** A storage's block, and what is needed to read it. */
export interface NetworkBlock {
  readonly section: Section;
  readonly block: Block;
  readonly context: StorageContext;
}

/** The configuration of a CalDAV or CardDAV storage. */
export function buildDav(
  type: DavConfig["type"],
  common: CommonConfig,
  from: NetworkBlock,
): DavConfig | undefined {
  const network = readNetwork(type, common, from);
  if (network === undefined) return undefined;
  const { block } = from;
  const dav = {
    ...common,
    ...network,
    connections: numberOf(block, "connections") ?? DEFAULTS.connections,
    collectionIdSegment: textOf(block, "collection_id_segment") === "second-last"
      ? "second-last"
      : DEFAULTS.collectionIdSegment,
  } as const;
  if (type === "caldav") {
    const scheduleAgent = textOf(block, "schedule_agent") === "server" ? "server" : "client";
    return { ...dav, type, scheduleAgent };
  }
  const version = textOf(block, "vcard_version");
  return {
    ...dav,
    type,
    ...(version !== undefined && { vcardVersion: version === "4.0" ? "4.0" : "3.0" }),
  };
}

/** The configuration of a feed. */
export function buildWebcal(common: CommonConfig, from: NetworkBlock): WebcalConfig | undefined {
  const { block, context } = from;
  const network = readNetwork("webcal", common, from);
  const id = textOf(block, "collection_id");
  const [readOnly] = block.all("read_only");
  if (readOnly !== undefined) {
    const at = readOnly.directive.name.span;
    const message = "a webcal storage is read-only anyway";
    context.report({ severity: "warning", message, at, help: "leave it out" });
  }
  if (network === undefined || id === undefined) return undefined;
  return {
    ...common,
    ...network,
    type: "webcal",
    readOnly: true,
    collectionId: collectionId(id),
    stableUids: block.has("stable_uids"),
  };
}

function readNetwork(
  type: "caldav" | "carddav" | "webcal",
  { kind }: CommonConfig,
  { section, block, context }: NetworkBlock,
): NetworkConfig | undefined {
  const { report } = context;
  const login = readLogin(section, block, { kinds: [kind], ...context });
  const given = givenOf(block, "url", "url");
  if (given === undefined) return undefined;
  const insecure = block.has("insecure");
  const socket = plainOf(block, "socket");
  const use = {
    type,
    insecure,
    ...(socket !== undefined && { socket }),
    ...(login !== undefined && { auth: login }),
  };
  const end = given.url === undefined ? use : endpointOf(given.url, use);
  if ("problem" in end) {
    const { problem, help } = end;
    const at = given.word?.span;
    report({ severity: "error", message: problem, ...(at && { at }), ...(help && { help }) });
    return undefined;
  }
  const url: Value = "url" in end ? { ...given.value, ...textValue(end.url) } : given.value;
  const auth = loginOf(given, login);
  if (lacksName(auth) && given.url !== undefined) {
    report({
      severity: "warning",
      message: `the storage ${quotedWord(section.word)} has a password and no username, so ` +
        "nobody is logged in",
      at: section.word.span,
    });
  }
  const userAgent = textOf(block, "user_agent");
  return {
    url,
    ...(end.socket !== undefined && { socket: end.socket }),
    ...(auth && { auth }),
    tls: readTls(block),
    ...(userAgent !== undefined && { userAgent }),
    insecure,
    timeout: 1000 * (numberOf(block, "timeout") ?? DEFAULTS.timeout),
  };
}

const textValue = (value: string) => ({ kind: "text", value }) as const;

const lacksName = (auth: AuthConfig | undefined): boolean =>
  (auth?.method === "basic" || auth?.method === "digest") && auth.username === undefined &&
  auth.password !== undefined;

/** What is demanded of the server's certificate, and which is shown to it. */
export function readTls(block: Block): TlsConfig {
  const roots = plainOf(block, "tls_root");
  const fingerprint = textOf(block, "tls_fingerprint");
  const [certificate, key] = wordsOf(block, "auth_cert") ?? [];
  return {
    ...(roots !== undefined && { roots }),
    ...(fingerprint !== undefined && { fingerprint }),
    ...(certificate !== undefined &&
      { identity: { certificate, ...(key !== undefined && { key }) } }),
  };
}

type GivenUrl = Given & { readonly kind: "url" };

/** The login that stood in the URL is used where none is given by itself. */
export function loginOf(given: GivenUrl, login: AuthConfig | undefined): AuthConfig | undefined {
  if (login !== undefined && login.method !== "basic" && login.method !== "digest") return login;
  const username = login?.username ?? usernameIn(given);
  const password = login?.password ?? passwordIn(given);
  if (login === undefined && username === undefined && password === undefined) return undefined;
  const method = login?.method ?? "basic";
  return { method, ...(username && { username }), ...(password && { password }) };
}

function usernameIn({ url, word }: GivenUrl): Value | undefined {
  if (url?.username === undefined || word === undefined) return undefined;
  return { kind: "text", value: url.username, at: word.span };
}

function passwordIn({ url, word }: GivenUrl): SecretValue | undefined {
  if (url?.password === undefined || word === undefined) return undefined;
  return { kind: "text", value: url.password, at: word.span };
}
