import type { Reading } from "./shelf.ts";

/** How such a storage behaves, beyond what the contract asks: what real ones do. */
export interface Behaviour {
  /** What an item's bytes say. Throws a `SyncError` where they say nothing that can be understood. */
  readonly read: (bytes: Uint8Array) => Reading;
  /** What becomes of the bytes that a synchroniser writes, as servers re-write them. */
  readonly rewrite?: (bytes: Uint8Array) => Uint8Array;
  /** Whether a write is answered with the new etag. Default: true. */
  readonly etagOnWrite?: boolean;
  /** Whether every listing gives every item a new etag, though nothing changed. Default: false. */
  readonly restlessEtags?: boolean;
  /** Whether a listing names each item twice. Default: false. */
  readonly listsTwice?: boolean;
  /** Whether a new item is given another href than the action asked for, as IMAP does. Default: false. */
  readonly assignsHrefs?: boolean;
  /** How many entries or items come at a time. Default: all at once. */
  readonly batch?: number;
}
