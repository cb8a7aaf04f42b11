/** A Store of mbsync's, with its Account, as a storage. */

import { Secret } from "../model/secret.ts";
import type { Section } from "./mbsyncrc.ts";
import { type Note, type Options, ourName, readOptions } from "./mbsync_options.ts";
import { entriesOf, type Entry } from "./write_scfg.ts";

/** What a pair has to know of a store. */
export interface Store {
  readonly name: string;
  readonly entries: readonly Entry[];
  /** In bytes; what is larger does not go into this store. */
  readonly maxSize: string | undefined;
  /** Whether patterns of mbsync's take INBOX as well. */
  readonly listsInbox: boolean;
}

/** Reads a MaildirStore or an IMAPStore. */
export function readStore(
  section: Section,
  accounts: ReadonlyMap<string, Section>,
  note: Note,
): Store {
  const own = readOptions(section, note);
  const named = own.text("account");
  const account = named === undefined ? undefined : accounts.get(named);
  if (named !== undefined && account === undefined) {
    own.note("account", `there is no IMAPAccount "${named}"`);
  }
  const options = account === undefined ? own : readOptions(section, note, [account]);
  const read = section.kind === "maildirstore" ? readMaildir(options) : readImap(options);
  noteCommon(options);
  const size = options.text("maxsize");
  own.ignore(
    ...section.options.filter(({ key }) => options.has(key) && KNOWN.has(key)).map((it) => it.key),
  );
  options.noteOthers();
  if (account !== undefined) noteOthersOf(account, note);
  return {
    name: ourName(section.name),
    entries: read.entries,
    maxSize: size === "0" ? undefined : size,
    listsInbox: read.listsInbox,
  };
}

/** The options that a store or an account may have. */
const KNOWN: ReadonlySet<string> = new Set([
  ...["path", "inbox", "subfolders", "altmap", "infodelimiter", "account", "usenamespace"],
  ...["pathdelimiter", "subscribedonly", "maxsize", "mapinbox", "flatten", "trash"],
  ...["trashnewonly", "trashremotenew", "host", "port", "timeout", "user", "usercmd", "pass"],
  ...["passcmd", "usekeychain", "tunnel", "authmech", "authmechs", "tlstype", "ssltype"],
  ...["tlsversion", "tlsversions", "sslversion", "sslversions", "systemcertificates"],
  ...["certificatefile", "clientcertificate", "clientkey", "cipherstring", "pipelinedepth"],
  ...["disableextension", "disableextensions"],
]);

function noteOthersOf({ options }: Section, note: Note): void {
  for (const { key, at } of options) {
    if (KNOWN.has(key)) continue;
    note({ severity: "warning", message: `"${key}" is not known, and was left out`, at });
  }
}

interface Read {
  readonly entries: readonly Entry[];
  readonly listsInbox: boolean;
}

function readMaildir(options: Options): Read {
  const style = options.text("subfolders")?.toLowerCase();
  const inbox = options.text("inbox") ?? "~/Maildir";
  const path = options.text("path");
  options.ignore("altmap");
  if (options.text("infodelimiter") !== undefined) {
    options.note("infodelimiter", "flags stand behind a colon, as Maildir has it");
  }
  if (style === "maildir++") {
    return { entries: [type("maildir"), pathEntry(options, "inbox", inbox)], listsInbox: true };
  }
  if (style === "legacy") {
    options.note(
      "subfolders",
      "mbsync's own layout of sub-folders is not known: they are read as directories in " +
        "directories",
      "mailboxes below others have to be renamed: .name to name",
    );
  }
  if (path !== undefined && !path.endsWith("/")) {
    options.note("path", "mailboxes are read from the directory of this name");
  }
  const root = (path ?? inbox).replace(/(?<=.)\/+$/, "");
  const isInside = path === undefined || inbox.startsWith(`${root}/`);
  const ours = inbox.replace(/(?<=.)\/+$/, "");
  return {
    entries: entriesOf(
      type("maildir"),
      pathEntry(options, "path", root),
      { words: ["layout", "fs"] },
      ours === root ? undefined : pathEntry(options, "inbox", ours, "inbox"),
    ),
    listsInbox: isInside,
  };
}

const type = (name: string): Entry => ({ words: ["type", name] });

function pathEntry(options: Options, key: string, path: string, name = "path"): Entry {
  if (!path.startsWith("/") && !path.startsWith("~/")) {
    options.note(key, "a relative path has no meaning here", "write the whole path");
  }
  return { words: [name, path.replace(/(?<=.)\/+$/, "")] };
}

function readImap(options: Options): Read {
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
    type("imap"),
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

/** What both kinds of stores may have, and why it has no equivalent. */
function noteCommon(options: Options): void {
  if (options.has("flatten")) {
    options.note(
      "flatten",
      "mailboxes below others stay below them",
      "alt_char stands for what a name cannot have",
    );
  }
  if (options.has("mapinbox")) options.note("mapinbox", "INBOX is INBOX on both sides");
  if (options.has("trash")) {
    options.note(
      "trash",
      "what is deleted is kept by dovetail itself, and not in a mailbox",
      "max_delete holds back what is too much",
    );
  }
  options.ignore("trashnewonly", "trashremotenew");
}
