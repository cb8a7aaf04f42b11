/** What a plan does to mailboxes as such: new names, and new numbers. */

import type { Sides, StorageName } from "../../model/names.ts";
import { SIDES } from "../../model/names.ts";
import type { CollectionPlan } from "../../model/plan.ts";
import type { Row } from "./columns.ts";
import { counted } from "./count.ts";

/** Whether a mailbox gets another name or other numbers. */
export const isRenumbered = (it: CollectionPlan): boolean =>
  SIDES.some((side) => it.renames?.[side] !== undefined || whatOf(it, side).length > 0);

/** In words: what is numbered anew on a side. */
export function whatOf(plan: CollectionPlan, side: "a" | "b"): readonly string[] {
  const numbers = plan.numbers?.[side];
  const uidNext = plan.uidNext?.[side];
  const isMade = plan.creates.includes(side);
  // One that is made is made with the numbers of the other.
  if (isMade) return [];
  return [
    ...(numbers?.uidValidity === undefined ? [] : [`UIDVALIDITY becomes ${numbers.uidValidity}`]),
    ...(numbers?.guid === undefined ? [] : ["the GUID becomes the other's"]),
    ...(numbers === undefined || numbers.uids.size === 0
      ? []
      : [`${counted(numbers.uids.size, "mail")} with another UID`]),
    ...(uidNext === undefined ? [] : [`UIDNEXT becomes ${uidNext}`]),
  ];
}

export function mailboxRows(plan: CollectionPlan, names: Sides<StorageName>): readonly Row[] {
  const { renames, mapping } = plan;
  return [
    ...SIDES.flatMap((side): readonly Row[] => {
      const to = renames?.[side];
      return to === undefined ? [] : [{
        sign: "~",
        style: "changed",
        where: names[side],
        what: "the mailbox itself",
        more: `renamed from "${mapping.sides[side]?.id ?? ""}" to "${to}"`,
      }];
    }),
    ...SIDES.flatMap((side): readonly Row[] => {
      const what = whatOf(plan, side);
      return what.length === 0 ? [] : [{
        sign: "~",
        style: "changed",
        where: names[side],
        what: "numbers of the mailbox",
        more: what.join(", "),
      }];
    }),
  ];
}
