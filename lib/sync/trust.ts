/**
 * Whether a storage keeps what it is given. An etag in the answer to a write promises that it does
 * (RFC 4791 section 5.3.4), and Radicale answers with one all the same, whatever it cut. So the
 * first few are looked at again, byte for byte, and all of them where one was not as it was sent.
 */

import type { Collection, Storage } from "../model/storage.ts";

export interface Trust {
  /** Whether what was written, and answered with an etag, has to be looked at. */
  mustLook(): boolean;
  /** Whether it is known to change what it is given. */
  isDeceived(): boolean;
  /** Whether enough were looked at to know. */
  isDecided(): boolean;
  looked(count: number, faithful: boolean): void;
}

/** How many are looked at before a storage is believed. */
export const TRIALS = 3;

export function trustIn(storage: Storage, collection: Collection): Trust {
  const never = collection.rewrites === true;
  const always = storage.capabilities.rewrites !== true;
  let tried = 0;
  let deceived = never;
  return {
    mustLook: () => deceived || !(always || tried >= TRIALS),
    isDeceived: () => deceived,
    isDecided: () => deceived || always || tried >= TRIALS,
    looked(count, faithful) {
      tried += count;
      if (!faithful) deceived = true;
    },
  };
}
