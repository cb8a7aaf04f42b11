/** What the tests of the configuration share. */

import type { CheckContext } from "../../../lib/config/block.ts";
import type { Config } from "../../../lib/config/config.ts";
import { loadConfig, type Loaded } from "../../../lib/config/load.ts";
import { collectProblems, ConfigError, type Problem } from "../../../lib/config/problem.ts";
import { plainText, renderError, renderProblems } from "../../../lib/config/report.ts";
import { parseScfg } from "../../../lib/config/scfg.ts";
import { parseToml } from "../../../lib/config/toml.ts";
import { type Directive, type Parsed, wordValue } from "../../../lib/config/tree.ts";

/** An environment in which `~/` is `/home/u/`. */
export const HOME: CheckContext["env"] = new Map([["HOME", "/home/u"]]);

/** Loads a text as if it were in a file of that name. */
export function load(text: string, file = "/etc/d.conf"): Promise<Loaded> {
  const bytes = new TextEncoder().encode(text);
  return loadConfig({ file, env: HOME, readFile: () => Promise.resolve(bytes) });
}

/** What is said of a text: everything, as it is printed. */
export async function said(text: string, file = "/etc/d.conf"): Promise<string> {
  try {
    const { warnings, source } = await load(text, file);
    return plainText(renderProblems(warnings, source));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return plainText(renderError(error));
  }
}

/** What is said of a text, without the excerpts: `error 3:7 message (help)`. */
export async function complaints(text: string, file?: string): Promise<readonly string[]> {
  let problems: readonly Problem[];
  try {
    problems = (await load(text, file)).warnings;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems = error.problems;
  }
  return problems.map(({ severity, at, message, help }) =>
    `${severity}${at === undefined ? "" : ` ${at.line}:${at.column}+${at.length}`}: ${message}` +
    (help === undefined ? "" : ` (${help})`)
  );
}

type Where = "global" | "vdir" | "caldav" | "pair";

/** A sound configuration with these lines in the place named by `where`. */
export function around(where: Where, lines: string): string {
  return sound(where, lines, {
    vdir: "type vdir/icalendar\npath /var/calendars",
    caldav: "type caldav\nurl https://dav.example.com/",
  });
}

/** The same of mail: a Maildir in the place of the vdir, an IMAP server in that of the other. */
export function aroundMail(where: Where, lines: string): string {
  return sound(where, lines, {
    vdir: "type maildir\npath /var/mail/u",
    caldav: "type imap\nurl imaps://u@imap.example.com",
  });
}

function sound(where: Where, lines: string, usual: Record<"vdir" | "caldav", string>): string {
  const at = (name: string) => where === name ? lines : "";
  const indented = (name: string, usual: string) => {
    const extra = at(name).split("\n").filter((line) => line !== "").map((line) => `  ${line}\n`);
    const first = extra.map((line) => line.trim().split(/[\s{]/)[0]);
    const rest = usual.split("\n").filter((line) => !first.includes(line.split(" ")[0]));
    return rest.map((line) => `  ${line}\n`).join("") + extra.join("");
  };
  return `${at("global") === "" ? "" : `${at("global")}\n`}storage local {
${indented("vdir", usual.vdir)}}
storage server {
${indented("caldav", usual.caldav)}}
pair main {
${indented("pair", "storage_a local\nstorage_b server\ncollections all")}}
`;
}

/** A tree as nested arrays: `["name", "param", ["nested"]]`. */
export type Plain = readonly (string | readonly Plain[])[];

export function plain(directives: readonly Directive[]): readonly Plain[] {
  return directives.map(({ name, params, block }): Plain => [
    wordValue(name),
    ...params.map(wordValue),
    ...(block === undefined ? [] : [plain(block)]),
  ]);
}

/** A parsed text, and what was said of it: `line:column+length message`. */
export interface Result {
  readonly parsed: Parsed;
  readonly tree: readonly Plain[];
  readonly problems: readonly string[];
}

export function parse(text: string, syntax: "scfg" | "toml" = "scfg"): Result {
  const { problems, report } = collectProblems();
  const parsed = (syntax === "scfg" ? parseScfg : parseToml)(text, "f", report);
  return {
    parsed,
    tree: plain(parsed.directives),
    problems: problems.map(({ at, message, severity }) =>
      `${at === undefined ? "" : `${at.line}:${at.column}+${at.length} `}` +
      `${severity === "warning" ? "warning: " : ""}${message}`
    ),
  };
}

/** A configuration without the places of its parts: what it means, to be compared. */
export function meaning(config: Config): unknown {
  return strip({ ...config, file: "" });
}

function strip(value: unknown): unknown {
  if (value instanceof Map) return [...value].map(([key, each]) => [key, strip(each)]);
  if (Array.isArray(value)) return value.map(strip);
  if (typeof value !== "object" || value === null) return value;
  if ("reveal" in value && typeof value.reveal === "function") return { secret: value.reveal() };
  return Object.fromEntries(
    Object.entries(value).filter(([key]) => key !== "at").map(([key, each]) => [key, strip(each)]),
  );
}
