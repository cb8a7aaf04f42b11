/** The reports of the DAV server of the tests. */

import { C, D, multistatus, precondition, R } from "./dav_answers.ts";
import type { Exchange } from "./dav_methods.ts";
import type { StoredCollection, StoredItem } from "./dav_store.ts";
import { decodeSegment, escapeText, find, type Node, parseXml } from "./dav_xml.ts";

export function report(exchange: Exchange, collection: StoredCollection): Response {
  const root = parseXml(exchange.request.text);
  if (root === undefined) return new Response("no body", { status: 400 });
  const prop = root.children.find(({ name }) => name === D("prop"));
  const names = (prop?.children ?? []).map(({ name }) => name);
  switch (root.name) {
    case D("sync-collection"):
      return syncCollection(exchange, collection, root, names);
    case C("calendar-multiget"):
    case R("addressbook-multiget"):
      return multiget(exchange, collection, root, names);
    case C("calendar-query"):
    case R("addressbook-query"):
      return query(exchange, collection, root, names);
    default:
      return precondition(403, D("supported-report"));
  }
}

interface Change {
  readonly name: string;
  readonly revision: number;
  readonly item?: StoredItem;
}

function syncCollection(
  { quirks, answers }: Exchange,
  collection: StoredCollection,
  root: Node,
  names: readonly string[],
): Response {
  if (quirks.noSync === true) return precondition(403, D("supported-report"));
  if (quirks.syncFails !== undefined) return new Response("no", { status: quirks.syncFails });
  const token = find(root, D("sync-token"))?.text.trim() ?? "";
  const since = token === "" ? 0 : collection.revisionIn(token);
  if (since === undefined) return precondition(403, D("valid-sync-token"));
  if (token !== "" && quirks.refuseTokens !== undefined) {
    return new Response("what token?", { status: quirks.refuseTokens });
  }

  const changes: Change[] = [];
  for (const item of collection.items.values()) {
    if (item.revision > since) changes.push({ name: item.name, revision: item.revision, item });
  }
  if (token !== "") {
    for (const [name, revision] of collection.gone) {
      if (revision > since) changes.push({ name, revision });
    }
  }
  let next = collection.token;
  let tail = "";
  let listed: readonly Change[] = changes;
  if (quirks.pageSize !== undefined && changes.length > quirks.pageSize) {
    listed = changes.toSorted((a, b) => a.revision - b.revision).slice(0, quirks.pageSize);
    next = collection.tokenAt(listed.at(-1)?.revision ?? since);
    tail = answers.status(collection.path, 507);
  }
  const responses = listed.map(({ name, item }) =>
    item === undefined
      ? answers.status(collection.path + encodeURIComponent(name), quirks.goneStatus ?? 404)
      : answers.item(collection, item, names)
  );
  return multistatus(responses, `${tail}<D:sync-token>${escapeText(next)}</D:sync-token>`);
}

function multiget(
  { quirks, answers, request }: Exchange,
  collection: StoredCollection,
  root: Node,
  names: readonly string[],
): Response {
  if (quirks.multigetFails !== undefined) {
    return new Response("no", { status: quirks.multigetFails });
  }
  const responses: string[] = [];
  for (const { name: element, text } of root.children) {
    if (element !== D("href")) continue;
    const path = new URL(text.trim(), `http://${request.headers.get("host") ?? "x"}`).pathname;
    const name = decodeSegment(path.slice(path.lastIndexOf("/") + 1));
    if (quirks.unmentioned?.(name) === true) continue;
    const item = collection.items.get(name);
    responses.push(
      item === undefined ? answers.status(path, 404) : answers.item(collection, item, names),
    );
  }
  return multistatus(responses);
}

function query(
  { quirks, answers }: Exchange,
  collection: StoredCollection,
  root: Node,
  names: readonly string[],
): Response {
  if (quirks.queryFails !== undefined) return new Response("no", { status: quirks.queryFails });
  const calendar = find(root, C("comp-filter"));
  const component = find(calendar, C("comp-filter"))?.attributes["name"];
  const responses: string[] = [];
  for (const item of collection.items.values()) {
    if (component !== undefined && !item.text.includes(`BEGIN:${component}`)) continue;
    responses.push(answers.item(collection, item, names));
  }
  return multistatus(responses);
}
