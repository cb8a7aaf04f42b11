/** The multistatus answers of the DAV server of the tests. */

import type { DavQuirks } from "./dav_quirks.ts";
import type { StoredCollection, StoredItem } from "./dav_store.ts";
import { DECLARATIONS, escapeText, tag } from "./dav_xml.ts";

export const D = (local: string): string => `{DAV:}${local}`;
export const C = (local: string): string => `{urn:ietf:params:xml:ns:caldav}${local}`;
export const R = (local: string): string => `{urn:ietf:params:xml:ns:carddav}${local}`;
const S = (local: string): string => `{http://calendarserver.org/ns/}${local}`;

/** The names of a properties' values, as XML; undefined where the resource has no such property. */
export type PropertyLookup = (name: string) => string | undefined;

export interface Answers {
  href(path: string): string;
  /** One response: properties that are there, and 404 for those that are not. */
  response(path: string, names: readonly string[], lookup: PropertyLookup): string;
  /** One response for an item, with the quirks that concern items. */
  item(
    collection: StoredCollection,
    item: StoredItem,
    names: readonly string[],
    lookup?: PropertyLookup,
  ): string;
  status(path: string, status: number): string;
}

export function statusLine(status: number): string {
  return `<D:status>HTTP/1.1 ${status} ${status === 200 ? "OK" : "No"}</D:status>`;
}

export function multistatus(responses: readonly string[], tail = ""): Response {
  const text = `<?xml version="1.0" encoding="utf-8"?>\n<D:multistatus${DECLARATIONS}>${
    responses.join("")
  }${tail}</D:multistatus>`;
  return new Response(text, {
    status: 207,
    headers: { "content-type": "application/xml; charset=utf-8" },
  });
}

/** A refusal that names its precondition. */
export function precondition(status: number, name: string, content = ""): Response {
  return new Response(
    `<?xml version="1.0" encoding="utf-8"?>\n<D:error${DECLARATIONS}>${
      tag(name, content)
    }</D:error>`,
    { status, headers: { "content-type": "application/xml; charset=utf-8" } },
  );
}

export function etagOf(item: StoredItem, quirks: DavQuirks): string {
  return quirks.weakEtags === true ? `W/${item.etag}` : item.etag;
}

export function answers(origin: string, quirks: DavQuirks): Answers {
  const href = (path: string) => {
    const spelled = quirks.spellHref?.(path) ?? path;
    return quirks.absoluteHrefs === true ? origin + spelled : spelled;
  };
  const propstat = (status: number, props: string) =>
    props === "" ? "" : `<D:propstat><D:prop>${props}</D:prop>${statusLine(status)}</D:propstat>`;

  const self: Answers = {
    href,
    response(path, names, lookup) {
      let found = "";
      let missing = "";
      for (const name of names) {
        const value = lookup(name);
        if (value === undefined) missing += tag(name);
        else found += tag(name, value);
      }
      return `<D:response><D:href>${escapeText(href(path))}</D:href>${propstat(200, found)}${
        propstat(404, missing)
      }</D:response>`;
    },
    item(collection, item, names, lookup) {
      const path = collection.path + encodeURIComponent(item.name);
      const status = quirks.propStatus?.(item.name);
      if (status !== undefined) {
        return `<D:response><D:href>${escapeText(href(path))}</D:href>${
          propstat(status, names.map((name) => tag(name)).join(""))
        }</D:response>`;
      }
      return self.response(path, names, (name) => {
        if (name === D("getetag")) {
          if (quirks.withoutEtag?.(item.name) === true) return undefined;
          return escapeText(etagOf(item, quirks));
        }
        return lookup?.(name) ?? itemProperty(collection, item, name);
      });
    },
    status: (path, status) =>
      `<D:response><D:href>${escapeText(href(path))}</D:href>${statusLine(status)}</D:response>`,
  };
  return self;
}

function itemProperty(
  { kind }: StoredCollection,
  item: StoredItem,
  name: string,
): string | undefined {
  switch (name) {
    case D("resourcetype"):
      return "";
    case D("getcontenttype"):
      return kind === "calendar" ? "text/calendar; charset=utf-8" : "text/vcard; charset=utf-8";
    case D("getcontentlength"):
      return String(item.bytes.byteLength);
    case C("calendar-data"):
    case R("address-data"):
      return item.escaped;
    default:
      return undefined;
  }
}

const REPORTS: Readonly<Record<StoredCollection["kind"], readonly string[]>> = {
  calendar: [C("calendar-multiget"), C("calendar-query")],
  addressbook: [R("addressbook-multiget"), R("addressbook-query")],
};

/** A property of a collection. */
export function collectionProperty(
  collection: StoredCollection,
  name: string,
  quirks: DavQuirks,
): string | undefined {
  const { kind, properties } = collection;
  switch (name) {
    case D("resourcetype"):
      return `<D:collection/>${kind === "calendar" ? "<C:calendar/>" : "<R:addressbook/>"}`;
    case D("sync-token"):
      return quirks.noSync === true ? undefined : escapeText(collection.token);
    case D("getetag"):
      return quirks.collectionEtags === true ? escapeText(collection.ctag) : undefined;
    case S("getctag"):
      return quirks.noCtag === true ? undefined : escapeText(collection.ctag);
    case D("supported-report-set"): {
      if (quirks.noReportSet === true) return undefined;
      const reports = [...REPORTS[kind], ...quirks.noSync === true ? [] : [D("sync-collection")]];
      return reports.map((report) =>
        `<D:supported-report><D:report>${tag(report)}</D:report></D:supported-report>`
      ).join("");
    }
    default:
      return properties.get(name);
  }
}
