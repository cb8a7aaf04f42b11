/** What `~` and Dovecot's variables in a location stand for. */

import type { MailLocation, NoLocation } from "./mail_location.ts";
import { quoted } from "./problem.ts";

/** Who the mail belongs to. */
export interface Owner {
  /** Absolute. */
  readonly home?: string;
  readonly user?: string;
}

/** The same with absolute paths; relative ones begin in `folder`. */
export function expandLocation(
  location: MailLocation,
  owner: Owner,
  folder: string,
): MailLocation | NoLocation {
  if (location.driver === "imap" || location.driver === "storage") return location;
  const expanded = { ...location };
  for (const key of ["path", "inbox", "control", "index"] as const) {
    const text = key in location ? (location as Record<string, unknown>)[key] : undefined;
    if (typeof text !== "string") continue;
    const read = expandPath(text, owner, folder);
    if ("problem" in read) return read;
    Object.assign(expanded, { [key]: read.path });
  }
  return expanded;
}

function expandPath(
  text: string,
  owner: Owner,
  folder: string,
): { readonly path: string } | NoLocation {
  let missing: NoLocation | undefined;
  const lack = (what: string, problem: string, help: string): string => {
    missing ??= { problem: `${quoted(what)} ${problem}`, help };
    return "";
  };
  const home = (what: string): string =>
    owner.home ?? lack(what, "stands for the home directory, which is not known", "set $HOME");
  const user = (what: string): string =>
    owner.user ?? lack(what, "stands for the user, who is not known", "name one with -u USER");
  const value = (what: string, name: string, modifier: string): string => {
    const [local = "", ...domain] = name === "h" || name === "home" ? [] : user(what).split("@");
    const found = name === "h" || name === "home"
      ? home(what)
      : name === "u" || name === "user"
      ? user(what)
      : name === "n" || name === "username"
      ? local
      : domain.join("@");
    return modifier.toUpperCase() === "L"
      ? found.toLowerCase()
      : modifier.toUpperCase() === "U"
      ? found.toUpperCase()
      : found;
  };
  const replaced = text.replace(
    /%(?:%|([LU]?)(?:([a-zA-Z])|\{([^}]*)\})|.?)/g,
    (what, ...parts) => {
      if (what === "%%") return "%";
      const [modifier = "", letter, word] = parts as readonly (string | undefined)[];
      const name = letter ?? word ?? "";
      if (VARIABLES.has(name)) return value(what, name, modifier);
      return lack(what, "is not known here", "known are %u, %n, %d and %h");
    },
  );
  const path = /^~(?=\/|$)/.test(replaced) ? home("~") + replaced.slice(1) : replaced;
  if (missing !== undefined) return missing;
  if (path.startsWith("~")) {
    return { problem: 'only "~/" is replaced', help: "write the whole path" };
  }
  return { path: path.startsWith("/") ? path : `${folder.replace(/\/+$/, "")}/${path}` };
}

const VARIABLES: ReadonlySet<string> = new Set([
  ...["u", "n", "d", "h"],
  ...["user", "username", "domain", "home"],
]);
