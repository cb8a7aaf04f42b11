/** What runs have set aside, with the reason, from what their status remembers. */

import type { CollectionId, Href, Ident, Side } from "../model/names.ts";
import { otherSide, SIDES } from "../model/names.ts";
import type { CollectionKey, CollectionStatus } from "../model/status.ts";
import type { JournalEntry } from "../status/mod.ts";

export interface SetAside {
  readonly why: "conflict" | "duplicate" | "unreadable" | "refused" | "waiting" | "held";
  /** Its UID, or its href where nothing more is known; how many deletions, where they are held. */
  readonly what: string;
  readonly sides: readonly Side[];
  readonly reason?: string;
}

export interface CollectionReport {
  readonly collection: CollectionId;
  /** How many both sides agree on. */
  readonly items: number;
  readonly aside: readonly SetAside[];
}

/** @param journal What the last run that wrote something began. */
export async function asideIn(
  key: CollectionKey,
  status: CollectionStatus,
  journal: readonly JournalEntry[],
): Promise<CollectionReport> {
  const present: Record<Side, Map<Ident, Href[]>> = { a: new Map(), b: new Map() };
  const gone: Record<Side, Set<Href>> = { a: new Set(), b: new Set() };
  const aside: SetAside[] = [];
  for (const side of SIDES) {
    let held = 0;
    for (const seen of await status.observations(side)) {
      if (seen.state === "unreadable") {
        aside.push({ why: "unreadable", what: seen.href, sides: [side], reason: seen.reason });
      } else if (seen.state === "present") {
        const same = present[side].get(seen.ident) ?? [];
        present[side].set(seen.ident, [...same, seen.href]);
      } else if (seen.state === "gone") {
        gone[side].add(seen.href);
        if (seen.held !== undefined) held++;
      }
    }
    if (held > 0) aside.push(heldOn(otherSide(side), held));
  }
  // Beside what was seen there is what the base knows, and nobody has touched.
  const base = await status.base([...present.a.keys(), ...present.b.keys()]);
  for (const [ident, { sides }] of base) {
    for (const side of SIDES) {
      const { href } = sides[side];
      const hrefs = present[side].get(ident);
      if (hrefs === undefined || hrefs.includes(href) || gone[side].has(href)) continue;
      present[side].set(ident, [...hrefs, href]);
    }
  }
  const refused = new Map<Ident, SetAside>();
  for (const { collection, intent, outcome, reason } of journal) {
    const here = collection.id === key.id &&
      SIDES.every((side) => collection.identities[side] === key.identities[side]);
    if (!here || outcome !== "failed") continue;
    refused.set(intent.ident, {
      why: "refused",
      what: intent.ident,
      sides: [intent.on],
      ...(reason === undefined ? {} : { reason }),
    });
  }
  for (const ident of [...new Set([...present.a.keys(), ...present.b.keys()])].sort()) {
    const sides = SIDES.filter((side) => present[side].has(ident));
    const double = sides.filter((side) => (present[side].get(ident)?.length ?? 0) > 1);
    const failed = refused.get(ident);
    if (double.length > 0) aside.push(doubled(ident, double, present));
    else if (failed !== undefined) aside.push(failed);
    else if (sides.length === 2) aside.push({ why: "conflict", what: ident, sides });
    else aside.push({ why: "waiting", what: ident, sides });
    refused.delete(ident);
  }
  return {
    collection: key.id,
    items: await status.size(),
    aside: [...aside, ...refused.values()],
  };
}

const heldOn = (side: Side, deletions: number): SetAside => ({
  why: "held",
  what: `${deletions} deletion${deletions === 1 ? "" : "s"}`,
  sides: [side],
  reason: "too many at once; a sync shows them, and what lets them pass",
});

function doubled(
  ident: Ident,
  sides: readonly Side[],
  present: Readonly<Record<Side, ReadonlyMap<Ident, readonly Href[]>>>,
): SetAside {
  const hrefs = sides.flatMap((side) => present[side].get(ident) ?? []).sort();
  return { why: "duplicate", what: ident, sides, reason: hrefs.join(", ") };
}
