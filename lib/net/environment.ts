/** What the network code takes from the world, handed in so that a whole run is a function of it. */

import { cancelled } from "../model/error.ts";

export interface Environment {
  /** Resolves after `ms` milliseconds; throws `cancelled` as soon as the signal fires. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** A number from 0 up to, and without, 1. */
  random(): number;
  /** Milliseconds since 1970. */
  now(): number;
}

/** The real clock and the real dice. */
export const REAL_ENVIRONMENT: Environment = {
  sleep(ms, signal) {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(cancelled(signal.reason));
      const done = () => {
        signal.removeEventListener("abort", stop);
        resolve();
      };
      const stop = () => {
        clearTimeout(timer);
        reject(cancelled(signal.reason));
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener("abort", stop, { once: true });
    });
  },
  random: Math.random,
  now: Date.now,
};
