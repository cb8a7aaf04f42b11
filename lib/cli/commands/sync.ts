/** `dovetail sync`: each pair's plan is shown and carried out; `-n` stops after the first. */

import type { PairConfig } from "../../config/config.ts";
import { sharesStorage } from "../../config/shares_storage.ts";
import { inOrderAhead } from "../ahead.ts";
import { isEffect, type Plan } from "../../model/plan.ts";
import { openBoard } from "../board.ts";
import { programOfRun } from "../conflicts.ts";
import { readConfiguration, resolveUsable, talkOf } from "../configuration.ts";
import type { Context } from "../context.ts";
import { combined, type ExitStatus } from "../exit.ts";
import { sayStopped } from "../interrupt.ts";
import { openStorages } from "../open.ts";
import type { InvocationOf } from "../parser.ts";
import { finishPair, type PairRun, preparePair } from "../run_pair.ts";
import { choose, type Chosen, mustHavePairs } from "../select.ts";
import { counted } from "../show/count.ts";
import { isIdle } from "../show/plan_contents.ts";
import { summaryObject } from "../show/json.ts";
import { FAILED, resultLine, sumOf } from "../show/result.ts";
import type { PairOutcome } from "../show_report.ts";
import { UsageError } from "../usage_error.ts";

/** How many pairs are surveyed at a time. They are shown and carried out in their order. */
const PAIRS_AT_ONCE = 3;

export async function sync(
  { dryRun, interactive, allowEmpty, allowDelete, yes, targets }: InvocationOf<"sync">,
  context: Context,
): Promise<ExitStatus> {
  const { screen, signal, verbose } = context;
  if (interactive && !context.input.isAnswered()) {
    throw new UsageError("There is nobody to ask: -i needs a terminal.", [
      "-n shows the plan and changes nothing.",
    ]);
  }
  const loaded = await readConfiguration(context);
  const wanted = choose(loaded.config, targets);
  mustHavePairs(loaded.config);
  const { resolved, chosen, unusable } = await resolveUsable(loaded, wanted, context);
  const opened = await openStorages(resolved, talkOf(context), {
    assign: dryRun ? "pretend" : "write",
  });
  const board = openBoard(screen, verbose > 0);
  const outcomes: PairOutcome[] = unusable.map(() => ({ exit: 3, tally: FAILED }));
  for (const { pair } of unusable) {
    screen.object(summaryObject(pair.name, dryRun, 3, undefined, FAILED));
  }
  try {
    const run: PairRun = {
      context,
      resolved,
      opened,
      board,
      dryRun,
      allow: { empty: allowEmpty, delete: allowDelete },
      mustAsk: (pair, plan, isFirst) => {
        if (interactive) return !isIdle(plan) || isGivenAway(pair, plan);
        return !yes && context.input.isAnswered() && isFirst && isLarge(plan);
      },
    };
    await inOrderAhead({
      values: chosen,
      width: PAIRS_AT_ONCE,
      // What one pair writes is what the next one that has the same storage is to see.
      waitsFor: (later, earlier) => sharesStorage(later.pair, earlier.pair),
      prepare: (it: Chosen) => preparePair(run, it),
      finish: async (it, prepared) => {
        outcomes.push(await finishPair(run, it, prepared));
        board.end(it.pair.name);
      },
    });
  } finally {
    board.close();
    await opened.close();
  }
  const exit = combined(outcomes.map((it) => it.exit));
  if (outcomes.length > 1 && !dryRun) {
    const who = counted(outcomes.length, "pair");
    screen.print(resultLine(who, sumOf(outcomes.map((it) => it.tally))));
  }
  screen.object({ type: "total", pairs: outcomes.length, dryRun, exit });
  if (signal.aborted && exit === 130) sayStopped(screen);
  return exit;
}

/** From how many changes on a first run is shown before it is carried out. */
const LARGE = 100;

/** Whoever sits at a terminal sees a large first run before it happens, when it can be stopped. */
const isLarge = ({ collections }: Plan): boolean =>
  collections.flatMap((it) => it.actions.filter(isEffect)).length >= LARGE;

/** Whether there are conflicts that a program would settle. */
const isGivenAway = (pair: PairConfig, { collections }: Plan): boolean =>
  programOfRun(pair) !== undefined && collections.some((it) => it.conflicts.length > 0);
