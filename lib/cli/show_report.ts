/** What a run came to, shown: what storages did not keep, what failed, and the sum of it. */

import type { Sides, StorageName } from "../model/names.ts";
import type { Problem } from "../model/plan.ts";
import type { Altered, Report } from "../model/run.ts";
import { storageBlamedFor } from "./blame.ts";
import type { Context } from "./context.ts";
import { exitOfReport, type ExitStatus } from "./exit.ts";
import { figure } from "./show/count.ts";
import { errorLines } from "./show/errors.ts";
import { problemObject, summaryObject } from "./show/json.ts";
import { symbols } from "./show/look.ts";
import { type Made, resultLine, type Tally, tallyOf } from "./show/result.ts";
import { faint, line, styled } from "./show/text.ts";

/** What a pair came to. */
export interface PairOutcome {
  readonly exit: ExitStatus;
  readonly tally: Tally;
}

/** How many failures of a pair are shown before the rest is only counted. */
const MOST_FAILURES = 20;

/** `hint`: whether to say what settles the conflicts that were left. */
export function showReport(
  { screen, verbose }: Context,
  report: Report,
  made: Made,
  names: Sides<StorageName>,
  hint = true,
): PairOutcome {
  const { pair } = report.plan;
  const exit = exitOfReport(report);
  const tally = tallyOf(report, made);
  showAltered(report.altered, names, screen);
  showFailures(report.failures, pair, names, { screen, verbose });
  screen.print(resultLine(pair, tally));
  if (hint && tally.conflicts > 0 && !screen.json) {
    screen.say(line`${faint("help:")} "dovetail resolve-conflicts ${pair}" settles conflicts.`);
  }
  screen.object(summaryObject(pair, false, exit, report.plan, tally));
  return { exit, tally };
}

/** What storages did not keep is told once, as it is written. */
function showAltered(
  altered: readonly Altered[],
  names: Sides<StorageName>,
  screen: Context["screen"],
): void {
  for (const { side, ident, what } of altered.slice(0, MOST_FAILURES)) {
    screen.say(
      line`${styled("warning", "warning:")} ${names[side]} did not keep all of "${ident}": ${
        what.join(", ")
      }`,
    );
  }
  const hidden = altered.length - MOST_FAILURES;
  if (hidden > 0) screen.say(line`${symbols(screen.errLook).cut} and of ${figure(hidden)} more`);
}

function showFailures(
  failures: readonly Problem[],
  pair: string,
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
