/**
 * One sync for all that ask at the same time. What comes back waits until a run of `sync` that
 * began after it was called has ended, and throws if that run failed. Only one runs at a time; all
 * that ask while it does share the next. So the disk waits once for many files, and never longer
 * than it must for one.
 */
export function groupSync(sync: () => Promise<void>): () => Promise<void> {
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<void> | undefined;
  return () => {
    next ??= running.then(() => {
      next = undefined;
      const now = Promise.try(sync);
      // Whoever waits for this run learns how it went; the next one begins either way.
      running = now.then(() => {}, () => {});
      return now;
    });
    return next;
  };
}
