/** An IMAPStore of mbsync's, with its Account, as the block of a storage. */

import { Secret } from "../model/secret.ts";
import type { Options } from "./mbsync_options.ts";
import type { Read } from "./mbsync_store.ts";
import { entriesOf, type Entry } from "./write_scfg.ts";

/** Reads where the server is, how to log in, and what is demanded of its certificate. */
export function readImap(options: Options): Read {
  const path = options.text("path");
  if (path !== undefined && path !== "") {
    options.note(
      "path",
      "mailboxes are called by their whole names, with what stands in Path before them",
      "put it before the patterns of the pair",
    );
  }
  for (const key of ["usenamespace", "pathdelimiter"]) options.ignore(key);
  if (options.flag("subscribedonly")) {
    options.note(
      "subscribedonly",
      "whether a mailbox is subscribed does not decide whether it is kept in step",
      "name those that are meant in the pair",
    );
  }
  const entries = entriesOf(
    { words: ["type", "imap"] },
    ...readPlace(options),
    ...readLogin(options),
    ...readTls(options),
  );
  options.ignore("pipelinedepth");
  if (options.has("disableextension", "disableextensions")) {
    const key = options.has("disableextension") ? "disableextension" : "disableextensions";
    options.note(key, "no extension of a server has to be disabled by hand");
  }
  return { entries, listsInbox: path === undefined || path === "" };
}

function readPlace(options: Options): readonly (Entry | undefined)[] {
  const tunnel = options.text("tunnel");
  const [, prefix, host = ""] = /^(imaps?:)?(.*)$/.exec(options.text("host") ?? "") ?? [];
  const port = options.text("port");
  const security = options.text("tlstype", "ssltype")?.toLowerCase();
  const timeout = options.text("timeout");
  const seconds = timeout === undefined || timeout === "0"
    ? undefined
    : { words: ["timeout", timeout] };
  if (tunnel !== undefined) {
    const isPlain = /^[\w@%+=:,./~-]+(?: [\w@%+=:,./-]+)*$/.test(tunnel);
    return [
      { words: ["tunnel", ...(isPlain ? tunnel.split(" ") : ["sh", "-c", tunnel])] },
      seconds,
    ];
  }
  if (host === "") options.note("host", "there is no Host to connect to");
  const isTls = prefix === "imaps:" || security === "imaps" ||
    (security === undefined && prefix === undefined && port !== "143");
  const usual = isTls ? "993" : "143";
  const name = host.includes(":") ? `[${host}]` : host;
  const url = `${isTls ? "imaps" : "imap"}://${name}${
    port === undefined || port === usual ? "" : `:${port}`
  }`;
  if (security === "none") {
    const key = options.has("tlstype") ? "tlstype" : "ssltype";
    options.note(key, "without TLS everything, the password too, can be read on the way");
  }
  return [
    { words: ["url", url] },
    security === "none" ? { words: ["insecure"] } : undefined,
    seconds,
  ];
}

function readLogin(options: Options): readonly (Entry | undefined)[] {
  const shell = (name: string, command: string): Entry => ({
    words: [name],
    block: [{ words: ["shell", command.replace(/^\+/, "")] }],
  });
  const user = options.text("user");
  const userCommand = options.text("usercmd");
  const mechs = options.words("authmech", "authmechs").map((it) => it.toUpperCase());
  const isToken = mechs.some((it) => it === "XOAUTH2" || it === "OAUTHBEARER") &&
    !mechs.some((it) => it === "*" || it === "PLAIN" || it === "LOGIN");
  const others = mechs.filter((it) =>
    !["*", "PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER", "CRAM-MD5"].includes(it)
  );
  if (others.length > 0) {
    const key = options.has("authmech") ? "authmech" : "authmechs";
    options.note(key, `${others.join(", ")} is not supported; it is logged in with a password`);
  }
  const secret = isToken ? "token" : "password";
  const pass = options.text("pass");
  const passCommand = options.text("passcmd");
  if (options.flag("usekeychain")) {
    options.note(
      "usekeychain",
      "the keychain is asked by a command",
      "password { cmd security find-internet-password -w -s HOST -a USER }",
    );
  }
  const isAsked = options.text("tunnel") === undefined && pass === undefined &&
    passCommand === undefined;
  return [
    user === undefined
      ? userCommand === undefined ? undefined : shell("username", userCommand)
      : { words: ["username", user] },
    isToken ? { words: ["auth_method", "bearer"] } : undefined,
    passCommand === undefined
      ? pass === undefined
        ? isAsked ? { words: ["password"], block: [{ words: ["prompt"] }] } : undefined
        : { words: [secret, new Secret(pass)] }
      : shell(secret, passCommand),
  ];
}

function readTls(options: Options): readonly (Entry | undefined)[] {
  const roots = options.text("certificatefile");
  const certificate = options.text("clientcertificate");
  const key = options.text("clientkey");
  if (roots !== undefined && options.flag("systemcertificates") !== false) {
    options.note(
      "certificatefile",
      "with tls_root only these certificates count, and none of the system's",
      "a certificate of the server itself is written as tls_fingerprint",
    );
  }
  if (options.flag("systemcertificates") === false && roots === undefined) {
    options.note("systemcertificates", "without a CertificateFile the system's are used");
  }
  for (const each of ["tlsversion", "tlsversions", "sslversion", "sslversions", "cipherstring"]) {
    if (options.has(each)) options.note(each, "TLS 1.2 and 1.3 are spoken, as the system has them");
  }
  return [
    roots === undefined ? undefined : { words: ["tls_root", roots] },
    certificate === undefined
      ? undefined
      : { words: ["auth_cert", certificate, ...(key === undefined ? [] : [key])] },
  ];
}
