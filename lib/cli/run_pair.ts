/** One pair's run: surveyed and planned, then shown and carried out. */

import type { Resolved } from "../config/secrets.ts";
import type { PairConfig } from "../config/config.ts";
import { type PairName, SIDES } from "../model/names.ts";
import { isEffect, type Plan } from "../model/plan.ts";
import type { RunEvent } from "../model/run.ts";
import type { Status } from "../model/status.ts";
import { carryOut, prepare, type Prepared } from "../sync/mod.ts";
import type { Board } from "./board.ts";
import { programOfRun, resolutionOf, settledByProgram, withSettled } from "./conflicts.ts";
import type { Context } from "./context.ts";
import { confirm } from "./ask.ts";
import { combined, exitOfError, exitOfPlan, type ExitStatus } from "./exit.ts";
import { formatOf } from "./format_of.ts";
import { namesOf, type Opened, openPairStatus } from "./open.ts";
import { type Allowances, policyOf } from "./policy.ts";
import { type Chosen, mustBeThere } from "./select.ts";
import { showFault } from "./show/fault.ts";
import { resultObject, summaryObject } from "./show/json.ts";
import { dryRunLine, FAILED, type Made, NOTHING } from "./show/result.ts";
import { line, name } from "./show/text.ts";
import { showPlan, showSettled } from "./show_plan.ts";
import { type PairOutcome, showReport } from "./show_report.ts";

/** What all pairs of a run have in common. */
export interface PairRun {
  readonly context: Context;
  readonly resolved: Resolved;
  readonly opened: Opened;
  readonly board: Board;
  readonly dryRun: boolean;
  readonly allow: Allowances;
  /** Whether somebody is to say, once the plan is shown, that it may be carried out. */
  readonly mustAsk: (pair: PairConfig, plan: Plan, isFirst: boolean) => boolean;
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
export async function preparePair(run: PairRun, chosen: Chosen): Promise<PairReady> {
  const { pair, only } = chosen;
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
    const format = await formatOf(pair);
    const prepared = await prepare({
      pair: name,
      storages: opened.sides(pair),
      status,
      policy: policyOf({
        pair,
        resolved,
        allow: run.allow,
        conflicts: resolutionOf(pair),
        now: new Date(),
      }),
      ...(format === undefined ? {} : { format }),
      ...(only === undefined ? {} : { only }),
      signal: context.signal,
      onEvent,
    });
    mustBeThere(chosen, prepared.plan);
    return { state: "planned", prepared, status, made: () => made };
  } catch (error) {
    await status?.close();
    return { state: "failed", error };
  }
}

/** Shows the plan, carries it out unless it is only to be shown, and shows what came of it. */
export async function finishPair(
  run: PairRun,
  { pair }: Chosen,
  ready: PairReady,
): Promise<PairOutcome> {
  const { context, board, dryRun } = run;
  if (ready.state === "failed") return await failedPair(run, pair, ready.error);
  const { prepared, status } = ready;
  const { plan } = prepared;
  try {
    if (dryRun) return await shownOnly(run, prepared, pair);
    const isFirst = (await status.collections()).length === 0;
    if (isFirst) sayWhatIsNotKept(context, prepared);
    const settled = await settledPlan(run, prepared, pair, run.mustAsk(pair, plan, isFirst));
    if (settled === "declined") return declined(run, plan);
    const { collections } = settled.plan;
    board.write(pair.name, collections.flatMap((it) => it.actions.filter(isEffect)).length);
    const report = await carryOut(settled);
    const outcome = showReport(context, report, ready.made(), namesOf(pair));
    return await hooked(run, pair, settled.plan, outcome);
  } catch (thrown) {
    return await failedPair(run, pair, thrown);
  } finally {
    await status.close();
  }
}

/** What IMAP cannot be told is said once: nobody should look for it there. */
function sayWhatIsNotKept({ screen }: Context, { run, plan }: Prepared): void {
  if (run.storages.a.capabilities.kind !== "mail") return;
  for (const side of SIDES) {
    const { name: storage, capabilities } = run.storages[side];
    if (capabilities.keepsUids || capabilities.readOnly) continue;
    screen.say(
      line`${
        name(plan.pair)
      }: ${storage} gives mails UIDs, UIDVALIDITY and GUIDs of its own; which of them is which is kept in the status`,
    );
  }
}

/** A dry run ends with the plan. */
async function shownOnly(
  { context }: PairRun,
  prepared: Prepared,
  pair: PairConfig,
): Promise<PairOutcome> {
  const { screen } = context;
  const { plan } = prepared;
  const exit = exitOfPlan(plan);
  const program = programOfRun(pair)?.[0];
  await showPlan(context, prepared, pair, {
    ...(program === undefined ? {} : { program, ofConflicts: `would be given to ${program}` }),
  });
  screen.print(dryRunLine(plan));
  screen.object(summaryObject(pair.name, true, exit, plan, NOTHING));
  return { exit, tally: NOTHING };
}

/**
 * Shows the plan, asks for leave where that is needed, and has the pair's program settle what it is
 * to settle, so that no program is run for what is then not carried out.
 */
async function settledPlan(
  { context }: PairRun,
  prepared: Prepared,
  pair: PairConfig,
  mustAsk: boolean,
): Promise<Prepared | "declined"> {
  const { screen } = context;
  const program = programOfRun(pair)?.[0];
  const given = program === undefined ? {} : { program, ofConflicts: `given to ${program}` };
  // For programs, a conflict is what was left of them.
  const isLater = screen.json && !mustAsk;
  if (!isLater) await showPlan(context, prepared, pair, given);
  if (mustAsk && !await confirm(context, `Bring ${pair.name} in step like this?`)) {
    return "declined";
  }
  const settled = await settledByProgram(prepared, pair);
  const whole = settled === undefined ? prepared : withSettled(prepared, settled);
  if (isLater) await showPlan(context, whole, pair);
  else if (settled !== undefined) await showSettled(context, settled, pair);
  return whole;
}

/** Tells the pair's hook what came of it; that it failed is a failure like others. */
async function hooked(
  { context: { screen, signal, verbose } }: PairRun,
  { name, hook }: PairConfig,
  plan: Plan | undefined,
  outcome: PairOutcome,
): Promise<PairOutcome> {
  if (hook === undefined) return outcome;
  const { runHook } = await import("./hook.ts");
  try {
    const { exit, tally } = outcome;
    await runHook(hook, summaryObject(name, false, exit, plan, tally), signal);
    return outcome;
  } catch (thrown) {
    const exit = await showFault(thrown, screen, verbose, name);
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

/** A pair that could not be run. The others are run all the same. */
async function failedPair(run: PairRun, pair: PairConfig, thrown: unknown): Promise<PairOutcome> {
  const outcome = await showFailedPair(run, pair.name, thrown);
  // Nobody's run came to nothing where it was stopped, only to be shown, or another one's.
  return run.dryRun || NO_RUN.includes(outcome.exit)
    ? outcome
    : await hooked(run, pair, undefined, outcome);
}

/** What is no run that a hook could be told of: it was stopped, mistaken, or another one goes on. */
const NO_RUN: readonly ExitStatus[] = [130, 3, 5];

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
