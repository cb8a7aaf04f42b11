/**
 * What the core asks about the inside of items. It is handed in, so that the core itself knows
 * nothing of iCalendar and vCard; `lib/item/` answers.
 */

import type { SyncError } from "./error.ts";
import type { Digest, Ident, Sides } from "./names.ts";

/** What is asked of an item before it is taken in at all. */
export interface Extent {
  /** `VEVENT`, `VTODO`, `VJOURNAL`; `MESSAGE` of a mail, whose time is its INTERNALDATE. */
  readonly component: string;
  /** The first moment it touches, in milliseconds since 1970; without it, it has no beginning. */
  readonly from?: number;
  /** The last one; without it, it has no end. */
  readonly to?: number;
  /** Of a mail, in bytes with CRLF at the ends of lines. */
  readonly size?: number;
}

/** One thing that both sides changed, each in its own way. */
export interface Clash {
  /** What it is called in the format: `SUMMARY`, `VALARM`, `TEL`. */
  readonly what: string;
  /** Which part of the item, where it has several: `the event on 2026-03-01`. */
  readonly component?: string;
  /** What it says on that side, shortened. None where that side took it away. */
  readonly a?: string;
  readonly b?: string;
}

/** What came of putting both sides' edits together. */
export type Merged =
  /** What each side is to hold. They differ where the sides did before anybody's edit. */
  | { readonly state: "merged"; readonly sides: Sides<Uint8Array> }
  | { readonly state: "clash"; readonly clashes: readonly Clash[] }
  | { readonly state: "unreadable"; readonly reason: string };

export interface Format {
  /** The ident and the digest of an item. Never throws. */
  read(bytes: Uint8Array):
    | { readonly state: "read"; readonly ident: Ident; readonly digest: Digest }
    | { readonly state: "malformed"; readonly error: SyncError };
  /**
   * Applies to each side what was changed on the other: the difference between that side's base and
   * what it holds now. Where nothing was changed on one side, there is never a clash.
   */
  merge(base: Sides<Uint8Array>, now: Sides<Uint8Array>): Merged;
  /** The same item under another UID. */
  withUid(bytes: Uint8Array, uid: string): Uint8Array;
  /** When it was last edited, by its own word, in milliseconds since 1970. */
  stamp(bytes: Uint8Array): number | undefined;
  /** None where it cannot be told. */
  extent(bytes: Uint8Array): Extent | undefined;
  /** What `stored` lacks or says differently from `sent`, in words. */
  lost(sent: Uint8Array, stored: Uint8Array): readonly string[];
}
