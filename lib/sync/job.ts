/** An effect that is under way on one side of one collection. */

import type { KeptBodies } from "../model/status.ts";
import type { Etag, Href, Ident, Side } from "../model/names.ts";
import type { Effect } from "../model/plan.ts";
import type { Content } from "../model/storage.ts";
import type { ContentsInput } from "./contents.ts";
import type { Ledger } from "./ledger.ts";
import type { PropertyNames } from "./trust.ts";
import type { Format } from "../model/format.ts";
import { hrefOfUid } from "../model/mail.ts";
import { otherSide } from "../model/names.ts";

export interface Job {
  readonly effect: Effect;
  readonly intent: number;
  readonly href: Href;
  readonly content: Content | undefined;
  /** What is in the content, where the storage may not keep it all. */
  readonly names?: PropertyNames;
  /** How many names were taken already. */
  readonly attempt: number;
  /** The etag that the write was answered with. */
  readonly told?: Etag;
  /** It is known not to be stored as it was given. */
  readonly altered?: true;
}

/** What all jobs of a side have in common. */
export interface JobContext extends ContentsInput {
  readonly side: Side;
  readonly ledger: Ledger;
  readonly format: Format | undefined;
  /** Gives out the ids of intents. */
  readonly nextId: () => number;
}

export const hrefOf = (context: JobContext, effect: Effect, attempt: number): Href =>
  effect.kind === "create" && effect.uid !== undefined
    ? hrefOfUid(effect.uid)
    : effect.kind === "create"
    ? context.storages[context.side].hrefFor(
      context.collections[context.side],
      effect.ident,
      attempt,
    )
    : effect.target.href;

/** What has to be there before the effect may be begun. */
export const needOf = (effect: Effect): Ident | undefined =>
  effect.kind === "update" ? effect.needs : undefined;

/** The bytes that both sides hold after it. Mail is not kept: it does not change, and it is large. */
export async function bodiesOf(
  { side, storages }: JobContext,
  { effect, content }: Job,
): Promise<KeptBodies> {
  if (content === undefined || storages[side].capabilities.kind === "mail") return {};
  const bytes = await content.body.bytes();
  const merged = (effect.kind === "create" || effect.kind === "update") && effect.merged;
  if (!merged) return { a: bytes, b: bytes };
  // A copy is not what the other side holds.
  const there = effect.kind === "update" || effect.why !== "copy"
    ? await effect.from.body?.bytes()
    : undefined;
  return { [side]: bytes, ...(there === undefined ? {} : { [otherSide(side)]: there }) };
}
