/** What items are about, where limits of a storage (item_types, start_date, end_date) ask for it. */

import type { Extent } from "../model/format.ts";
import type { Run } from "../model/run.ts";
import type { CollectionStatus } from "../model/status.ts";
import type { Decisions } from "./reconcile.ts";

/** What filters ask of items, where there are any. */
export function extentFor({ policy, format }: Run): ((bytes: Uint8Array) => Extent) | undefined {
  const { a, b } = policy.accepts;
  if (format === undefined || (a === undefined && b === undefined)) return undefined;
  return (bytes) => format.extent(bytes) ?? { component: "?" };
}

/** Deletions with what the items were about, where filters ask for it. */
export async function withExtents(
  actions: Decisions["actions"],
  status: CollectionStatus | undefined,
  extent: ((bytes: Uint8Array) => Extent) | undefined,
): Promise<Decisions["actions"]> {
  if (extent === undefined || status === undefined) return actions;
  return await Promise.all(actions.map(async (action) => {
    if (action.kind !== "delete" || action.target.extent !== undefined) return action;
    const bytes = await action.target.body?.bytes() ??
      await status.baseBody(action.ident, action.on);
    if (bytes === undefined) return action;
    return { ...action, target: { ...action.target, extent: extent(bytes) } };
  }));
}
