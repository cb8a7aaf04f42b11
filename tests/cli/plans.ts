/** Plans made by hand, with one of everything. */

import { SyncError } from "../../lib/model/error.ts";
import { bodyOf, NO_FLAGS } from "../../lib/model/item.ts";
import {
  collectionId,
  digest,
  etag,
  href,
  ident,
  pairName,
  type Side,
  type Sides,
  type StorageName,
  storageName,
} from "../../lib/model/names.ts";
import type {
  CollectionPlan,
  Conflict,
  Plan,
  PlannedAction,
  Source,
} from "../../lib/model/plan.ts";
import type { Collection } from "../../lib/model/storage.ts";
import type { Describe, Described } from "../../lib/cli/show/describe.ts";

export const names: Sides<StorageName> = { a: storageName("home"), b: storageName("server") };

const source = (uid: string): Source => ({
  href: href(`${uid}.ics`),
  etag: etag(`"${uid}"`),
  digest: digest(`digest of ${uid}`),
  flags: NO_FLAGS,
  body: bodyOf(new TextEncoder().encode(uid)),
});

export const create = (uid: string, on: Side = "b"): PlannedAction => ({
  kind: "create",
  on,
  ident: ident(uid),
  from: source(uid),
  why: "new",
});
export const revive = (uid: string, on: Side = "b"): PlannedAction => ({
  kind: "create",
  on,
  ident: ident(uid),
  from: source(uid),
  why: "edit beats deletion",
});
export const update = (uid: string, on: Side = "a"): PlannedAction => ({
  kind: "update",
  on,
  ident: ident(uid),
  target: source(uid),
  from: source(uid),
});
export const remove = (uid: string, on: Side = "a"): PlannedAction => ({
  kind: "delete",
  on,
  ident: ident(uid),
  target: source(uid),
  gone: source(uid),
});
export const setFlags = (uid: string, flags: readonly string[]): PlannedAction => ({
  kind: "setFlags",
  on: "b",
  ident: ident(uid),
  target: source(uid),
  flags,
  from: source(uid),
});
export const record = (uid: string): PlannedAction => ({
  kind: "record",
  ident: ident(uid),
  sides: { a: source(uid), b: source(uid) },
});
export const conflict = (uid: string, known = true): Conflict => {
  const sides = { a: source(uid), b: source(uid) };
  return { ident: ident(uid), sides, ...(known ? { base: { ident: ident(uid), sides } } : {}) };
};

const collection = (id: string, at: string): Collection => ({
  id: collectionId(id),
  href: href(id),
  identity: `${at}/${id}`,
  properties: {},
});

export const collectionPlan = (
  id: string,
  parts: Partial<Omit<CollectionPlan, "mapping">>,
): CollectionPlan => ({
  mapping: {
    id: collectionId(id),
    sides: { a: collection(id, "/home/me/cal"), b: collection(id, "https://example.com/cal") },
  },
  creates: [],
  deletes: [],
  properties: [],
  propertyConflicts: [],
  actions: [],
  conflicts: [],
  problems: [],
  held: [],
  ...parts,
});

export const planOf = (pair: string, collections: readonly CollectionPlan[]): Plan => ({
  pair: pairName(pair),
  collections,
  problems: [],
  stale: [],
});

/** What the items are called, by their idents. */
export const describing = (items: Readonly<Record<string, Described>>): Describe => ({ ident }) =>
  Promise.resolve(items[ident]);

export const ITEMS: Readonly<Record<string, Described>> = {
  dentist: { component: "event", summary: "Dentist", when: "2026-03-14 10:30 Europe/Berlin" },
  standup: { component: "event", summary: "Stand-up", when: "2026-03-02 09:00 (weekly)" },
  old: { component: "event", summary: "Old thing", when: "2025-01-01" },
  lunch: { component: "event", summary: "Team lunch", when: "2026-04-01 12:00" },
  long: {
    component: "event",
    summary: "The quarterly meeting about the meetings that we hold each quarter, and why",
    when: "2026-06-30 14:00 Europe/Berlin",
  },
  cjk: {
    component: "event",
    summary: "定例会議：新製品の打ち合わせと来期の計画について",
    when: "2026-05-01 10:00",
  },
  emoji: { component: "event", summary: "Geburtstag 🎂 von Zoë 👩‍👩‍👧", when: "2026-05-02" },
  untitled: { component: "todo" },
  party: { component: "event", summary: "Party", when: "2026-07-01 20:00" },
};

/** What a terminal might obey: each field of a plan can hold it. */
export const HOSTILE = "\x1b]0;owned\x07\x1b[2J\u202eevil\r\n\x9b31mred\u200b";

export const FULL: Plan = planOf("calendars", [
  collectionPlan("family", {
    creates: ["b"],
    actions: [create("party")],
  }),
  collectionPlan("quiet", { actions: [record("same")] }),
  collectionPlan("work", {
    actions: [
      create("dentist"),
      create("cjk"),
      create("emoji"),
      revive("party", "a"),
      update("long"),
      update("standup"),
      remove("old"),
      setFlags("untitled", ["answered", "seen"]),
      record("same"),
      { kind: "forget", ident: ident("nobody") },
    ],
    conflicts: [conflict("lunch"), conflict("dentist", false)],
    held: [{
      guard: "on_empty",
      on: "b",
      actions: 12,
      message: 'home has no items in "work" any more; server still has 12',
      hint: 'If you emptied it on purpose, set "on_empty sync" in the pair.',
    }],
    problems: [{
      side: "b",
      href: href("broken.ics"),
      error: new SyncError("it has no UID", {
        scope: "item",
        kind: "malformed",
        hint: "Give it a UID, or delete it.",
      }),
    }],
  }),
]);
