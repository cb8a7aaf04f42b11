/** Listing by sync-collection (RFC 6578): what changed since a token, or, without one, everything. */

import { SyncError } from "../../model/error.ts";
import { HttpError, statusOf } from "../http/error.ts";
import { element } from "../xml/write.ts";
import type { DavContext, KnownCollection } from "./context.ts";
import { type Multistatus, wholeMultistatus } from "./multistatus.ts";
import { dav } from "./names.ts";
import { propNames, report } from "./requests.ts";
import { isGone, MEMBER_PROPS, readRow, type Row } from "./rows.ts";

/** What became of the report. */
export type SyncOutcome =
  | { readonly type: "listed"; readonly rows: ReadonlyMap<string, Row>; readonly token: string }
  /** The token is too old, or means nothing to the server: all has to be listed. */
  | { readonly type: "refused" }
  /** The server cannot do this report although it says so. */
  | { readonly type: "fails"; readonly error: SyncError };

/** How often a server may say that there is more. */
const MAX_PAGES = 10_000;
const VALID_TOKEN = dav("valid-sync-token");

// RFC 6578 wants 403 or 409 with DAV:valid-sync-token for a token that is not taken. In the wild are
// 400 (Tine), 403 for ever (ownCloud), 409, 412, 415 (sabre/dav) and 418.
const REFUSALS: ReadonlySet<number> = new Set([400, 403, 409, 412, 415, 418, 422]);

/**
 * Lists what changed since `token`, or everything where it is `""`. All pages are read before
 * anything is given out, so that a list is whole or none. No limit is sent: a server was seen to
 * answer one with the newest token, and so to lose changes. Throws where the collection is not
 * there and where the server cannot be reached.
 */
export async function syncCollection(
  context: DavContext,
  known: KnownCollection,
  token: string,
  signal: AbortSignal,
): Promise<SyncOutcome> {
  const rows = new Map<string, Row>();
  let at = token;
  for (let page = 0; page < MAX_PAGES; page++) {
    let answer: Multistatus;
    try {
      answer = await ask(context, known, at, signal);
    } catch (thrown) {
      if (!(thrown instanceof SyncError)) throw thrown;
      return outcomeOf(thrown, at);
    }
    let more = false;
    for (const response of answer.responses) {
      const row = readRow(response, known.url);
      if (row.type === "self") {
        if (row.status === 507) more = true;
        else if (isGone(row.status)) throw collectionGone(known.url);
      } else if (row.type !== "other") {
        // A member may be listed again on a later page: the later one holds.
        rows.delete(row.key);
        rows.set(row.key, row);
      }
    }
    const next = answer.token;
    if (next === undefined || next === "") return { type: "fails", error: noToken(known.url) };
    if (!more) return { type: "listed", rows, token: next };
    if (next === at) return { type: "fails", error: noProgress(known.url) };
    at = next;
  }
  return { type: "fails", error: noProgress(known.url) };
}

function ask(
  context: DavContext,
  known: KnownCollection,
  token: string,
  signal: AbortSignal,
): Promise<Multistatus> {
  return report(context.http, {
    url: known.url,
    depth: 0,
    scope: "collection",
    signal,
    body: element(
      dav("sync-collection"),
      element(dav("sync-token"), token),
      element(dav("sync-level"), "1"),
      propNames(MEMBER_PROPS),
    ),
    read: (answer) => wholeMultistatus(answer),
  });
}

function outcomeOf(error: SyncError, token: string): SyncOutcome {
  const status = statusOf(error);
  if (status === 404 || status === 410) throw error;
  if (status === undefined && error.kind !== "malformed" && error.kind !== "too large") throw error;
  if (error.kind === "unauthorised") throw error;
  const named = error instanceof HttpError && error.condition === VALID_TOKEN;
  if (token !== "" && (named || (status !== undefined && REFUSALS.has(status)))) {
    return { type: "refused" };
  }
  // 429, 502, 503 and 504 have been tried often enough by now, and say nothing about the report.
  if (status !== undefined && [429, 502, 503, 504].includes(status)) throw error;
  return { type: "fails", error };
}

/** The error of a collection that is not there any more. */
export function collectionGone(url: URL, cause?: unknown): SyncError {
  return new SyncError(`there is no collection at ${url.href} any more`, {
    scope: "collection",
    kind: "missing",
    cause,
  });
}

function noToken(url: URL): SyncError {
  return new SyncError(`${url.host} ended its list of changes without a token`, {
    scope: "collection",
    kind: "malformed",
  });
}

function noProgress(url: URL): SyncError {
  return new SyncError(`${url.host} lists its changes without ever coming to an end`, {
    scope: "collection",
    kind: "malformed",
  });
}
