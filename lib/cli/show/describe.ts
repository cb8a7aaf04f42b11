/** What an item is called and when it is, for a person. */

import { type CollectionId, type Ident, otherSide, type Side } from "../../model/names.ts";
import type { Effect } from "../../model/plan.ts";

/** What could be found out about an item. */
export interface Described {
  readonly component?: string;
  readonly summary?: string;
  readonly when?: string;
}

/** Describes an item as one side holds it; undefined where its bytes cannot be had. */
export type Describe = (
  collection: CollectionId,
  of: { readonly ident: Ident; readonly side: Side },
) => Promise<Described | undefined>;

/** The side whose version of the item says what an effect does. */
export const sideToShow = (effect: Effect): Side =>
  effect.kind === "create" || effect.kind === "update" ? otherSide(effect.on) : effect.on;

/** The version that a conflict is shown by: the two differ, and one name is enough. */
export const SIDE_OF_CONFLICT: Side = "a";

/** The name of an item: its summary, or else what identifies it. */
export function nameOf(described: Described | undefined, ident: Ident): string {
  const summary = described?.summary?.trim();
  if (summary !== undefined && summary !== "") return summary;
  const component = described?.component;
  return component === undefined ? ident : `${component} ${ident}`;
}
