/** Turns work that puts values out one by one into a stream that is read at the reader's pace. */

import { cancelled } from "../model/error.ts";

/**
 * Runs `run` and yields what it puts out. `put` resolves once the reader wants more, so that at
 * most one value waits. What `run` throws is thrown after the values before it were read. Where the
 * reader stops early, the signal that `run` was given fires.
 */
export async function* produced<Value>(
  run: (put: (value: Value) => Promise<void>, signal: AbortSignal) => Promise<void>,
  outer: AbortSignal,
): AsyncGenerator<Value, void, undefined> {
  const controller = new AbortController();
  const stop = () => controller.abort(outer.reason);
  if (outer.aborted) stop();
  outer.addEventListener("abort", stop, { once: true });

  const waiting: { readonly value: Value; readonly taken: () => void }[] = [];
  let wake = Promise.withResolvers<void>();
  let ended = false;
  let failure: { readonly thrown: unknown } | undefined;

  const put = (value: Value): Promise<void> => {
    if (controller.signal.aborted) return Promise.reject(cancelled(controller.signal.reason));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abandoned = () => reject(cancelled(controller.signal.reason));
    controller.signal.addEventListener("abort", abandoned, { once: true });
    waiting.push({
      value,
      taken() {
        controller.signal.removeEventListener("abort", abandoned);
        resolve();
      },
    });
    wake.resolve();
    return promise;
  };
  const running = run(put, controller.signal).catch((thrown) => {
    failure = { thrown };
  }).finally(() => {
    ended = true;
    wake.resolve();
  });

  try {
    while (true) {
      const next = waiting.shift();
      if (next !== undefined) {
        yield next.value;
        next.taken();
        continue;
      }
      if (ended) break;
      wake = Promise.withResolvers<void>();
      await wake.promise;
    }
    if (failure !== undefined) throw failure.thrown;
  } finally {
    controller.abort();
    outer.removeEventListener("abort", stop);
    await running;
  }
}
