/** From the responses of a listing to its entries. */

import { SyncError } from "../../model/error.ts";
import { etag as asEtag, href as asHref } from "../../model/names.ts";
import { NO_FLAGS } from "../../model/item.ts";
import type { Listed } from "../../model/storage.ts";
import { hrefKey, MAX_HREF, memberHref } from "./href.ts";
import { childOf, type DavResponse, etagIn } from "./multistatus.ts";
import { dav, GETETAG, RESOURCETYPE } from "./names.ts";

/** The properties asked of every member. */
export const MEMBER_PROPS = [GETETAG, RESOURCETYPE] as const;

/** What a row turned out to be. */
export type Row =
  | { readonly type: "entry"; readonly key: string; readonly entry: Listed }
  /** A member that is there, and whose etag the answer lacks. */
  | { readonly type: "no etag"; readonly key: string; readonly href: string }
  /** The collection itself. */
  | { readonly type: "self"; readonly status: number | undefined }
  /** A folder, or something that leads nowhere. */
  | { readonly type: "other" };

// Old versions of sabre/dav, and of Nextcloud with it, say 418 of what was deleted.
const GONE: ReadonlySet<number> = new Set([404, 410, 418]);

export function isGone(status: number | undefined): boolean {
  return status !== undefined && GONE.has(status);
}

/** An entry that says that something is there and cannot be read. */
export function unreadable(href: string, message: string, status?: number): Listed {
  return {
    state: "unreadable",
    href: asHref(href),
    error: new SyncError(message, {
      scope: "item",
      kind: status === 401 || status === 403 ? "forbidden" : "refused",
      retry: status === undefined || status >= 500,
    }),
  };
}

/**
 * Reads one response of a listing of the collection at `url`. Only a status of its own says that a
 * member is gone: one whose properties cannot be had, for whatever reason, is there.
 */
export function readRow(response: DavResponse, url: URL): Row {
  if (response.href.length > MAX_HREF) throw endless(url);
  const href = memberHref(response.href, url);
  const key = href === undefined ? undefined : hrefKey(href, url);
  if (key === undefined || href?.startsWith("/") !== true) return { type: "other" };
  if (key === hrefKey(url.pathname, url)) return { type: "self", status: response.status };
  const { status } = response;
  if (status !== undefined && isGone(status)) {
    return { type: "entry", key, entry: { state: "gone", href: asHref(href) } };
  }
  const type = response.props.get(RESOURCETYPE);
  if (childOf(type, dav("collection")) !== undefined) return { type: "other" };
  if (href.endsWith("/") && type === undefined) return { type: "other" };
  if (status !== undefined && (status < 200 || status > 299)) {
    return { type: "entry", key, entry: unreadable(href, refusal(href, status), status) };
  }
  const etag = etagIn(response.props.get(GETETAG));
  if (etag !== undefined) {
    const entry: Listed = {
      state: "present",
      href: asHref(href),
      etag: asEtag(etag),
      flags: NO_FLAGS,
    };
    return { type: "entry", key, entry };
  }
  const failed = response.failed.get(GETETAG);
  if (failed !== undefined && !isGone(failed)) {
    return { type: "entry", key, entry: unreadable(href, refusal(href, failed), failed) };
  }
  return { type: "no etag", key, href };
}

/** Left out, it would look deleted; taken, there would be no limit. */
function endless(url: URL): SyncError {
  return new SyncError(`${url.host} lists an item with an endless name`, {
    scope: "collection",
    kind: "malformed",
  });
}

function refusal(href: string, status: number): string {
  return `the server does not say what is in ${href.slice(0, 200)} (${status})`;
}
