/** Calendars on a CalDAV server (RFC 4791). */

import { readCalendarItem } from "../../lib/item/icalendar.ts";
import { SyncError } from "../../lib/model/error.ts";
import type { StorageName } from "../../lib/model/names.ts";
import { Secret } from "../../lib/model/secret.ts";
import type { Storage } from "../../lib/model/storage.ts";
import type { IdSegment } from "../../lib/net/dav/collections.ts";
import type { DnsResolver } from "../../lib/net/dav/dns.ts";
import type { ReadItem } from "../../lib/net/dav/service.ts";
import { openDav } from "../../lib/net/dav/storage.ts";
import type { Environment } from "../../lib/net/environment.ts";
import type { TlsOptions } from "../../lib/net/http/client.ts";
import type { Fetch, HttpLogEntry } from "../../lib/net/http/request.ts";
import { USER_AGENT } from "../../lib/net/http/user_agent.ts";
import { CALDAV_SERVICE } from "./service.ts";

export interface CaldavOptions {
  readonly name: StorageName;
  /** Of the server, a principal, a home set, or one calendar. http or https. */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: Secret | undefined;
  /** How many requests may be under way at once. Default: 8. */
  readonly connections?: number;
  /** How long nothing may move before a request is given up, in milliseconds. Default: 60,000. */
  readonly timeout?: number;
  /** Allows http:// to other machines. */
  readonly insecure?: boolean;
  readonly readOnly?: boolean;
  /** Which segment of a calendar's path is its id. Default: the last. */
  readonly idSegment?: IdSegment;
  readonly userAgent?: string;
  readonly tls?: TlsOptions;
  readonly log?: (entry: HttpLogEntry) => void;
  /** What tests put in place of the world. */
  readonly fetch?: Fetch;
  readonly environment?: Environment;
  readonly resolver?: DnsResolver;
  readonly readItem?: ReadItem;
}

/**
 * Opens a CalDAV account. Nothing is connected to before it is asked something. Throws `malformed`
 * where the url is none.
 */
export function openCaldav(options: CaldavOptions): Storage {
  const { url, username, password, readItem = readCalendarItem, ...rest } = options;
  if (!URL.canParse(url)) {
    throw new SyncError("the url is none", {
      scope: "storage",
      kind: "malformed",
      hint: "A url begins with https://",
    });
  }
  const credentials = username === undefined
    ? undefined
    : { username, password: password ?? new Secret("") };
  return openDav({
    ...rest,
    url: new URL(url),
    readItem,
    userAgent: options.userAgent ?? USER_AGENT,
    service: CALDAV_SERVICE,
    ...(credentials === undefined ? {} : { credentials }),
  });
}
