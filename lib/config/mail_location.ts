/** Where mail is, as Dovecot's `mail_location` and dsync's arguments say it. */

import { quoted } from "./problem.ts";
import { readUrl } from "./imap_url.ts";
import { hasControl } from "./value_text.ts";

/** A place of mail. Paths are as they were written until `expandLocation` of `expand_location.ts`. */
export type MailLocation =
  | {
    readonly driver: "maildir";
    readonly path: string;
    readonly layout: "maildir++" | "fs";
    readonly inbox?: string;
    readonly control?: string;
    readonly index?: string;
    /** Keys that change nothing here. */
    readonly ignored: readonly string[];
  }
  | {
    readonly driver: "mbox";
    readonly path: string;
    readonly inbox?: string;
    readonly ignored: readonly string[];
  }
  /** As in the configuration of an imap storage. */
  | { readonly driver: "imap"; readonly url: string; readonly username?: string }
  /** One of the configuration, by its name. */
  | { readonly driver: "storage"; readonly name: string };

/** Why it is none that this program reads. */
export interface NoLocation {
  readonly problem: string;
  readonly help: string;
}

/** Whether a word is a location, rather than a host, a command or a script: dsync's own rule. */
export const isLocation = (word: string): boolean => /^[a-z0-9]+:/.test(word);

/**
 * Reads `maildir:PATH[:KEY=VALUE…]`, `mbox:PATH[:KEY=VALUE…]`, `imap(s)://[USER@]HOST[:PORT]` and
 * `storage:NAME`.
 */
export function readLocation(text: string): MailLocation | NoLocation {
  if (hasControl(text)) return wrong("a location has no control characters");
  const [, driver = "", rest = ""] = /^([a-z0-9]+):(.*)$/.exec(text) ?? [];
  switch (driver) {
    case "maildir":
      return readMaildir(split(rest));
    case "mbox":
      return readMbox(split(rest));
    case "imap":
    case "imaps":
      return readImap(text);
    case "storage":
      if (/^[\w.-]+$/.test(rest)) return { driver, name: rest };
      return { problem: `${quoted(shown(rest))} is no name of a storage`, help: "storage:NAME" };
    case "mdbox":
    case "sdbox":
    case "dbox":
    case "imapc":
    case "pop3c":
      return {
        problem: `${driver}: can be read by Dovecot alone, and this version does not ask it yet`,
        help: "a server that has it can be reached through IMAP: imaps://USER@HOST",
      };
    case "":
      return wrong(`${quoted(shown(text))} does not say what kind of mail it is`);
    default:
      return wrong(`mail of the kind ${quoted(`${driver}:`)} is not known`);
  }
}

const wrong = (problem: string): NoLocation => ({
  problem,
  help: "write it like this: maildir:~/Maildir, mbox:~/mail, imaps://USER@HOST",
});

/** What is no location may be anything, a password too. */
const shown = (text: string): string => text.length > 60 ? `${text.slice(0, 60)}…` : text;

/** The parts between colons; two colons are one that belongs to its part. */
const split = (text: string): readonly string[] =>
  text.split(/(?<!:):(?!:)/).map((part) => part.replaceAll("::", ":"));

/** Dovecot's keys that say where its own caches are, or what is of no concern to whoever reads. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  "INDEXPVT",
  "INDEXCACHE",
  "VOLATILEDIR",
  "LISTINDEX",
  "ITERINDEX",
  "ALT",
  "NOALT",
  "NO-NOSELECT",
  "KEEP-NOSELECT",
]);

interface Keys {
  readonly values: ReadonlyMap<string, string>;
  readonly ignored: readonly string[];
}

/** The keys behind the path. What would have mail lie elsewhere than we look is refused. */
function keysOf(parts: readonly string[], known: readonly string[]): Keys | NoLocation {
  const values = new Map<string, string>();
  const ignored: string[] = [];
  for (const part of parts) {
    const [, key = part, value] = /^([^=]*)=(.*)$/.exec(part) ?? [];
    const name = key.toUpperCase();
    if (WITHOUT_EFFECT.has(name)) ignored.push(name);
    else if (!known.includes(name)) {
      return {
        problem: `a location with ${quoted(shown(key))} is not understood`,
        help: `known are ${known.join(", ")}; a ":" in a path is written "::"`,
      };
    } else if (value === undefined || value === "") {
      return { problem: `${quoted(name)} needs a value`, help: `write ${name}=VALUE` };
    } else values.set(name, value);
  }
  return { values, ignored };
}

function readMaildir([path = "", ...rest]: readonly string[]): MailLocation | NoLocation {
  if (path === "") return { problem: "there is no path behind maildir:", help: HELP_PATH };
  const keys = keysOf(rest, ["LAYOUT", "INBOX", "CONTROL", "INDEX"]);
  if ("problem" in keys) return keys;
  const { values, ignored } = keys;
  const layout = (values.get("LAYOUT") ?? "maildir++").toLowerCase();
  if (layout !== "maildir++" && layout !== "fs") {
    const problem = `the layout ${quoted(shown(layout))} is not supported`;
    return { problem, help: "supported are LAYOUT=maildir++ and LAYOUT=fs" };
  }
  const inbox = values.get("INBOX");
  const control = values.get("CONTROL");
  const index = values.get("INDEX");
  return {
    driver: "maildir",
    path,
    layout,
    ...(inbox !== undefined && { inbox }),
    ...(control !== undefined && { control }),
    // Indexes in memory are nowhere.
    ...(index !== undefined && index !== "MEMORY" && { index }),
    ignored,
  };
}

function readMbox([path = "", ...rest]: readonly string[]): MailLocation | NoLocation {
  if (path === "") return { problem: "there is no path behind mbox:", help: HELP_PATH };
  const keys = keysOf(rest, ["LAYOUT", "INBOX", "INDEX"]);
  if ("problem" in keys) return keys;
  const { values, ignored } = keys;
  const layout = values.get("LAYOUT");
  if (layout !== undefined && layout.toLowerCase() !== "fs") {
    const problem = `the layout ${quoted(shown(layout))} of mbox is not supported`;
    return { problem, help: "supported is LAYOUT=fs" };
  }
  const inbox = values.get("INBOX");
  return { driver: "mbox", path, ...(inbox !== undefined && { inbox }), ignored };
}

const HELP_PATH = "write it like this: maildir:~/Maildir, mbox:~/mail";

function readImap(text: string): MailLocation | NoLocation {
  const read = readUrl(text);
  if ("problem" in read) return { help: "write imaps://USER@HOST", ...read };
  if (read.password !== undefined) {
    return {
      problem: "a password does not belong into a location, which others can see",
      help: "leave it out: it is asked for, or -o imap_password_cmd=COMMAND prints it",
    };
  }
  const { url, username } = read;
  return { driver: "imap", url, ...(username !== undefined && { username }) };
}
