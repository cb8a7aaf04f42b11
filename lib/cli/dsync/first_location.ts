/** The location that dsync begins with, where the arguments do not say it. */

import type { Loaded } from "../../config/load.ts";
import { UsageError } from "../usage_error.ts";
import { askFirst } from "./ask_program.ts";
import { locationOf24 } from "./settings.ts";

/** Where Dovecot has its program on Debian, should it not be in the search path. */
const DOVECONF = ["doveconf", "/usr/bin/doveconf", "/usr/sbin/doveconf"];

export interface FirstLocation {
  readonly text: string;
  /** Where it was said, for what is wrong with it. */
  readonly what: string;
}

/**
 * From our own configuration, or else Dovecot's: from that alone where it was named. Throws
 * {@linkcode UsageError} where neither has it.
 */
export async function configuredLocation(
  loaded: Loaded | undefined,
  dovecotConfig: string | undefined,
  signal: AbortSignal,
): Promise<FirstLocation> {
  const own = loaded?.config.mailLocation;
  if (own !== undefined && dovecotConfig === undefined) {
    return { text: own, what: `mail_location in ${loaded?.config.file ?? "the configuration"}` };
  }
  const text = await locationOfDovecot(dovecotConfig, signal);
  if (text !== undefined && text !== "") return { text, what: "mail_location of Dovecot" };
  const why = dovecotConfig === undefined
    ? text === undefined ? "Dovecot's configuration cannot be asked" : "Dovecot's has none either"
    : `${dovecotConfig} does not say it`;
  throw new UsageError(`It is not known where your mail is; ${why}.`, [
    "Name the first place with -o mail_location=maildir:~/Maildir",
    'or write "mail_location maildir:~/Maildir" into the configuration.',
  ]);
}

/** What Dovecot's own program says; empty where nothing is set, undefined where it does not say. */
async function locationOfDovecot(
  config: string | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  const from = config === undefined ? [] : ["-c", config];
  const ask = async (setting: string) =>
    (await askFirst(DOVECONF, [...from, "-h", setting], signal))?.trim();
  const text = await ask("mail_location");
  if (text !== undefined) return text;
  // Dovecot 2.4 has no such setting.
  const values = new Map<string, string>();
  for (const setting of ["mail_driver", "mail_path"]) {
    const value = await ask(setting);
    if (value !== undefined && value !== "") values.set(setting, value);
  }
  return locationOf24(values);
}

/** Whether a file is Dovecot's configuration and not ours, by its first line that says anything. */
export function isDovecotConfig(text: string): boolean {
  const [line = ""] = text.split("\n").map((it) => it.trim())
    .filter((it) => it !== "" && !it.startsWith("#"));
  return line.startsWith("!include") || /^[\w./-]+\s*=/.test(line) ||
    /^(?:protocol|service|namespace|userdb|passdb|plugin|local|remote|mailbox|dict)\b.*\{/.test(
      line,
    );
}
