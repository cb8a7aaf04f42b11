/** How the ids of mailboxes are spelt: the parts of the name, whatever separates them elsewhere. */

import { type CollectionId, collectionId } from "../../model/names.ts";

/**
 * The id of a mailbox with a name of these parts, which are joined by `/`. A `/` inside a part is
 * written `%2F`, and a `%` is written `%25` only where two hexadecimal digits follow, so that most
 * names look as they are. INBOX is always `INBOX`, as its name has no case (RFC 3501 section 5.1).
 */
export function mailboxId(parts: readonly string[]): CollectionId {
  const id = parts.map(escaped).join("/");
  return collectionId(id.toUpperCase() === "INBOX" ? "INBOX" : id);
}

/** The parts of the name that an id of {@linkcode mailboxId} stands for. */
export function partsOf(id: CollectionId): readonly string[] {
  return id.split("/").map((part) =>
    part.replace(/%(2f|25)/gi, (_, hex: string) => hex === "25" ? "%" : "/")
  );
}

const escaped = (part: string): string =>
  part.replace(/%(?=[0-9a-f]{2})/gi, "%25").replaceAll("/", "%2F");
