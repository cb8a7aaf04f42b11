/** What all operations on one storage share, and what is remembered of each collection. */

import type { Environment } from "../environment.ts";
import type { HttpClient } from "../http/client.ts";
import type { XmlElement } from "../xml/reader.ts";
import type { DavService, ReadItem } from "./service.ts";

export interface DavContext {
  readonly http: HttpClient;
  readonly service: DavService;
  readonly readItem: ReadItem;
  readonly environment: Environment;
}

/**
 * A collection while the storage is open. What a server turned out to be bad at is remembered here,
 * so that it is not tried in vain for each listing.
 */
export interface KnownCollection {
  readonly url: URL;
  /** What the latest listing of the collections said of it; empty if it was in none. */
  props: ReadonlyMap<string, XmlElement>;
  /**
   * The sync-token of that listing, good for one use: the collection stands where it stood then,
   * so that a cursor which says the same needs no request.
   */
  freshToken: string | undefined;
  /** It advertises sync-collection and fails it. */
  syncFails: boolean;
  /** Its multiget, or its query, failed as a whole. */
  multigetFails: boolean;
  queryFails: boolean;
  /** How many items the latest complete listing had. */
  size: number | undefined;
}

export function knownCollection(url: URL, props: ReadonlyMap<string, XmlElement>): KnownCollection {
  return {
    url,
    props,
    freshToken: undefined,
    syncFails: false,
    multigetFails: false,
    queryFails: false,
    size: undefined,
  };
}
