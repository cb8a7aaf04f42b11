/** A Store of mbsync's, with its Account, as a storage. */

import { readImap } from "./mbsync_imap.ts";
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

/** What a store comes to. */
export interface Read {
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
