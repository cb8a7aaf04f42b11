/** A number of places; who finds none free waits in line. */

import { cancelled } from "../model/error.ts";

export interface Semaphore {
  /**
   * Waits for a place and gives back what lets go of it, which may be called more than once.
   * Throws `cancelled` if the signal fires while waiting.
   */
  take(signal: AbortSignal): Promise<() => void>;
}

/** A semaphore of `places` places. */
export function semaphore(places: number): Semaphore {
  let free = Math.max(1, Math.floor(places));
  const line: (() => void)[] = [];

  function placed(): () => void {
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const next = line.shift();
      if (next === undefined) free++;
      else next();
    };
  }

  return {
    take(signal) {
      if (signal.aborted) return Promise.reject(cancelled(signal.reason));
      if (free > 0) {
        free--;
        return Promise.resolve(placed());
      }
      return new Promise((resolve, reject) => {
        const enter = () => {
          signal.removeEventListener("abort", leave);
          resolve(placed());
        };
        const leave = () => {
          const at = line.indexOf(enter);
          if (at >= 0) line.splice(at, 1);
          reject(cancelled(signal.reason));
        };
        line.push(enter);
        signal.addEventListener("abort", leave, { once: true });
      });
    },
  };
}
