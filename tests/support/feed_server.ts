/** A web server with a feed, as small as can be. */

export interface FeedServer {
  /** Of the server, without a path: `http://127.0.0.1:40001`. */
  readonly origin: string;
  /** What was asked for, in order. */
  readonly requests: readonly { readonly headers: Headers }[];
  close(): Promise<void>;
}

/** Answers each request with what `answer` makes of it. */
export function serveFeed(
  answer: (request: Request) => Response | Promise<Response>,
): FeedServer {
  const requests: { readonly headers: Headers }[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    requests.push({ headers: new Headers(request.headers) });
    return answer(request);
  });
  return {
    origin: `http://127.0.0.1:${server.addr.port}`,
    requests,
    close: () => server.shutdown(),
  };
}
