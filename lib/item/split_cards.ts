/** A file with many contacts as one vCard each, and back. */

import { ident } from "../model/names.ts";
import { byteString, decodeBytes, excerpt } from "./lines.ts";
import {
  bytesOf,
  contentUid,
  type Edit,
  NoItem,
  type Split,
  SPLIT_LIMITS,
  type SplitItem,
  type SplitOptions,
  takeName,
  takenNames,
  unsplit,
} from "./split.ts";
import { type RawComponent, scanComponents, textWithUid, wholeLines } from "./split_scan.ts";

interface CardPart extends SplitItem {
  readonly card: RawComponent;
}

/**
 * Splits what is any number of vCards, one after the other (RFC 6350 section 3.2): each is an item,
 * byte for byte, and only gets a UID where it has none (programs that export contacts leave them
 * out). What is something else, or is cut short, is malformed as a whole. Never throws.
 */
export function splitCards(bytes: Uint8Array, options: SplitOptions = {}): Split {
  const { limits = SPLIT_LIMITS, uids = "kept" } = options;
  if (bytes.byteLength > limits.bytes) {
    return unsplit(`has ${bytes.byteLength} bytes; ${limits.bytes} are allowed`, "too large");
  }
  const text = byteString(bytes);
  const scanned = scanComponents(text, limits);
  if (!scanned.ok) return unsplit(scanned.reason, scanned.kind);
  const cards = scanned.roots;
  const stranger = cards.find(({ name }) => name !== "VCARD");
  if (stranger !== undefined) {
    return unsplit(`is not made of vCards: it holds BEGIN:${excerpt(stranger.name)}`);
  }
  const taken = takenNames(uids === "kept" ? cards.flatMap(({ uid }) => uid ?? []) : []);
  const items = cards.map((card): CardPart => {
    const size = card.end - card.start + UID_BYTES;
    if (uids === "kept" && card.uid !== undefined) {
      const bytes = () => bytesOf(wholeLines(text, card));
      return { ident: ident(decodeBytes(card.uid)), card, size, bytes };
    }
    const uid = takeName(taken, contentUid([text.slice(card.start, card.end)]));
    return { ident: ident(uid), card, size, bytes: () => bytesOf(textWithUid(text, card, uid)) };
  });
  return { state: "split", items, joined: (edits) => bytesOf(joinCards(text, cards, edits)) };
}

/** What a UID of ours adds, with room. */
const UID_BYTES = 100;

function joinCards(
  text: string,
  cards: readonly RawComponent[],
  edits: readonly Edit[],
): string {
  const instead = new Map<RawComponent, string>();
  const added: string[] = [];
  for (const edit of edits) {
    if (edit.kind === "add") added.push(readCard(edit.bytes));
    else {
      const { card } = edit.item as CardPart;
      instead.set(card, edit.kind === "remove" ? "" : readCard(edit.bytes));
    }
  }
  const first = cards[0]?.start ?? text.length;
  const whole = added.length > 0
    ? wholeLines
    : (text: string, { start, end }: RawComponent) => text.slice(start, end);
  const kept = cards.map((card) => instead.get(card) ?? whole(text, card));
  return text.slice(0, first) + kept.join("") + added.join("");
}

function readCard(bytes: Uint8Array): string {
  const text = byteString(bytes);
  const scanned = scanComponents(text, SPLIT_LIMITS);
  if (!scanned.ok) throw new NoItem(`it ${scanned.reason}`);
  const [card, ...others] = scanned.roots;
  if (card?.name !== "VCARD") throw new NoItem("it is no vCard");
  if (others.length > 0) throw new NoItem("it holds several vCards");
  return wholeLines(text, card);
}
