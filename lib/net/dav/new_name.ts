/** Names for new items, made by us from few characters, whatever the UID is. */

import { createHash } from "node:crypto";

/**
 * What every server leaves as it is: RFC 3986's unreserved characters but the tilde. `+` and `@` are
 * not among them, as some servers give them back encoded, and the item would seem to have moved.
 */
const ALLOWED = /^[A-Za-z0-9_.-]+$/;
const OTHERS = /[^A-Za-z0-9_.-]+/g;
/** The longest name, in bytes, with its extension. */
const MAX_NAME = 120;

/**
 * The name of a new item with this ident: the ident itself where it is harmless, else what is left
 * of it and a hash that keeps it apart. The same arguments give the same name; each further
 * `attempt` gives another.
 */
export function newName(ident: string, extension: string, attempt: number): string {
  const suffix = `.${extension}`;
  const harmless = ALLOWED.test(ident) && !/^[.-]|\.$/.test(ident) &&
    ident.length + suffix.length <= MAX_NAME;
  if (harmless && attempt === 0) return ident + suffix;
  // As UTF-16, which tells apart also what is no well-formed text.
  const hash = createHash("sha256")
    .update(attempt === 0 ? ident : `${attempt}\n${ident}`, "utf16le").digest("hex").slice(0, 16);
  const room = MAX_NAME - suffix.length - hash.length - 1;
  const start = ident.replace(OTHERS, "-").replace(/^[.-]+/, "").slice(0, room);
  return start === "" ? hash + suffix : `${start}-${hash}${suffix}`;
}
