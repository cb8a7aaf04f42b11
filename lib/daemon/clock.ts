/** Time, handed in, so that tests need not wait. */

export interface Clock {
  /** In milliseconds since 1970. It may jump: people set clocks, and machines sleep. */
  now(): number;
  /** Calls `then` after so many milliseconds. Returns what prevents it. */
  after(milliseconds: number, then: () => void): () => void;
}

/** The machine's own. */
export const realClock: Clock = {
  now: () => Date.now(),
  after(milliseconds, then) {
    const timer = setTimeout(then, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** Waits so long, or until the signal fires. */
export function wait(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) return Promise.resolve();
  const cancel = clock.after(milliseconds, resolve);
  const stop = () => {
    cancel();
    resolve();
  };
  signal.addEventListener("abort", stop, { once: true });
  return promise.finally(() => signal.removeEventListener("abort", stop));
}
