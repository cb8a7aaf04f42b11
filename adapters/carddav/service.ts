/** What is CardDAV's own (RFC 6352), beside what it shares with CalDAV. */

import type { CardVersion } from "../../lib/item/vcard.ts";
import { carddav, dav } from "../../lib/net/dav/names.ts";
import type { DavService } from "../../lib/net/dav/service.ts";
import { element, elementWith } from "../../lib/net/xml/write.ts";

/**
 * CardDAV, as `lib/net/dav` needs to know it, with every card in one version of vCard.
 *
 * That version is named in each request that gives cards out. Some servers convert (Cyrus, sabre/dav
 * with Nextcloud and Baikal), others give each card in the version that it came in whatever is asked
 * (Radicale, Xandikos, DAViCal); the former give out another text under the same etag if they are asked
 * otherwise, so that a card would look edited because it was fetched in another way.
 */
export function carddavService(version: CardVersion): DavService {
  return {
    kind: "contacts",
    name: "carddav",
    noun: "address book",
    davClass: "addressbook",
    homeSet: carddav("addressbook-home-set"),
    collectionType: carddav("addressbook"),
    excludedTypes: [],
    contentType: "text/vcard; charset=utf-8",
    // What there is is better than a refusal: the last two let a server answer that has no versions.
    accept: `text/vcard; version=${version}, text/vcard;q=0.5, */*;q=0.1`,
    extension: "vcf",
    multiget: carddav("addressbook-multiget"),
    query: carddav("addressbook-query"),
    data: carddav("address-data"),
    dataRequest: elementWith(carddav("address-data"), { "content-type": "text/vcard", version }),
    // A colour has no property that servers agree on, and an order none at all.
    properties: {
      displayname: dav("displayname"),
      description: carddav("addressbook-description"),
    },
    collectionProperties: [],
    // No condition is met by everything (RFC 6352 section 10.5): tried on all four servers above.
    // Xandikos and DAViCal fail over `<prop-filter name="UID"/>`.
    queryWays: () => [[element(carddav("filter"))]],
    lineEnd: "\r\n",
  };
}
