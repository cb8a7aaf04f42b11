/** What is remembered of a feed between two listings: which version of it was seen. */

import { type Cursor, cursor } from "../../lib/model/names.ts";

/** One version of a feed. */
export interface FeedVersion {
  /** The server's own names for it, sent back as they are (RFC 9110 section 13.1). */
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
  /** SHA-256 of the body, for servers that have none of these. */
  readonly digest: string;
}

/** It is renewed where a feed is taken apart differently, so that everything is listed anew. */
const FORM = "webcal-1";
/** A longer header is no name of a version. */
const LONGEST = 1024;

/** `mode`: what else decides which items a feed is taken for. */
export function writeCursor({ etag, lastModified, digest }: FeedVersion, mode: string): Cursor {
  return cursor(JSON.stringify([FORM, mode, digest, etag ?? null, lastModified ?? null]));
}

/** The version of a cursor; none if it is not one of ours, or was written in another mode. */
export function readCursor(text: Cursor | undefined, mode: string): FeedVersion | undefined {
  if (text === undefined) return undefined;
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
  if (!Array.isArray(read) || read[0] !== FORM || read[1] !== mode) return undefined;
  const [, , digest, etag, lastModified] = read as readonly unknown[];
  if (typeof digest !== "string") return undefined;
  return { digest, etag: header(etag), lastModified: header(lastModified) };
}

/** The value of a header that names a version, if it can be sent back. */
export function header(value: unknown): string | undefined {
  return typeof value === "string" && value.length <= LONGEST &&
      /^[\x20-\x7e\x80-\xff]+$/.test(value)
    ? value
    : undefined;
}
