/** A storage that is always asked for everything, whatever was known of it before. */

import type { Storage } from "../lib/model/storage.ts";

/** No cursor reaches the storage, so that no listing is of what changed alone. */
export const withFullListing = (storage: Storage): Storage => ({
  ...storage,
  changes: (collection, _cursor, signal) => storage.changes(collection, undefined, signal),
});
