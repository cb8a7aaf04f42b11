/** A CalDAV or CardDAV account as a storage. */

import { asSyncError, cancelled, type Scope, SyncError } from "../../model/error.ts";
import { collectionId, href as asHref, type StorageName } from "../../model/names.ts";
import type { Collection, PropertyName, Storage } from "../../model/storage.ts";
import { type Environment, REAL_ENVIRONMENT } from "../environment.ts";
import { type HttpOptions, openHttp } from "../http/client.ts";
import { applyActions } from "./apply.ts";
import {
  collectionProps,
  type FoundCollection,
  identityOf,
  type IdSegment,
  ownRow,
  readCollection,
  readCollections,
  readOnlyCollection,
  safeId,
} from "./collections.ts";
import { type DavContext, type KnownCollection, knownCollection } from "./context.ts";
import { discover, type Place } from "./discover.ts";
import { type DnsResolver, dnsResolver } from "./dns.ts";
import { fetchItems } from "./fetch.ts";
import { keepHref, resolveHref } from "./href.ts";
import { listChanges } from "./listing.ts";
import { makeCollection } from "./make.ts";
import { textOf } from "./multistatus.ts";
import { SYNC_TOKEN } from "./names.ts";
import { newName } from "./new_name.ts";
import { patchProperty } from "./properties.ts";
import { removeCollection } from "./remove.ts";
import { type Answered, propfind } from "./requests.ts";
import type { DavService, ReadItem } from "./service.ts";

export interface DavOptions extends Omit<HttpOptions, "home"> {
  readonly name: StorageName;
  /** The url of the configuration: of the server, a principal, a home set or one collection. */
  readonly url: URL;
  readonly service: DavService;
  readonly readItem: ReadItem;
  readonly readOnly?: boolean;
  /** Which segment of a collection's path is its id. Default: the last. */
  readonly idSegment?: IdSegment;
  readonly resolver?: DnsResolver;
}

