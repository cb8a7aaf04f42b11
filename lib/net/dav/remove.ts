/** Deleting a collection, if it is empty. */

import { SyncError } from "../../model/error.ts";
import { statusOf } from "../http/error.ts";
import { davFailure } from "./conditions.ts";
import type { DavContext, KnownCollection } from "./context.ts";
import { propfind } from "./requests.ts";
import { isGone, MEMBER_PROPS, readRow } from "./rows.ts";
import { collectionGone } from "./sync_collection.ts";

/**
 * Deletes the collection unless anything at all is in it, also what is no item of ours. Throws
 * `refused` where it is not empty, and `missing` where it is gone already.
 */
export async function removeCollection(
  { http }: DavContext,
  { url }: KnownCollection,
  signal: AbortSignal,
): Promise<void> {
  try {
    const props = MEMBER_PROPS;
    const scope = "collection";
    const listed = await propfind(http, { url, depth: 1, props, scope, signal });
    const there = listed.responses.filter(({ status }) => !isGone(status));
    // Xandikos says so inside of a multistatus.
    if (there.length === 0) throw collectionGone(url);
    const members = there.filter((response) => readRow(response, url).type !== "self");
    if (members.length > 0) {
      throw new SyncError(`it holds ${members.length} items and is not deleted`, {
        scope,
        kind: "refused",
      });
    }
    await http.exchange({ method: "DELETE", url, repeat: "undone", signal }, async (answer) => {
      // It was there just now: Cyrus 3.6 deletes an address book and then says that there is none.
      if (isGone(answer.status)) return;
      if (answer.status < 200 || answer.status > 299) throw await davFailure(answer, scope);
    });
  } catch (thrown) {
    throw isGone(statusOf(thrown)) ? collectionGone(url, thrown) : thrown;
  }
}
