/** What an item is called and when it is, for a person. */

import {
  type CollectionId,
  type Href,
  type Ident,
  otherSide,
  type Side,
} from "../../model/names.ts";
import type { Body } from "../../model/item.ts";
import type { Conflict, Effect } from "../../model/plan.ts";

/** What could be found out about an item. */
export interface Described {
  readonly component?: string;
  readonly summary?: string;
  readonly when?: string;
}

/** One side's version of an item. */
export interface ItemAt {
  readonly collection: CollectionId;
  readonly side: Side;
  readonly ident: Ident;
  readonly href: Href;
  /** Where the plan has it. */
  readonly body: Body | undefined;
}

/** Describes an item as one side holds it; undefined where its bytes cannot be had. */
export type Describe = (item: ItemAt) => Promise<Described | undefined>;

/** The item that an effect is about, as it will be, or as it was where it is to be deleted. */
export function itemOf(collection: CollectionId, effect: Effect): ItemAt {
  const { ident, kind, on } = effect;
  if (kind === "setFlags" || kind === "delete") {
    const body = kind === "delete" ? effect.target.body : undefined;
    return { collection, ident, href: effect.target.href, side: on, body };
  }
  const body = effect.merged?.body ?? effect.from.body;
  return { collection, ident, href: effect.from.href, side: otherSide(on), body };
}

/** The item of a conflict as side a has it: the two differ, but one name is enough. */
export function itemInConflict(collection: CollectionId, { ident, sides }: Conflict): ItemAt {
  return { collection, ident, href: sides.a.href, side: "a", body: sides.a.body };
}

/** The name of an item: its summary, or else what identifies it. */
export function nameOf(described: Described | undefined, ident: Ident): string {
  const summary = described?.summary?.trim();
  if (summary !== undefined && summary !== "") return summary;
  const component = described?.component;
  return component === undefined ? ident : `${component} ${ident}`;
}
