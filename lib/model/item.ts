/** Items: what a storage holds, as the core sees it. */

import type { Digest, Etag, Href, Ident } from "./names.ts";
import type { SyncError } from "./error.ts";

/**
 * An item's bytes, exactly as the storage gave them (rule 1). They may be read as often as needed;
 * those of a calendar are in memory, those of a mail come from its storage each time.
 */
export interface Body {
  /** In bytes. */
  readonly size: number;
  bytes(): Promise<Uint8Array>;
  stream(): ReadableStream<Uint8Array>;
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
