/** A mail of an mbox, and where it stands. */

import type { Digest } from "../../lib/model/names.ts";
import type { Said } from "./said.ts";

/** A part of the file: from its first byte to the one behind its last. */
export type Range = readonly [from: number, to: number];

/** A mail and where it stands. All positions are those of the file, in bytes. */
export interface Mail {
  /** The line that begins it. */
  readonly from: number;
  readonly header: number;
  /** Behind the empty line, or the end where there is none. */
  readonly body: number;
  /** The line end that parts it from the next one is not a part of it. */
  readonly end: number;
  /** Where the next one begins, or the file ends. */
  readonly next: number;
  /** Whether an empty line ends its header. */
  readonly parted: boolean;
  /** In milliseconds since 1970. */
  readonly received: number;
  /** The lines of its header that are not the mail's, in order. */
  readonly hidden: readonly Range[];
  readonly said: Said;
  /** In bytes, without those lines. */
  readonly size: number;
  /** The same with CRLF at the ends of lines. */
  readonly crlfSize: number;
  readonly digest: Digest;
}
