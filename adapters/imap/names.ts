/** How mailboxes are called here, and how the rest of the world calls them. */

import type { CollectionId } from "../../lib/model/names.ts";
import { mailboxId, partsOf } from "../../lib/item/mail/mailbox_id.ts";
import { decodeMutf7, encodeMutf7 } from "../../lib/item/mail/mutf7.ts";
import { latin1Bytes } from "../../lib/net/imap/value.ts";

/** What the server says of its names (RFC 2342). */
export interface Naming {
  /** What stands before the names of one's own mailboxes, which is no part of their ids. */
  readonly prefix: string;
  /** None where names have no parts. */
  readonly separator: string | undefined;
  /** What stands before the names of other people's mailboxes and of those for all. */
  readonly foreign: readonly string[];
}

export const PLAIN: Naming = { prefix: "", separator: "/", foreign: [] };

/** Names in UTF-8, which some servers send although they must not, and whatever else is none. */
const decoded = (name: string): string => {
  const proper = decodeMutf7(name);
  if (proper !== undefined) return proper;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(latin1Bytes(name));
  } catch {
    return name;
  }
};

const isInbox = (name: string) => name.toUpperCase() === "INBOX";

/** The id of a mailbox that the server calls so. */
export function idOf(name: string, separator: string | undefined, naming: Naming): CollectionId {
  if (isInbox(name)) return mailboxId(["INBOX"]);
  const { prefix } = naming;
  const own = prefix !== "" && name.length > prefix.length && name.startsWith(prefix)
    ? name.slice(prefix.length)
    : name;
  const parts = separator === undefined ? [own] : own.split(separator);
  return mailboxId(parts.map(decoded));
}

/** What the server calls, or is to call, a mailbox of that id. */
export function nameOf(id: CollectionId, { prefix, separator }: Naming): string {
  if (isInbox(id)) return "INBOX";
  return prefix + partsOf(id).map(encodeMutf7).join(separator ?? "");
}

/** Whether a mailbox is one's own. */
export function isOwn(name: string, { foreign, separator = "" }: Naming): boolean {
  return !foreign.some((prefix) => name.startsWith(prefix) || name + separator === prefix);
}

/** The id that a mailbox can have here: without what would be taken for something else. */
export function localIdOf(id: CollectionId, altChar: string, { separator }: Naming): CollectionId {
  const parts = partsOf(id);
  const fitting = parts.map((part) => {
    // deno-lint-ignore no-control-regex -- these are what is replaced
    let name = part.replace(/[\x00-\x1f\x7f]/g, altChar);
    if (separator !== undefined) name = name.replaceAll(separator, altChar);
    // Where a server keeps mailboxes in folders these would be other folders.
    return /^\.{0,2}$/.test(name) ? name.replaceAll(".", altChar) || altChar : name;
  });
  return mailboxId(separator === undefined ? [fitting.join(altChar)] : fitting);
}
