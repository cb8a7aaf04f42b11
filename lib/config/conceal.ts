/**
 * What must not be shown of a configuration file: passwords, the arguments of commands, and what an
 * URL carries besides its place. It is decided by how a line looks and not by whether it is right,
 * for a mistyped password line is shown as an error too. Where in doubt, it hides.
 */

import { REDACTED } from "../model/secret.ts";
import { editDistance, nearest } from "./near.ts";
import { SCHEMA } from "./schema.ts";

const KNOWN: ReadonlySet<string> = new Set([
  ...SCHEMA.directives.flatMap(({ name, aliases }) => [name, ...aliases]),
  ...SCHEMA.refused.map(({ name }) => name),
]);

/** Directives that only sound like a secret: `token_file`. */
const HARMLESS: ReadonlySet<string> = new Set(
  SCHEMA.directives.filter(({ params }) => params.kind !== "secret").map(({ name }) => name),
);

/** Directives that may have a program behind them, and its arguments. */
const PROGRAMS: ReadonlySet<string> = new Set(
  SCHEMA.directives.filter(({ params }) => params.kind === "command").map(({ name }) => name),
);

const SECRET = /pass|pwd|^pw|p\w?s+w|word|secret|token|cred/i;

/** Whether what follows this word, or stands in its block, is a secret: `password`, `pasword`. */
export function isSecretName(text: string): boolean {
  if (HARMLESS.has(text)) return false;
  if (text.length > 200 || SECRET.test(text)) return true;
  return text.length >= 5 && editDistance(text.toLowerCase(), "password", 3) <= 3;
}

/**
 * Whether a block without a name of its own stands for a value, so that nothing in it is to be
 * shown but the program: `password {`, and `pasword {` and `url {` as well.
 */
export function isSecretBlock(owner: string | undefined, params: number): boolean {
  if (owner === undefined || isSecretName(owner)) return true;
  return params === 0 && owner !== "collection";
}

/**
 * The index of the first of a directive's words that is not to be shown, its name being 0; their
 * number or more where all may be. `inSecret`: it stands in a block that stands for a value.
 */
export function secretFrom(words: readonly string[], inSecret: boolean): number {
  const [name = ""] = words;
  const named = words.findIndex(isSecretName);
  const after = named < 0 ? words.length : named + 1;
  if (PROGRAMS.has(name)) return Math.min(after, 2);
  const cmd = words.indexOf("cmd");
  if (cmd > 0 && HARMLESS.has(name)) return Math.min(after, cmd + 2);
  if (name === "shell") return Math.min(after, 1);
  if (!inSecret) {
    // Of what is no directive, nor nearly one, nobody knows what it holds.
    const meant = KNOWN.has(name) ? name : nearest(name, KNOWN);
    return meant === undefined || isSecretName(meant) ? Math.min(after, 1) : after;
  }
  // The password itself, in braces, is a slip that is made; so is a letter wrong in a command.
  const isName = KNOWN.has(name) || editDistance(name, "cmd", 1) <= 1 ||
    editDistance(name, "shell", 2) <= 2;
  return isName ? 1 : 0;
}

/**
 * What may be shown of this one word; undefined where that is all of it. `isName`: it stands where
 * a directive's name does.
 */
export function concealWord(text: string, isName: boolean): string | undefined {
  return concealAfterName(text, isName) ?? concealUrl(text);
}

/** As long as a mistyped name of a secret may be; what is longer may have the secret in it. */
const MOST_NAME = 10;

/** `password=…` and `password:…` as in other languages, `password…` and `"password …"`. */
function concealAfterName(text: string, isName: boolean): string | undefined {
  for (const { 0: name, index } of text.matchAll(/[\w-]+(?=[=:\s"'{}\\])/g)) {
    const end = index + name.length + 1;
    if (isSecretName(name) && end < text.length) return text.slice(0, end) + REDACTED;
  }
  if (!isName || KNOWN.has(text)) return undefined;
  // A name has no other characters, so this is a name and something else in one word.
  const name = /^[\p{L}\p{M}\p{N}_-]*[=:]?/u.exec(text)?.[0] ?? "";
  const glued = name.length > MOST_NAME ? SECRET.exec(name) : null;
  if (glued !== null) return name.slice(0, glued.index + glued[0].length) + REDACTED;
  return name === text ? undefined : name + REDACTED;
}

/** An URL that carries a login or a query: feeds have their token there. */
function concealUrl(text: string): string | undefined {
  const scheme = text.indexOf("://");
  if (scheme < 0) return undefined;
  const begin = scheme + 3;
  const query = text.slice(begin).search(/[?#]/);
  const end = query < 0 ? text.length : begin + query;
  // The last @ of all: an unescaped / or ? in a password ends the host too early for a parser.
  const at = hasLogin(text) ? text.lastIndexOf("@") : -1;
  if (at < begin && query < 0) return undefined;
  const place = at < begin ? text.slice(begin, end) : REDACTED + text.slice(at, Math.max(at, end));
  return text.slice(0, begin) + place + (query < 0 ? "" : `?${REDACTED}`);
}

/** Whether a login stands before an `@`; one in the path of an URL that can be read is none. */
function hasLogin(text: string): boolean {
  if (!text.includes("@")) return false;
  const url = URL.parse(text);
  return url === null || url.username !== "" || url.password !== "" || url.host === "";
}
