/** A storage that could not be opened: it stops the pairs that it is in, and no others. */

import type { ResolvedStorage } from "../config/secrets.ts";
import type { Storage } from "../model/storage.ts";

/** Whatever is asked of it is answered with `error`. */
export function brokenStorage({ name, kind, readOnly }: ResolvedStorage, error: unknown): Storage {
  const fail = (): Promise<never> => Promise.reject(error);
  async function* failing(): AsyncGenerator<never> {
    yield await fail();
  }
  return {
    name,
    capabilities: {
      kind,
      readOnly,
      properties: [],
      conditionalWrites: false,
      keepsUids: false,
      listsChanges: false,
      watches: false,
    },
    check: fail,
    collections: fail,
    createCollection: fail,
    deleteCollection: fail,
    setProperty: fail,
    hrefFor: () => {
      throw error;
    },
    changes: failing,
    fetch: failing,
    apply: failing,
    // Whoever runs a pair is told; that nothing can be heard of it besides is no news.
    async *watch() {},
    close: () => Promise.resolve(),
  };
}
