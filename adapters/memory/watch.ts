import type { Href } from "../../lib/model/names.ts";
import type { Data } from "./shelf.ts";

/** Yields each collection that changed, once however often it did since, until the signal fires. */
export async function* watchData(data: Data, signal: AbortSignal): AsyncGenerator<Href> {
  const changed = new Set<Href>();
  let wake = () => {};
  const watcher = (href: Href) => {
    changed.add(href);
    wake();
  };
  const onAbort = () => wake();
  data.watchers.add(watcher);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    while (!signal.aborted) {
      for (const href of changed) {
        changed.delete(href);
        yield href;
        if (signal.aborted) return;
      }
      if (changed.size === 0) await new Promise<void>((resolve) => wake = resolve);
    }
  } finally {
    data.watchers.delete(watcher);
    signal.removeEventListener("abort", onAbort);
  }
}
