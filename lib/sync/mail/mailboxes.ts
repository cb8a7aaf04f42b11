/**
 * Which mailboxes of the two sides belong together. Pure. Those that were kept in step still do,
 * whatever they are called now: one that has another name on one side was renamed there, and is to
 * be on the other. The rest go by their names, as far as both sides can have them, and then by their
 * special use (RFC 6154).
 */

import type { CollectionId, Side, Sides } from "../../model/names.ts";
import { collectionId, otherSide, SIDES } from "../../model/names.ts";
import type { CollectionKey } from "../../model/status.ts";
import type { Collection } from "../../model/storage.ts";

export interface MailboxesInput {
  readonly collections: Sides<readonly Collection[]>;
  /** What a mailbox of an id is called on a side. */
  readonly localId: Sides<(id: CollectionId) => CollectionId>;
  readonly known: readonly CollectionKey[];
  /** Where nothing is renamed. */
  readonly closed: Sides<boolean>;
  readonly oneWay: boolean;
  /** A mailbox has the same GUID on both sides, as both keep those they are given. */
  readonly sharesGuids: boolean;
}

/** Two mailboxes, or one and what it is to be called where it is not. */
export interface LinkedMailbox {
  readonly id: CollectionId;
  readonly names: Sides<CollectionId>;
  readonly there: Sides<Collection | undefined>;
  readonly knownAs?: CollectionId;
  readonly renames?: Renames;
}

/** What a mailbox is to be called, on the sides where it is called otherwise. */
export type Renames = Partial<Sides<CollectionId>>;

/** Never renamed, and never deleted (RFC 3501 section 5.1). */
const INBOX = collectionId("INBOX");
export const isInbox = (id: CollectionId): boolean => id === INBOX;

export function linkedMailboxes(input: MailboxesInput): readonly LinkedMailbox[] {
  const { collections } = input;
  const left: Sides<Map<CollectionId, Collection>> = {
    a: new Map(collections.a.map((it) => [it.id, it] as const)),
    b: new Map(collections.b.map((it) => [it.id, it] as const)),
  };
  const take = (a: Collection, b: Collection) => {
    left.a.delete(a.id);
    left.b.delete(b.id);
  };
  const identical = byIdentity(input);
  const known = withoutBlocked([...identical, ...byGuid(identical, input)], input);
  for (const { there: { a, b } } of known) if (a !== undefined && b !== undefined) take(a, b);
  const interrupted = byTemporaryName(left, input);
  for (const { there: { a, b } } of interrupted) if (a !== undefined && b !== undefined) take(a, b);
  const named = byName(left, input);
  for (const { there: { a, b } } of named) if (a !== undefined && b !== undefined) take(a, b);
  const special = bySpecialUse(left);
  for (const { there: { a, b } } of special) if (a !== undefined && b !== undefined) take(a, b);
  return [
    ...known,
    ...interrupted,
    ...named,
    ...special,
    ...SIDES.flatMap((side) => alone(side, left, input)),
  ];
}

/** Those that the status knows. */
function byIdentity(
  { collections, localId, known, closed, oneWay }: MailboxesInput,
): readonly LinkedMailbox[] {
  const at: Sides<Map<string, Collection>> = {
    a: new Map(collections.a.map((it) => [it.identity, it] as const)),
    b: new Map(collections.b.map((it) => [it.identity, it] as const)),
  };
  return known.flatMap((key): readonly LinkedMailbox[] => {
    const there = { a: at.a.get(key.identities.a), b: at.b.get(key.identities.b) };
    const { a, b } = there;
    if (a === undefined || b === undefined || isInbox(a.id) !== isInbox(b.id)) return [];
    at.a.delete(a.identity);
    at.b.delete(b.identity);
    const names = { a: a.id, b: b.id };
    const as = (id: CollectionId) => ({
      id,
      names,
      there,
      ...(id === key.id ? {} : { knownAs: key.id }),
    });
    const common = commonId(names, localId);
    if (common !== undefined) return [as(common)];
    // Joined by their special use: each has the name that it always had.
    if (isSpecial(key.id)) return [as(key.id)];
    const onA = !oneWay && a.id === localId.a(key.id) && b.id !== localId.b(key.id);
    const on = isTemporary(a.id) || onA && !isTemporary(b.id) ? "a" : "b";
    if (closed[on]) return [as(key.id)];
    const id = names[otherSide(on)];
    return [{ ...as(id), renames: { [on]: localId[on](id) } }];
  });
}

