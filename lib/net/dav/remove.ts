/** Deleting a collection, if it is empty. */

import { SyncError } from "../../model/error.ts";
import { HttpError, statusOf } from "../http/error.ts";
import { davFailure } from "./conditions.ts";
import type { DavContext, KnownCollection } from "./context.ts";
import { ifMatch } from "./etag.ts";
import { etagIn, textOf } from "./multistatus.ts";
import { GETETAG, SYNC_TOKEN } from "./names.ts";
import { propfind } from "./requests.ts";
import { isGone, MEMBER_PROPS, readRow } from "./rows.ts";
import { collectionGone } from "./sync_collection.ts";

/**
 * Deletes the collection unless anything at all is in it, also what is no item of ours. Throws
 * `refused` where it is not empty, or something was added after it was found empty, and `missing`
 * where it is gone already.
 *
 * That nothing was added is for the server to see to, where it can. Where one says that the
 * precondition does not hold although nothing has changed, the next one is tried; with those that
 * have none (DAViCal 1.1), all that can be done is to look right before.
 */
export async function removeCollection(
  context: DavContext,
  { url }: KnownCollection,
  signal: AbortSignal,
): Promise<void> {
  const before = await look(context, url, signal);
  if (before === undefined) throw collectionGone(url);
  if (before.members > 0) throw refused(`it holds ${before.members} items and is not deleted`);
  for (const headers of [...preconditions(before), undefined]) {
    const sent = await sendDelete(context, url, headers, signal);
    if (sent.type === "done") return;
    const now = await look(context, url, signal);
    if (now === undefined) {
      if (sent.type === "lost") return;
      throw collectionGone(url, sent.error);
    }
    if (now.members > 0 || now.etag !== before.etag || now.token !== before.token) {
      throw refused("something was added while it was to be deleted", sent.error);
    }
    if (sent.type === "lost" || headers === undefined) throw sent.error;
  }
}

/** What a collection is like at one moment. */
interface State {
  readonly members: number;
  readonly etag: string | undefined;
  readonly token: string | undefined;
}

/** What the collection is like now, or nothing where it is gone. */
async function look(
  { http }: DavContext,
  url: URL,
  signal: AbortSignal,
): Promise<State | undefined> {
  try {
    const props = [...MEMBER_PROPS, SYNC_TOKEN];
    const scope = "collection";
    const listed = await propfind(http, { url, depth: 1, props, scope, signal });
    // Xandikos says inside of a multistatus that there is nothing.
    const there = listed.responses.filter(({ status }) => !isGone(status));
    if (there.length === 0) return undefined;
    const self = there.find((response) => readRow(response, url).type === "self");
    return {
      members: there.filter((response) => readRow(response, url).type !== "self").length,
      etag: etagIn(self?.props.get(GETETAG)),
      token: textOf(self?.props.get(SYNC_TOKEN)),
    };
  } catch (thrown) {
    if (isGone(statusOf(thrown))) return undefined;
    throw thrown;
  }
}

type Headers = Readonly<Record<string, string>>;

/** A state token is a URI (RFC 4918 section 10.4.2), which that of Xandikos is not. */
const STATE_TOKEN = /^[a-z][a-z0-9+.-]*:[!-;=?-~]*$/i;

/**
 * The headers by which the server can see to it that nothing was added, the best first: the etag of
 * the collection, which for Radicale and Xandikos is that of all that is in it, or its sync-token
 * (RFC 6578 section 5). To Cyrus (3.6), which its token tells, no etag of a collection ever matches.
 */
function preconditions({ etag, token }: State): readonly Headers[] {
  const match = etag === undefined ? undefined : ifMatch(etag);
  const isCyrus = token?.startsWith("data:,") === true;
  return [
    ...(match === undefined || isCyrus ? [] : [{ "if-match": match }]),
    // Without a resource before it, it is about that of the request.
    ...(token !== undefined && STATE_TOKEN.test(token) ? [{ if: `(<${token}>)` }] : []),
  ];
}

/** What became of the request. */
type Sent =
  | { readonly type: "done" }
  /** The precondition did not hold; or the answer was lost, as Cyrus 3.6 then closes a connection. */
  | { readonly type: "precondition" | "lost"; readonly error: SyncError };

async function sendDelete(
  { http }: DavContext,
  url: URL,
  headers: Headers | undefined,
  signal: AbortSignal,
): Promise<Sent> {
  try {
    return await http.exchange(
      { method: "DELETE", url, headers: headers ?? {}, repeat: "undone", signal },
      async (answer): Promise<Sent> => {
        const { status } = answer;
        // It was there just now: Cyrus 3.6 deletes an address book and then says that there is none.
        if (isGone(status) || (status >= 200 && status <= 299)) return { type: "done" };
        const error = await davFailure(answer, "collection");
        if (status !== 412) throw error;
        return { type: "precondition", error };
      },
    );
  } catch (thrown) {
    if (!(thrown instanceof HttpError) || thrown.again !== "safe") throw thrown;
    return { type: "lost", error: thrown };
  }
}

function refused(message: string, cause?: unknown): SyncError {
  return new SyncError(message, { scope: "collection", kind: "refused", cause });
}
