/** What real servers get wrong, as switches of the DAV server of the tests. */

/** A request as a fault sees it, and as the log keeps it. */
export interface DavRequest {
  readonly method: string;
  /** The path, percent-encoded as it came. */
  readonly path: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
  /** The body as text. */
  readonly text: string;
  /** From 1 on. */
  readonly number: number;
}

export interface DavQuirks {
  /** Answers for the server, or leaves it to the server. */
  readonly fault?: (
    request: DavRequest,
  ) => Response | undefined | Promise<Response | undefined>;
  /** Changes an answer of the server's before it is sent. */
  readonly alter?: (
    request: DavRequest,
    response: Response,
  ) => Response | Promise<Response>;
  /** In milliseconds, before each answer. */
  readonly latency?: number;
  /** Offers no sync-collection, and no sync-token. */
  readonly noSync?: boolean;
  /** Advertises sync-collection, and fails it with this status. */
  readonly syncFails?: number;
  /** Refuses every token with this status, but not the empty one. */
  readonly refuseTokens?: number;
  /** Lists so many changes a page. */
  readonly pageSize?: number;
  readonly noCtag?: boolean;
  readonly noReportSet?: boolean;
  readonly noPrincipal?: boolean;
  readonly noPutEtag?: boolean;
  readonly weakEtags?: boolean;
  /** Leaves the etag out of what a listing or a multiget says of these names. */
  readonly withoutEtag?: (name: string) => boolean;
  /** Leaves these out of a multiget without a word. */
  readonly unmentioned?: (name: string) => boolean;
  /** Says this status of these names, in a propstat. */
  readonly propStatus?: (name: string) => number | undefined;
  /** Says this status of what is gone, instead of 404. */
  readonly goneStatus?: number;
  /** What is stored instead of what was put. */
  readonly rewrite?: (text: string) => string;
  /** Writes whole urls. */
  readonly absoluteHrefs?: boolean;
  /** Writes a path as the server likes it. */
  readonly spellHref?: (path: string) => string;
  readonly multigetFails?: number;
  readonly queryFails?: number;
  readonly noMkcalendar?: boolean;
  readonly noMkcol?: boolean;
  /** Refuses to set these properties, by Clark name. */
  readonly refuseProperty?: (name: string) => boolean;
  /** In bytes. */
  readonly maxResourceSize?: number;
  /** Refuses a second item with the same UID. */
  readonly checkUids?: boolean;
  /** Gives collections an etag, and honours it where one is deleted. */
  readonly collectionEtags?: boolean;
  /** Ignores If-Match, If-None-Match and If. */
  readonly ignorePreconditions?: boolean;
}