/** A name that nobody has, and that a mailbox has only while others take each other's names. */
export const temporaryName = (id: CollectionId, count: number): CollectionId =>
  collectionId(`${id}-dovetail-${count}`);

const TEMPORARY = /-dovetail-\d+$/;
const isTemporary = (id: CollectionId): boolean => TEMPORARY.test(id);

/**
 * One that was left with such a name by a run that was stopped, on a storage where nothing but the
 * name tells mailboxes apart: it is the one that was to have the name within its name.
 */
function byTemporaryName(
  left: Sides<ReadonlyMap<CollectionId, Collection>>,
  { localId, closed }: MailboxesInput,
): readonly LinkedMailbox[] {
  return SIDES.flatMap((on) => {
    const there = otherSide(on);
    if (closed[on]) return [];
    return [...left[on].values()].filter(({ id }) => isTemporary(id)).flatMap((it) => {
      const to = collectionId(it.id.replace(TEMPORARY, ""));
      const other = [...left[there].values()].find(({ id }) => localId[on](id) === to);
      if (other === undefined) return [];
      const both = on === "a" ? { a: it, b: other } : { a: other, b: it };
      const names = { a: both.a.id, b: both.b.id };
      return [{ id: other.id, names, there: both, renames: { [on]: to } }];
    });
  });
}

/** Those that the status does not know, and that are one mailbox all the same: a folder was copied. */
function byGuid(
  links: readonly LinkedMailbox[],
  { collections, localId, closed, sharesGuids }: MailboxesInput,
): readonly LinkedMailbox[] {
  if (!sharesGuids) return [];
  const done = new Set(links.flatMap(({ there: { a, b } }) => [a, b]));
  const inB = new Map(
    collections.b.flatMap((it) =>
      it.mailbox?.guid === undefined || done.has(it) ? [] : [[it.mailbox.guid, it] as const]
    ),
  );
  return collections.a.flatMap((a): readonly LinkedMailbox[] => {
    const b = a.mailbox?.guid === undefined || done.has(a) ? undefined : inB.get(a.mailbox.guid);
    if (b === undefined || isInbox(a.id) !== isInbox(b.id)) return [];
    const names = { a: a.id, b: b.id };
    const id = commonId(names, localId);
    if (id !== undefined) return [{ id, names, there: { a, b } }];
    // Nobody knows which of the names is the newer one.
    return closed.b ? [] : [{ id: a.id, names, there: { a, b }, renames: { b: localId.b(a.id) } }];
  });
}

/**
 * A name that is taken by one that keeps it cannot be had. Then the other side's new name is taken
 * back; where that is taken as well, both get a name that nobody has: whoever made a mailbox of the
 * old or the new name meanwhile keeps it.
 */
function withoutBlocked(
  links: readonly LinkedMailbox[],
  { collections, localId, closed, oneWay }: MailboxesInput,
): readonly LinkedMailbox[] {
  const all: Sides<ReadonlySet<CollectionId>> = {
    a: new Set(collections.a.map(({ id }) => id)),
    b: new Set(collections.b.map(({ id }) => id)),
  };
  const mayBe = (side: Side) => !closed[side] && !(oneWay && side === "a");
  const otherwise = (link: LinkedMailbox, at: number): LinkedMailbox => {
    const [on, ...more] = SIDES.filter((side) => link.renames?.[side] !== undefined);
    if (on === undefined || more.length > 0) return asKnown(link);
    const other = otherSide(on);
    const id = link.names[on];
    if (at === 0 && mayBe(other)) {
      return { ...link, id, renames: { [other]: localId[other](id) } };
    }
    if (!SIDES.every(mayBe)) return asKnown(link);
    for (let count = 2;; count++) {
      const free = collectionId(`${link.id}-${count}`);
      const renames = { a: localId.a(free), b: localId.b(free) };
      if (SIDES.every((side) => !all[side].has(renames[side]))) {
        return { ...link, id: free, knownAs: link.knownAs ?? link.id, renames };
      }
    }
  };
  let now = links.map((link) => ({ link, tried: 0 }));
  for (;;) {
    const leaving = leavingNames(now.map(({ link }) => link));
    const isBlocked = ({ link: { renames } }: typeof now[number]) =>
      SIDES.some((side) => {
        const to = renames?.[side];
        return to !== undefined && all[side].has(to) && !leaving[side].has(to);
      });
    const first = now.find(isBlocked);
    if (first === undefined) return now.map(({ link }) => link);
    now = now.map((it) =>
      it === first ? { link: otherwise(it.link, it.tried), tried: it.tried + 1 } : it
    );
  }
}

