/** `dovetail sync`: each pair's plan is shown and carried out; `-n` stops after the first. */

import type { Config } from "../../config/config.ts";
import { inOrderAhead } from "../ahead.ts";
import { openBoard } from "../board.ts";
import { readConfiguration, requestLog, resolveChosen } from "../configuration.ts";
import type { Context } from "../context.ts";
import { combined, type ExitStatus } from "../exit.ts";
import { sayStopped } from "../interrupt.ts";
import { openStorages } from "../open.ts";
import type { InvocationOf } from "../parser.ts";
import { finishPair, type PairOutcome, type PairRun, preparePair } from "../run_pair.ts";
import { choose, type Chosen } from "../select.ts";
import { counted } from "../show/count.ts";
import { resultLine, sumOf } from "../show/result.ts";
import { UsageError } from "../usage_error.ts";

/** How many pairs are surveyed at a time. They are shown and carried out in their order. */
const PAIRS_AT_ONCE = 3;

export async function sync(
  { dryRun, targets }: InvocationOf<"sync">,
  context: Context,
): Promise<ExitStatus> {
  const { screen, signal, verbose } = context;
  const loaded = await readConfiguration(context);
  const chosen = choose(loaded.config, targets);
  mustHavePairs(loaded.config);
  const resolved = await resolveChosen(loaded, chosen, context);
  const opened = await openStorages(resolved, requestLog(context));
  const board = openBoard(screen, verbose > 0);
  const outcomes: PairOutcome[] = [];
  try {
    const run: PairRun = { context, resolved, opened, board, dryRun };
    await inOrderAhead({
      values: chosen,
      width: PAIRS_AT_ONCE,
      // What one pair writes is what the next one that has the same storage is to see.
      waitsFor: sharesStorage,
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

function mustHavePairs({ file, pairs }: Config): void {
  if (pairs.length > 0) return;
  throw new UsageError("There is no pair to bring in step.", [
    `Add one to ${file}; "dovetail help config" shows how.`,
  ]);
}

const sharesStorage = ({ pair: later }: Chosen, { pair: earlier }: Chosen): boolean =>
  [later.a, later.b].some((name) => name === earlier.a || name === earlier.b);
