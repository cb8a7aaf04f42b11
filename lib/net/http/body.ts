/** An answer's body: counted while it is read, and given up when it stands still. */

import { SyncError } from "../../model/error.ts";

/** Follows whether something still moves. */
export interface Watchdog {
  /** Something moved, or is waited for again. */
  moved(): void;
  /** Nothing is waited for until the next movement. */
  pause(): void;
  stop(): void;
}

/**
 * Calls `expired` once nothing has moved for `ms` milliseconds. Telling it of a movement costs next
 * to nothing, so that every chunk may.
 */
export function watchdog(ms: number, expired: () => void): Watchdog {
  let last = performance.now();
  let paused = false;
  let timer = setTimeout(check, ms);
  function check(): void {
    const left = paused ? ms : last + ms - performance.now();
    if (left <= 1) expired();
    else timer = setTimeout(check, left);
  }
  return {
    moved() {
      paused = false;
      last = performance.now();
    },
    pause() {
      paused = true;
    },
    stop() {
      clearTimeout(timer);
    },
  };
}

/** The error of a body that is larger than we take. */
export function bodyTooLarge(url: URL, limit: number): SyncError {
  return new SyncError(`${url.host} sent more than ${limit} bytes for ${url.pathname}`, {
    scope: "collection",
    kind: "too large",
  });
}

/** The chunks of a body, as they come. Throws what `excess` makes when they exceed `limit` bytes. */
export async function* limited(
  chunks: AsyncIterable<Uint8Array>,
  limit: number,
  excess: () => SyncError,
): AsyncGenerator<Uint8Array, void, undefined> {
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.byteLength;
    if (size > limit) throw excess();
    yield chunk;
  }
}

/** All chunks as one array. */
export async function collected(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    size += chunk.byteLength;
  }
  const only = parts[0];
  if (parts.length === 1 && only !== undefined) return only;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
