/** What a server lets this user do with its collections. */

import type { Collection } from "../../model/storage.ts";
import { identityOf, supportsReport } from "../dav/collections.ts";
import { memberHref, resolveHref } from "../dav/href.ts";
import type { DavResponse } from "../dav/multistatus.ts";
import { dav, SUPPORTED_REPORT_SET } from "../dav/names.ts";
import { propfind } from "../dav/requests.ts";
import type { HttpClient } from "../http/client.ts";

const PRIVILEGES = dav("current-user-privilege-set");
const SYNC_COLLECTION = dav("sync-collection");

export interface CollectionFacts {
  /** Whether items may be written (RFC 3744); undefined where the server does not say. */
  readonly writable: boolean | undefined;
  /** Whether it lists changes since a sync-token (RFC 6578). */
  readonly syncs: boolean;
}

/** So many folders are asked at most; what a server has more of goes unasked. */
const MOST_FOLDERS = 8;

/**
 * Where these collections lie. One that is alone stands for itself: its url may be all that is known
 * of the account, and what it lies in nobody's business.
 */
export function foldersOf(collections: readonly Collection[]): readonly URL[] {
  const urls = collections.map(({ identity }) => new URL(identity));
  if (urls.length < 2) return urls;
  return [...new Set(urls.map((url) => new URL("../", url).href))].map((href) => new URL(href));
}

/**
 * What may be done with these collections, by their identity, with one request for each folder that
 * they lie in. Those that the server says nothing of are missing.
 */
export async function probeCollections(
  http: HttpClient,
  collections: readonly Collection[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, CollectionFacts>> {
  const known = new Set(collections.map(({ identity }) => identity));
  const facts = new Map<string, CollectionFacts>();
  for (const url of foldersOf(collections).slice(0, MOST_FOLDERS)) {
    const answer = await propfind(http, {
      url,
      depth: collections.length < 2 ? 0 : 1,
      props: [PRIVILEGES, SUPPORTED_REPORT_SET],
      scope: "storage",
      signal,
    });
    for (const row of answer.responses) {
      const href = memberHref(row.href, answer.url);
      const url = href === undefined ? undefined : resolveHref(href, answer.url);
      const identity = url && identityOf(url);
      if (identity !== undefined && known.has(identity)) facts.set(identity, factsOf(row));
    }
  }
  return facts;
}

function factsOf({ props }: DavResponse): CollectionFacts {
  return { writable: mayWrite(props), syncs: supportsReport(props, SYNC_COLLECTION) };
}

/** What lets somebody make or change items. DAV:write and DAV:all are made up of them. */
const WRITING: ReadonlySet<string> = new Set(
  ["all", "write", "write-content", "bind"].map(dav),
);

function mayWrite(props: DavResponse["props"]): boolean | undefined {
  const privileges = props.get(PRIVILEGES)?.children.flatMap(({ children }) => children) ?? [];
  if (privileges.length === 0) return undefined;
  return privileges.some(({ name }) => WRITING.has(name));
}
