/** How long to wait after a failure. All times are in milliseconds. */

/** After the first failure; sooner where the pair is looked at more often anyway. */
const FIRST = 10_000;
/** What the waiting grows to, unless the pair's interval is longer. */
const LONGEST = 15 * 60_000;
/** A server that asks for more than this is asked again all the same: it may have meant seconds. */
const MOST_ASKED = 6 * 60 * 60_000;

export interface Failure {
  /** How many runs have failed one after the other, this one included. */
  readonly count: number;
  /** Whether it can help to try again without anybody doing anything. */
  readonly retry: boolean;
}

/**
 * Until the next run of a pair of which nothing could be done: from ten seconds, twice as long each
 * time, to fifteen minutes or the interval. What somebody has to mend is not asked for more often
 * than the interval says: a server may lock out who comes with a wrong password again and again.
 */
export function backOff({ count, retry }: Failure, interval: number): number {
  const first = retry ? Math.min(FIRST, interval) : Math.max(FIRST, interval);
  const doubled = first * 2 ** Math.min(count - 1, 30);
  return Math.min(doubled, Math.max(interval, LONGEST));
}

/** What a storage asked for (`Retry-After`), within reason. */
export const asked = (retryAfter: number | undefined): number =>
  Math.min(Math.max(retryAfter ?? 0, 0), MOST_ASKED);
