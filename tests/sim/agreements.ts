/** What each pair agreed on about each item, as far as an engine can know. */

import type { Version } from "../../lib/model/item.ts";
import type { CollectionId, Ident, Side, Sides } from "../../lib/model/names.ts";
import { SIDES } from "../../lib/model/names.ts";
import type { BaseItem } from "../../lib/model/plan.ts";
import { meaning } from "./text.ts";

export interface Agreement {
  /** What the item meant. None: that there is none any more. */
  readonly meaning: string | undefined;
  /** Whether the base says so; otherwise an effect does, of which the journal knows. */
  readonly confirmed: boolean;
  /** The side that was written to, where it was an effect. */
  readonly wrote: Side | undefined;
  /** How often users had edited the item by then. */
  readonly edits: number;
}

/** Of one pair of collections. */
export interface Agreements {
  find(ident: Ident): Agreement | undefined;
  /** An effect was meant to take place, and nobody may ever hear whether it did. */
  intended(ident: Ident, side: Side, digest: string | undefined): void;
  /** Whether it was meant to be deleted there. */
  meantToGo(ident: Ident, side: Side): boolean;
  /** An effect took place. */
  wrote(ident: Ident, side: Side, digest: string | undefined): void;
  /** Takes in what the base says now, durably. */
  base(base: ReadonlyMap<Ident, BaseItem>): void;
  /**
   * Whether it is as the pair agreed on it. Where an effect was cut off and a user then put back what
   * had been there before, nobody can tell that from an effect that never took place: it is done once
   * more, and what it displaces is in the attic. Neither can what a user made just as we meant to be
   * told from what we made. Known limits. `toGo`: it is about to be deleted, and not overwritten.
   */
  asAgreed(side: Side, ident: Ident, digest: string, toGo: boolean): boolean;
}

/** `edits`: how often users have edited an item so far. */
export function newAgreements(edits: (ident: Ident) => number): Agreements {
  const agreed = new Map<Ident, Agreement>();
  /** What was meant since the base last moved, by the item. */
  const intents = new Map<Ident, Set<string>>();
  let last = new Map<Ident, Sides<Version>>();
  return {
    find: (ident) => agreed.get(ident),
    intended(ident, side, digest) {
      const known = intents.get(ident) ?? new Set();
      intents.set(ident, known.add(`${side} ${digest === undefined ? "" : meaning(digest)}`));
    },
    meantToGo: (ident, side) => intents.get(ident)?.has(`${side} `) ?? false,

    wrote(ident, side, digest) {
      const means = digest === undefined ? undefined : meaning(digest);
      agreed.set(ident, {
        meaning: means,
        confirmed: false,
        wrote: side,
        edits: edits(ident),
      });
    },

    base(base) {
      const now = new Map<Ident, Sides<Version>>();
      for (const [ident, { sides }] of base) {
        now.set(ident, sides);
        const before = last.get(ident);
        const moved = SIDES.some((side) =>
          before?.[side].etag !== sides[side].etag || before[side].digest !== sides[side].digest
        );
        const means = meaning(sides.a.digest);
        const known = agreed.get(ident);
        if (known === undefined || moved || known.meaning === means) {
          agreed.set(ident, {
            meaning: means,
            confirmed: true,
            wrote: undefined,
            edits: edits(ident),
          });
          if (moved) intents.delete(ident);
        }
      }
      for (const [ident, { meaning, confirmed }] of agreed) {
        if (!base.has(ident) && (confirmed || meaning === undefined)) agreed.delete(ident);
      }
      last = now;
    },

    asAgreed(side, ident, digest, toGo) {
      const known = agreed.get(ident);
      if (known?.meaning === meaning(digest)) return true;
      if (intents.get(ident)?.has(`${side} ${meaning(digest)}`)) return true;
      if (known?.confirmed) return false;
      const base = last.get(ident);
      return known !== undefined && base !== undefined &&
        (known.meaning !== undefined || known.wrote === side || !toGo) &&
        meaning(base[side].digest) === meaning(digest);
    },
  };
}

/** What a status calls two collections, as text. */
export const nameOf = (id: CollectionId, identities: Sides<string>): string =>
  `${id} ${identities.a} ${identities.b}`;
