/** A calendar feed: one file on a web server, which others write and we read. */

import { cancelled, SyncError } from "../../lib/model/error.ts";
import { collectionId, type Cursor, href, storageName } from "../../lib/model/names.ts";
import { Secret } from "../../lib/model/secret.ts";
import type { Collection, Listed, Listing, Storage } from "../../lib/model/storage.ts";
import { SPLIT_LIMITS } from "../../lib/item/split.ts";
import { itemHref } from "../../lib/item/split_names.ts";
import { type HttpOptions, openHttp } from "../../lib/net/http/client.ts";
import { USER_AGENT } from "../../lib/net/http/user_agent.ts";
import { withReadOnly } from "../with_read_only.ts";
import { identityOf, readAddress } from "./address.ts";
import { concealed, concealedUrl } from "./conceal.ts";
import { readCursor, writeCursor } from "./cursor.ts";
import { download } from "./download.ts";
import { type Feed, fetchedItem, FILEEXT, listedItem, readFeed } from "./feed.ts";

export interface WebcalOptions extends Partial<Omit<HttpOptions, "home">> {
  /** The storage's name in the configuration. */
  readonly name: string;
  /** `https:`, `http:`, or `webcal:` and `webcals:`, which are read over TLS. May be a secret. */
  readonly url: string;
  /** The id of the one collection. */
  readonly collectionId: string;
  readonly username?: string | undefined;
  readonly password?: Secret | undefined;
  /** For feeds whose UIDs change with each download: made of the content instead. Default: no. */
  readonly stableUids?: boolean;
  /** The largest feed that is taken, in bytes. Default: 64 MiB. */
  readonly maxSize?: number;
}

/** How many items are given at a time. */
const BATCH = 128;

/**
 * Opens a feed. It is read-only, and has one collection without properties. Nothing is connected to
 * before it is asked something; the collections are known without.
 *
 * The server is asked whether the feed has changed (RFC 9110 section 13), and an unchanged one is
 * listed as nothing changed since the cursor. Any other one is listed whole. What was listed and
 * what is fetched then are of the same download.
 *
 * An http: url may lead to another machine without `insecure`, as whoever wrote it meant it; with a
 * login it may not. Throws `malformed` where the url is none.
 */
export function openWebcal(options: WebcalOptions): Storage {
  const {
    name,
    url: given,
    collectionId: id,
    username,
    password,
    stableUids,
    maxSize = SPLIT_LIMITS.bytes,
    ...rest
  } = options;
  const address = readAddress(given);
  const { url, clear, login } = address;
  const credentials = rest.credentials ??
    (username === undefined ? login : { username, password: password ?? new Secret("") });
  const { log } = rest;
  const http = openHttp({
    ...rest,
    home: url,
    userAgent: options.userAgent ?? USER_AGENT,
    insecure: (options.insecure ?? false) || (clear && credentials === undefined),
    ...(credentials === undefined ? {} : { credentials }),
    ...(log === undefined ? {} : { log: (it) => log({ ...it, url: concealedUrl(it.url) }) }),
  });
  const uids = stableUids === true ? "content" : "kept";
  const settings = { host: url.host, uids, maxSize } as const;
  const only: Collection = {
    id: collectionId(id),
    href: href(id),
    identity: identityOf(address, rest.socket),
    properties: {},
  };
  /** The version that was listed last, from which its items are fetched. */
  let latest: Feed | undefined;

  async function ask(cursor: Cursor | undefined, signal: AbortSignal): Promise<Feed | "unchanged"> {
    if (signal.aborted) throw cancelled(signal.reason);
    const known = readCursor(cursor, uids);
    try {
      const answer = await download(http, { url, maxSize, known, signal });
      if (answer !== "unchanged") return latest = readFeed(answer, settings);
      // What is at hand is of another version than the one that still stands.
      if (latest?.version.digest !== known?.digest) latest = undefined;
      return answer;
    } catch (thrown) {
      throw concealed(thrown, url);
    }
  }

  return withReadOnly({
    name: storageName(name),
    capabilities: {
      kind: "calendar",
      readOnly: true,
      properties: [],
      conditionalWrites: false,
      keepsUids: false,
      listsChanges: true,
      watches: false,
    },

    check: async (signal) => {
      await ask(undefined, signal);
    },

    collections: (signal) =>
      signal.aborted ? Promise.reject(cancelled(signal.reason)) : Promise.resolve([only]),

    holds: (identity) => identity === only.identity,

    createCollection: () => Promise.reject(readOnly(name)),
    deleteCollection: () => Promise.reject(readOnly(name)),
    setProperty: () => Promise.reject(readOnly(name)),

    hrefFor: (_collection, ident, attempt) => itemHref(ident, attempt, FILEEXT),

    async *changes(collection, cursor, signal): AsyncGenerator<Listing> {
      mustBe(collection);
      const known = readCursor(cursor, uids);
      const feed = await ask(cursor, signal);
      const unchanged = feed === "unchanged" || feed.version.digest === known?.digest;
      if (!unchanged) {
        for (const entries of batches([...feed.items])) {
          if (signal.aborted) throw cancelled(signal.reason);
          yield {
            type: "entries",
            entries: entries.map(([href, item]): Listed => listedItem(href, item)),
          };
        }
      }
      const next = feed === "unchanged" ? cursor : writeCursor(feed.version, uids);
      yield {
        type: "end",
        mode: unchanged ? "since" : "complete",
        ...(next === undefined ? {} : { cursor: next }),
      };
    },

    async *fetch(collection, hrefs, { signal }) {
      if (signal.aborted) throw cancelled(signal.reason);
      mustBe(collection);
      if (hrefs.length === 0) return;
      const feed = latest ?? await ask(undefined, signal);
      const items: Feed["items"] = feed === "unchanged" ? new Map() : feed.items;
      for (const batch of batches(hrefs)) {
        if (signal.aborted) throw cancelled(signal.reason);
        yield batch.map((href) => {
          const item = items.get(href);
          return item === undefined ? { state: "unknown", href } : fetchedItem(href, item);
        });
      }
    },

    apply: () => {
      throw readOnly(name);
    },

    async *watch() {},

    close: () => {
      latest = undefined;
      http.close();
      return Promise.resolve();
    },
  });

  function mustBe({ identity }: Collection): void {
    if (identity === only.identity) return;
    throw new SyncError(`this is not a collection of ${name}`, {
      scope: "collection",
      kind: "missing",
    });
  }
}

function readOnly(name: string): SyncError {
  return new SyncError(`${name} is a feed, which is read-only`, {
    scope: "storage",
    kind: "refused",
  });
}

function* batches<Value>(values: readonly Value[]): Generator<readonly Value[]> {
  for (let from = 0; from < values.length; from += BATCH) yield values.slice(from, from + BATCH);
}
