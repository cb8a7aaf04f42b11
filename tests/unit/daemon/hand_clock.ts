/** A clock that goes on when a test says so. */

import type { Clock } from "../../../lib/daemon/clock.ts";

export interface HandClock extends Clock {
  /** Goes on by so many milliseconds, and does what is due on the way. */
  pass(milliseconds: number): Promise<void>;
}

export function handClock(): HandClock {
  let now = 0;
  let timers: readonly { readonly at: number; readonly then: () => void }[] = [];
  return {
    now: () => now,
    after(milliseconds, then) {
      const timer = { at: now + milliseconds, then };
      timers = [...timers, timer];
      return () => {
        timers = timers.filter((it) => it !== timer);
      };
    },
    async pass(milliseconds) {
      const until = now + milliseconds;
      await settle();
      for (;;) {
        const next = timers.filter(({ at }) => at <= until)
          .toSorted((left, right) => left.at - right.at).at(0);
        if (next === undefined) break;
        timers = timers.filter((it) => it !== next);
        now = Math.max(now, next.at);
        next.then();
        await settle();
      }
      now = until;
    },
  };
}

/** Lets promises that are settled say so. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}
