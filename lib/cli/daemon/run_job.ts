/** One run of a daemon: as `sync` makes it, but what is the same as last time is not said again. */

import type { PairConfig } from "../../config/config.ts";
import { type Ending, endingOfError, endingOfReport } from "../../daemon/ending.ts";
import type { Job } from "../../daemon/schedule.ts";
import { SyncError } from "../../model/error.ts";
import type { PairName, StorageName } from "../../model/names.ts";
import { isEffect, type Plan } from "../../model/plan.ts";
import { carryOut } from "../../sync/mod.ts";
import { storageBlamedFor } from "../blame.ts";
import { settledByProgram, withSettled } from "../conflicts.ts";
import { exitOfError, exitOfReport, type ExitStatus } from "../exit.ts";
import { namesOf } from "../open.ts";
import { type PairReady, type PairRun, preparePair } from "../run_pair.ts";
import { errorLines, messageOf } from "../show/errors.ts";
import { errorObject, planObjects, problemObject, summaryObject } from "../show/json.ts";
import { FAILED, NOTHING, type Tally, tallyOf } from "../show/result.ts";
import { line, styled } from "../show/text.ts";
import { describer } from "../show_plan.ts";
import { UsageError } from "../usage_error.ts";
import { newsOf, NOTHING_TOLD, type Told } from "./news.ts";
import { hasChanged, tellRun } from "./tell.ts";

/** What is remembered of a pair between its runs. */
export interface Memory {
  readonly told: Told;
  /** Why it could not be run, the last time, as it was told. */
  readonly failed: { readonly key: string; readonly storage?: StorageName } | undefined;
  /** How often another process was in the way. */
  readonly busy: number;
  /** What it was given up for. */
  readonly exit?: ExitStatus;
}

export const NO_MEMORY: Memory = { told: NOTHING_TOLD, failed: undefined, busy: 0 };

export interface RunOutcome {
  readonly ending: Ending;
  readonly memory: Memory;
  /** What was planned, where the whole pair was looked at. */
  readonly plan?: Plan;
  /** It could not be reached, and now it can. */
  readonly back?: StorageName;
}

/** After so many tries in a row, a lock that another process holds is spoken of. */
const TELL_BUSY = 3;

/** Throws nothing that a storage, a status or a hook may throw. */
export async function runJob(
  all: PairRun,
  pair: PairConfig,
  job: Job,
  before: Memory,
): Promise<RunOutcome> {
  const { signal, end } = ownSignal(all.context.signal);
  const run = { ...all, context: { ...all.context, signal } };
  const { only } = job;
  const chosen = only === undefined ? { pair } : { pair, only };
  try {
    const ready = await preparePair(run, chosen);
    if (ready.state === "failed") return await failed(run, pair, job, ready.error, before);
    try {
      return await carriedOut(run, pair, job, ready, before);
    } finally {
      // A status that cannot be closed as it should be is this pair's trouble alone.
      await ready.status.close();
    }
  } catch (thrown) {
    return await failed(run, pair, job, thrown, before);
  } finally {
    run.context.screen.flush();
    end();
  }
}

/** A signal for one run: whatever listens to it is forgotten with it, however long we go on. */
function ownSignal(outer: AbortSignal): { readonly signal: AbortSignal; readonly end: () => void } {
  const controller = new AbortController();
  const stop = () => controller.abort(outer.reason);
  if (outer.aborted) stop();
  outer.addEventListener("abort", stop, { once: true });
  return {
    signal: controller.signal,
    end: () => outer.removeEventListener("abort", stop),
  };
}

