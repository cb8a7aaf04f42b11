/** What the DAV server of the tests does for each method. */

import {
  type Answers,
  C,
  collectionProperty,
  D,
  etagOf,
  multistatus,
  precondition,
  type PropertyLookup,
  R,
} from "./dav_answers.ts";
import { make, proppatch } from "./dav_manage.ts";
import type { DavQuirks, DavRequest } from "./dav_quirks.ts";
import { report } from "./dav_reports.ts";
import type { DavStore, StoredCollection, StoredItem } from "./dav_store.ts";
import { decodeSegment, find, parseXml, tag } from "./dav_xml.ts";

/** What a request is about. */
export interface Exchange {
  readonly store: DavStore;
  readonly quirks: DavQuirks;
  readonly answers: Answers;
  readonly request: DavRequest;
}

export const PRINCIPAL = "/principals/user/";
export const CALENDARS = "/calendars/user/";
export const ADDRESSBOOKS = "/addressbooks/user/";
const FOLDERS: ReadonlySet<string> = new Set(["/", PRINCIPAL, CALENDARS, ADDRESSBOOKS]);
const METHODS = "OPTIONS, GET, HEAD, PUT, DELETE, PROPFIND, PROPPATCH, REPORT, MKCALENDAR, MKCOL";

export type Place =
  | { readonly type: "folder"; readonly path: string }
  | { readonly type: "collection"; readonly collection: StoredCollection }
  | { readonly type: "item"; readonly collection: StoredCollection; readonly name: string }
  | { readonly type: "nothing"; readonly path: string };

function locate({ store, request }: Exchange): Place {
  const path = request.path;
  const slashed = path.endsWith("/") ? path : `${path}/`;
  const collection = store.collections.get(decodePath(slashed));
  if (collection !== undefined) return { type: "collection", collection };
  if (FOLDERS.has(slashed)) return { type: "folder", path: slashed };
  const cut = path.lastIndexOf("/") + 1;
  const parent = store.collections.get(decodePath(path.slice(0, cut)));
  const name = decodeSegment(path.slice(cut));
  if (parent !== undefined && name !== "") return { type: "item", collection: parent, name };
  return { type: "nothing", path: slashed };
}

/** Collections are kept under their decoded names, encoded again as we spell them. */
export function decodePath(path: string): string {
  return path.split("/").map((segment) => encodeURIComponent(decodeSegment(segment)))
    .join("/");
}

export function handle(exchange: Exchange): Response {
  const place = locate(exchange);
  switch (exchange.request.method) {
    case "OPTIONS":
      return new Response(null, {
        headers: { dav: "1, 3, calendar-access, addressbook, extended-mkcol", allow: METHODS },
      });
    case "PROPFIND":
      return propfind(exchange, place);
    case "REPORT":
      return place.type === "collection"
        ? report(exchange, place.collection)
        : new Response(null, { status: place.type === "folder" ? 403 : 404 });
    case "GET":
    case "HEAD":
      return get(exchange, place);
    case "PUT":
      return put(exchange, place);
    case "DELETE":
      return remove(exchange, place);
    case "PROPPATCH":
      return proppatch(exchange, place);
    case "MKCALENDAR":
    case "MKCOL":
      return make(exchange, place);
    default:
      return new Response(null, { status: 405, headers: { allow: METHODS } });
  }
}

function folderProperty(path: string, { quirks }: Exchange): PropertyLookup {
  return (name) => {
    if (name === D("resourcetype")) {
      return `<D:collection/>${path === PRINCIPAL ? "<D:principal/>" : ""}`;
    }
    if (quirks.noPrincipal === true) return undefined;
    const href = (to: string) => tag(D("href"), to);
    if (name === D("current-user-principal")) return href(PRINCIPAL);
    if (path !== PRINCIPAL) return undefined;
    if (name === C("calendar-home-set")) return href(CALENDARS);
    if (name === R("addressbook-home-set")) return href(ADDRESSBOOKS);
    return undefined;
  };
}

const ALL_PROPERTIES = [D("resourcetype"), D("getetag"), D("getcontenttype"), D("displayname")];

function propfind(exchange: Exchange, place: Place): Response {
  const { store, quirks, answers, request } = exchange;
  const root = parseXml(request.text);
  const prop = find(root, D("prop"));
  const names = prop === undefined ? ALL_PROPERTIES : prop.children.map(({ name }) => name);
  const deep = request.headers.get("depth") !== "0";
  const collectionResponse = (collection: StoredCollection) =>
    answers.response(
      collection.path,
      names,
      (name) =>
        name === D("current-user-principal") && quirks.noPrincipal !== true
          ? tag(D("href"), PRINCIPAL)
          : collectionProperty(collection, name, quirks),
    );
  switch (place.type) {
    case "nothing":
      return new Response("nothing here", { status: 404 });
    case "folder": {
      const { path } = place;
      const responses = [answers.response(path, names, folderProperty(path, exchange))];
      if (deep && (path === CALENDARS || path === ADDRESSBOOKS)) {
        for (const collection of store.collections.values()) {
          if (collection.path.startsWith(path)) responses.push(collectionResponse(collection));
        }
      }
      return multistatus(responses);
    }
    case "collection": {
      const { collection } = place;
      const responses = [collectionResponse(collection)];
      if (deep) {
        for (const item of collection.items.values()) {
          responses.push(answers.item(collection, item, names));
        }
      }
      return multistatus(responses);
    }
    case "item": {
      const item = place.collection.items.get(place.name);
      if (item === undefined) return new Response("nothing here", { status: 404 });
      return multistatus([answers.item(place.collection, item, names)]);
    }
  }
}

