/** From what a report says of one item to the item itself. */

import { SyncError } from "../../model/error.ts";
import { bodyOf, type Fetched, NO_FLAGS } from "../../model/item.ts";
import { etag as asEtag, type Href } from "../../model/names.ts";
import type { DavContext } from "./context.ts";
import { type DavResponse, etagIn } from "./multistatus.ts";
import { GETETAG } from "./names.ts";
import { isGone } from "./rows.ts";

/** An item of these bytes, or why they are none. */
export function itemOf(context: DavContext, href: Href, etag: string, bytes: Uint8Array): Fetched {
  const read = context.readItem(bytes);
  if (read.state === "malformed") return { state: "unreadable", href, error: read.error };
  const { ident, digest } = read;
  const body = bodyOf(bytes);
  const item = { href, etag: asEtag(etag), ident, digest, flags: NO_FLAGS, body };
  return { state: "present", item };
}

/** An item that is there and cannot be had. */
export function unreadableItem(href: Href, error: SyncError): Fetched {
  return { state: "unreadable", href, error };
}

/**
 * What a report says of the item at `href`: `undefined` where it says too little, so that the item
 * has to be asked for by itself.
 */
export function reportedItem(
  context: DavContext,
  href: Href,
  response: DavResponse,
): Fetched | undefined {
  const { service } = context;
  const { status, props, failed } = response;
  if (isGone(status)) return { state: "unknown", href };
  const data = props.get(service.data)?.text;
  const etag = etagIn(props.get(GETETAG));
  if (data !== undefined && data !== "" && etag !== undefined) {
    return itemOf(context, href, etag, storedBytes(data, service.lineEnd));
  }
  const refusal = status !== undefined && status > 299 ? status : failed.get(service.data);
  if (refusal === undefined || isGone(refusal)) return undefined;
  return unreadableItem(
    href,
    new SyncError(`the server does not give out ${href.slice(0, 200)} (${refusal})`, {
      scope: "item",
      kind: refusal === 401 || refusal === 403 ? "forbidden" : "refused",
      retry: refusal >= 500,
    }),
  );
}

/**
 * The bytes that the server has stored, as a GET would give them: on its way through XML a line end
 * of CR LF, which RFC 5545 and RFC 6350 demand, becomes a plain LF (XML 1.0 section 2.11), unless
 * the server wrote the CR as a reference.
 */
function storedBytes(text: string, lineEnd: string): Uint8Array {
  const data = text.trimStart();
  return new TextEncoder().encode(data.includes("\r") ? data : data.replaceAll("\n", lineEnd));
}
