/** The error of an HTTP exchange: what the core needs to know of it, and what a retry needs. */

import { SyncError, type SyncErrorOptions } from "../../model/error.ts";

/**
 * Whether a request that failed like this may be sent again at once:
 * - `never`: the answer would be the same, or only a person can help;
 * - `safe`: if repeating it does no harm, since it may have been carried out;
 * - `always`: it was certainly not carried out.
 */
export type Again = "never" | "safe" | "always";

export interface HttpErrorOptions extends SyncErrorOptions {
  readonly again: Again;
  /** The status of the answer; none where there was no answer. */
  readonly status?: number;
  /** The name of the WebDAV precondition that the answer holds, in Clark notation. */
  readonly condition?: string;
}

/** A {@linkcode SyncError} that knows the answer it came from. */
export class HttpError extends SyncError {
  readonly again: Again;
  readonly status: number | undefined;
  readonly condition: string | undefined;

  constructor(message: string, options: HttpErrorOptions) {
    super(message, options);
    this.again = options.again;
    this.status = options.status;
    this.condition = options.condition;
  }
}

/** The status of the answer that led to this error, if it was one. */
export function statusOf(thrown: unknown): number | undefined {
  return thrown instanceof HttpError ? thrown.status : undefined;
}
