/** A request, as the client takes it, and what is written down of it. */

import type { Repeat } from "./retry.ts";

/** `fetch`, or what a test puts in its place. */
export type Fetch = (
  url: string,
  init: RequestInit & { readonly client?: Deno.HttpClient },
) => Promise<Response>;

/** One request and what came of it, for a log. It never holds headers or bodies. */
export interface HttpLogEntry {
  readonly method: string;
  readonly url: string;
  /** None where there was no answer. */
  readonly status?: number;
  readonly milliseconds: number;
}

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Whether carrying it out twice does harm. */
  readonly repeat: Repeat;
  /** Whether a redirect may lead to another origin. Only for discovery. Default: no. */
  readonly crossOrigin?: boolean;
  /** How many bytes of answer are taken, after decompression. Default: 64 MiB. */
  readonly limit?: number;
  /**
   * Its place among the connections is free for others as soon as the answer begins. For an answer
   * whose reader hands it on piece by piece to somebody who may start requests meanwhile: with the
   * place kept, the two could wait for each other for ever.
   */
  readonly streamed?: boolean;
  readonly signal: AbortSignal;
}
