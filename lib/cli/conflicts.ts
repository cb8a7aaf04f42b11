/** How a pair's conflicts are settled while it is brought in step. */

import type { PairConfig } from "../config/config.ts";
import type { CollectionPlan } from "../model/plan.ts";
import type { Resolution } from "../model/run.ts";
import { type Prepared, settleConflicts } from "../sync/mod.ts";

/** What a plan does with them. No program is run for a plan, which may only be shown. */
export const resolutionOf = ({ conflicts }: PairConfig): Resolution =>
  conflicts.kind === "cmd" ? { kind: "none" } : conflicts;

/** The program, with its arguments, that a run gives the conflicts of its plan to. */
export const programOfRun = (
  { conflicts, resolveDuring }: PairConfig,
): readonly string[] | undefined =>
  conflicts.kind === "cmd" && resolveDuring !== "command" ? conflicts.argv : undefined;

/** What the names of an item's files end in, without a dot. */
export const fileextOf = ({ kind }: PairConfig): string =>
  ({ calendar: "ics", contacts: "vcf", mail: "eml" })[kind];

/**
 * Gives the conflicts of a plan to the pair's program, one after another: what that settles, and
 * nothing else. None where there are no conflicts, or no program. Throws what the signal says.
 */
export async function settledByProgram(
  prepared: Prepared,
  pair: PairConfig,
): Promise<Prepared | undefined> {
  const argv = programOfRun(pair);
  const { run: { signal }, plan } = prepared;
  if (argv === undefined || plan.collections.every((it) => it.conflicts.length === 0)) {
    return undefined;
  }
  const { runResolver } = await import("./resolver.ts");
  const options = { argv, fileext: fileextOf(pair), signal };
  return await settleConflicts(prepared, {
    item: (_collection, conflict, bytes) => runResolver(options, conflict, bytes),
    property: () => Promise.resolve(undefined),
  });
}

/** The plan, and what was settled of it since. */
export function withSettled(prepared: Prepared, settled: Prepared): Prepared {
  const since = new Map(settled.plan.collections.map((it) => [it.mapping.id, it]));
  const collections = prepared.plan.collections.map((plan): CollectionPlan => {
    const more = since.get(plan.mapping.id);
    if (more === undefined) return plan;
    return {
      ...plan,
      actions: [...plan.actions, ...more.actions],
      conflicts: more.conflicts,
      problems: [...plan.problems, ...more.problems],
      held: [...plan.held, ...more.held],
    };
  });
  return { ...prepared, plan: { ...prepared.plan, collections } };
}