async function carriedOut(
  run: PairRun,
  pair: PairConfig,
  job: Job,
  { prepared: planned, made }: Extract<PairReady, { readonly state: "planned" }>,
  before: Memory,
): Promise<RunOutcome> {
  const { context, board } = run;
  const { screen } = context;
  const settled = await settledByProgram(planned, pair);
  const prepared = settled === undefined ? planned : withSettled(planned, settled);
  const { plan } = prepared;
  const names = namesOf(pair);
  const describe = describer(prepared, pair.kind);
  if (screen.json) {
    for await (const object of planObjects(plan, names, describe)) screen.object(object);
  }
  board.write(pair.name, plan.collections.flatMap((it) => it.actions.filter(isEffect)).length);
  const report = await carryOut(prepared);
  const exit = exitOfReport(report);
  const tally = tallyOf(report, made());
  for (const problem of report.failures) {
    screen.object(problemObject({ pair: pair.name }, problem, names));
  }
  const news = newsOf(before.told, report, job.only);
  const { failed } = before;
  if (failed !== undefined) screen.say(line`${pair.name}: works again`);
  // A run that was stopped is told of by whoever stopped it.
  if (!context.signal.aborted) await tellRun(context, { report, tally, news, names, describe });
  const summary = summaryObject(pair.name, false, exit, plan, tally);
  screen.object(summary);
  if (pair.hook !== undefined && isWorthAHook(job, tally)) await hook(run, pair.hook, summary);
  return {
    ending: endingOfReport(report),
    memory: { told: news.told, failed: undefined, busy: 0 },
    ...(job.only === undefined ? { plan } : {}),
    ...(failed?.storage === undefined ? {} : { back: failed.storage }),
  };
}

/**
 * A hook that writes into a folder that is listened to would start the next run, and that one the
 * hook: what was touched and turned out to be in step is none of its business.
 */
const isWorthAHook = ({ why }: Job, tally: Tally): boolean =>
  why === "due" || hasChanged(tally) || tally.failed > 0;

async function hook(
  { context: { screen, signal } }: PairRun,
  argv: readonly string[],
  summary: ReturnType<typeof summaryObject>,
): Promise<void> {
  const { runHook } = await import("../hook.ts");
  const pair = String(summary["pair"]);
  try {
    await runHook(argv, summary, signal);
  } catch (thrown) {
    if (signal.aborted) return;
    for (const it of errorLines(thrown, { where: [pair], stacks: false }, screen.errLook)) {
      screen.say(it);
    }
    screen.object(errorObject(thrown, { pair }));
  }
}

/** A pair that could not be run. It is said once, until it is another failure or none. */
async function failed(
  run: PairRun,
  { name: pair, hook: program }: PairConfig,
  { only }: Job,
  thrown: unknown,
  before: Memory,
): Promise<RunOutcome> {
  const { context } = run;
  const { screen, verbose } = context;
  // The collection went away between the change and the run.
  if (only !== undefined && thrown instanceof UsageError) {
    return { ending: { kind: "stale" }, memory: before };
  }
  const ending = endingOfError(thrown);
  const exit = exitOfError(thrown);
  if (exit === 130) return { ending, memory: before };
  const storage = storageBlamedFor(thrown);
  screen.object(errorObject(thrown, { pair, storage }));
  const summary = summaryObject(pair, false, exit, undefined, exit === 5 ? NOTHING : FAILED);
  screen.object(summary);
  if (ending.kind === "busy") {
    const busy = before.busy + 1;
    if (busy === TELL_BUSY || verbose > 0) {
      screen.say(line`${pair}: ${messageOf(thrown)}; waiting for it`);
    }
    return { ending, memory: { ...before, busy } };
  }
  const key = JSON.stringify([kindOf(thrown), storage]);
  const isNew = before.failed?.key !== key;
  if (isNew || verbose > 0) tellFailed(context, pair, thrown, ending);
  if (isNew && program !== undefined) await hook(run, program, summary);
  const memory: Memory = {
    told: before.told,
    failed: { key, ...(storage === undefined ? {} : { storage }) },
    busy: 0,
    ...(ending.kind === "over" ? { exit } : {}),
  };
  return { ending, memory };
}

const kindOf = (thrown: unknown): string =>
  thrown instanceof SyncError ? thrown.kind : messageOf(thrown);

function tellFailed(
  { screen, verbose }: PairRun["context"],
  pair: PairName,
  thrown: unknown,
  ending: Ending,
): void {
  const storage = storageBlamedFor(thrown);
  // Being away from the network is nothing out of the ordinary.
  if (kindOf(thrown) === "unreachable" && verbose < 2) {
    const where = storage === undefined ? pair : `${pair}: ${storage}`;
    const head = styled("warning", "warning:");
    return screen.say(line`${head} ${where}: ${messageOf(thrown)}; tried again until it can be`);
  }
  const where = [pair, storage].filter((it) => it !== undefined);
  for (const it of errorLines(thrown, { where, stacks: verbose >= 2 }, screen.errLook)) {
    screen.say(it);
  }
  if (ending.kind === "over") screen.say(line`${pair}: given up until dovetail is started again`);
}
