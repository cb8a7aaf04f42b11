/** Tells which mailboxes change, as they do. */

import { dirname, relative } from "node:path";
import type { Files } from "../../lib/files/files.ts";
import { watchChanges } from "../../lib/files/watch.ts";
import { type Href, href } from "../../lib/model/names.ts";
import { INBOX, isBoxHref, listPlaces, type Places } from "./places.ts";
import { realDisk } from "./disk.ts";

/** Yields each mailbox that changed, once, when it has come to rest; ends with the signal. */
export async function* watchPlaces(
  files: Files,
  places: Places,
  signal: AbortSignal,
): AsyncGenerator<Href> {
  const { root, inbox } = places;
  const folder = dirname(inbox);
  const isInside = inbox.startsWith(`${root}/`);
  const below = watchChanges(
    files,
    root,
    ({ paths, missedSome }) =>
      missedSome
        ? listPlaces(realDisk, places).map(({ href }) => href)
        : paths.flatMap((path) => path === inbox ? [INBOX] : boxAt(root, path)),
    signal,
  );
  if (isInside) return yield* below;
  const beside = watchChanges(
    files,
    folder,
    ({ paths, missedSome }) => missedSome || paths.includes(inbox) ? [INBOX] : [],
    signal,
  );
  yield* merged([below, beside]);
}

function boxAt(root: string, path: string): readonly Href[] {
  const at = href(relative(root, path));
  return isBoxHref(at) ? [at] : [];
}

/** What any of them yields, as it comes, until all have ended or one has failed. */
async function* merged<T>(sources: readonly AsyncGenerator<T>[]): AsyncGenerator<T> {
  const read = (source: AsyncGenerator<T>) => source.next().then((step) => ({ source, step }));
  const waiting = new Map(sources.map((source) => [source, read(source)]));
  try {
    while (waiting.size > 0) {
      const { source, step } = await Promise.race(waiting.values());
      if (step.done) waiting.delete(source);
      else {
        waiting.set(source, read(source));
        yield step.value;
      }
    }
  } finally {
    // Those that still wait end with the signal.
    for (const source of waiting.keys()) source.return(undefined).catch(() => {});
  }
}