/** Opens the account. It connects to nothing before it is asked something. */
export function openDav(options: DavOptions): Storage {
  const { service } = options;
  const home = new URL(options.url);
  home.username = "";
  home.password = "";
  home.hash = "";
  const environment: Environment = options.environment ?? REAL_ENVIRONMENT;
  const http = openHttp({ ...options, home, environment });
  const context: DavContext = { http, service, readItem: options.readItem, environment };
  const readOnly = options.readOnly ?? false;
  const reading = { service, home, idSegment: options.idSegment ?? "last" };
  const memory = new Map<string, KnownCollection>();
  let place: Place | undefined;

  const locate = (signal: AbortSignal): Promise<Place> =>
    discover({
      http,
      service,
      url: home,
      authenticated: options.credentials !== undefined,
      insecure: options.insecure ?? false,
      resolver: options.resolver ?? dnsResolver(),
      environment,
      signal,
    });

  /** Asks all collections, and what is known of each, anew. */
  async function list(signal: AbortSignal): Promise<readonly FoundCollection[]> {
    const fresh = place === undefined;
    const at = place ??= await locate(signal);
    const ask = (url: URL, depth: 0 | 1): Promise<Answered> => {
      const props = collectionProps(service);
      return propfind(http, { url, depth, props, scope: "storage", signal });
    };
    try {
      if (at.type === "homes") {
        const answers = await Promise.all(at.homes.map((url) => ask(url, 1)));
        return readCollections(answers, reading);
      }
      const answer = fresh ? at.answer : await ask(at.answer.url, 0);
      return [readOnlyCollection(answer, reading)];
    } catch (thrown) {
      if (fresh || !(thrown instanceof SyncError) || thrown.kind !== "missing") throw thrown;
      // What was found earlier is gone: perhaps it has moved.
      place = undefined;
      return await list(signal);
    }
  }

  function remember({ collection, url, props }: FoundCollection): Collection {
    const known = memory.get(collection.identity) ?? knownCollection(url, props);
    known.props = props;
    known.freshToken = textOf(props.get(SYNC_TOKEN));
    memory.set(collection.identity, known);
    return collection;
  }

  function recall(collection: Collection, purpose: "read" | "write" = "read"): KnownCollection {
    const found = memory.get(collection.identity);
    // After a write of our own the collection no longer stands where the latest listing saw it.
    if (found !== undefined && purpose === "write") found.freshToken = undefined;
    if (found !== undefined) return found;
    const url = resolveHref(collection.href, home);
    if (url === undefined) throw new SyncError("the collection's href is no url", INTERNAL);
    const known = knownCollection(url, new Map());
    memory.set(collection.identity, known);
    return known;
  }

  async function homes(signal: AbortSignal): Promise<readonly URL[]> {
    const at = place ??= await locate(signal);
    if (at.type === "homes") return at.homes;
    throw new SyncError(`the url is that of a single ${service.noun}`, {
      scope: "storage",
      kind: "refused",
      hint: "To make others beside it, give the url of the account.",
    });
  }

  function mayWrite(): void {
    if (!readOnly) return;
    throw new SyncError("the storage is read-only", { scope: "storage", kind: "forbidden" });
  }

  return {
    name: options.name,
    capabilities: {
      kind: service.kind,
      readOnly,
      properties: Object.keys(service.properties) as PropertyName[],
      conditionalWrites: true,
      keepsUids: false,
      listsChanges: true,
      watches: false,
      rewrites: true,
    },

    check: (signal) =>
      guarded("storage", signal, async () => {
        place = await locate(signal);
      }),

    collections: (signal) =>
      guarded("storage", signal, async () => (await list(signal)).map(remember)),

    holds: (identity) => {
      if (place === undefined) return false;
      if (memory.has(identity)) return true;
      return place.type === "collection"
        ? identity === identityOf(place.answer.url)
        : place.homes.some((url) => identity.startsWith(identityOf(url)));
    },

    createCollection: (id, properties, signal, components = []) =>
      guarded("collection", signal, async () => {
        mayWrite();
        if (safeId(id) !== id) {
          throw new SyncError("that is no name for a collection on a server", {
            scope: "collection",
            kind: "refused",
          });
        }
        let refusal: unknown;
        for (const base of await homes(signal)) {
          const url = new URL(`${encodeURIComponent(id)}/`, withSlash(base));
          try {
            const answer = await makeCollection(context, url, { properties, components }, signal);
            const row = ownRow(answer);
            const made = row && readCollection(row, answer.url, reading);
            if (made === undefined) throw new SyncError("the new collection has no href", INTERNAL);
            const collection = { ...remember(made), id: collectionId(id) };
            recall(collection, "write");
            return collection;
          } catch (thrown) {
            const next = thrown instanceof SyncError && thrown.kind !== "exists" &&
              thrown.scope === "collection";
            if (!next) throw thrown;
            refusal ??= thrown;
          }
        }
        throw refusal ?? new SyncError("the account has no home set", INTERNAL);
      }),

    deleteCollection: (collection, signal) =>
      guarded("collection", signal, async () => {
        mayWrite();
        await removeCollection(context, recall(collection), signal);
        memory.delete(collection.identity);
      }),

    setProperty: (collection, name, value, signal) =>
      guarded("collection", signal, () => {
        mayWrite();
        return patchProperty(context, recall(collection).url, name, value, signal);
      }),

    hrefFor(collection, ident, attempt) {
      const { url } = recall(collection);
      const folder = keepHref(collection.href, url) ?? url.pathname;
      const name = newName(ident, service.extension, attempt);
      return asHref(`${folder.endsWith("/") ? folder : `${folder}/`}${name}`);
    },

    changes: (collection, cursor, signal) =>
      streamed(
        "collection",
        signal,
        () => listChanges(context, recall(collection), cursor, signal),
      ),

    fetch: (collection, hrefs, { signal, ...rest }) =>
      streamed(
        "collection",
        signal,
        () => fetchItems(context, recall(collection), hrefs, { signal, ...rest }),
      ),

    apply: (collection, actions, signal) =>
      streamed(
        "collection",
        undefined,
        () => applyActions(context, recall(collection, "write"), actions, { readOnly, signal }),
      ),

    // CalDAV and CardDAV have nothing to watch.
    async *watch() {},

    close() {
      http.close();
      return Promise.resolve();
    },
  };
}

const INTERNAL = { scope: "collection", kind: "internal" } as const;

function withSlash(url: URL): URL {
  const slashed = new URL(url);
  if (!slashed.pathname.endsWith("/")) slashed.pathname += "/";
  return slashed;
}

/** Runs `work` so that it throws nothing but a {@linkcode SyncError}. */
async function guarded<Value>(
  scope: Scope,
  signal: AbortSignal,
  work: () => Promise<Value> | Value,
): Promise<Value> {
  if (signal.aborted) throw cancelled(signal.reason);
  try {
    return await work();
  } catch (thrown) {
    throw signal.aborted ? cancelled(thrown) : asSyncError(thrown, scope);
  }
}

/** The same for a stream. */
async function* streamed<Value>(
  scope: Scope,
  signal: AbortSignal | undefined,
  work: () => AsyncIterable<Value>,
): AsyncGenerator<Value, void, undefined> {
  if (signal?.aborted) throw cancelled(signal.reason);
  try {
    yield* work();
  } catch (thrown) {
    throw signal?.aborted ? cancelled(thrown) : asSyncError(thrown, scope);
  }
}
