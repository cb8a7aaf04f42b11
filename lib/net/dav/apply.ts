/** A stream of actions, carried out several at a time. */

import { asSyncError, SyncError } from "../../model/error.ts";
import type { Action, Result } from "../../model/storage.ts";
import { concurrently } from "../concurrent.ts";
import type { DavContext, KnownCollection } from "./context.ts";
import { writeItem } from "./write.ts";

/** How long requests that are under way may take to end after a stop, in milliseconds. */
const GRACE = 1_500;

export interface ApplyOptions {
  readonly readOnly: boolean;
  readonly signal: AbortSignal;
}

/**
 * Applies as the contract of a storage has it. Once the storage as a whole cannot be reached, or
 * refuses the credentials, the actions that are left fail with that error without being tried.
 */
export async function* applyActions(
  context: DavContext,
  known: KnownCollection,
  actions: AsyncIterable<Action>,
  options: ApplyOptions,
): AsyncGenerator<Result, void, undefined> {
  const { signal } = options;
  const grace = graceful(signal, GRACE);
  let broken: SyncError | undefined = options.readOnly ? readOnly() : undefined;

  const work = async (action: Action): Promise<Result | undefined> => {
    const { id } = action;
    if (broken !== undefined) return { id, outcome: "failed", error: broken };
    try {
      return await writeItem(context, known, action, grace.signal);
    } catch (thrown) {
      // Cut off by the stop: what came of it is not known, and the next run looks it up.
      if (grace.signal.aborted) return undefined;
      const error = asSyncError(thrown, "item");
      if (error.scope === "storage") broken = error;
      return { id, outcome: "failed", error };
    }
  };
  try {
    const limit = context.http.connections;
    for await (const result of concurrently(actions, work, { limit, signal })) {
      if (result !== undefined) yield result;
    }
  } finally {
    grace.stop();
  }
}

function readOnly(): SyncError {
  return new SyncError("the storage is read-only", {
    scope: "storage",
    kind: "forbidden",
    hint: "Take readonly out of its configuration to allow writes.",
  });
}

/** A signal that fires `ms` milliseconds after `signal` does. */
function graceful(
  signal: AbortSignal,
  ms: number,
): { readonly signal: AbortSignal; readonly stop: () => void } {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const begin = () => {
    timer = setTimeout(() => controller.abort(signal.reason), ms);
  };
  if (signal.aborted) controller.abort(signal.reason);
  else signal.addEventListener("abort", begin, { once: true });
  return {
    signal: controller.signal,
    stop() {
      clearTimeout(timer);
      signal.removeEventListener("abort", begin);
    },
  };
}
