/** A vCard: a contact, or a group of contacts. */

import { ident } from "../model/names.ts";
import { canonicalCardLines, isIgnoredInCards } from "./canonical_card.ts";
import { type Component, ITEM_LIMITS, type ItemLimits } from "./components.ts";
import { digestOf, type Spelling } from "./digest.ts";
import { decodeBytes, excerpt, trimSpaces } from "./lines.ts";
import {
  malformed,
  type MalformedItem,
  parseItem,
  type ReadItem,
  tooLarge,
  uidOf,
} from "./parse_item.ts";

export type { ReadItem } from "./parse_item.ts";

/** The versions that are read: RFC 2426 and RFC 6350. */
export const CARD_VERSIONS = ["3.0", "4.0"] as const;
export type CardVersion = typeof CARD_VERSIONS[number];

/** A card, parsed, or why it cannot be read. */
export type ParsedCard =
  | { readonly state: "read"; readonly card: Component; readonly version: CardVersion }
  | MalformedItem;

const CARDS: Spelling = { isIgnored: isIgnoredInCards, lines: canonicalCardLines };

/**
 * The ident and the digest of a vCard. Never throws.
 *
 * The ident is its UID: the first, without its escapes and the spaces around it, and otherwise as it
 * stands, a `urn:uuid:` included. If there is none, it is `sha256:` and the digest. The UID is part
 * of the digest as any other property, and so is VERSION: a card in another version is another text.
 *
 * Malformed, and so neither copied nor taken for deleted, is what is no vCard or several, what is
 * cut short or holds NUL bytes, as files do after a crash, and what is in no version that is known:
 * that of vCard 2.1 has other line breaks, escapes and characters, so that it would be misread.
 */
export function readContact(bytes: Uint8Array, limits: ItemLimits = ITEM_LIMITS): ReadItem {
  const parsed = parseCard(bytes, limits);
  if (parsed.state === "malformed") return parsed;
  const uid = uidOf(parsed.card);
  if (uid !== undefined && uid.length > limits.uid) {
    return tooLarge(`has a UID of ${uid.length} bytes; ${limits.uid} are allowed`);
  }
  const digest = digestOf(parsed.card, CARDS);
  const name = uid === undefined ? `sha256:${digest}` : decodeBytes(uid);
  return { state: "read", ident: ident(name), digest };
}

/** The one card that `bytes` hold. Never throws. */
export function parseCard(bytes: Uint8Array, limits: ItemLimits = ITEM_LIMITS): ParsedCard {
  const parsed = parseItem(bytes, { component: "VCARD", noun: "card" }, limits);
  if (parsed.state === "malformed") return parsed;
  const card = parsed.root;
  const line = card.lines.find(({ name }) => name === "VERSION");
  if (line === undefined) return malformed("does not say which version of vCard it is in", CONVERT);
  const said = trimSpaces(line.value);
  const version = CARD_VERSIONS.find((known) => known === said);
  if (version !== undefined) return { state: "read", card, version };
  return malformed(`is in version ${excerpt(said)} of vCard, which is not read`, CONVERT);
}

const CONVERT = "Write it out again with an address book that knows vCard 3.0 or 4.0.";
