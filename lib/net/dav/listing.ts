/** Listing a collection: what changed since a cursor in the cheapest way there is, or everything. */

import { SyncError } from "../../model/error.ts";
import type { Cursor } from "../../model/names.ts";
import type { Listed, Listing } from "../../model/storage.ts";
import { concurrently } from "../concurrent.ts";
import { statusOf } from "../http/error.ts";
import type { DavContext, KnownCollection } from "./context.ts";
import { cursorOf, dayOf, isTrusted, type Mark, markIn } from "./cursor.ts";
import { resolveHref } from "./href.ts";
import { textOf } from "./multistatus.ts";
import { dav, GETCTAG, SUPPORTED_REPORT_SET, SYNC_TOKEN } from "./names.ts";
import { propfind } from "./requests.ts";
import { isGone, MEMBER_PROPS, readRow, type Row, unreadable } from "./rows.ts";
import { ownRow, supportsReport } from "./collections.ts";
import { collectionGone, syncCollection } from "./sync_collection.ts";

const SYNC_REPORT = dav("sync-collection");
/** How many entries are given out at a time. */
const CHUNK = 500;
/** Up to so many members without an etag are asked for it one by one. */
const MAX_ASKED = 20;

/** Lists as the contract of a storage has it. */
export async function* listChanges(
  context: DavContext,
  known: KnownCollection,
  since: Cursor | undefined,
  signal: AbortSignal,
): AsyncGenerator<Listing, void, undefined> {
  const today = dayOf(context.environment.now());
  const mark = markIn(since);
  const fresh = known.freshToken;
  known.freshToken = undefined;
  try {
    if (mark?.kind === "sync" && isTrusted(mark, today)) {
      if (fresh === mark.value) return yield end("since", mark);
      if (!known.syncFails) {
        const outcome = await syncCollection(context, known, mark.value, signal);
        if (outcome.type === "listed") {
          const entries = await completed(context, known, outcome.rows, "since", signal);
          yield* chunked(entries);
          // What could not be read is listed again next time: the old token still knows of it.
          const whole = entries.every(({ state }) => state !== "unreadable");
          return yield end("since", whole ? { ...mark, value: outcome.token } : mark);
        }
        if (outcome.type === "fails") known.syncFails = true;
      }
    }
    yield* listAll(context, known, mark, signal);
  } catch (thrown) {
    const status = statusOf(thrown);
    if (status !== 404 && status !== 410) throw thrown;
    throw collectionGone(known.url, thrown);
  }
}

/** Everything, or, where the ctag in `mark` still holds, that nothing has changed. */
async function* listAll(
  context: DavContext,
  known: KnownCollection,
  mark: Mark | undefined,
  signal: AbortSignal,
): AsyncGenerator<Listing, void, undefined> {
  const day = dayOf(context.environment.now());
  const asked = known.props.has(SUPPORTED_REPORT_SET);
  let own: Marks | undefined;
  if (!asked || mark?.kind === "ctag") {
    own = await marksOf(context, known, signal);
    if (mark?.kind === "ctag" && own.ctag === mark.value) return yield end("since", mark);
  }
  const canSync = own?.canSync ?? supportsReport(known.props, SYNC_REPORT);
  let reportedNone = false;
  if (canSync && !known.syncFails) {
    const outcome = await syncCollection(context, known, "", signal);
    if (outcome.type === "listed" && outcome.rows.size > 0) {
      const entries = await completed(context, known, outcome.rows, "complete", signal);
      return yield* complete(known, entries, { kind: "sync", value: outcome.token, day });
    }
    // An empty answer is looked at once more in the other way: it may be that the server wants the
    // report otherwise (Google Contacts), and nobody's calendar is emptied by a misunderstanding.
    if (outcome.type !== "listed") known.syncFails = true;
    else {
      reportedNone = true;
      own = { ctag: undefined, token: outcome.token, canSync };
    }
  }
  // Read before the listing: a change in between is then listed twice, and never missed.
  own ??= await marksOf(context, known, signal);
  const rows = await members(context, known, signal);
  if (reportedNone && rows.size > 0) known.syncFails = true;
  const entries = await completed(context, known, rows, "complete", signal);
  const { token, ctag } = own;
  yield* complete(
    known,
    entries,
    token !== undefined && canSync && !known.syncFails
      ? { kind: "sync", value: token, day }
      : ctag === undefined
      ? undefined
      : { kind: "ctag", value: ctag },
  );
}

