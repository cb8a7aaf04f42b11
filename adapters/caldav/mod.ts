/** Calendars on a CalDAV server (RFC 4791). */

import { readCalendarItem } from "../../lib/item/icalendar.ts";
import type { Storage } from "../../lib/model/storage.ts";
import { type DavAccountOptions, openDavAccount } from "../../lib/net/dav/account.ts";
import { CALDAV_SERVICE } from "./service.ts";

export type CaldavOptions = DavAccountOptions;

/**
 * Opens a CalDAV account. Nothing is connected to before it is asked something. Throws `malformed`
 * where the url is none.
 */
export function openCaldav(options: CaldavOptions): Storage {
  return openDavAccount(options, CALDAV_SERVICE, readCalendarItem);
}