function get({ quirks, request }: Exchange, place: Place): Response {
  if (place.type !== "item") {
    return new Response("nothing to read", { status: place.type === "nothing" ? 404 : 405 });
  }
  const item = place.collection.items.get(place.name);
  if (item === undefined) return new Response("nothing here", { status: 404 });
  const headers = { "content-type": typeOf(place.collection), etag: etagOf(item, quirks) };
  return new Response(request.method === "HEAD" ? null : item.bytes as BodyInit, { headers });
}

function typeOf({ kind }: StoredCollection): string {
  return kind === "calendar" ? "text/calendar; charset=utf-8" : "text/vcard; charset=utf-8";
}

/** Whether the request's preconditions hold (RFC 9110 section 13): a weak etag never matches. */
function holds({ quirks, request }: Exchange, item: StoredItem | undefined): boolean {
  if (quirks.ignorePreconditions === true) return true;
  const match = request.headers.get("if-match");
  if (match !== null && (item === undefined || (match !== "*" && match !== item.etag))) {
    return false;
  }
  return request.headers.get("if-none-match") !== "*" || item === undefined;
}

function put(exchange: Exchange, place: Place): Response {
  const { quirks, request, answers } = exchange;
  if (place.type !== "item") {
    return new Response(null, { status: place.type === "nothing" ? 409 : 405 });
  }
  const { collection, name } = place;
  const before = collection.items.get(name);
  if (!holds(exchange, before)) return new Response(null, { status: 412 });
  const ours = collection.kind === "calendar" ? C : R;
  if (request.body.byteLength > (quirks.maxResourceSize ?? Infinity)) {
    return precondition(403, ours("max-resource-size"));
  }
  if (!/^BEGIN:(?:VCALENDAR|VCARD)\b/i.test(request.text)) {
    const what = collection.kind === "calendar" ? "valid-calendar-data" : "valid-address-data";
    return precondition(403, ours(what));
  }
  const components = collection.properties.get(C("supported-calendar-component-set"));
  if (components !== undefined) {
    const allowed = [...components.matchAll(/name="([A-Z]+)"/g)].map((match) => match[1]);
    const used = [...request.text.matchAll(/^BEGIN:(VEVENT|VTODO|VJOURNAL)\r?$/gm)];
    if (used.some((match) => !allowed.includes(match[1]))) {
      return precondition(403, C("supported-calendar-component"));
    }
  }
  const body = quirks.rewrite === undefined ? request.body : quirks.rewrite(request.text);
  if (quirks.checkUids === true) {
    const uid = /^UID:(.*?)\r?$/m.exec(request.text)?.[1];
    const other = [...collection.items.values()].find((item) =>
      item.name !== name && item.uid === uid
    );
    if (other !== undefined) {
      const path = collection.path + encodeURIComponent(other.name);
      return precondition(403, ours("no-uid-conflict"), tag(D("href"), answers.href(path)));
    }
  }
  const item = collection.put(name, body);
  const headers = quirks.noPutEtag === true ? {} : { etag: etagOf(item, quirks) };
  return new Response(null, { status: before === undefined ? 201 : 204, headers });
}

/** The same for a collection, whose sync-token may also be a precondition (RFC 6578 section 5). */
function collectionHolds({ quirks, request }: Exchange, collection: StoredCollection): boolean {
  if (quirks.ignorePreconditions === true) return true;
  const match = request.headers.get("if-match");
  const state = request.headers.get("if");
  return (match === null || (quirks.collectionEtags === true && match === collection.ctag)) &&
    (state === null || state === `(<${collection.token}>)`);
}

function remove(exchange: Exchange, place: Place): Response {
  const { store } = exchange;
  switch (place.type) {
    case "collection":
      if (!collectionHolds(exchange, place.collection)) return new Response(null, { status: 412 });
      store.remove(place.collection.path);
      return new Response(null, { status: 204 });
    case "item": {
      const before = place.collection.items.get(place.name);
      if (before === undefined) return new Response("nothing here", { status: 404 });
      if (!holds(exchange, before)) return new Response(null, { status: 412 });
      place.collection.delete(place.name);
      return new Response(null, { status: 204 });
    }
    default:
      return new Response(null, { status: place.type === "folder" ? 403 : 404 });
  }
}
