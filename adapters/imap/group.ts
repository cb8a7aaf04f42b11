/** Puts a stream of actions together into batches. */

import type { Action } from "../../lib/model/storage.ts";

export interface GroupOptions {
  /** How many actions one batch has at most. */
  readonly most: number;
  /** How much one batch weighs at most; a single action may weigh more. */
  readonly weight: number;
  readonly weigh: (action: Action) => number;
  /** How long a batch waits for more, in milliseconds. */
  readonly patience: number;
}

/**
 * Batches of actions of one kind, in their order. No batch waits for long: whoever gives the actions
 * may be waiting for results.
 */
export async function* grouped(
  actions: AsyncIterable<Action>,
  { most, weight, weigh, patience }: GroupOptions,
): AsyncGenerator<readonly Action[], void, undefined> {
  const source = actions[Symbol.asyncIterator]();
  let coming: Promise<IteratorResult<Action, unknown>> | undefined;
  let ended = false;
  const next = () => coming ??= source.next();
  try {
    let first: Action | undefined;
    for (;;) {
      if (first === undefined) {
        const result = await next();
        coming = undefined;
        if (result.done) {
          ended = true;
          return;
        }
        first = result.value;
      }
      const batch: Action[] = [first];
      const { kind } = first;
      let sum = weigh(first);
      first = undefined;
      while (batch.length < most && sum < weight) {
        const result = await soon(next(), patience);
        if (result === undefined) break;
        coming = undefined;
        if (result.done) {
          ended = true;
          break;
        }
        const action = result.value;
        sum += weigh(action);
        if (action.kind !== kind || sum > weight) {
          first = action;
          break;
        }
        batch.push(action);
      }
      yield batch;
      if (ended) return;
    }
  } catch (thrown) {
    ended = true;
    throw thrown;
  } finally {
    if (!ended) {
      // A stream that is still waiting for its next action cannot be told to stop before it has it.
      const stopped = source.return?.();
      if (coming === undefined) await stopped;
      else {
        coming.catch(() => {});
        stopped?.catch(() => {});
      }
    }
  }
}

/** What comes within so many milliseconds, or nothing. */
async function soon<Value>(coming: Promise<Value>, patience: number): Promise<Value | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), patience);
  try {
    return await Promise.race([coming, promise]);
  } finally {
    clearTimeout(timer);
  }
}
