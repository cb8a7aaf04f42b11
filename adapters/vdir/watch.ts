/** Tells which collections of a vdir change, as they do. */

import { relative, sep } from "node:path";
import type { FileEvent, Files } from "../../lib/files/files.ts";
import { watchChanges } from "../../lib/files/watch.ts";
import { type Href, href } from "../../lib/model/names.ts";
import { rootOf } from "./folder.ts";
import { isCollectionName } from "./names.ts";

/** Yields each collection that changed, once, when it has come to rest; ends with the signal. */
export async function* watchCollections(
  files: Files,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<Href> {
  if (signal.aborted) return;
  const root = rootOf(files, path);
  yield* watchChanges(files, root, (event) => touched(files, root, event), signal);
}

function touched(files: Files, root: string, { paths, missedSome }: FileEvent): readonly Href[] {
  const names = missedSome ? files.names(root) : paths.flatMap((path) => {
    const [collection, item, ...deeper] = relative(root, path).split(sep);
    const passing = item !== undefined && (item.startsWith(".") || item.endsWith(".tmp"));
    return collection === undefined || passing || deeper.length > 0 ? [] : [collection];
  });
  return names.filter(isCollectionName).map(href);
}
