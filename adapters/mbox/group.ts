/** Actions in groups, as each group costs as much as one of them. */

import { asSyncError } from "../../lib/model/error.ts";
import type { Action, Result } from "../../lib/model/storage.ts";

/** How many actions are carried out together at most. */
const WIDTH = 512;
/** How long a group waits for more, in milliseconds. */
const LINGER_MS = 2;

/**
 * Carries out the actions of a stream, as many together as are at hand, no two of which are about one
 * mail, and gives back their results. What `applyAll` throws is the result of each of its group. Once
 * the signal has fired, the rest is left without a result. Throws what the stream itself throws.
 */
export async function* applyInGroups(
  actions: AsyncIterable<Action>,
  signal: AbortSignal,
  applyAll: (actions: readonly Action[]) => Promise<readonly Result[]>,
): AsyncGenerator<Result, void, undefined> {
  const source = actions[Symbol.asyncIterator]();
  let ended = false;
  const read = () => {
    const next = source.next();
    // It is awaited later, and must not count as one that nobody looks at until then.
    next.catch(() => {});
    return next;
  };
  let next = read();
  const stopped = aborted(signal);
  try {
    while (!ended && !signal.aborted) {
      const group: Action[] = [];
      const taken = new Set<string>();
      let failure: { readonly thrown: unknown } | undefined;
      while (group.length < WIDTH) {
        try {
          const step = await (group.length === 0
            ? Promise.race([next, stopped])
            : Promise.race([next, lingered()]));
          if (step === undefined) {
            break;
          }
          if (step.done) {
            ended = true;
            break;
          }
          if (taken.has(step.value.href)) {
            break;
          }
          taken.add(step.value.href);
          group.push(step.value);
          next = read();
        } catch (thrown) {
          ended = true;
          failure = { thrown };
          break;
        }
      }
      if (group.length > 0 && !signal.aborted) yield* await carriedOut(group, applyAll);
      if (failure !== undefined) throw failure.thrown;
    }
  } finally {
    // A stream that is still waiting for its next action cannot be told to stop before it has it.
    if (!ended) source.return?.()?.catch(() => {});
  }
}

async function carriedOut(
  group: readonly Action[],
  applyAll: (actions: readonly Action[]) => Promise<readonly Result[]>,
): Promise<readonly Result[]> {
  try {
    return await applyAll(group);
  } catch (thrown) {
    const error = asSyncError(thrown, "collection");
    return error.kind === "cancelled"
      ? []
      : group.map(({ id }): Result => ({ id, outcome: "failed", error }));
  }
}

const lingered = (): Promise<undefined> =>
  new Promise((resolve) => setTimeout(() => resolve(undefined), LINGER_MS));

const aborted = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve(undefined), { once: true })
  );
