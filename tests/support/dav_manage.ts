/** Making collections and setting their properties, as the DAV server of the tests does it. */

import { C, D, multistatus, precondition, R, statusLine } from "./dav_answers.ts";
import { ADDRESSBOOKS, CALENDARS, decodePath, type Exchange, type Place } from "./dav_methods.ts";
import { find, type Node, parseXml, tag } from "./dav_xml.ts";

const PROTECTED: ReadonlySet<string> = new Set([
  D("getetag"),
  D("resourcetype"),
  D("sync-token"),
  C("supported-calendar-component-set"),
]);

export function proppatch({ quirks, answers, request }: Exchange, place: Place): Response {
  if (place.type !== "collection") return new Response(null, { status: 404 });
  const { collection } = place;
  const changes: { readonly node: Node; readonly set: boolean }[] = [];
  for (const part of parseXml(request.text)?.children ?? []) {
    for (const node of find(part, D("prop"))?.children ?? []) {
      changes.push({ node, set: part.name === D("set") });
    }
  }
  const refused = (name: string) => PROTECTED.has(name) || quirks.refuseProperty?.(name) === true;
  const failing = changes.some(({ node }) => refused(node.name));
  const stats = changes.map(({ node, set }) => {
    const status = refused(node.name) ? 403 : failing ? 424 : 200;
    if (status === 200 && set) collection.properties.set(node.name, node.inner);
    else if (status === 200) collection.properties.delete(node.name);
    return `<D:propstat><D:prop>${tag(node.name)}</D:prop>${statusLine(status)}</D:propstat>`;
  });
  const href = answers.href(collection.path);
  return multistatus([`<D:response><D:href>${href}</D:href>${stats.join("")}</D:response>`]);
}

export function make({ store, quirks, request }: Exchange, place: Place): Response {
  const { method } = request;
  const unknown = method === "MKCALENDAR" ? quirks.noMkcalendar : quirks.noMkcol;
  if (unknown === true) return new Response(null, { status: 405 });
  if (place.type !== "nothing") {
    return method === "MKCOL"
      ? new Response(null, { status: 405 })
      : precondition(403, D("resource-must-be-null"));
  }
  const path = decodePath(place.path);
  const parent = path.replace(/[^/]+\/$/, "");
  if (parent !== CALENDARS && parent !== ADDRESSBOOKS) return new Response(null, { status: 403 });
  const props = find(parseXml(request.text), D("prop"))?.children ?? [];
  const type = props.find(({ name }) => name === D("resourcetype"));
  const isAddressbook = find(type, R("addressbook")) !== undefined;
  if (method === "MKCOL" && !isAddressbook && find(type, C("calendar")) === undefined) {
    return new Response(null, { status: 403 });
  }
  if (props.some(({ name }) => quirks.refuseProperty?.(name) === true)) {
    return new Response(null, { status: 403 });
  }
  const collection = store.add(path, isAddressbook ? "addressbook" : "calendar");
  for (const { name, inner } of props) {
    if (name !== D("resourcetype")) collection.properties.set(name, inner);
  }
  return new Response(null, { status: 201 });
}
