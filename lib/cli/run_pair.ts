/** One pair's run: surveyed and planned, then shown and carried out. */

import type { Resolved } from "../config/secrets.ts";
import type { PairConfig } from "../config/config.ts";
import type { PairName } from "../model/names.ts";
import { isEffect, type Plan } from "../model/plan.ts";
import type { RunEvent } from "../model/run.ts";
import type { Status } from "../model/status.ts";
import { bytesOf, carryOut, prepare, type Prepared } from "../sync/mod.ts";
import type { Board } from "./board.ts";
import { resolutionOf } from "./conflicts.ts";
import type { Context } from "./context.ts";
import { combined, exitOfError, exitOfPlan } from "./exit.ts";
import { formatOf } from "./format_of.ts";
import { namesOf, type Opened, openPairStatus } from "./open.ts";
import { type Allowances, policyOf } from "./policy.ts";
import { type Chosen, noSuchCollection } from "./select.ts";
import type { Describe } from "./show/describe.ts";
import { showFault } from "./show/fault.ts";
import { planObjects, resultObject, summaryObject } from "./show/json.ts";
import { planLines } from "./show/plan.ts";
import { dryRunLine, FAILED, type Made, NOTHING } from "./show/result.ts";
import { line, name } from "./show/text.ts";
import { type PairOutcome, showReport } from "./show_report.ts";

/** What all pairs of a run have in common. */
export interface PairRun {
  readonly context: Context;
  readonly resolved: Resolved;
  readonly opened: Opened;
  readonly board: Board;
  readonly dryRun: boolean;
  readonly allow: Allowances;
  /** Whether to go on, once the plan is shown. */
  readonly mayGoOn: (plan: Plan, isFirst: boolean) => Promise<boolean>;
}

/** A pair that is planned, or why it cannot be. */
export type PairReady =
  | {
    readonly state: "planned";
    readonly prepared: Prepared;
    readonly status: Status;
    /** Collections that were made and deleted so far. */
    readonly made: () => Made;
  }
  | { readonly state: "failed"; readonly error: unknown };

/** Opens the status and plans. Changes nothing but the status, and throws nothing. */
export async function preparePair(run: PairRun, { pair, only }: Chosen): Promise<PairReady> {
  const { context, resolved, opened, board, dryRun } = run;
  const { name } = pair;
  const names = namesOf(pair);
  const tell = board.begin(name, names);
  let made: Made = { made: 0, unmade: 0 };
  const onEvent = (event: RunEvent) => {
    tell(event);
    if (event.type === "made") made = { ...made, made: made.made + 1 };
    if (event.type === "unmade") made = { ...made, unmade: made.unmade + 1 };
    const object = resultObject(name, event, names);
    if (object !== undefined) context.screen.object(object);
  };
  let status: Status | undefined;
  try {
    context.signal.throwIfAborted();
    status = await openPairStatus(resolved, name, dryRun ? "read-only" : "read-write");
    const prepared = await prepare({
      pair: name,
      storages: opened.sides(pair),
      status,
      policy: policyOf({
        pair,
        resolved,
        allow: run.allow,
        conflicts: resolutionOf(pair, context.signal),
        now: new Date(),
      }),
      format: await formatOf(pair),
      ...(only === undefined ? {} : { only }),
      signal: context.signal,
      onEvent,
    });
    const absent = only?.find((id) => !has(prepared.plan, id));
    if (absent !== undefined) throw noSuchCollection(pair, absent);
    return { state: "planned", prepared, status, made: () => made };
  } catch (error) {
    await status?.close();
    return { state: "failed", error };
  }
}

const has = (plan: Plan, id: string): boolean =>
  plan.collections.some((it) => it.mapping.id === id);

/** Shows the plan, carries it out unless it is only to be shown, and shows what came of it. */
export async function finishPair(
  run: PairRun,
  { pair }: Chosen,
  ready: PairReady,
): Promise<PairOutcome> {
  const { context, board, dryRun } = run;
  const { screen } = context;
  if (ready.state === "failed") return await showFailedPair(run, pair.name, ready.error);
  const { prepared, status } = ready;
  const { plan } = prepared;
  const names = namesOf(pair);
  try {
    await showPlan(context, prepared, pair);
    if (dryRun) {
      const exit = exitOfPlan(plan);
      screen.print(dryRunLine(plan));
      screen.object(summaryObject(pair.name, true, exit, plan, NOTHING));
      return { exit, tally: NOTHING };
    }
    const effects = plan.collections.flatMap((it) => it.actions.filter(isEffect)).length;
    const isFirst = (await status.collections()).length === 0;
    if (!await run.mayGoOn(plan, isFirst)) return declined(run, plan);
    board.write(pair.name, effects);
    const report = await carryOut(prepared);
    const outcome = showReport(context, report, ready.made(), names);
    return pair.hook === undefined ? outcome : await hooked(run, pair.hook, plan, outcome);
  } finally {
    await status.close();
  }
}

/** Tells the pair's hook what came of it; that it failed is a failure like others. */
async function hooked(
  { context: { screen, signal, verbose } }: PairRun,
  argv: readonly string[],
  plan: Plan,
  outcome: PairOutcome,
): Promise<PairOutcome> {
  const { runHook } = await import("./hook.ts");
  try {
    const { exit, tally } = outcome;
    await runHook(argv, summaryObject(plan.pair, false, exit, plan, tally), signal);
    return outcome;
  } catch (thrown) {
    const exit = await showFault(thrown, screen, verbose, plan.pair);
    return { ...outcome, exit: combined([outcome.exit, exit]) };
  }
}

/** The person did not want it: all of it is left. */
function declined({ context }: PairRun, plan: Plan): PairOutcome {
  const { screen } = context;
  screen.print(line`${name(plan.pair)}: nothing was changed`);
  screen.object(summaryObject(plan.pair, true, 2, plan, NOTHING));
  return { exit: 2, tally: NOTHING };
}

async function showPlan(
  { screen, verbose }: Context,
  prepared: Prepared,
  pair: PairConfig,
): Promise<void> {
  const { plan } = prepared;
  const names = namesOf(pair);
  const describe = describer(prepared, pair.kind);
  if (screen.json) {
    for await (const object of planObjects(plan, names, describe)) screen.object(object);
  } else {
    const view = { plan, names, describe, all: verbose > 0 };
    for await (const it of planLines(view, screen.outLook)) {
      screen.print(it);
      if (screen.outClosed) break;
    }
  }
  // What is about to be done is seen before it is done.
  screen.flush();
}

/** Describes items of a prepared run; what describes them is loaded with the first. */
export function describer(prepared: Prepared, kind: PairConfig["kind"]): Describe {
  return async ({ collection, ident, side, body }) => {
    const bytes = await body?.bytes() ?? await bytesOf(prepared, collection, { ident, side });
    if (bytes === undefined) return undefined;
    const { describeItem } = await import("../item/describe_item.ts");
    return await describeItem(bytes, kind);
  };
}

/** A pair that could not be run. The others are run all the same. */
async function showFailedPair(
  { context, dryRun }: PairRun,
  pair: PairName,
  thrown: unknown,
): Promise<PairOutcome> {
  const { screen, verbose } = context;
  // That the run was stopped is said once, for all pairs.
  const exit = exitOfError(thrown) === 130 ? 130 : await showFault(thrown, screen, verbose, pair);
  const tally = exit === 130 ? NOTHING : FAILED;
  screen.object(summaryObject(pair, dryRun, exit, undefined, tally));
  return { exit, tally };
}
