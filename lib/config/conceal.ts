/**
 * What must not be shown of a configuration file: passwords, the arguments of commands, and what an
 * URL carries besides its place. It is decided by how a line looks and not by whether it is right,
 * for a mistyped password line is shown as an error too. Where in doubt, it hides.
 */

import { REDACTED } from "../model/secret.ts";
import { editDistance } from "./near.ts";

const SECRET = /pass|pwd|^pw|ps+w|secret|token|cred/i;

/** Whether what follows this word, or stands in its block, is a secret: `password`, `pasword`. */
export function isSecretName(text: string): boolean {
  if (text.length > 200) return true;
  if (SECRET.test(text)) return true;
  return text.length >= 5 && editDistance(text.toLowerCase(), "password", 3) <= 3;
}

/**
 * The index of the first of a directive's words that is not to be shown, its name being 0; their
 * number or more where all may be. `inSecret`: it stands in the block of a secret.
 */
export function secretFrom(words: readonly string[], inSecret: boolean): number {
  const [name] = words;
  const named = words.findIndex(isSecretName);
  const after = named < 0 ? words.length : named + 1;
  if (name === "cmd") return Math.min(after, 2);
  if (name === "shell" || inSecret) return Math.min(after, 1);
  return after;
}

/**
 * Whether a block without a name of its own stands for a value, so that nothing in it is to be
 * shown but the program: `password {`, and `pasword {` and `url {` as well.
 */
export function isSecretBlock(owner: string | undefined, params: number): boolean {
  if (owner === undefined || isSecretName(owner)) return true;
  return params === 0 && owner !== "collection";
}

/** What may be shown of `password=…`, written as in other formats; undefined for all other words. */
export function concealAssignment(text: string): string | undefined {
  const split = /^([^=:]{1,80}[=:])./su.exec(text)?.[1];
  if (split === undefined || !isSecretName(split)) return undefined;
  return split + REDACTED;
}

/**
 * What may be shown of an URL that carries a user's name, a password or a query (feeds have their
 * token there); undefined for all other words. What is not quite an URL is hidden the same way.
 */
export function concealUrl(text: string): string | undefined {
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

/** Whether there is a login before an `@`, or may be one: an `@` in the path of a sound URL is none. */
function hasLogin(text: string): boolean {
  if (!text.includes("@")) return false;
  const url = URL.parse(text);
  return url === null || url.username !== "" || url.password !== "" || url.host === "";
}
