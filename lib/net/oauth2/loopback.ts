/** A page on this machine that the browser comes back to (RFC 8252 section 7.3). */

import { cancelled, SyncError } from "../../model/error.ts";

export interface Loopback {
  /** Where the browser is to be sent. */
  readonly redirectUri: string;
  /** What it brought along, once it has come back with this state. */
  comeBack(signal: AbortSignal): Promise<URLSearchParams>;
  close(): Promise<void>;
}

/** How long the person may take, in milliseconds. */
const PATIENCE = 10 * 60_000;

const page = (title: string, text: string, status: number) =>
  new Response(
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title>` +
      `<body style="font-family: sans-serif; margin: 4em"><h1>${title}</h1><p>${text}</p>`,
    {
      status,
      headers: {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
        // What stands in the address is good for a token.
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
      },
    },
  );

/** Listens on a free port of 127.0.0.1. What does not bring `state` along is not from the browser. */
export function openLoopback(state: string): Loopback {
  const { promise, resolve } = Promise.withResolvers<URLSearchParams>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const url = new URL(request.url);
    const here = request.method === "GET" && url.pathname === "/" &&
      url.hostname === "127.0.0.1" && url.searchParams.get("state") === state;
    if (!here) return page("Nothing here", "This page waits for a login.", 404);
    resolve(url.searchParams);
    return url.searchParams.has("error")
      ? page("Not logged in", "The terminal says why. You can close this page.", 200)
      : page("Thank you", "The rest is done in the terminal. You can close this page.", 200);
  });
  return {
    redirectUri: `http://127.0.0.1:${server.addr.port}/`,
    async comeBack(signal) {
      const late = Promise.withResolvers<never>();
      const stop = () => late.reject(cancelled(signal.reason));
      signal.addEventListener("abort", stop, { once: true });
      if (signal.aborted) stop();
      const timer = setTimeout(() => {
        late.reject(
          new SyncError("nobody came back from the browser for ten minutes", {
            scope: "storage",
            kind: "unauthorised",
            hint: "On another machine than this one, log in with --device.",
          }),
        );
      }, PATIENCE);
      try {
        return await Promise.race([promise, late.promise]);
      } finally {
        clearTimeout(timer);
        signal.removeEventListener("abort", stop);
      }
    },
    async close() {
      await server.shutdown();
    },
  };
}
