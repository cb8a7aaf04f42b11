/** Collections as a server lists them: which of its resources are ours, and what they are called. */

import { createHash } from "node:crypto";
import { SyncError } from "../../model/error.ts";
import { collectionId, href as asHref } from "../../model/names.ts";
import type { Collection } from "../../model/storage.ts";
import type { XmlElement } from "../xml/reader.ts";
import { lastSegment, memberHref, memberKey, parentPath, pathKey, resolveHref } from "./href.ts";
import { type DavResponse, textOf } from "./multistatus.ts";
import { RESOURCETYPE, SUPPORTED_REPORT_SET, SYNC_TOKEN } from "./names.ts";
import { propertiesOf, unreadOf } from "./properties.ts";
import type { Answered } from "./requests.ts";
import { isGone } from "./rows.ts";
import type { DavService } from "./service.ts";

/** Which segment of its path names a collection: the last, or the one before it (Google). */
export type IdSegment = "last" | "second-last";

/**
 * The properties asked of every collection. The ctag is not among them: it is of use only where
 * there is no sync-token, and as dear to some servers as that (Radicale reads every item for it).
 */
export function collectionProps(service: DavService): readonly string[] {
  return [
    RESOURCETYPE,
    SYNC_TOKEN,
    SUPPORTED_REPORT_SET,
    ...Object.values(service.properties),
    ...service.collectionProperties,
  ];
}

/** Whether this resource is a collection of the kind that we sync. */
export function isCollectionOf(service: DavService, row: DavResponse): boolean {
  const types = row.props.get(RESOURCETYPE)?.children.map(({ name }) => name) ?? [];
  return types.includes(service.collectionType) &&
    !service.excludedTypes.some((type) => types.includes(type));
}

/** What an answer says of the resource that was asked. */
export function ownRow(answer: Answered): DavResponse | undefined {
  const key = pathKey(answer.url.pathname);
  return answer.responses.find(({ href }) => memberKey(href, answer.url) === key) ??
    (answer.responses.length === 1 ? answer.responses[0] : undefined);
}

/** Whether a collection's reports include this one. Xandikos leaves out an element in between. */
export function supportsReport(props: ReadonlyMap<string, XmlElement>, report: string): boolean {
  const holds = (element: XmlElement): boolean =>
    element.name === report || element.children.some(holds);
  const set = props.get(SUPPORTED_REPORT_SET);
  return set !== undefined && holds(set);
}

/** A collection and what its server said of it. */
export interface FoundCollection {
  readonly collection: Collection;
  readonly url: URL;
  readonly props: ReadonlyMap<string, XmlElement>;
}

export interface ReadCollectionsOptions {
  readonly service: DavService;
  /** The url of the configuration: hrefs on its origin are kept without it. */
  readonly home: URL;
  readonly idSegment: IdSegment;
}

/** The one collection that this row is. `undefined` where its href leads nowhere. */
export function readCollection(
  row: DavResponse,
  base: URL,
  options: ReadCollectionsOptions,
): FoundCollection | undefined {
  const own = memberHref(row.href, base);
  const url = own === undefined ? undefined : resolveHref(own, base);
  const kept = url?.origin === options.home.origin ? own : url?.href;
  if (url === undefined || kept === undefined) return undefined;
  const components = options.service.componentsOf?.(row.props) ?? [];
  const unread = unreadOf(options.service, row);
  const path = options.idSegment === "last" ? url.pathname : parentPath(url.pathname);
  return {
    url,
    props: row.props,
    collection: {
      id: collectionId(safeId(lastSegment(path))),
      href: asHref(kept),
      identity: identityOf(url),
      properties: propertiesOf(options.service, row.props, url),
      ...(isRewriter(row.props) ? { rewrites: true } : {}),
      ...(components.length === 0 ? {} : { components }),
      ...(unread.length === 0 ? {} : { unread }),
    },
  };
}

/**
 * The tokens of servers that answer a write with an etag whatever they make of the item: Radicale
 * writes each anew and cuts what it cannot read on the way (a photo of vCard 4, what stands behind a
 * comma that was not escaped); Cyrus keeps most cards, and makes one value of two in some (3.6).
 */
