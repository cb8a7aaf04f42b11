/** In what CalDAV and CardDAV differ: everything else in this folder is the same for both. */

import type { SyncError } from "../../model/error.ts";
import type { Digest, Ident } from "../../model/names.ts";
import type { Kind, PropertyName } from "../../model/storage.ts";
import type { XmlElement } from "../xml/reader.ts";
import type { XmlNode } from "../xml/write.ts";

/** Reads an item's bytes, as those in `lib/item` do. Never throws. */
export type ReadItem = (
  bytes: Uint8Array,
) =>
  | { readonly state: "read"; readonly ident: Ident; readonly digest: Digest }
  | { readonly state: "malformed"; readonly error: SyncError };

/** One of the two protocols. */
export interface DavService {
  readonly kind: Kind;
  /** `caldav` or `carddav`: the last segment of the well-known url (RFC 6764 section 5). */
  readonly name: "caldav" | "carddav";
  /** What a collection is called towards the person. */
  readonly noun: "calendar" | "address book";
  /** What an OPTIONS answer's DAV header lists where the protocol is spoken. */
  readonly davClass: "calendar-access" | "addressbook";
  /** The property of a principal that names its home sets. */
  readonly homeSet: string;
  /** The type of the collections that we want. */
  readonly collectionType: string;
  /** Types that rule a collection out although it has the one that we want. */
  readonly excludedTypes: readonly string[];
  /** Of what is written. */
  readonly contentType: string;
  /** The Accept header of a request for one item. */
  readonly accept: string;
  /** The extension of a new item's name, without the dot. */
  readonly extension: string;
  /** The report for items by name, and the one for items by what they are. */
  readonly multiget: string;
  readonly query: string;
  /** The property that holds an item's text. */
  readonly data: string;
  /** How to ask for it. */
  readonly dataRequest: XmlNode;
  /** Collection properties and what they are called here. */
  readonly properties: Readonly<Partial<Record<PropertyName, string>>>;
  /** Further properties of a collection that decide how it is read. */
  readonly collectionProperties: readonly string[];
  /**
   * Ways to ask a collection with these properties for everything: the first that gives anything is
   * used. Each is a list of filters that make up the whole together.
   */
  queryWays(properties: ReadonlyMap<string, XmlElement>): readonly (readonly XmlNode[])[];
  /** The types of item that a collection takes, where it says so. */
  componentsOf?(properties: ReadonlyMap<string, XmlElement>): readonly string[];
  /** The property that limits a new collection to these types. */
  componentSet?(components: readonly string[]): XmlNode;
  /** The method that makes a collection, where there is one besides the extended MKCOL. */
  readonly makeMethod?: "MKCALENDAR";
  /** The line end of an item as it is stored, which XML turns into a line feed on the way. */
  readonly lineEnd: "\r\n";
}