interface Marks {
  readonly token: string | undefined;
  readonly ctag: string | undefined;
  readonly canSync: boolean;
}

/** Where the collection stands now. */
async function marksOf(
  { http }: DavContext,
  { url }: KnownCollection,
  signal: AbortSignal,
): Promise<Marks> {
  const props = [SYNC_TOKEN, GETCTAG, SUPPORTED_REPORT_SET];
  const answer = await propfind(http, { url, depth: 0, props, scope: "collection", signal });
  const row = ownRow(answer);
  if (row === undefined || isGone(row.status)) throw collectionGone(url);
  return {
    token: textOf(row.props.get(SYNC_TOKEN)),
    ctag: textOf(row.props.get(GETCTAG)),
    canSync: supportsReport(row.props, SYNC_REPORT),
  };
}

/** Every member, by PROPFIND. */
async function members(
  { http }: DavContext,
  { url }: KnownCollection,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Row>> {
  const answer = await propfind(http, {
    url,
    depth: 1,
    props: MEMBER_PROPS,
    scope: "collection",
    signal,
  });
  const rows = new Map<string, Row>();
  for (const response of answer.responses) {
    const row = readRow(response, url);
    if (row.type === "self") {
      if (row.status === 507) throw cutShort(url);
      if (isGone(row.status)) throw collectionGone(url);
    } else if (row.type !== "other") rows.set(row.key, row);
  }
  return rows;
}

/** The entries of these rows; members that lack an etag are asked for it by themselves. */
async function completed(
  context: DavContext,
  known: KnownCollection,
  rows: ReadonlyMap<string, Row>,
  mode: "complete" | "since",
  signal: AbortSignal,
): Promise<readonly Listed[]> {
  const entries: Listed[] = [];
  const lacking: string[] = [];
  for (const row of rows.values()) {
    if (row.type === "no etag") lacking.push(row.href);
    else if (row.type !== "entry") continue;
    // A complete list says of what is gone nothing at all.
    else if (mode === "since" || row.entry.state !== "gone") entries.push(row.entry);
  }
  if (lacking.length > MAX_ASKED) {
    return [...entries, ...lacking.map((href) => unreadable(href, noEtag(href)))];
  }
  const ask = (href: string) => askEtag(context, known, href, signal);
  for await (const entry of concurrently(lacking, ask, { limit: 4, signal })) entries.push(entry);
  return entries;
}

async function askEtag(
  { http }: DavContext,
  known: KnownCollection,
  href: string,
  signal: AbortSignal,
): Promise<Listed> {
  const url = resolveHref(href, known.url);
  if (url === undefined) return unreadable(href, noEtag(href));
  try {
    const props = MEMBER_PROPS;
    const answer = await propfind(http, { url, depth: 0, props, scope: "item", signal });
    const [response] = answer.responses;
    const row = response && readRow({ ...response, href }, known.url);
    return row?.type === "entry" && row.entry.state === "present"
      ? row.entry
      : unreadable(href, noEtag(href));
  } catch (thrown) {
    if (!(thrown instanceof SyncError) || thrown.scope === "storage") throw thrown;
    return unreadable(href, noEtag(href), statusOf(thrown));
  }
}

function noEtag(href: string): string {
  return `the server gives no etag for ${href.slice(0, 200)}`;
}

function cutShort(url: URL): SyncError {
  return new SyncError(`${url.host} lists only a part of ${url.pathname} (507)`, {
    scope: "collection",
    kind: "too large",
  });
}

function* chunked(entries: readonly Listed[]): Generator<Listing> {
  for (let at = 0; at < entries.length; at += CHUNK) {
    yield { type: "entries", entries: entries.slice(at, at + CHUNK) };
  }
}

function* complete(
  known: KnownCollection,
  entries: readonly Listed[],
  mark: Mark | undefined,
): Generator<Listing> {
  known.size = entries.length;
  yield* chunked(entries);
  // With something unreadable in it, the next listing is to be complete again.
  const whole = entries.every(({ state }) => state !== "unreadable");
  yield end("complete", whole ? mark : undefined);
}

function end(mode: "complete" | "since", mark: Mark | undefined): Listing {
  return {
    type: "end",
    mode,
    ...(mark === undefined ? {} : { cursor: cursorOf(mark) }),
  };
}
