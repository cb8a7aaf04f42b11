/** Many at once, but not all at once. */

/**
 * `work` on every item, at most `limit` at a time; the results in the order of the items. The first
 * one that throws ends it: nothing more is begun, and what has begun is waited for.
 */
export async function eachOf<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const queue = items.entries();
  let failed: { readonly thrown: unknown } | undefined;
  const worker = async () => {
    for (const [at, item] of queue) {
      if (failed !== undefined) return;
      try {
        results[at] = await work(item);
      } catch (thrown) {
        failed ??= { thrown };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  if (failed !== undefined) throw failed.thrown;
  return results;
}

/** `items` in runs of at most `size`. */
export function* chunksOf<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}

/** Waits for all of them, and then throws what the first one threw: nothing goes on unwatched. */
export async function allOf<T extends readonly unknown[]>(
  promises: { readonly [At in keyof T]: Promise<T[At]> },
): Promise<T> {
  const results = await Promise.allSettled(promises);
  for (const result of results) if (result.status === "rejected") throw result.reason;
  return await Promise.all(promises) as unknown as T;
}
