/**
 * Which UID each mail has on each side, once both hold it. A pure step of its own, after reconcile.
 *
 * Where both sides keep UIDs, a mail that is new keeps its own on the other side as long as that is
 * free there for new mail; a UID that both gave to different mails is given up by both, and they
 * get new ones, the same on both sides, in the order in which dsync would give them. Where b is to
 * be as a is, a's UIDs count. Where only one side keeps UIDs, it takes the other's as far as it can.
 */

import { hrefOfUid, type Mailbox, type Numbers, uidOf } from "../../model/mail.ts";
import type { Href, Ident, Side, Sides } from "../../model/names.ts";
import { otherSide, SIDES } from "../../model/names.ts";
import type { PlannedAction } from "../../model/plan.ts";
import { keyOf } from "./idents.ts";
import { numbersOf } from "./numbers.ts";

/** What is known of one side's mailbox; none where it is yet to be made. */
export interface UidSide {
  readonly mailbox: Mailbox | undefined;
  readonly uidNext: number;
  readonly keepsUids: boolean;
  readonly keepsGuids: boolean;
  /** It may be numbered anew. */
  readonly writable: boolean;
}

export interface UidsInput {
  readonly sides: Sides<UidSide>;
  readonly oneWay: boolean;
  /** Whether the base knows anything of the two: what both are called by is settled then. */
  readonly isKnown: boolean;
  readonly actions: readonly PlannedAction[];
  /** Every other href of a side that is in use. */
  readonly inUse: (side: Side, uid: number) => boolean;
}

export interface UidsPlan {
  /** What is to be numbered anew on a side before anything else is done. */
  readonly numbers: Partial<Sides<Numbers>>;
  /** What UIDNEXT is to be on a side after everything else is done, at least. */
  readonly uidNext: Partial<Sides<number>>;
  /** The actions, with UIDs for what is created and with the hrefs that mails have by then. */
  readonly actions: readonly PlannedAction[];
}

/** A mail that needs a UID: where it is now, and as which. */
interface Entry {
  readonly ident: Ident;
  readonly uids: Partial<Sides<number>>;
}

export function planUids(input: UidsInput): UidsPlan {
  const { sides, actions } = input;
  if (!SIDES.some((side) => sides[side].keepsUids)) return { numbers: {}, uidNext: {}, actions };
  const entries = actions.flatMap((action) => entryOf(action) ?? []);
  const chosen = input.oneWay && sides.b.keepsUids
    ? asOnA(entries)
    : SIDES.every((side) => sides[side].keepsUids)
    ? shared(entries, { a: sides.a.uidNext, b: sides.b.uidNext })
    : asOnTheOther(entries, input);
  const uids: Sides<Map<Href, number>> = { a: new Map(), b: new Map() };
  for (const { ident, uids: has } of entries) {
    const uid = chosen.get(ident);
    if (uid === undefined) continue;
    for (const side of SIDES) {
      const now = has[side];
      if (now === undefined || now === uid || !sides[side].keepsUids) continue;
      uids[side].set(hrefOfUid(now), uid);
    }
  }
  const counted = SIDES.filter((side) => sides[side].keepsUids || input.oneWay);
  const most = Math.max(...counted.map((side) => sides[side].uidNext));
  const next = [...chosen.values()].reduce((next, uid) => Math.max(next, uid + 1), most);
  makeWay(uids, input, chosen, next);
  const numbers: Partial<Record<Side, Numbers>> = {};
  const uidNext: Partial<Record<Side, number>> = {};
  for (const side of SIDES) {
    const { keepsUids, writable } = sides[side];
    if (!keepsUids || !writable) {
      uids[side].clear();
      continue;
    }
    const wanted = numbersOf(side, input, uids[side]);
    if (wanted !== undefined) numbers[side] = wanted;
    // Only after the mails below it have come: they would be out of turn otherwise.
    if (sides[side].uidNext < next) uidNext[side] = next;
  }
  return { numbers, uidNext, actions: actions.map((it) => renumbered(it, uids, chosen, sides)) };
}

function entryOf(action: PlannedAction): Entry | undefined {
  const { ident } = action;
  if (action.kind === "create") {
    return { ident, uids: { [otherSide(action.on)]: uidOf(action.from.href) } };
  }
  if (action.kind === "setFlags") {
    const { target, from, on } = action;
    return differing(ident, { [on]: target.href, [otherSide(on)]: from.href });
  }
  return action.kind === "record"
    ? differing(ident, { a: action.sides.a.href, b: action.sides.b.href })
    : undefined;
}

