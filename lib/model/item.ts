/** Items: what a storage holds, as the core sees it. */

import type { Digest, Etag, Href, Ident } from "./names.ts";
import type { SyncError } from "./error.ts";
import type { Mail } from "./mail.ts";

/**
 * An item's bytes, exactly as the storage gave them (rule 1). They may be read as often as needed;
 * those of a calendar are in memory, those of a mail come from its storage each time.
 */
export interface Body {
  /** In bytes. */
  readonly size: number;
  bytes(): Promise<Uint8Array>;
  /** Fails with a {@linkcode SyncError}: `missing` where it is gone, never with a short body. */
  stream(): ReadableStream<Uint8Array>;
  /**
   * Every line ends with CRLF because the storage makes it so, as IMAP does. A storage of files
   * keeps such a mail with LF alone, as mail is kept in files.
   */
  readonly crlf?: true;
  /** A file that holds just these bytes, for a storage that can have it copied by the system. */
  readonly file?: string;
}

/** A body that is in memory. */
export function bodyOf(bytes: Uint8Array): Body {
  return {
    size: bytes.byteLength,
    bytes: () => Promise.resolve(bytes),
    stream: () =>
      new ReadableStream({
        start(controller) {
          controller.enqueue(bytes);
          controller.close();
        },
      }),
  };
}

/** A mail's flags and keywords, sorted, each once. Empty for calendars and contacts. */
export type Flags = readonly string[];
export const NO_FLAGS: Flags = [];

/** One storage's version of an item, without its bytes. */
export interface Version {
  readonly href: Href;
  readonly etag: Etag;
  readonly digest: Digest;
  readonly flags: Flags;
}

/** An item as it was fetched. */
export interface Item extends Version {
  readonly ident: Ident;
  readonly body: Body;
  readonly mail?: Mail;
  /** All that the storage holds of it, where it is shown in part: for the attic. */
  readonly stored?: Body;
}

/** What a fetch says of one href. */
export type Fetched =
  | { readonly state: "present"; readonly item: Item }
  /**
   * It is there and cannot be read. This is not an absence. `ident`: who it is, where a filter of the
   * configuration is what keeps it from being seen.
   */
  | {
    readonly state: "unreadable";
    readonly href: Href;
    readonly error: SyncError;
    readonly ident?: Ident;
  }
  /** The answer did not mention it. This is not an absence either: only a listing shows that. */
  | { readonly state: "unknown"; readonly href: Href };
