/** Sends one request and gives back its answer, whose body is watched while it is read. */

import { cancelled, type Scope, SyncError } from "../../model/error.ts";
import { type Login, withoutLogin } from "./auth.ts";
import { bodyTooLarge, collected, limited, watchdog } from "./body.ts";
import type { HttpError } from "./error.ts";
import { tooSlow, unreachable } from "./reason.ts";
import type { Fetch, HttpLogEntry, HttpRequest } from "./request.ts";
import { parseRetryAfter } from "./retry.ts";
import { type CredentialsUse, statusError } from "./status.ts";

/** An answer. Its body can be read once. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Where it came from in the end, after redirects. */
  readonly url: URL;
  /** The body, decompressed, as it comes; throws `unreachable` if it is cut short. */
  chunks(): AsyncIterable<Uint8Array>;
  /** The whole body. */
  bytes(): Promise<Uint8Array>;
  /** The first part of the body as text, for an error message or its markup. */
  beginning(): Promise<string>;
  /** The error that this status stands for, with what the body says. */
  failure(scope: Scope, text?: string): Promise<HttpError>;
  /** Reads what is left, or drops it, so that the connection can go on. Never throws. */
  finish(): Promise<void>;
}

export interface Sender {
  readonly fetch: Fetch;
  readonly timeout: number;
  readonly now: () => number;
  readonly log?: (entry: HttpLogEntry) => void;
}

export interface Sending extends HttpRequest {
  readonly limit: number;
  readonly credentials: CredentialsUse;
  /** What goes with it of those. */
  readonly login?: Login;
  /** Whether this host has not answered anything yet. */
  readonly stranger: boolean;
}

/** How much of an error's body is looked at, in bytes. */
const BEGINNING = 65_536;
/** What moves may move slowly, but not for ever: the longest time of one answer, in milliseconds. */
const LONGEST = 3_600_000;
/** How slow a way up may be: a second more is given for each so many bytes. */
const UPLOAD_RATE = 16_384;

/** Sends `request` and resolves once the answer's headers are there. */
export async function send(sender: Sender, request: Sending): Promise<HttpAnswer> {
  const { method, url, signal, limit } = request;
  if (signal.aborted) throw cancelled(signal.reason);
  const begun = performance.now();
  const controller = new AbortController();
  const stop = () => controller.abort(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  const size = typeof request.body === "string"
    ? request.body.length
    : request.body?.byteLength ?? 0;
  let slow = false;
  const patience = sender.timeout + 1_000 * Math.floor(size / UPLOAD_RATE);
  const guard = (ms: number) =>
    watchdog(ms, () => {
      slow = true;
      controller.abort();
    });
  const reason = (thrown: unknown): SyncError => {
    if (signal.aborted) return cancelled(thrown);
    if (thrown instanceof SyncError) return thrown;
    if (!slow) return unreachable(thrown, url);
    return tooSlow(url, sender.timeout, request.stranger ? "never" : "safe", thrown);
  };
  const log = (status?: number) =>
    sender.log?.({
      method,
      url: url.href,
      ...(status === undefined ? {} : { status }),
      milliseconds: Math.round(performance.now() - begun),
    });

  const waiting = guard(patience);
  let response: Response;
  try {
    response = await sender.fetch(url.href, {
      method,
      redirect: "manual",
      signal: controller.signal,
      headers: {
        ...request.headers,
        ...(request.login?.header === undefined ? {} : { authorization: request.login.header }),
      },
      ...(request.body === undefined ? {} : { body: request.body as BodyInit }),
    });
    log(response.status);
  } catch (thrown) {
    signal.removeEventListener("abort", stop);
    log();
    throw reason(thrown);
  } finally {
    waiting.stop();
  }

  let opened: ReadableStreamDefaultReader<Uint8Array> | undefined;
  const opening = () => opened ??= decoded(response, request).getReader();
  async function* chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    if (response.body === null) return;
    const reader = opening();
    const moving = guard(sender.timeout);
    try {
      while (true) {
        const { done, value } = await reader.read();
        if (done) return;
        if (performance.now() - begun > LONGEST) throw tooSlow(url, LONGEST, "never");
        // Whoever reads these chunks may take its time: that is not the server's standing still.
        moving.pause();
        yield value;
        moving.moved();
      }
    } catch (thrown) {
      throw thrown instanceof SyncError ? thrown : reason(thrown);
    } finally {
      moving.stop();
    }
  }

  const counted = () => limited(chunks(), limit, () => bodyTooLarge(url, limit));
  async function beginning(): Promise<string> {
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of chunks()) {
      parts.push(chunk.subarray(0, BEGINNING - size));
      size += chunk.byteLength;
      if (size >= BEGINNING) break;
    }
    const text = new TextDecoder().decode(await collected(iterated(parts)));
    return withoutLogin(text, request.login);
  }

  return {
    status: response.status,
    headers: response.headers,
    url,
    chunks: counted,
    bytes: () => collected(counted()),
    beginning,
    async failure(scope, text) {
      const retryAfter = parseRetryAfter(response.headers.get("retry-after"), sender.now());
      return statusError({
        status: response.status,
        url,
        text: text ?? await beginning(),
        credentials: request.credentials,
        offered: response.headers.get("www-authenticate"),
        ...(retryAfter === undefined ? {} : { retryAfter }),
      }, scope);
    },
    async finish() {
      signal.removeEventListener("abort", stop);
      if (response.body === null) return;
      try {
        // There is nothing to read, and finding that out would take a buffer of 64 KiB each time.
        if (opened === undefined && response.headers.get("content-length") === "0") {
          return await response.body.cancel();
        }
        let left = BEGINNING;
        for await (const chunk of chunks()) {
          left -= chunk.byteLength;
          if (left < 0) break;
        }
        if (left < 0) await opening().cancel();
      } catch {
        // Whoever read this answer had all that was wanted, or threw: the rest only goes away.
        controller.abort();
      }
    },
  };
}

/** The body, decompressed also where we asked for none of that and the server did it anyway. */
function decoded(response: Response, request: Sending): ReadableStream<Uint8Array> {
  const body = response.body ?? new ReadableStream<Uint8Array>();
  const coding = response.headers.get("content-encoding")?.toLowerCase();
  if (request.headers?.["accept-encoding"] === undefined || coding !== "gzip") return body;
  return body.pipeThrough(
    new DecompressionStream("gzip") as TransformStream<Uint8Array, Uint8Array>,
  );
}

async function* iterated<Value>(values: readonly Value[]): AsyncGenerator<Value> {
  yield* values;
}
