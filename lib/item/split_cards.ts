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

/** What vdirsyncer puts around the cards of a file; it is in no standard. */
const WRAPPER = "VADDRESSBOOK";

/**
 * Splits what is any number of vCards, one after the other (RFC 6350 section 3.2), in a wrapper such
 * as vdirsyncer's or not: each is an item, byte for byte, and only gets a UID where it has none
 * (programs that export contacts leave them out). What is something else, or is cut short, is
 * malformed as a whole. Never throws.
 */
export function splitCards(bytes: Uint8Array, options: SplitOptions = {}): Split {
  const { limits = SPLIT_LIMITS, uids = "kept" } = options;
  if (bytes.byteLength > limits.bytes) {
    return unsplit(`has ${bytes.byteLength} bytes; ${limits.bytes} are allowed`, "too large");
  }
  const text = byteString(bytes);
  const scanned = scanComponents(text, limits);
  if (!scanned.ok) return unsplit(scanned.reason, scanned.kind);
  const cards = scanned.roots.flatMap((root) => root.name === WRAPPER ? root.children : [root]);
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
  const place = placeOfFirst(text, scanned.roots);
  return {
    state: "split",
    items,
    joined: (edits) => bytesOf(joinCards({ text, cards, place }, edits)),
  };
}

/** What a UID of ours adds, with room. */
const UID_BYTES = 100;

/** Where a card goes if there is none yet. */
function placeOfFirst(text: string, roots: readonly RawComponent[]): number {
  return roots.findLast(({ name }) => name === WRAPPER)?.close ?? text.length;
}

interface Whole {
  readonly text: string;
  readonly cards: readonly RawComponent[];
  /** Of a card, where there is none. */
  readonly place: number;
}

function joinCards({ text, cards, place }: Whole, edits: readonly Edit[]): string {
  const instead = new Map<RawComponent, string>();
  const added: string[] = [];
  for (const edit of edits) {
    if (edit.kind === "add") added.push(readCard(edit.bytes));
    else {
      const { card } = edit.item as CardPart;
      instead.set(card, edit.kind === "remove" ? "" : readCard(edit.bytes));
    }
  }
  const whole = added.length > 0
    ? wholeLines
    : (text: string, { start, end }: RawComponent) => text.slice(start, end);
  const parts: string[] = [];
  let at = 0;
  for (const card of cards) {
    parts.push(text.slice(at, card.start), instead.get(card) ?? whole(text, card));
    at = card.end;
  }
  if (cards.length === 0) {
    parts.push(text.slice(0, place));
    at = place;
  }
  return [...parts, ...added, text.slice(at)].join("");
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
