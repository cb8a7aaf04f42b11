/** A plan, shown: in words for people, as objects for programs. */

import type { PairConfig } from "../config/config.ts";
import type { CollectionId, Ident } from "../model/names.ts";
import { bytesOf, type Prepared } from "../sync/mod.ts";
import type { Context } from "./context.ts";
import { mailDescriber } from "./describe_mails.ts";
import { namesOf } from "./open.ts";
import type { Describe } from "./show/describe.ts";
import { planObjects } from "./show/json.ts";
import { planLines } from "./show/plan.ts";
import { troublesOf } from "./show/plan_contents.ts";

/** What is said besides of conflicts. */
export interface Remarks {
  /** The program that they are given to. */
  readonly program?: string;
  readonly ofConflicts?: string;
}

export async function showPlan(
  { screen, verbose }: Context,
  prepared: Prepared,
  pair: PairConfig,
  { program, ...remarks }: Remarks = {},
): Promise<void> {
  const { plan } = prepared;
  const names = namesOf(pair);
  const describe = describer(prepared, pair.kind);
  if (screen.json) {
    for await (const object of planObjects(plan, names, describe, program)) screen.object(object);
  } else {
    const view = { plan, names, describe, all: verbose > 0, ...remarks };
    for await (const it of planLines(view, screen.outLook)) {
      screen.print(it);
      if (screen.outClosed) break;
    }
  }
  // What is about to be done is seen before it is done.
  screen.flush();
}

/** What came of conflicts that somebody saw before: for people, only what stands in the way. */
export async function showSettled(
  context: Context,
  settled: Prepared,
  pair: PairConfig,
  { isAnswered, ...remarks }: Remarks & {
    readonly isAnswered?: (collection: CollectionId, ident: Ident) => boolean;
  } = {},
): Promise<void> {
  const plan = context.screen.json ? settled.plan : troublesOf(settled.plan, isAnswered);
  await showPlan(context, { ...settled, plan }, pair, remarks);
}

/** Describes items of a prepared run; what describes them is loaded with the first. */
export function describer(prepared: Prepared, kind: PairConfig["kind"]): Describe {
  if (kind === "mail") return mailDescriber(prepared);
  return async ({ collection, ident, side, body }) => {
    const bytes = await body?.bytes() ?? await bytesOf(prepared, collection, { ident, side });
    if (bytes === undefined) return undefined;
    const { describeItem } = await import("../item/describe_item.ts");
    return await describeItem(bytes, kind);
  };
}
