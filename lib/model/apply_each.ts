/** Carries out a stream of actions one by one, several at a time. */

import { asSyncError } from "./error.ts";
import type { Action, Result } from "./storage.ts";

/**
 * Runs each action of `actions` with `run`, at most `width` at a time, and gives back the results
 * as they come, in any order: what most adapters' `apply` is made of.
 *
 * The stream is read lazily: an action is taken only when it can begin at once, and none while
 * `width` results wait to be taken, so that a slow reader slows the writes. Results are given back
 * also while the stream has nothing to offer. What `run` throws becomes the `failed` result of its
 * action. Once the signal has fired, what has begun is finished and given back, nothing more is
 * begun, and the rest is left without a result. Throws what the stream itself throws, after the
 * results of all that had begun. Whoever stops reading waits for what has begun.
 */
export async function* applyEach(
  actions: AsyncIterable<Action>,
  width: number,
  signal: AbortSignal,
  run: (action: Action) => Promise<Result>,
): AsyncGenerator<Result, void, undefined> {
  const source = actions[Symbol.asyncIterator]();
  const results: Result[] = [];
  let begun = 0;
  let reading = false;
  let ended = false;
  let failure: { readonly thrown: unknown } | undefined;
  let wake = () => {};

  const begin = (action: Action) => {
    begun++;
    Promise.resolve(action).then(run).catch((thrown): Result => ({
      id: action.id,
      outcome: "failed",
      error: asSyncError(thrown, "item"),
    })).then((result) => {
      begun--;
      results.push(result);
      wake();
    });
  };
  const read = () => {
    if (reading || ended || signal.aborted || begun + results.length >= width) return;
    reading = true;
    source.next().then((next) => {
      if (next.done) ended = true;
      else if (!ended && !signal.aborted) begin(next.value);
    }, (thrown) => {
      ended = true;
      failure = { thrown };
    }).finally(() => {
      reading = false;
      read();
      wake();
    });
  };
  const onAbort = () => wake();
  signal.addEventListener("abort", onAbort, { once: true });

  try {
    while (true) {
      read();
      const result = results.shift();
      if (result !== undefined) {
        yield result;
        continue;
      }
      const nothingMore = signal.aborted || (ended && !reading);
      if (begun === 0 && nothingMore) break;
      await new Promise<void>((resolve) => wake = resolve);
    }
    if (failure !== undefined) throw failure.thrown;
  } finally {
    signal.removeEventListener("abort", onAbort);
    const wasReading = reading;
    const hadEnded = ended;
    ended = true;
    while (begun > 0) await new Promise<void>((resolve) => wake = resolve);
    // A stream that is still waiting for its next action cannot be told to stop before it has it.
    if (!hadEnded) {
      const stopped = source.return?.();
      if (!wasReading) await stopped;
      else stopped?.catch(() => {});
    }
  }
}
