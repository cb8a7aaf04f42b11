/**
 * A CalDAV and CardDAV server in memory, for tests and measurements: quick, on the loopback alone,
 * with switches for what real servers get wrong and a log of what was asked.
 *
 * By itself: deno run -A tests/support/dav_server.ts [--port N] [--latency MS] [--user U --password P]
 * It prints one line with its url, and runs until a signal ends it.
 */

import { answers } from "./dav_answers.ts";
import { ADDRESSBOOKS, CALENDARS, handle, PRINCIPAL } from "./dav_methods.ts";
import type { DavQuirks, DavRequest } from "./dav_quirks.ts";
import { DavStore, type StoredCollection } from "./dav_store.ts";

export { ADDRESSBOOKS, CALENDARS, PRINCIPAL };
export type { DavQuirks, DavRequest };

/** One request and its answer. */
export interface LoggedRequest extends DavRequest {
  readonly status: number;
}

export interface DavServerOptions {
  /** Default: any that is free. */
  readonly port?: number;
  /** Where set, every request needs these. */
  readonly credentials?: { readonly username: string; readonly password: string };
  /** For TLS, in PEM. */
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly quirks?: DavQuirks;
}

export interface DavServer {
  /** Without a slash at its end. */
  readonly origin: string;
  readonly store: DavStore;
  /** What it gets wrong from now on. */
  quirks: DavQuirks;
  /** Everything that was asked, the oldest first. */
  readonly requests: LoggedRequest[];
  /** How many requests were under way at once at most. */
  readonly peak: number;
  /** Adds a calendar, or an address book, to the user's. */
  addCalendar(name: string): StoredCollection;
  addAddressbook(name: string): StoredCollection;
  /** How many requests of each method there were; `PROPFIND 1` and the like tell of their depth. */
  counts(): Readonly<Record<string, number>>;
  close(): Promise<void>;
}

/** Starts a server. */
export function startDavServer(options: DavServerOptions = {}): DavServer {
  const store = new DavStore();
  const requests: LoggedRequest[] = [];
  let quirks = options.quirks ?? {};
  let number = 0;
  let underWay = 0;
  let peak = 0;
  const { credentials, tls } = options;
  const wanted = credentials === undefined ? undefined : `Basic ${
    btoa(
      String.fromCharCode(
        ...new TextEncoder().encode(`${credentials.username}:${credentials.password}`),
      ),
    )
  }`;

  async function answered(request: DavRequest): Promise<Response> {
    const { latency, fault } = quirks;
    if (latency !== undefined && latency > 0) {
      await new Promise((resolve) => setTimeout(resolve, latency));
    }
    const faulty = await fault?.(request);
    if (faulty !== undefined) return faulty;
    if (wanted !== undefined && request.headers.get("authorization") !== wanted) {
      return new Response("who are you?", {
        status: 401,
        headers: { "www-authenticate": 'Basic realm="dav"' },
      });
    }
    const wellKnown = /^\/\.well-known\/(?:caldav|carddav)$/.test(request.path);
    if (wellKnown) return new Response(null, { status: 301, headers: { location: "/" } });
    return handle({ store, quirks, answers: answers(origin, quirks), request });
  }

  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: options.port ?? 0,
    onListen() {},
    ...(tls === undefined ? {} : tls),
  }, async (raw) => {
    peak = Math.max(peak, ++underWay);
    try {
      const body = raw.body === null ? new Uint8Array() : await raw.bytes();
      const request: DavRequest = {
        method: raw.method,
        path: new URL(raw.url).pathname,
        headers: raw.headers,
        body,
        text: new TextDecoder().decode(body),
        number: ++number,
      };
      const plain = await answered(request);
      const response = await quirks.alter?.(request, plain) ?? plain;
      requests.push({ ...request, status: response.status });
      return response;
    } finally {
      underWay--;
    }
  });
  const origin = `${tls === undefined ? "http" : "https"}://127.0.0.1:${server.addr.port}`;

  return {
    origin,
    store,
    requests,
    get quirks() {
      return quirks;
    },
    set quirks(value) {
      quirks = value;
    },
    get peak() {
      return peak;
    },
    addCalendar: (name) => store.add(`${CALENDARS}${encodeURIComponent(name)}/`, "calendar"),
    addAddressbook: (name) =>
      store.add(`${ADDRESSBOOKS}${encodeURIComponent(name)}/`, "addressbook"),
    counts() {
      const counts: Record<string, number> = {};
      for (const { method, headers } of requests) {
        const key = method === "PROPFIND" ? `PROPFIND ${headers.get("depth") ?? "?"}` : method;
        counts[key] = (counts[key] ?? 0) + 1;
      }
      return counts;
    },
    close: () => server.shutdown(),
  };
}

function argument(name: string): string | undefined {
  const at = Deno.args.indexOf(`--${name}`);
  return at < 0 ? undefined : Deno.args[at + 1];
}

if (import.meta.main) {
  const username = argument("user");
  const server = startDavServer({
    port: Number(argument("port") ?? 0),
    quirks: { latency: Number(argument("latency") ?? 0) },
    ...(username === undefined
      ? {}
      : { credentials: { username, password: argument("password") ?? "" } }),
  });
  server.addCalendar("calendar");
  server.addAddressbook("contacts");
  console.log(`listening on ${server.origin}/`);
  // The log is for tests in the same process: a measurement of thousands would fill the memory.
  setInterval(() => server.requests.splice(0), 1_000);
}
