/**
 * Survey: what is on one side of a collection that the base does not hold. Lists what changed, and
 * fetches only what must be looked into.
 */

import type { SyncError } from "../model/error.ts";
import { SyncError as Failure } from "../model/error.ts";
import type { Extent } from "../model/format.ts";
import type { Body } from "../model/item.ts";
import type { Cursor, Etag, Href, Side } from "../model/names.ts";
import type { RunEvent } from "../model/run.ts";
import type { CollectionStatus, Known, Observation } from "../model/status.ts";
import type { Collection, Listed, Storage } from "../model/storage.ts";
import { extentOfMail } from "./mail/listed.ts";

/** An observation, with its bytes while they are at hand, and why it could not be read. */
export type Seen =
  | (Extract<Observation, { readonly state: "present" }> & { readonly body?: Body })
  | Extract<Observation, { readonly state: "gone" | "left out" }>
  | (Extract<Observation, { readonly state: "unreadable" }> & { readonly error: SyncError });

export interface SideSurvey {
  /** Where the next listing may go on. Kept only once everything that was seen is dealt with. */
  readonly cursor: Cursor | undefined;
  /** How its items are seen, where they are not seen as they are. */
  readonly view?: string;
  /** How many items the side holds, readable or not. */
  readonly present: number;
  /** How many that cannot be read now may well be readable in the next run. */
  readonly passing: number;
  readonly seen: readonly Seen[];
  /** What the base holds of this side under the hrefs that were seen. */
  readonly known: ReadonlyMap<Href, Known>;
  /** The flags that mails can have here, where these are not all. */
  readonly keeps?: readonly string[];
  /** No mail has this UID, or a higher one. */
  readonly uidNext?: number;
  /** Of mailboxes: all of it was listed, and not only what changed. */
  readonly isWhole?: true;
  /** More mails that are new, to be looked into once those that were seen are dealt with. */
  readonly later?: Later;
}

/** What a survey has left for later. */
export interface Later {
  /** Their UIDs: there may be very many. */
  readonly uids: readonly number[];
  /** Where the next listing may go on once they are dealt with. */
  readonly cursor: Cursor | undefined;
}

/** A side whose collection is not there yet. */
export const NOTHING_THERE: SideSurvey = {
  cursor: undefined,
  present: 0,
  passing: 0,
  seen: [],
  known: new Map(),
};

export interface SurveyInput {
  readonly storage: Storage;
  readonly collection: Collection;
  readonly side: Side;
  /** None where nothing is known yet. */
  readonly status: CollectionStatus | undefined;
  /** Gives the body back while there is room to keep it. */
  readonly keep: (body: Body) => Body | undefined;
  /** Where a filter asks what items are about. */
  readonly extent?: (bytes: Uint8Array) => Extent;
  /** Of mailboxes: whether a filter asks for sizes and dates. */
  readonly needsExtent?: boolean;
  /** Of mailboxes: whom of those that the base knows to look at, though nothing of them changed. */
  readonly again?: (known: Known) => boolean;
  readonly signal: AbortSignal;
  readonly onEvent: (event: RunEvent) => void;
}

/** @throws {SyncError} Where the collection could not be listed: a short listing never returns. */
export async function surveySide(input: SurveyInput): Promise<SideSurvey> {
  const { storage, collection, side, status, signal } = input;
  input.onEvent({ type: "listing", collection: collection.id, side });
  const listing = await list(storage, collection, await status?.cursor(side), signal);
  const before = new Map(
    (await status?.observations(side) ?? []).map((it) => [it.href, it] as const),
  );
  const complete = listing.mode === "complete";
  const known = await status?.known(
    side,
    complete ? undefined : [...new Set([...listing.entries.keys(), ...before.keys()])],
  ) ?? new Map<Href, Known>();

  // What was seen before there was a filter has to be looked into for it.
  const isFit = (last: Observation) =>
    last.state !== "present" || input.extent === undefined || last.extent !== undefined;
  const seen = new Map<Href, Seen>();
  const wanted = new Set<Href>();
  for (const entry of listing.entries.values()) {
    const last = before.get(entry.href);
    const base = known.get(entry.href);
    if (entry.state === "unreadable") {
      seen.set(entry.href, unreadable(entry.href, entry.error, undefined));
    } else if (entry.state === "gone") {
      if (base !== undefined) seen.set(entry.href, goneFrom(entry.href, last));
    } else if (isSame(last, entry.etag) && isFit(last)) {
      seen.set(entry.href, last);
    } else if (base?.etag !== entry.etag || last?.state === "unreadable") {
      wanted.add(entry.href);
    }
  }
  if (complete) {
    for (const href of known.keys()) {
      if (!listing.entries.has(href)) seen.set(href, goneFrom(href, before.get(href)));
    }
  } else {
    // The listing is silent about what did not change, and so the last word on it stands. What
    // could not be read then is tried again: a permission may have been mended.
    for (const [href, last] of before) {
      if (listing.entries.has(href)) continue;
      if (last.state === "unreadable" || !isFit(last)) wanted.add(href);
      else seen.set(href, last);
    }
  }

  const listed = [...listing.entries.values()].filter((it) => it.state !== "gone").length;
  const all = complete && wanted.size > 0 && wanted.size === listed;
  const versions = new Map<Href, Etag>();
  for (const href of wanted) {
    const etag = etagIn(listing.entries.get(href)) ?? etagIn(before.get(href));
    if (etag !== undefined) versions.set(href, etag);
  }
  await fetchInto(seen, [...wanted], all, versions, input);
  return {
    cursor: listing.cursor,
    ...(storage.view === undefined ? {} : { view: storage.view }),
    present: complete ? listed : await presentNow(status, seen, known),
    passing:
      [...seen.values()].filter((it) =>
        it.state === "unreadable" && it.error.retry && !wasSo(before.get(it.href), it)
      ).length,
    // In an order that does not depend on which was listed and which was fetched.
    seen: [...seen.values()].sort((one, other) => one.href < other.href ? -1 : 1),
    known,
  };
}

