/** A small HTTP client: our own redirects, limits, time-outs, retries and number of connections. */

import { cancelled, SyncError } from "../../model/error.ts";
import { type Environment, REAL_ENVIRONMENT } from "../environment.ts";
import { semaphore } from "../semaphore.ts";
import { type HttpAnswer, send, type Sender } from "./answer.ts";
import { authenticator, type Credentials } from "./auth.ts";
import { HttpError } from "./error.ts";
import type { OwnFetch } from "./own_fetch.ts";
import { namesPlainProxy } from "./proxy.ts";
import { isRedirect, nextHop } from "./redirect.ts";
import type { Fetch, HttpLogEntry, HttpRequest } from "./request.ts";
import { delayBefore } from "./retry.ts";
import type { TlsOptions } from "./tls.ts";
import { isLoopback, mayAuthenticate, requireSafe, requireSame } from "./trust.ts";

export interface HttpOptions {
  /** The url of the configuration: to it, and to what it may stand for, the credentials are shown. */
  readonly home: URL;
  readonly credentials?: Credentials | undefined;
  /** How many requests may be under way at once. Default: 8. */
  readonly connections?: number;
  /** How long nothing may move before a request is given up, in milliseconds. Default: 60,000. */
  readonly timeout?: number;
  /** Allows http:// to other machines. */
  readonly insecure?: boolean;
  readonly userAgent: string;
  readonly tls?: TlsOptions | undefined;
  /** The path of a Unix socket to connect to, whatever host the url names. */
  readonly socket?: string | undefined;
  readonly log?: (entry: HttpLogEntry) => void;
  readonly fetch?: Fetch;
  readonly environment?: Environment;
}

export interface HttpClient {
  /** How many requests may be under way at once. */
  readonly connections: number;
  /**
   * Sends a request and gives the answer, whatever its status, to `consume`. Where that throws, or
   * the answer does not come or is cut short, the request is repeated as far as that does no harm:
   * `consume` may then be called again. Throws {@linkcode SyncError}: `unreachable` with scope
   * storage where there is no answer, `cancelled` once the signal has fired.
   */
  exchange<Value>(
    request: HttpRequest,
    consume: (answer: HttpAnswer) => Promise<Value>,
  ): Promise<Value>;
  close(): void;
}

const DEFAULT_CONNECTIONS = 8;
const DEFAULT_TIMEOUT = 60_000;
const DEFAULT_LIMIT = 64 * 1024 * 1024;

/**
 * What sends the requests: the runtime's `fetch` with its pool of connections, or our own where it
 * cannot check what is to be checked.
 */
function transport(options: HttpOptions, connections: number): OwnFetch {
  const { tls = {}, socket } = options;
  if (options.fetch !== undefined) return { fetch: options.fetch, close() {} };
  // The runtime's fetch would show a proxy what is for this machine only, and in the clear.
  const hidden = options.home.protocol === "http:" && isLoopback(options.home) && namesPlainProxy();
  const { roots, fingerprint } = tls;
  if (roots !== undefined || fingerprint !== undefined || socket !== undefined || hidden) {
    return loadedLater(async () => {
      const { connector } = await import("./connect.ts");
      const { ownFetch } = await import("./own_fetch.ts");
      return ownFetch(connector(tls, socket), connections);
    });
  }
  const { identity } = tls;
  const client = Deno.createHttpClient({
    poolMaxIdlePerHost: connections,
    ...(identity === undefined ? {} : { cert: identity.certificate, key: identity.key }),
  });
  return { fetch: (url, init) => fetch(url, { ...init, client }), close: () => client.close() };
}

/** What only few need is loaded with the first request: `node:tls` costs time to start. */
function loadedLater(load: () => Promise<OwnFetch>): OwnFetch {
  let loaded: Promise<OwnFetch> | undefined;
  return {
    fetch: async (url, init) => (await (loaded ??= load())).fetch(url, init),
    // One that could not be loaded has nothing to close; its requests have said so.
    close: () => void loaded?.then((it) => it.close(), () => {}),
  };
}

/** Opens a client. It connects to nothing before the first request. */
export function openHttp(options: HttpOptions): HttpClient {
  const connections = options.connections ?? DEFAULT_CONNECTIONS;
  const timeout = options.timeout ?? DEFAULT_TIMEOUT;
  const environment = options.environment ?? REAL_ENVIRONMENT;
  const places = semaphore(connections);
  const auth = options.credentials && authenticator(options.credentials);
  const { fetch, close } = transport(options, connections);
  const credentialsUse = options.credentials?.method === "bearer" ? "token" : "sent";
  const answered = new Set<string>();
  const sender: Sender = {
    fetch,
    timeout,
    now: environment.now,
    ...(options.log === undefined ? {} : { log: options.log }),
  };

  async function once<Value>(
    request: HttpRequest,
    consume: (answer: HttpAnswer) => Promise<Value>,
  ): Promise<Value> {
    let url = request.url;
    let hops = 0;
    let renewed = false;
    for (;;) {
      if (options.socket === undefined) requireSafe(url, options.insecure ?? false);
      else requireSame(url, options.home);
      const shown = auth !== undefined && mayAuthenticate(options.home, url);
      const login = shown ? await auth.login(request.method, url, request.signal) : undefined;
      const answer = await send(sender, {
        ...request,
        url,
        credentials: shown ? credentialsUse : auth === undefined ? "none" : "withheld",
        ...(login === undefined ? {} : { login }),
        stranger: !answered.has(url.origin),
        limit: request.limit ?? DEFAULT_LIMIT,
        headers: { "user-agent": options.userAgent, ...request.headers },
      });
      answered.add(url.origin);
      try {
        if (login !== undefined && answer.status !== 401) auth?.accepted(url, answer.headers);
        if (login !== undefined && answer.status === 401 && !renewed) {
          // To ask first what the server wants does not count: nothing was refused then.
          renewed = login.header !== undefined;
          if (await auth?.refused(login, url, answer.headers, request.signal)) continue;
        }
        if (!isRedirect(answer.status)) return await consume(answer);
        const location = answer.headers.get("location");
        url = nextHop(url, location, { crossOrigin: request.crossOrigin ?? false, hops });
        hops++;
      } finally {
        await answer.finish();
      }
    }
  }

  return {
    connections,

    async exchange(request, consume) {
      const begun = environment.now();
      for (let tries = 1;; tries++) {
        const leave = await places.take(request.signal);
        let error: SyncError;
        try {
          return await once(request, (answer) => {
            if (request.streamed === true) leave();
            return consume(answer);
          });
        } catch (thrown) {
          if (request.signal.aborted) throw cancelled(thrown);
          if (!(thrown instanceof SyncError)) throw thrown;
          error = thrown;
        } finally {
          leave();
        }
        const delay = refusedByStranger(error, request.url) ? undefined : delayBefore(
          error,
          request.repeat,
          {
            tries,
            elapsed: environment.now() - begun,
            patience: 2 * timeout,
            random: environment.random,
          },
        );
        if (delay === undefined) throw error;
        await environment.sleep(delay, request.signal);
      }
    },

    close,
  };

  /** A host that refuses connections is worth another try only if it took some before. */
  function refusedByStranger(error: SyncError, url: URL): boolean {
    return error.kind === "unreachable" && !answered.has(url.origin) &&
      error instanceof HttpError && error.again === "always";
  }
}

export type { HttpAnswer, TlsOptions };
