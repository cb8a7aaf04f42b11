/**
 * `fetch` over connections of our own: for servers whose certificate is checked in a way that the
 * runtime's `fetch` does not know, and for Unix sockets. One request at a time on each connection.
 */

import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import type { Fetch } from "./request.ts";
import { type Head, readBody, readHead, requestHead, type Source } from "./wire.ts";

/** Opens a connection that may be written to: whatever is to be checked of it was checked. */
export type Connect = (url: URL, signal: AbortSignal) => Promise<Duplex>;

export interface OwnFetch {
  readonly fetch: Fetch;
  /** Closes the connections that are not in use. */
  close(): void;
}

/** How long a connection may have been unused and still be used again, in milliseconds. */
const MAX_IDLE = 15_000;

interface Connection {
  readonly socket: Duplex;
  readonly source: Source;
  /** Whether it came to its end, or something came that nobody had asked for. */
  isSpent(): boolean;
}

interface Idle {
  readonly connection: Connection;
  readonly since: number;
}

/** Keeps up to `places` connections for further requests to each origin. */
export function ownFetch(connect: Connect, places: number): OwnFetch {
  const idle = new Map<string, Idle[]>();
  let closed = false;

  function reuse(origin: string): Connection | undefined {
    const list = idle.get(origin) ?? [];
    for (let last = list.pop(); last !== undefined; last = list.pop()) {
      const usable = performance.now() - last.since < MAX_IDLE && !last.connection.isSpent();
      if (usable) return last.connection;
      last.connection.socket.destroy();
    }
    return undefined;
  }

  function keep(origin: string, connection: Connection): void {
    const list = idle.get(origin) ?? [];
    idle.set(origin, list);
    const unsent = connection.socket.writableLength > 0;
    if (closed || unsent || connection.isSpent() || list.length >= places) {
      connection.socket.destroy();
    } else {
      list.push({ connection, since: performance.now() });
    }
  }

  async function request(text: string, init: Parameters<Fetch>[1]): Promise<Response> {
    const url = new URL(text);
    const { signal } = init;
    signal?.throwIfAborted();
    const method = init.method ?? "GET";
    const body = bytesOf(init.body);
    const { headers, decodes } = headersFor(url, method, init.headers, body);
    const head = requestHead(method, url.pathname + url.search, headers);
    const connection = reuse(url.origin) ??
      connectionOver(await connect(url, signal ?? new AbortController().signal));
    const { socket } = connection;
    const stop = () => socket.destroy(new DOMException("stopped", "AbortError"));
    signal?.addEventListener("abort", stop, { once: true });
    const done = (reusable: boolean) => {
      signal?.removeEventListener("abort", stop);
      if (reusable) keep(url.origin, connection);
      else socket.destroy();
    };
    try {
      signal?.throwIfAborted();
      // In one piece, so that the second does not wait for the first to be confirmed.
      socket.write(body === undefined ? head : Buffer.concat([head, body]));
      const answer = await readHead(connection.source, method);
      return responseOf(answer, connection.source, decodes, done);
    } catch (thrown) {
      done(false);
      throw thrown;
    }
  }

  return {
    fetch: request,
    close() {
      closed = true;
      for (const list of idle.values()) {
        for (const { connection } of list.splice(0)) connection.socket.destroy();
      }
    },
  };
}

function bytesOf(body: BodyInit | null | undefined): Uint8Array | undefined {
  if (body === null || body === undefined) return undefined;
  if (typeof body === "string") return new TextEncoder().encode(body);
  if (body instanceof Uint8Array) return body;
  throw new TypeError("a body is a text or bytes");
}

function headersFor(
  url: URL,
  method: string,
  given: HeadersInit | undefined,
  body: Uint8Array | undefined,
): { readonly headers: readonly (readonly [string, string])[]; readonly decodes: boolean } {
  const headers = new Headers(given);
  const decodes = !headers.has("accept-encoding");
  if (decodes) headers.set("accept-encoding", "gzip");
  if (!headers.has("accept")) headers.set("accept", "*/*");
  const length = body?.byteLength ?? (/^(?:PUT|POST)$/.test(method) ? 0 : undefined);
  if (length !== undefined) headers.set("content-length", String(length));
  return { headers: [["host", url.host], ...headers], decodes };
}

function responseOf(
  { status, headers, framing, keepsAlive }: Head,
  source: Source,
  decodes: boolean,
  done: (reusable: boolean) => void,
): Response {
  const empty = framing.type === "none" || (framing.type === "length" && framing.length === 0);
  // A Response with these statuses has no body, whatever comes.
  if (empty || status === 205) {
    done(keepsAlive && empty);
    return new Response(null, { status, headers });
  }
  const chunks = readBody(source, framing);
  let open = true;
  const end = (reusable: boolean) => {
    if (open) done(reusable);
    open = false;
  };
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      try {
        const next = await chunks.next();
        if (next.done) {
          end(keepsAlive);
          controller.close();
        } else controller.enqueue(new Uint8Array(next.value));
      } catch (thrown) {
        end(false);
        controller.error(thrown);
      }
    },
    cancel() {
      end(false);
    },
  }, { highWaterMark: 0 });
  const zipped = decodes && headers.get("content-encoding")?.toLowerCase() === "gzip";
  if (zipped) {
    headers.delete("content-encoding");
    headers.delete("content-length");
  }
  const body = zipped ? stream.pipeThrough(new DecompressionStream("gzip")) : stream;
  return new Response(body, { status, headers });
}

/** Reads a socket piece by piece, no faster than somebody asks. */
function connectionOver(socket: Duplex): Connection {
  let failure: unknown;
  let ended = false;
  let put: Uint8Array | undefined;
  let wake = () => {};
  const woken = () => wake();
  socket.on("readable", woken);
  socket.on("end", () => {
    ended = true;
    wake();
  });
  socket.on("close", () => {
    ended = true;
    wake();
  });
  socket.on("error", (thrown) => {
    failure ??= thrown;
    wake();
  });
  return {
    socket,
    isSpent: () =>
      ended || failure !== undefined || put !== undefined || socket.destroyed ||
      socket.readableLength > 0,
    source: {
      async read() {
        if (put !== undefined) {
          const bytes = put;
          put = undefined;
          return bytes;
        }
        for (;;) {
          const bytes: Uint8Array | null = socket.read();
          if (bytes !== null) return bytes;
          if (failure !== undefined) throw failure;
          if (ended) return undefined;
          const { promise, resolve } = Promise.withResolvers<void>();
          wake = resolve;
          await promise;
        }
      },
      unread(bytes) {
        put = bytes;
      },
    },
  };
}
