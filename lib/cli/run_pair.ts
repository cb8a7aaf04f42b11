/** One pair's run: surveyed and planned, then shown and carried out. */

import type { Resolved } from "../config/secrets.ts";
import type { PairName, Sides, StorageName } from "../model/names.ts";
import { isEffect, type Plan, type Problem } from "../model/plan.ts";
import type { Report, RunEvent } from "../model/run.ts";
import type { Status } from "../model/status.ts";
import { bytesOf, carryOut, prepare, type Prepared } from "../sync/mod.ts";
import { storageBlamedFor } from "./blame.ts";
import type { Board } from "./board.ts";
import type { Context } from "./context.ts";
import { exitOfError, exitOfPlan, exitOfReport, type ExitStatus } from "./exit.ts";
import { namesOf, type Opened, openPairStatus } from "./open.ts";
import { type Chosen, noSuchCollection } from "./select.ts";
import { figure } from "./show/count.ts";
import type { Describe } from "./show/describe.ts";
import { errorLines } from "./show/errors.ts";
import { showFault } from "./show/fault.ts";
import { planObjects, problemObject, resultObject, summaryObject } from "./show/json.ts";
import { symbols } from "./show/look.ts";
import { planLines } from "./show/plan.ts";
import { dryRunLine, FAILED, NOTHING, resultLine, type Tally, tallyOf } from "./show/result.ts";
import { line } from "./show/text.ts";

/** What all pairs of a run have in common. */
export interface PairRun {
  readonly context: Context;
  readonly resolved: Resolved;
  readonly opened: Opened;
  readonly board: Board;
  readonly dryRun: boolean;
}

/** What a pair came to. */
export interface PairOutcome {
  readonly exit: ExitStatus;
  readonly tally: Tally;
}

/** A pair that is planned, or why it cannot be. */
export type PairReady =
  | {
    readonly state: "planned";
    readonly prepared: Prepared;
    readonly status: Status;
    /** Collections that were made so far. */
    readonly made: () => number;
  }
  | { readonly state: "failed"; readonly error: unknown };

/** Opens the status and plans. Changes nothing but the status, and throws nothing. */
export async function preparePair(run: PairRun, { pair, only }: Chosen): Promise<PairReady> {
  const { context, resolved, opened, board, dryRun } = run;
  const { name, collections, onEmpty } = pair;
  const names = namesOf(pair);
  const tell = board.begin(name, names);
  let made = 0;
  const onEvent = (event: RunEvent) => {
    tell(event);
    if (event.type === "made") made++;
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
      policy: {
        collections: {
          fromA: collections.all || collections.fromA,
          fromB: collections.all || collections.fromB,
          ids: collections.ids,
        },
        onEmpty,
      },
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
    await showPlan(context, prepared, names);
    if (dryRun) {
      const exit = exitOfPlan(plan);
      screen.print(dryRunLine(plan));
      screen.object(summaryObject(pair.name, true, exit, plan, NOTHING));
      return { exit, tally: NOTHING };
    }
    const effects = plan.collections.flatMap((it) => it.actions.filter(isEffect)).length;
    board.write(pair.name, effects);
    const report = await carryOut(prepared);
    return showReport(context, report, ready.made(), names);
  } finally {
    await status.close();
  }
}

async function showPlan(
  { screen, verbose }: Context,
  prepared: Prepared,
  names: Sides<StorageName>,
): Promise<void> {
  const { plan } = prepared;
  const describe = describer(prepared);
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
function describer(prepared: Prepared): Describe {
  return async ({ collection, ident, side, body }) => {
    const bytes = await body?.bytes() ?? await bytesOf(prepared, collection, { ident, side });
    if (bytes === undefined) return undefined;
    const { describe } = await import("../item/describe.ts");
    return await describe(bytes);
  };
}

function showReport(
  { screen, verbose }: Context,
  report: Report,
  made: number,
  names: Sides<StorageName>,
): PairOutcome {
  const { pair } = report.plan;
  const exit = exitOfReport(report);
  const tally = tallyOf(report, made);
  showFailures(report.failures, pair, names, { screen, verbose });
  screen.print(resultLine(pair, tally));
  screen.object(summaryObject(pair, false, exit, report.plan, tally));
  return { exit, tally };
}

/** How many failures of a pair are shown before the rest is only counted. */
const MOST_FAILURES = 20;

function showFailures(
  failures: readonly Problem[],
  pair: PairName,
  names: Sides<StorageName>,
  { screen, verbose }: Pick<Context, "screen" | "verbose">,
): void {
  const most = verbose > 0 ? failures.length : MOST_FAILURES;
  for (const { side, ident, href, error } of failures.slice(0, most)) {
    const storage = side === undefined ? storageBlamedFor(error) : names[side];
    const where = [pair, storage, href ?? ident]
      .filter((it) => it !== undefined);
    const lines = errorLines(error, { where, stacks: verbose >= 2 }, screen.errLook);
    for (const it of lines) screen.say(it);
  }
  const hidden = failures.length - most;
  if (hidden > 0) {
    screen.say(
      line`${symbols(screen.errLook).cut} and ${figure(hidden)} more failures (-v lists all)`,
    );
  }
  for (const problem of failures) screen.object(problemObject({ pair }, problem, names));
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
