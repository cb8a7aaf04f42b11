/** Tells what changes in a folder, as it does. */

import { SyncError } from "../model/error.ts";
import type { Href } from "../model/names.ts";
import type { FileEvent, Files } from "./files.ts";

/** How long nothing must happen before a change is told of: programs write in several steps. */
const QUIET_MS = 100;
/** After how long it is told of though something happens all the time. */
const LONGEST_MS = 1000;

/**
 * Yields each collection that changed in a folder, once, when it has come to rest; ends with the
 * signal. `touched` says which collections an event is about.
 */
export async function* watchChanges(
  files: Files,
  root: string,
  touched: (event: FileEvent) => readonly Href[],
  signal: AbortSignal,
): AsyncGenerator<Href> {
  if (signal.aborted) return;
  const stop = new AbortController();
  const changed = new Set<Href>();
  let happened = 0;
  let ended: { readonly thrown?: unknown } | undefined;
  let wake = () => {};

  const listen = async () => {
    for await (const event of files.watch(root, AbortSignal.any([signal, stop.signal]))) {
      for (const collection of touched(event)) changed.add(collection);
      happened++;
      wake();
    }
  };
  const listening = listen()
    .then(() => ended = {}, (thrown) => ended = { thrown })
    .finally(() => wake());

  try {
    while (ended === undefined) {
      if (changed.size === 0) {
        await new Promise<void>((resolve) => wake = resolve);
        continue;
      }
      const latest = files.now() + LONGEST_MS;
      for (let seen = -1; seen !== happened && files.now() < latest && !signal.aborted;) {
        seen = happened;
        await files.wait(QUIET_MS);
      }
      const settled = [...changed];
      changed.clear();
      for (const collection of settled) {
        if (signal.aborted) return;
        yield collection;
      }
    }
    if ("thrown" in ended && !signal.aborted) throw unwatched(ended.thrown, root);
  } finally {
    stop.abort();
    await listening;
  }
}

/** The usual reason is a limit, which Linux words as a full disk (ENOSPC) or many files (EMFILE). */
function unwatched(thrown: unknown, root: string): SyncError {
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new SyncError(`${root} cannot be watched: ${reason}`, {
    scope: "storage",
    kind: "refused",
    hint: "On Linux, raise fs.inotify.max_user_watches and max_user_instances with sysctl.",
    cause: thrown,
  });
}
