/** Keeps pairs in step until it is told to stop: the schedule, with a clock and real runs. */

import type { CollectionId, PairName } from "../model/names.ts";
import type { Clock } from "./clock.ts";
import type { Ending } from "./ending.ts";
import {
  begin,
  type Happening,
  isOver,
  type Job,
  type Kept,
  type Limits,
  LONGEST_TIMER,
  step,
  underWay,
} from "./schedule.ts";

export interface KeepOptions {
  readonly pairs: readonly Kept[];
  readonly clock: Clock;
  readonly limits: Limits;
  /** Makes one run. What it throws ends everything: it is a fault of ours. */
  readonly run: (job: Job) => Promise<Ending>;
  /** No run begins after it has fired; those that are under way have to end by themselves. */
  readonly signal: AbortSignal;
}

export interface Keeping {
  /** Says that a collection changed, or that something did and it is not known what. */
  touch(pair: PairName, collection?: CollectionId): void;
  /** Fulfilled once every pair is given up, or the signal has fired and every run has ended. */
  readonly ended: Promise<void>;
}

/** Begins with a run of every pair. */
export function keep({ pairs, clock, limits, run, signal }: KeepOptions): Keeping {
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  let schedule = begin(pairs, clock.now());
  let cancelTimer = () => {};
  let over = false;

  const end = () => {
    over = true;
    cancelTimer();
    signal.removeEventListener("abort", onStop);
  };
  const happen = (event: Happening) => {
    if (over) return;
    cancelTimer();
    const limited = signal.aborted ? { ...limits, atOnce: 0 } : limits;
    const { schedule: next, run: jobs, wakeAt } = step(schedule, event, clock.now(), limited);
    schedule = next;
    for (const job of jobs) begun(job);
    if (isOver(schedule) || (signal.aborted && underWay(schedule) === 0)) {
      end();
      return resolve();
    }
    if (signal.aborted) return;
    const left = wakeAt === undefined ? LONGEST_TIMER : wakeAt - clock.now();
    cancelTimer = clock.after(Math.min(Math.max(left, 0), LONGEST_TIMER), () => {
      happen({ type: "tick" });
    });
  };
  const begun = (job: Job) => {
    run(job).then(
      (ending) => happen({ type: "ended", pair: job.pair, ending }),
      (thrown) => {
        end();
        reject(thrown);
      },
    );
  };
  const onStop = () => happen({ type: "tick" });

  signal.addEventListener("abort", onStop, { once: true });
  happen({ type: "tick" });
  return {
    touch: (pair, collection) =>
      happen({ type: "touched", pair, ...(collection === undefined ? {} : { collection }) }),
    ended,
  };
}
