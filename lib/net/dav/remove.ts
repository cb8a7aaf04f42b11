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
    const members = listed.responses
      .filter((response) => readRow(response, url).type !== "self" && !isGone(response.status));
    if (members.length > 0) {
      throw new SyncError(`it holds ${members.length} items and is not deleted`, {
        scope,
        kind: "refused",
      });
    }
    await http.exchange({ method: "DELETE", url, repeat: "undone", signal }, async (answer) => {
      if (answer.status < 200 || answer.status > 299) throw await davFailure(answer, scope);
    });
  } catch (thrown) {
    throw isGone(statusOf(thrown)) ? collectionGone(url, thrown) : thrown;
  }
}
