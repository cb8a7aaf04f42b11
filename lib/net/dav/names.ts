/** The names of WebDAV, CalDAV and CardDAV that we speak, in Clark notation. */

import type { Namespace } from "../xml/write.ts";

export const DAV = "DAV:";
export const CALDAV = "urn:ietf:params:xml:ns:caldav";
export const CARDDAV = "urn:ietf:params:xml:ns:carddav";
export const CALENDARSERVER = "http://calendarserver.org/ns/";
export const APPLE = "http://apple.com/ns/ical/";
export const INF_IT = "http://inf-it.com/ns/ab/";

/** The prefixes under which we send them. */
export const NAMESPACES: readonly Namespace[] = [
  { prefix: "d", uri: DAV },
  { prefix: "c", uri: CALDAV },
  { prefix: "cr", uri: CARDDAV },
  { prefix: "cs", uri: CALENDARSERVER },
  { prefix: "a", uri: APPLE },
  { prefix: "i", uri: INF_IT },
];

export const dav = (local: string): string => `{${DAV}}${local}`;
export const caldav = (local: string): string => `{${CALDAV}}${local}`;
export const carddav = (local: string): string => `{${CARDDAV}}${local}`;

export const GETETAG = dav("getetag");
export const RESOURCETYPE = dav("resourcetype");
export const SYNC_TOKEN = dav("sync-token");
export const SUPPORTED_REPORT_SET = dav("supported-report-set");
export const CURRENT_USER_PRINCIPAL = dav("current-user-principal");
export const GETCTAG = `{${CALENDARSERVER}}getctag`;
