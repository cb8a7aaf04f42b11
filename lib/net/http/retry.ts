/** When a failed request is sent again, and after how long. */

import type { SyncError } from "../../model/error.ts";
import { HttpError } from "./error.ts";

/** How often one request is sent in all. */
export const MAX_TRIES = 4;
/** The same where a server only asks to be slower (429, and Google's 403): five times more. */
export const MAX_LIMITED_TRIES = 6;
/** The longest time that a server's Retry-After is waited for, in milliseconds. */
export const MAX_RETRY_AFTER = 60_000;

const FIRST_DELAY = 500;

/**
 * Whether a request may be carried out twice: `safe` for what only reads; `undone` for writes, which
 * are repeated only where it is certain that nothing was done.
 */
export type Repeat = "safe" | "undone";

export interface RetryState {
  /** How many tries there were. */
  readonly tries: number;
  /** Milliseconds since the first. */
  readonly elapsed: number;
  /** No further try begins later than this after the first, in milliseconds. */
  readonly patience: number;
  readonly random: () => number;
}

/**
 * How many milliseconds to wait before the next try, or `undefined` where there is none. The wait
 * doubles each time and varies by a half either way, so that many clients do not come back at once;
 * a server that asks for more gets it, up to a minute. One that asks for more than that is left
 * alone: the error then says how long it asked for.
 */
export function delayBefore(
  error: SyncError,
  repeat: Repeat,
  state: RetryState,
): number | undefined {
  if (!(error instanceof HttpError)) return undefined;
  if (state.tries >= (isLimited(error) ? MAX_LIMITED_TRIES : MAX_TRIES)) return undefined;
  if (error.again === "never") return undefined;
  if (error.again === "safe" && repeat !== "safe") return undefined;
  const asked = error.retryAfter ?? 0;
  if (asked > MAX_RETRY_AFTER || state.elapsed > state.patience) return undefined;
  return Math.max(backOff(state.tries, state.random), asked);
}

/** A 403 that may be tried again is never a matter of rights. */
const isLimited = ({ status, again }: HttpError) =>
  again === "always" && (status === 429 || status === 403);

/** How long to wait after so many tries, in milliseconds. */
export function backOff(tries: number, random: () => number): number {
  return FIRST_DELAY * 2 ** (tries - 1) * (0.5 + random());
}

/**
 * The value of a Retry-After header in milliseconds from `now`: seconds or a date (RFC 9110 section
 * 10.2.3). `undefined` where there is none or it says nothing.
 */
export function parseRetryAfter(value: string | null, now: number): number | undefined {
  if (value === null) return undefined;
  const text = value.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  const date = /^[A-Za-z]{3,9},? /.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
