/**
 * Discovery: from the url of the configuration to where the collections are (RFC 6764, RFC 5397,
 * RFC 4791 section 6.2, RFC 6352 section 7.1).
 *
 * The url may be a server's root, a principal, a home set or a single collection: it is asked what
 * it is. Only where that leads nowhere are the well-known url and then the DNS asked.
 */

import { SyncError } from "../../model/error.ts";
import type { Environment } from "../environment.ts";
import type { HttpClient } from "../http/client.ts";
import { requireSafe } from "../http/trust.ts";
import { collectionProps, isCollectionOf, ownRow, requireType, Untold } from "./collections.ts";
import { type DnsResolver, pathIn, saysNone, srvOrder } from "./dns.ts";
import { isWithin, pathKey, resolveHref } from "./href.ts";
import { childOf, type DavResponse, hrefsIn } from "./multistatus.ts";
import { CURRENT_USER_PRINCIPAL, dav } from "./names.ts";
import { type Answered, propfind } from "./requests.ts";
import type { DavService } from "./service.ts";

/** Where the collections are. */
export type Place =
  /** The url is one collection, and what was asked of it already. */
  | { readonly type: "collection"; readonly answer: Answered }
  /** They are what these contain. */
  | { readonly type: "homes"; readonly homes: readonly URL[] };

export interface DiscoverOptions {
  readonly http: HttpClient;
  readonly service: DavService;
  /** The url of the configuration. */
  readonly url: URL;
  /** Whether credentials are sent. */
  readonly authenticated: boolean;
  readonly insecure: boolean;
  readonly resolver: DnsResolver;
  readonly environment: Environment;
  readonly signal: AbortSignal;
}

interface Look {
  readonly answer: Answered;
  readonly row: DavResponse | undefined;
}

/** Finds the place. Throws `missing` with scope storage where there is none. */
export async function discover(options: DiscoverOptions): Promise<Place> {
  const { service, url } = options;
  const failures: SyncError[] = [];
  // What is tried later must not hide that the url itself cannot be reached or lets nobody in.
  const tried = async (attempt: URL): Promise<Place | undefined> => {
    try {
      return await examine(attempt, options);
    } catch (thrown) {
      if (!(thrown instanceof SyncError) || !mayGoOn(thrown)) throw thrown;
      failures.push(thrown);
      return undefined;
    }
  };

  let place = await tried(url);
  const reached = failures.every(({ kind }) => kind !== "unreachable");
  const wellKnown = new URL(`/.well-known/${service.name}`, url);
  if (place === undefined && reached) place = await tried(wellKnown);
  if (place === undefined) {
    for await (const candidate of namedByDns(options, failures)) {
      place = await tried(candidate);
      if (place !== undefined) break;
    }
  }
  if (place === undefined && reached) place = await emptyHome(options);
  if (place !== undefined) return place;

  const first = failures[0];
  // What may go by, or is a matter of rights, says nothing about whether there are any.
  const telling = first?.kind === "unreachable" || first?.kind === "forbidden" || first?.retry;
  if (first !== undefined && telling === true) throw first;
  throw new SyncError(`no ${service.noun}s are to be found at ${url.href}`, {
    scope: "storage",
    kind: "missing",
    hint: "Ask the provider for the url, or copy the one that another program uses.",
    cause: first,
  });
}

function mayGoOn(error: SyncError): boolean {
  return !(error instanceof Untold) && error.kind !== "unauthorised" &&
    error.kind !== "cancelled" && error.kind !== "internal";
}

async function look(url: URL, options: DiscoverOptions): Promise<Look> {
  const { http, service, signal } = options;
  const props = [CURRENT_USER_PRINCIPAL, service.homeSet, ...collectionProps(service)];
  const answer = await propfind(http, {
    url,
    depth: 0,
    props,
    scope: "storage",
    crossOrigin: true,
    signal,
  });
  return { answer, row: ownRow(answer) };
}

/** What `url` leads to, whatever it is. */
async function examine(url: URL, options: DiscoverOptions): Promise<Place | undefined> {
  const { service } = options;
  const here = await look(url, options);
  if (here.row !== undefined && isCollectionOf(service, here.row)) {
    return { type: "collection", answer: here.answer };
  }
  const own = homesIn(here, options);
  // It may well be the one collection that is meant, and all others are none of ours then.
  if (url === options.url && url.pathname !== "/" && own.length === 0 && here.row !== undefined) {
    requireType(here.row, here.answer.url);
  }
  if (own.length > 0) return { type: "homes", homes: own };

  const base = here.answer.url;
  const principal = principalIn(here, options);
  if (principal !== undefined) {
    const there = await look(principal, options);
    const homes = homesIn(there, options);
    // A url above the home set, such as the server's root, means just that home set. Another one
    // was written on purpose: somebody else's home set, say, that is shared with this account.
    const meant = homes.some((home) => home.origin !== base.origin) ||
      homes.some((home) => isWithin(home.pathname, base.pathname));
    if (homes.length > 0 && meant) return { type: "homes", homes };
    if (await holdsCollections(base, options)) return { type: "homes", homes: [base] };
    if (homes.length > 0) return { type: "homes", homes };
    if (await holdsCollections(principal, options)) return { type: "homes", homes: [principal] };
    return undefined;
  }
  // Some servers have no principals (Synology): then the url is taken for a home set.
  return await holdsCollections(base, options) ? { type: "homes", homes: [base] } : undefined;
}

