/** The bytes of what a plan speaks of, for showing it. */

import type { CollectionId, Ident, Side } from "../model/names.ts";
import type { Prepared } from "./prepare.ts";

/** The bytes of an item as one side holds it, for showing it; none where they cannot be had. */
export async function bytesOf(
  prepared: Prepared,
  id: CollectionId,
  of: { readonly ident: Ident; readonly side: Side },
): Promise<Uint8Array | undefined> {
  const found = prepared.surveyed.get(id);
  const seen = found?.surveys[of.side].seen.find((it) =>
    it.state === "present" && it.ident === of.ident && it.body !== undefined
  );
  if (seen?.state === "present") return await seen.body?.bytes();
  return await found?.status?.baseBody(of.ident, of.side);
}