export interface Listings {
  readonly mode: "complete" | "since";
  readonly cursor: Cursor | undefined;
  readonly entries: ReadonlyMap<Href, Listed>;
}

/** One whole listing. @throws {SyncError} Where it is cut short. */
export async function list(
  storage: Storage,
  collection: Collection,
  cursor: Cursor | undefined,
  signal: AbortSignal,
): Promise<Listings> {
  // By href, the last one standing: Zimbra and interrupted pages list a member more than once.
  const entries = new Map<Href, Listed>();
  for await (const part of storage.changes(collection, cursor, signal)) {
    if (part.type === "end") {
      const { mode, cursor } = part;
      return { mode, cursor, entries };
    }
    for (const entry of part.entries) entries.set(entry.href, entry);
  }
  throw new Failure(`the listing of "${collection.id}" has no end`, {
    scope: "collection",
    kind: "malformed",
    hint: "It was cut short, so nothing was concluded from it. Run again.",
  });
}

export async function fetchInto(
  seen: Map<Href, Seen>,
  hrefs: readonly Href[],
  all: boolean,
  etags: ReadonlyMap<Href, Etag>,
  input: SurveyInput,
): Promise<void> {
  if (hrefs.length === 0) return;
  const { storage, collection, side, signal } = input;
  const progress = (done: number) =>
    input.onEvent({
      type: "fetching",
      collection: collection.id,
      side,
      done,
      of: hrefs.length,
    });
  progress(0);
  const missing = new Set(hrefs);
  const isMail = storage.capabilities.kind === "mail";
  const options = { signal, all, ...(isMail ? { identsOnly: true } as const : {}) };
  for await (const batch of storage.fetch(collection, hrefs, options)) {
    for (const fetched of batch) {
      if (fetched.state === "unknown") continue;
      if (fetched.state === "present") {
        const { body, mail, ...item } = fetched.item;
        const kept = isMail ? undefined : input.keep(body);
        const extent = isMail
          ? extentOfMail(body.size, mail?.received)
          : input.extent?.(await body.bytes());
        seen.set(item.href, {
          state: "present",
          ...item,
          ...(extent === undefined ? {} : { extent }),
          ...(kept === undefined ? {} : { body: kept }),
        });
        missing.delete(item.href);
      } else {
        const { href, error, ident } = fetched;
        const etag = etags.get(href);
        seen.set(
          href,
          error.kind === "left out" && etag !== undefined
            ? { state: "left out", href, etag, ...(ident === undefined ? {} : { ident }) }
            : unreadable(href, error, etag),
        );
        missing.delete(fetched.href);
      }
    }
    progress(hrefs.length - missing.size);
  }
  for (const href of missing) {
    // It is not gone because an answer was silent about it: only a listing shows that.
    seen.set(
      href,
      unreadable(
        href,
        new Failure(`"${href}" is listed, but was not given`, {
          scope: "item",
          kind: "missing",
          retry: true,
          hint: "It may have been deleted meanwhile. Run again.",
        }),
        etags.get(href),
      ),
    );
  }
}

/** Whether it was looked into before, as the same version. */
export const isSame = (
  last: Observation | undefined,
  etag: Etag,
): last is Extract<Observation, { readonly state: "present" | "left out" }> =>
  (last?.state === "present" || last?.state === "left out") && last.etag === etag;

/** It stays held as long as it stays gone. */
export const goneFrom = (href: Href, last: Observation | undefined): Seen =>
  last?.state === "gone" ? last : { state: "gone", href };

export const unreadable = (href: Href, error: SyncError, etag: Etag | undefined): Seen => ({
  state: "unreadable",
  href,
  ...(etag === undefined ? {} : { etag }),
  reason: error.message,
  error,
});

export const etagIn = (it: Listed | Observation | undefined): Etag | undefined =>
  it === undefined || it.state === "gone" ? undefined : "etag" in it ? it.etag : undefined;

/** Whether the last run could not read it either, as the same version. */
export const wasSo = (last: Observation | undefined, now: Seen): boolean =>
  last?.state === "unreadable" && etagIn(last) === etagIn(now);

/** How many items there are, from what the base holds and what was seen besides. */
export async function presentNow(
  status: CollectionStatus | undefined,
  seen: ReadonlyMap<Href, Seen>,
  known: ReadonlyMap<Href, Known>,
): Promise<number> {
  let count = await status?.size() ?? 0;
  for (const it of seen.values()) {
    const wasThere = known.has(it.href);
    if (it.state === "gone" && wasThere) count--;
    if (it.state !== "gone" && !wasThere) count++;
  }
  return count;
}
