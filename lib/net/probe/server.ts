/** What a server says of itself, besides what it says of its collections. */

import type { HttpClient } from "../http/client.ts";

export interface ServerFacts {
  /** The status of the answer. */
  readonly status: number;
  /** By how much the server's clock is ahead of ours, in milliseconds; negative if it is behind. */
  readonly clock?: number;
  /** What its DAV header lists (RFC 4918 section 10.1). Not all list everything that they speak. */
  readonly classes: readonly string[];
}

/**
 * Asks with one request: OPTIONS of a DAV server, HEAD of any other. What the status is makes no
 * difference; throws as {@linkcode HttpClient.exchange} does where there is no answer.
 */
export async function probeServer(
  http: HttpClient,
  { url, method, now, signal }: {
    readonly url: URL;
    readonly method: "OPTIONS" | "HEAD";
    readonly now: () => number;
    readonly signal: AbortSignal;
  },
): Promise<ServerFacts> {
  const begun = now();
  const request = { method, url, repeat: "safe", crossOrigin: true, signal } as const;
  return await http.exchange(request, ({ status, headers }) => {
    const clock = clockIn(headers, (begun + now()) / 2);
    const classes = (headers.get("dav") ?? "").split(",").map((it) => it.trim().slice(0, 100));
    return Promise.resolve({
      status,
      ...(clock === undefined ? {} : { clock }),
      classes: classes.filter((it) => it !== "").slice(0, 100),
    });
  });
}

/** The Date header counts whole seconds (RFC 9110 section 6.6.1): half of one is added. */
function clockIn(headers: Headers, ours: number): number | undefined {
  const theirs = Date.parse(headers.get("date") ?? "");
  if (Number.isNaN(theirs)) return undefined;
  // What a cache kept for a while says what time it was then (RFC 9111 section 5.1).
  const age = Number(headers.get("age") ?? 0);
  return theirs + 500 + (Number.isFinite(age) ? age * 1_000 : 0) - ours;
}