const REWRITERS: readonly RegExp[] = [/^http:\/\/radicale\.org\/ns\/sync\//, /^data:,\d+-\d+$/];

function isRewriter(props: ReadonlyMap<string, XmlElement>): boolean {
  const token = textOf(props.get(SYNC_TOKEN));
  return token !== undefined && REWRITERS.some((form) => form.test(token));
}

/** Which collection of the world a url is, in one spelling. */
export function identityOf(url: URL): string {
  return `${url.origin}${pathKey(url.pathname).replace(/\/$/, "")}/`;
}

/**
 * The collections among the answers of the home sets, each once. Throws where the server would not
 * even say of something in them what it is, and `missing` where a home set is gone: taken for no
 * collection, it would look deleted.
 *
 * Two of them may have one name. Which of them is called by it does not depend on the order in which
 * the server lists them: one in the first home set, and else the one whose url comes first.
 */
export function readCollections(
  answers: readonly Answered[],
  options: ReadCollectionsOptions,
): readonly FoundCollection[] {
  const found = new Map<string, FoundCollection & { readonly rank: number }>();
  for (const [place, answer] of answers.entries()) {
    if (isGone(ownRow(answer)?.status)) throw placeGone(answer.url);
    for (const row of answer.responses) {
      requireType(row, answer.url);
      if (!isCollectionOf(options.service, row)) continue;
      const one = readCollection(row, answer.url, options);
      if (one === undefined || found.has(one.collection.identity)) continue;
      found.set(one.collection.identity, { ...one, rank: Math.min(place, 1) });
    }
  }
  const ids = new Set<string>();
  return [...found.values()].sort(byPlace).map(({ rank: _, ...one }) => {
    const { identity, id } = one.collection;
    const unique = ids.has(id) ? collectionId(`${id}-${shortHash(identity)}`) : id;
    ids.add(unique);
    return { ...one, collection: { ...one.collection, id: unique } };
  });
}

function byPlace(
  one: FoundCollection & { readonly rank: number },
  other: FoundCollection & { readonly rank: number },
): number {
  const [a, b] = [one.collection.identity, other.collection.identity];
  return one.rank - other.rank || (a < b ? -1 : 1);
}

/**
 * The one collection that the url names. Throws `missing` where the answer says that it is gone or is
 * none, and otherwise where it does not say what it is.
 */
export function readOnlyCollection(
  answer: Answered,
  options: ReadCollectionsOptions,
): FoundCollection {
  const row = ownRow(answer);
  if (row !== undefined) requireType(row, answer.url);
  const one = row !== undefined && isCollectionOf(options.service, row)
    ? readCollection(row, answer.url, options)
    : undefined;
  if (one === undefined) throw placeGone(answer.url);
  return one;
}

/** The error of something of which the server does not say what it is. */
export class Untold extends SyncError {}

/** Throws {@linkcode Untold} unless the server says what this is, or that it is not there. */
export function requireType(row: DavResponse, base: URL): void {
  const status = row.failed.get(RESOURCETYPE) ?? row.status ?? 200;
  if (status < 300 || isGone(status)) return;
  throw new Untold(`${base.host} does not say what ${row.href.slice(0, 200)} is (${status})`, {
    scope: "storage",
    kind: status === 401 || status === 403 ? "forbidden" : "refused",
    retry: status >= 500 || status === 423 || status === 429,
    hint:
      "It could be a collection, so nothing is taken for deleted here. If this stays as it is, " +
      "make each collection that you want a storage of its own, with its url.",
  });
}

function placeGone(url: URL): SyncError {
  return new SyncError(`there is nothing at ${url.href} any more`, {
    scope: "storage",
    kind: "missing",
  });
}

// deno-lint-ignore no-control-regex -- these are what is looked for
const UNSAFE = /[\u0000-\u001f\u007f-\u009f/\\]/g;

/**
 * A segment of a url as an id: as it is, unless it holds what has a meaning in a path, or is nothing
 * but dots, or is very long. Then those characters are replaced and a hash of the segment keeps it apart.
 */
export function safeId(segment: string): string {
  const plain = segment.replace(UNSAFE, "_");
  const harmless = plain === segment && !/^\.*$/.test(segment) && segment.isWellFormed() &&
    new TextEncoder().encode(segment).byteLength <= 200;
  if (harmless) return segment;
  const start = plain.toWellFormed().replace(/^\.+/, "").slice(0, 40);
  return `${start === "" ? "collection" : start}-${shortHash(segment)}`;
}

function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}
