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
  /**
   * Whether a new item is given another href than the action asked for. Default: false. Of mail
   * storages those do that do not keep UIDs.
   */
  readonly assignsHrefs?: boolean;
  /** How many entries or items come at a time. Default: all at once. */
  readonly batch?: number;

  // Of mail storages alone.

  /**
   * Who a mail is: its GUID, which is listed, or what `read` says its ident is, which is its digest
   * too. Default: the GUID where GUIDs are kept.
   */
  readonly identBy?: "guid" | "digest";
  /** The flags and keywords that mails can have, others being dropped. Default: all. */
  readonly keeps?: readonly string[];
  /**
   * Whether a keyword is spelt in a mailbox as it was when it came there first, as Dovecot has it.
   * Default: false.
   */
  readonly oneSpelling?: boolean;
  /** Whether there is a modseq in etags, so that none comes twice. Default: false. */
  readonly modseq?: boolean;
  /** Whether bodies are given and kept with CRLF at the ends of their lines. Default: false. */
  readonly crlf?: boolean;
  /** What stands between the parts of a mailbox's name, and so not in them. Default: `/`. */
  readonly separator?: string;
  /** What stands for it in them. Default: `_`. */
  readonly altChar?: string;
  /**
   * Whether what lies within a mailbox stays where it is when that is called otherwise. Default:
   * false, as RFC 3501 section 6.3.5 has it.
   */
  readonly renamesAlone?: boolean;
}