function homesIn({ answer, row }: Look, { service }: DiscoverOptions): readonly URL[] {
  const homes = new Map<string, URL>();
  for (const href of hrefsIn(row?.props.get(service.homeSet))) {
    const home = resolveHref(href, answer.url);
    if (home !== undefined) homes.set(home.origin + pathKey(home.pathname), home);
  }
  return [...homes.values()];
}

function principalIn({ answer, row }: Look, options: DiscoverOptions): URL | undefined {
  const property = row?.props.get(CURRENT_USER_PRINCIPAL);
  if (childOf(property, dav("unauthenticated")) !== undefined && options.authenticated) {
    throw new SyncError(`${answer.url.host} took the request as one without a login`, {
      scope: "storage",
      kind: "unauthorised",
      hint: "Check username and password.",
    });
  }
  // An empty href is as good as none (DavMail).
  const href = hrefsIn(property)[0];
  const principal = href === undefined ? undefined : resolveHref(href, answer.url);
  if (principal === undefined || principal.href === answer.url.href) return undefined;
  return principal;
}

async function holdsCollections(url: URL, options: DiscoverOptions): Promise<boolean> {
  const { http, service, signal } = options;
  const props = collectionProps(service);
  const answer = await propfind(http, {
    url,
    depth: 1,
    props,
    scope: "storage",
    crossOrigin: true,
    signal,
  });
  return answer.responses.some((row) => isCollectionOf(service, row));
}

/**
 * The url as a home set that holds nothing yet. What tells it from any other folder is the server's
 * own word that it speaks the protocol there; not all that do say so, so it counts only for this.
 */
async function emptyHome(options: DiscoverOptions): Promise<Place | undefined> {
  const { http, service, url, signal } = options;
  const speaks = await http.exchange(
    { method: "OPTIONS", url, repeat: "safe", crossOrigin: true, signal },
    (answer) => {
      const classes = (answer.headers.get("dav") ?? "").split(",").map((name) => name.trim());
      return Promise.resolve(answer.status < 300 && classes.includes(service.davClass));
    },
  );
  if (!speaks) return undefined;
  const { answer, row } = await look(url, options);
  const isFolder = childOf(row?.props.get(dav("resourcetype")), dav("collection")) !== undefined;
  return isFolder ? { type: "homes", homes: [answer.url] } : undefined;
}

/** The urls that the DNS names for the url's host, those with TLS first. */
async function* namedByDns(
  options: DiscoverOptions,
  failures: SyncError[],
): AsyncGenerator<URL, void, undefined> {
  const { service, url, insecure, resolver, environment, signal } = options;
  const host = url.hostname;
  // An address has no records, and a path was not meant for another host.
  if (/^[\d.]+$|^\[|^localhost$/.test(host) || url.pathname.length > 1) return;
  for (const [scheme, name] of [["https", `${service.name}s`], ["http", service.name]] as const) {
    if (scheme === "http" && !insecure) return;
    const domain = `_${name}._tcp.${host}`;
    const asked = async <Value>(lookup: Promise<readonly Value[]>): Promise<readonly Value[]> => {
      try {
        return await lookup;
      } catch (thrown) {
        // The DNS is asked last: that it does not answer is worth saying only after all else.
        failures.push(dnsSilent(host, thrown));
        return [];
      }
    };
    const records = await asked(resolver.srv(domain, signal));
    if (saysNone(records)) {
      throw new SyncError(`${host} says that it has no ${service.noun}s`, {
        scope: "storage",
        kind: "missing",
        hint: "Ask the provider for the url.",
      });
    }
    if (records.length === 0) continue;
    const texts = await asked(resolver.txt(domain, signal));
    const path = pathIn(texts) ?? `/.well-known/${service.name}`;
    for (const { target, port } of srvOrder(records, environment.random)) {
      const candidate = `${scheme}://${target.replace(/\.$/, "")}:${port}${path}`;
      if (!URL.canParse(candidate)) continue;
      requireSafe(new URL(candidate), insecure);
      yield new URL(candidate);
    }
  }
}

function dnsSilent(host: string, cause: unknown): SyncError {
  return new SyncError(`the DNS could not be asked about ${host}`, {
    scope: "storage",
    kind: "unreachable",
    retry: true,
    cause,
  });
}