function differing(ident: Ident, { a, b }: Partial<Sides<Href>>): Entry | undefined {
  if (a === undefined || b === undefined || a === b) return undefined;
  return { ident, uids: { a: uidOf(a), b: uidOf(b) } };
}

const asOnA = (entries: readonly Entry[]): Map<Ident, number> =>
  new Map(entries.flatMap(({ ident, uids: { a } }) => a === undefined ? [] : [[ident, a]]));

/** The one that keeps UIDs takes those of new mails where they are free for new mail. */
function asOnTheOther(entries: readonly Entry[], { sides }: UidsInput): Map<Ident, number> {
  const side = sides.a.keepsUids ? "a" : "b";
  const given = new Map<Ident, number>();
  let next = sides[side].uidNext;
  const fresh = entries.filter((it) => it.uids[side] === undefined)
    .sort((one, other) => uidIn(one, otherSide(side)) - uidIn(other, otherSide(side)));
  for (const { ident, uids } of fresh) {
    const uid = Math.max(next, uids[otherSide(side)] ?? next);
    given.set(ident, uid);
    next = uid + 1;
  }
  return given;
}

/** As dsync merges two lists that are in the order of their UIDs (its import of new mails). */
function shared(entries: readonly Entry[], next: Sides<number>): Map<Ident, number> {
  const given = new Map<Ident, number>();
  let free = Math.max(next.a, next.b);
  for (const { ident, uids } of merged(entries)) {
    if (given.has(ident)) continue;
    const { a, b } = uids;
    const usable = a !== undefined && a >= next.b ? a : b !== undefined && b >= next.a ? b : free++;
    given.set(ident, usable);
  }
  return given;
}

/** At every step the smaller one of both lists' firsts: by its key, and then by its UID. */
function* merged(entries: readonly Entry[]): Generator<Entry> {
  const listOf = (side: Side) =>
    entries.filter((it) => it.uids[side] !== undefined)
      .sort((one, other) => uidIn(one, side) - uidIn(other, side));
  const [a, b] = [listOf("a"), listOf("b")];
  let [atA, atB] = [0, 0];
  while (true) {
    const [fromA, fromB] = [a[atA], b[atB]];
    if (fromA === undefined && fromB === undefined) return;
    if (fromA === undefined || fromB !== undefined && isBefore(fromB, "b", fromA, "a")) {
      if (fromB !== undefined) yield fromB;
      atB++;
    } else {
      yield fromA;
      atA++;
    }
  }
}

const uidIn = ({ uids }: Entry, side: Side): number => uids[side] ?? 0;

function isBefore(one: Entry, side: Side, other: Entry, otherSide: Side): boolean {
  const [key, otherKey] = [keyOf(one.ident), keyOf(other.ident)];
  return key === otherKey ? uidIn(one, side) < uidIn(other, otherSide) : key < otherKey;
}

/** Whoever has a UID on b that belongs to another one gets out of the way, even if it is to go. */
function makeWay(
  uids: Sides<Map<Href, number>>,
  { oneWay, sides, inUse }: UidsInput,
  chosen: ReadonlyMap<Ident, number>,
  next: number,
): void {
  if (!oneWay || !sides.b.keepsUids) return;
  let free = next;
  for (const uid of chosen.values()) {
    const here = hrefOfUid(uid);
    if (inUse("b", uid) && !uids.b.has(here)) uids.b.set(here, free++);
  }
}

/** The action, with where its mails are by the time that it is carried out. */
function renumbered(
  action: PlannedAction,
  uids: Sides<ReadonlyMap<Href, number>>,
  chosen: ReadonlyMap<Ident, number>,
  sides: UidsInput["sides"],
): PlannedAction {
  const moved = <Of extends { readonly href: Href }>(of: Of, side: Side): Of => {
    const uid = uids[side].get(of.href);
    return uid === undefined ? of : { ...of, href: hrefOfUid(uid) };
  };
  switch (action.kind) {
    case "create": {
      const uid = sides[action.on].keepsUids ? chosen.get(action.ident) : undefined;
      const from = moved(action.from, otherSide(action.on));
      return { ...action, from, ...(uid === undefined ? {} : { uid }) };
    }
    case "setFlags":
      return {
        ...action,
        target: moved(action.target, action.on),
        from: moved(action.from, otherSide(action.on)),
      };
    case "delete":
      return { ...action, target: moved(action.target, action.on) };
    case "record": {
      const { a, b } = action.sides;
      return { ...action, sides: { a: moved(a, "a"), b: moved(b, "b") } };
    }
    case "update":
    case "forget":
      return action;
  }
}
