/** The configuration of mail storages. */

import { readLogin } from "./auth.ts";
import type { Block } from "./block.ts";
import type { AuthConfig, ImapConfig, MaildirConfig, MboxConfig, Value } from "./config.ts";
import { directiveOf, givenOf, numberOf, plainOf, textOf, valueOf, wordsOf } from "./given.ts";
import { quotedWord } from "./problem.ts";
import { DEFAULTS } from "./schema.ts";
import type { CommonConfig } from "./storage.ts";
import { loginOf, type NetworkBlock, readTls } from "./storage_network.ts";

/** What every mail storage may have. */
function readMail(block: Block) {
  const altChar = textOf(block, "alt_char");
  return altChar === undefined ? {} : { altChar };
}

/** The configuration of a Maildir. */
export function buildMaildir(common: CommonConfig, block: Block): MaildirConfig | undefined {
  const path = valueOf(block, "path");
  if (path === undefined) return undefined;
  const inbox = plainOf(block, "inbox");
  const control = plainOf(block, "control");
  const index = plainOf(block, "index");
  return {
    ...common,
    ...readMail(block),
    type: "maildir",
    path,
    layout: textOf(block, "layout") === "fs" ? "fs" : DEFAULTS.layout,
    ...(inbox !== undefined && { inbox }),
    ...(control !== undefined && { control }),
    ...(index !== undefined && { index }),
  };
}

/** The configuration of mbox files. */
export function buildMbox(common: CommonConfig, block: Block): MboxConfig | undefined {
  const path = valueOf(block, "path");
  if (path === undefined) return undefined;
  const inbox = plainOf(block, "inbox");
  return {
    ...common,
    ...readMail(block),
    type: "mbox",
    path,
    ...(inbox !== undefined && { inbox }),
  };
}

/** The configuration of an IMAP server; undefined after reporting why there is none. */
export function buildImap(
  common: CommonConfig,
  { section, block, context }: NetworkBlock,
): ImapConfig | undefined {
  const { report } = context;
  const login = readLogin(section, block, { kinds: ["mail"], ...context });
  const tunnel = wordsOf(block, "tunnel");
  const url = givenOf(block, "url", "url");
  const title = `the storage ${quotedWord(section.word)}`;
  if (url === undefined && tunnel === undefined) {
    if (!block.has("url") && !block.has("tunnel")) {
      const message = `${title} has no "url", and no "tunnel"`;
      const help = "add a line like this: url imaps://HOST";
      report({ severity: "error", message, at: section.word.span, help });
    }
    return undefined;
  }
  if (url?.url !== undefined && url.url.mail === undefined) {
    const message = "this is no URL of an IMAP server";
    const at = url.word?.span ?? section.word.span;
    report({ severity: "error", message, at, help: 'begin it with "imaps://" or "imap://"' });
    return undefined;
  }
  warnOfUseless(block, url !== undefined, tunnel !== undefined, { section, block, context });
  const auth = url === undefined ? login : loginOf(url, login);
  const username = usernameOf(block, url, auth);
  checkUser(auth, username, { section, block, context });
  const value: Value | undefined = url &&
    (url.url === undefined ? url.value : { ...url.value, kind: "text", value: url.url.url });
  return {
    ...common,
    ...readMail(block),
    type: "imap",
    ...(value && { url: value }),
    ...(username && { username }),
    ...(auth && { auth }),
    ...(tunnel && { tunnel }),
    tls: readTls(block),
    insecure: block.has("insecure"),
    timeout: 1000 * (numberOf(block, "timeout") ?? DEFAULTS.timeout),
    connections: numberOf(block, "connections") ?? DEFAULTS.imapConnections,
  };
}

/** Through a tunnel there is neither a host nor TLS. */
function warnOfUseless(
  block: Block,
  hasUrl: boolean,
  hasTunnel: boolean,
  { context: { report } }: NetworkBlock,
): void {
  if (!hasTunnel) return;
  const useless = ["tls_root", "tls_fingerprint", "auth_cert", "insecure"]
    .find((name) => block.has(name)) ?? (hasUrl ? "url" : undefined);
  const at = useless === undefined ? undefined : directiveOf(block, useless)?.name.span;
  if (at === undefined) return;
  const message = useless === "url"
    ? 'with a "tunnel" nobody connects to the "url"; it only tells who logs in'
    : `"${useless}" is of no use with a "tunnel"`;
  report({ severity: "warning", message, at });
}

type GivenUrl = Parameters<typeof loginOf>[0];

/** Who a token is for. */
function usernameOf(
  block: Block,
  url: GivenUrl | undefined,
  auth: AuthConfig | undefined,
): Value | undefined {
  if (auth === undefined || auth.method === "basic" || auth.method === "digest") return undefined;
  const given = valueOf(block, "username");
  if (given !== undefined) return given;
  if (url?.url?.username === undefined || url.word === undefined) return undefined;
  return { kind: "text", value: url.url.username, at: url.word.span };
}

function checkUser(
  auth: AuthConfig | undefined,
  username: Value | undefined,
  { section: { word }, block, context: { report } }: NetworkBlock,
): void {
  const severity = "error";
  const title = `the storage ${quotedWord(word)}`;
  const at = directiveOf(block, "auth_method")?.name.span ?? word.span;
  if (auth?.method === "digest") {
    const message = "IMAP has no auth_method digest";
    report({ severity, message, at, help: "leave it out: the connection is encrypted" });
  } else if (auth?.method === "basic") {
    if (auth.username === undefined && auth.password !== undefined) {
      const message = `${title} has a password and no username`;
      report({ severity, message, at: word.span, help: "add a line like this: username NAME" });
    }
  } else if (auth !== undefined && username === undefined) {
    const message = `${title} has no "username" that its token is for`;
    report({ severity, message, at, help: "add it, or write it in the url: imaps://USER@HOST" });
  }
}
