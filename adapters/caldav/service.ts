/** What is CalDAV's own (RFC 4791), beside what it shares with CardDAV. */

import { APPLE, caldav, CALENDARSERVER, dav } from "../../lib/net/dav/names.ts";
import type { DavService } from "../../lib/net/dav/service.ts";
import type { XmlElement } from "../../lib/net/xml/reader.ts";
import { element, elementWith, type XmlNode } from "../../lib/net/xml/write.ts";

const COMPONENT_SET = caldav("supported-calendar-component-set");

/** The types of item that the calendar takes, where it says so. */
function componentsOf(properties: ReadonlyMap<string, XmlElement>): readonly string[] {
  return (properties.get(COMPONENT_SET)?.children ?? [])
    .map((component) => component.attributes["name"]?.toUpperCase())
    .filter((name) => name !== undefined);
}

/**
 * A filter for everything, or for every item of one type. Radicale and Xandikos give all types for
 * the first (tried with 3.1.8 and 0.2.8); mail.ru is said to want the second.
 */
function filterFor(component?: string): XmlNode {
  const inner = component === undefined
    ? []
    : [elementWith(caldav("comp-filter"), { name: component })];
  const calendar = elementWith(caldav("comp-filter"), { name: "VCALENDAR" }, ...inner);
  return element(caldav("filter"), calendar);
}

/** CalDAV, as `lib/net/dav` needs to know it. */
export const CALDAV_SERVICE: DavService = {
  kind: "calendar",
  name: "caldav",
  noun: "calendar",
  davClass: "calendar-access",
  homeSet: caldav("calendar-home-set"),
  collectionType: caldav("calendar"),
  excludedTypes: [
    `{${CALENDARSERVER}}subscribed`,
    `{${CALENDARSERVER}}notification`,
    caldav("schedule-inbox"),
    caldav("schedule-outbox"),
    "{http://nextcloud.com/ns}deleted-calendar",
    "{http://nextcloud.com/ns}trash-bin",
  ],
  contentType: "text/calendar; charset=utf-8",
  accept: "text/calendar, */*;q=0.1",
  extension: "ics",
  multiget: caldav("calendar-multiget"),
  query: caldav("calendar-query"),
  data: caldav("calendar-data"),
  dataRequest: element(caldav("calendar-data")),
  properties: {
    displayname: dav("displayname"),
    color: `{${APPLE}}calendar-color`,
    description: caldav("calendar-description"),
    order: `{${APPLE}}calendar-order`,
  },
  collectionProperties: [COMPONENT_SET],
  queryWays: (properties) => [[filterFor()], componentsOf(properties).map(filterFor)],
  componentsOf,
  // Only while it is made can it be set (RFC 4791 section 5.2.3).
  componentSet: (components) =>
    element(
      COMPONENT_SET,
      ...components.map((name) => elementWith(caldav("comp"), { name })),
    ),
  makeMethod: "MKCALENDAR",
  lineEnd: "\r\n",
};
