/** What a run came to, as far as it decides when the next one is. */

import { asSyncError, type ErrorKind, type SyncError } from "../model/error.ts";
import type { Report } from "../model/run.ts";

export type Ending =
  /** Everything was looked at, and what could be done was. */
  | { readonly kind: "done" }
  /** Some of it failed, or changed meanwhile. */
  | { readonly kind: "partly"; readonly retry: boolean; readonly retryAfter?: number }
  /** Nothing could be done. */
  | { readonly kind: "failed"; readonly retry: boolean; readonly retryAfter?: number }
  /** Another process brings the same pair in step. */
  | { readonly kind: "busy" }
  /** The collection that was to be looked at is not what it was: the whole pair is to be. */
  | { readonly kind: "stale" }
  /** It can only fail again, whoever tries: the pair is given up. */
  | { readonly kind: "over" };

/** What kinds of error of a whole run somebody has to mend while no daemon is running. */
const FOR_GOOD: ReadonlySet<ErrorKind> = new Set(["malformed", "missing", "forbidden", "refused"]);

/** Networks and disks come and go without anybody thinking of us. */
const COMES_BACK: ReadonlySet<ErrorKind> = new Set(["unreachable", "missing"]);

/** Of a run that could not be made. */
export function endingOfError(thrown: unknown): Ending {
  const { kind, scope, retry, retryAfter } = asSyncError(thrown, "collection");
  if (kind === "cancelled") return { kind: "done" };
  if (kind === "locked") return { kind: "busy" };
  // What is wrong with the run itself is wrong with the status: a storage has a scope of its own.
  if (scope === "run" && !retry && FOR_GOOD.has(kind)) return { kind: "over" };
  return { kind: "failed", retry: retry || COMES_BACK.has(kind), ...after(retryAfter) };
}

/** Of a run that went to its end. */
export function endingOfReport({ plan, failures, changed }: Report): Ending {
  const errors: readonly SyncError[] = [
    ...plan.problems,
    ...plan.collections.flatMap((it) => it.problems),
    ...failures,
  ].map((it) => it.error).filter((it) => it.kind !== "left out" && it.kind !== "cancelled");
  if (errors.length === 0 && changed === 0) return { kind: "done" };
  const longest = Math.max(...errors.map((it) => it.retryAfter ?? 0), 0);
  return {
    kind: "partly",
    retry: changed > 0 || errors.some((it) => it.retry),
    ...after(longest === 0 ? undefined : longest),
  };
}

const after = (retryAfter: number | undefined) => retryAfter === undefined ? {} : { retryAfter };