/** The names that mailboxes are about to leave. */
export function leavingNames(
  links: readonly LinkedMailbox[],
): Sides<ReadonlySet<CollectionId>> {
  const on = (side: Side) =>
    new Set(
      links.flatMap(({ renames, names }) => renames?.[side] === undefined ? [] : [names[side]]),
    );
  return { a: on("a"), b: on("b") };
}

function asKnown({ id, names, there, knownAs }: LinkedMailbox): LinkedMailbox {
  return { id: knownAs ?? id, names, there };
}

/** What both are called together, if each is called as the other's name comes to be there. */
function commonId(
  { a, b }: Sides<CollectionId>,
  localId: MailboxesInput["localId"],
): CollectionId | undefined {
  if (localId.b(a) === b) return a;
  return localId.a(b) === a ? b : undefined;
}

function byName(
  left: Sides<ReadonlyMap<CollectionId, Collection>>,
  { localId }: MailboxesInput,
): readonly LinkedMailbox[] {
  const taken = new Set<CollectionId>();
  const links: LinkedMailbox[] = [];
  const link = (id: CollectionId, a: Collection, b: Collection) => {
    taken.add(b.id);
    links.push({ id, names: { a: a.id, b: b.id }, there: { a, b } });
  };
  const others: Collection[] = [];
  // First those that are called the same, so that none of them is taken by one that is not.
  for (const a of left.a.values()) {
    const b = left.b.get(a.id);
    if (b !== undefined && localId.b(a.id) === a.id) link(a.id, a, b);
    else others.push(a);
  }
  const asInA = new Map<CollectionId, Collection>();
  for (const b of left.b.values()) if (!taken.has(b.id)) asInA.set(localId.a(b.id), b);
  for (const a of others) {
    const same = left.b.get(localId.b(a.id));
    const b = same !== undefined && !taken.has(same.id) ? same : asInA.get(a.id);
    if (b !== undefined && !taken.has(b.id)) link(b === same ? a.id : b.id, a, b);
  }
  return links;
}

const isSpecial = (id: CollectionId): boolean => id.startsWith("\\");

/** The only one that each side has for a use. What they are called together is that use. */
function bySpecialUse(
  left: Sides<ReadonlyMap<CollectionId, Collection>>,
): readonly LinkedMailbox[] {
  const uses = { a: usesOf(left.a), b: usesOf(left.b) };
  return [...uses.a].flatMap(([use, [a, ...more]]): readonly LinkedMailbox[] => {
    const [b, ...others] = uses.b.get(use) ?? [];
    if (a === undefined || b === undefined || more.length + others.length > 0) return [];
    return [{ id: collectionId(use), names: { a: a.id, b: b.id }, there: { a, b } }];
  });
}

function usesOf(left: ReadonlyMap<CollectionId, Collection>): ReadonlyMap<string, Collection[]> {
  const special = [...left.values()].filter(({ mailbox }) => mailbox?.specialUse !== undefined);
  return Map.groupBy(special, ({ mailbox }) => mailbox?.specialUse ?? "");
}

/** What is on one side alone, and what it would be called on the other. */
function alone(
  side: Side,
  left: Sides<ReadonlyMap<CollectionId, Collection>>,
  { localId, known }: MailboxesInput,
): readonly LinkedMailbox[] {
  const last = new Map(known.map((it) => [it.identities[side], it.id] as const));
  return [...left[side].values()].map((it) => {
    const was = last.get(it.identity);
    // As it was called when both had it: the other one may be gone.
    const id = was !== undefined && localId[side](was) === it.id ? was : it.id;
    const there = localId[otherSide(side)](id);
    return side === "a"
      ? { id, names: { a: it.id, b: there }, there: { a: it, b: undefined } }
      : { id, names: { a: there, b: it.id }, there: { a: undefined, b: it } };
  });
}
