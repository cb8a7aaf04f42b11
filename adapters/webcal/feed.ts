/** A feed, taken apart into items. */

import { hash } from "node:crypto";
import { ITEM_LIMITS } from "../../lib/item/components.ts";
import { readCalendarItem } from "../../lib/item/icalendar.ts";
import { byteString, trimSpaces } from "../../lib/item/lines.ts";
import { SPLIT_LIMITS, type SplitItem, type Uids, type Unsplit } from "../../lib/item/split.ts";
import { splitCalendar } from "../../lib/item/split_calendar.ts";
import { namedItems } from "../../lib/item/split_names.ts";
import { SyncError } from "../../lib/model/error.ts";
import { bodyOf, type Fetched, NO_FLAGS } from "../../lib/model/item.ts";
import { etag, type Href } from "../../lib/model/names.ts";
import type { Listed } from "../../lib/model/storage.ts";
import type { FeedVersion } from "./cursor.ts";
import type { Download } from "./download.ts";

/** What the hrefs of a feed's items end in. */
export const FILEEXT = "ics";

/** One version of a feed. */
export interface Feed {
  readonly version: FeedVersion;
  readonly items: ReadonlyMap<Href, SplitItem>;
}

export interface FeedSettings {
  readonly host: string;
  readonly uids: Uids;
  readonly maxSize: number;
}

/**
 * Takes a feed apart. It is UTF-8, whatever the header says (RFC 5545 section 3.1.4 has it so, and
 * servers that know nothing of calendars claim ISO 8859-1). Throws `malformed` for what is no
 * calendar, or not all of one: a page that asks for a login is no empty feed.
 */
export function readFeed(download: Download, { host, uids, maxSize }: FeedSettings): Feed {
  const { bytes, version } = download;
  const limits = { ...SPLIT_LIMITS, bytes: maxSize };
  const split = splitCalendar(bytes, { uids, limits });
  if (split.state === "malformed") throw noCalendar(download, split, host);
  return { version, items: namedItems(split.items, FILEEXT) };
}

function noCalendar({ bytes, contentType }: Download, { kind, reason }: Unsplit, host: string) {
  const start = trimSpaces(
    byteString(bytes.subarray(0, 1024)).replace(/^\xef\xbb\xbf|[\r\n]+/g, ""),
  );
  if (start === "") {
    return new SyncError(`${host} sent nothing instead of a calendar`, {
      scope: "storage",
      kind: "malformed",
      retry: true,
    });
  }
  if (start.startsWith("<") || /^text\/html\b/i.test(contentType)) {
    return new SyncError(`${host} sent a web page instead of a calendar`, {
      scope: "storage",
      kind: "malformed",
      hint: "Open the url in a browser. The feed may want a login, or may have moved.",
    });
  }
  return new SyncError(`the feed of ${host} ${reason}`, {
    scope: "storage",
    kind,
    // An answer that was cut short may well be whole the next time.
    retry: reason.startsWith("ends before"),
  });
}

/**
 * The line of a listing for an item. Its etag is what the item says, not how: many servers put the
 * time of the download into every event (DTSTAMP), and then nothing at all has changed.
 */
export function listedItem(href: Href, item: SplitItem): Listed {
  if (item.size > ITEM_LIMITS.bytes) return { state: "unreadable", href, error: tooLarge(item) };
  return { state: "present", href, etag: etag(versionOf(item.bytes())), flags: NO_FLAGS };
}

function versionOf(bytes: Uint8Array): string {
  const read = readCalendarItem(bytes);
  return read.state === "read" ? read.digest : `unreadable:${hash("sha256", bytes, "hex")}`;
}

export function fetchedItem(href: Href, item: SplitItem): Fetched {
  if (item.size > ITEM_LIMITS.bytes) return { state: "unreadable", href, error: tooLarge(item) };
  const bytes = item.bytes();
  const read = readCalendarItem(bytes);
  if (read.state === "malformed") return { state: "unreadable", href, error: read.error };
  const { ident, digest } = read;
  const version = { href, etag: etag(digest), digest, flags: NO_FLAGS };
  return { state: "present", item: { ...version, ident, body: bodyOf(bytes) } };
}

function tooLarge({ size }: SplitItem): SyncError {
  return new SyncError(`the item has ${size} bytes; ${ITEM_LIMITS.bytes} are allowed`, {
    scope: "item",
    kind: "too large",
  });
}
