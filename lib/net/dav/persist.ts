/** What to make of a write whose answer was lost. */

import { SyncError } from "../../model/error.ts";
import type { Environment } from "../environment.ts";
import { backOff, MAX_TRIES } from "../http/retry.ts";

/** What a request came to. */
export type Sent =
  | { readonly type: "done"; readonly etag: string | undefined; readonly href?: string }
  /** The precondition did not hold, says the server, and perhaps what else. */
  | { readonly type: "precondition"; readonly error: SyncError }
  /** There is nothing at that place. */
  | { readonly type: "nothing" }
  /** It may have been carried out, or not. */
  | { readonly type: "lost"; readonly error: SyncError };

/** What a look at the resource tells of a write whose answer was lost. */
export type Seen =
  | { readonly type: "done"; readonly etag: string | undefined }
  | { readonly type: "not done" }
  | { readonly type: "other" };

/**
 * Sends a write until it is known what came of it. Where the answer is lost, the resource itself is
 * looked at before anything is sent again; where that tells nothing, the error says that it may have
 * been done.
 */
export async function persistently(
  environment: Environment,
  send: () => Promise<Sent>,
  look: () => Promise<Seen>,
  signal: AbortSignal,
): Promise<Sent> {
  let lost: SyncError | undefined;
  for (let tries = 1; tries <= MAX_TRIES; tries++) {
    const sent = await send();
    if (sent.type === "lost") lost = sent.error;
    // Once an answer was lost, a precondition may fail because of our own first try.
    if (lost === undefined || sent.type === "done") return sent;
    const seen = await lookAfter(lost, look);
    if (seen.type === "done") return seen;
    // It may be somebody else's, or ours as the server has rewritten it.
    if (seen.type === "other") return { type: "lost", error: unknownOutcome(lost) };
    if (sent.type !== "lost") return sent;
    await environment.sleep(backOff(tries, environment.random), signal);
  }
  return { type: "lost", error: unknownOutcome(lost) };
}

/** A look after a lost answer. What it throws says that the write may have been done. */
async function lookAfter(lost: SyncError, look: () => Promise<Seen>): Promise<Seen> {
  try {
    return await look();
  } catch (thrown) {
    if (!(thrown instanceof SyncError) || thrown.kind === "cancelled") throw thrown;
    if (thrown.scope !== "storage") throw unknownOutcome(lost);
    const { kind, hint } = thrown;
    throw new SyncError(thrown.message, {
      scope: "storage",
      kind,
      retry: true,
      ...(hint === undefined ? {} : { hint }),
      cause: thrown,
    });
  }
}

/** The error of a write of which nobody can say whether it was done. The next run looks it up. */
function unknownOutcome(lost: SyncError | undefined): SyncError {
  return new SyncError("the server's answer to the write was lost, and it may have been done", {
    scope: "item",
    kind: lost?.kind ?? "unreachable",
    retry: true,
    cause: lost,
  });
}
