/** Work done several pieces at a time, its results given out as they come. */

export interface ConcurrentOptions {
  /** How many pieces are in work at once. */
  readonly limit: number;
  /** Once it fires, no further piece is begun; those in work end and their results are given out. */
  readonly signal?: AbortSignal;
}

/**
 * Calls `work` for each piece of `source`, at most `limit` at once, and yields the results in the
 * order in which they are ready. The source is read only as fast as places become free. What
 * `source` or `work` throws is thrown after the pieces in work have ended; then, and also when the
 * consumer stops early, no further piece is begun.
 */
export async function* concurrently<Piece, Result>(
  source: AsyncIterable<Piece> | Iterable<Piece>,
  work: (piece: Piece) => Promise<Result>,
  options: ConcurrentOptions,
): AsyncGenerator<Result, void, undefined> {
  const { limit, signal } = options;
  const ready: Result[] = [];
  let running = 0;
  let over = false;
  let closed = false;
  let failure: { readonly thrown: unknown } | undefined;
  let wake = Promise.withResolvers<void>();
  const notify = () => wake.resolve();
  const fail = (thrown: unknown) => {
    failure ??= { thrown };
    notify();
  };

  const pieces = Symbol.asyncIterator in source
    ? source[Symbol.asyncIterator]()
    : source[Symbol.iterator]();
  const stop = () => {
    over = true;
    notify();
  };
  if (signal?.aborted) over = true;
  signal?.addEventListener("abort", stop, { once: true });

  let reading = false;
  async function readOne(): Promise<void> {
    reading = true;
    try {
      const next = await pieces.next();
      if (next.done === true) over = true;
      // A piece that arrives after the stop was never begun: it stays without a result.
      else if (!over && failure === undefined) begin(next.value);
    } catch (thrown) {
      fail(thrown);
    } finally {
      reading = false;
      notify();
      if (closed) await pieces.return?.();
    }
  }
  function begin(piece: Piece): void {
    running++;
    work(piece).then((result) => {
      ready.push(result);
    }, fail).finally(() => {
      running--;
      notify();
    });
  }

  try {
    while (true) {
      while (ready.length > 0) yield ready.shift() as Result;
      const stopped = over || failure !== undefined;
      if (stopped && running === 0 && ready.length === 0) break;
      wake = Promise.withResolvers<void>();
      if (!stopped && !reading && running < limit) void readOne();
      if (ready.length === 0) await wake.promise;
    }
    if (failure !== undefined) throw failure.thrown;
  } finally {
    over = true;
    closed = true;
    signal?.removeEventListener("abort", stop);
    // A source that is waiting for its next piece is let go when that has come.
    if (!reading) await pieces.return?.();
  }
}
