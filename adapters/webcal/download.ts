/** Downloads a feed. */

import { hash } from "node:crypto";
import { SyncError } from "../../lib/model/error.ts";
import { collected, limited } from "../../lib/net/http/body.ts";
import type { HttpAnswer, HttpClient } from "../../lib/net/http/client.ts";
import { type FeedVersion, header } from "./cursor.ts";

export interface Download {
  readonly version: FeedVersion;
  readonly bytes: Uint8Array;
  /** What the server calls it; it does not decide anything. */
  readonly contentType: string;
}

export interface DownloadRequest {
  readonly url: URL;
  /** The largest feed that is taken, in bytes, when it is unpacked. */
  readonly maxSize: number;
  /** Which version there is already. */
  readonly known: FeedVersion | undefined;
  readonly signal: AbortSignal;
}

/**
 * Downloads a feed, or says that it is unchanged since the version that is known: by the server's
 * word (304), or as its bytes are the same. Another status than 200 throws: `missing`, with scope
 * storage, for 404 and 410, so that a feed that has moved is not taken for one that was emptied.
 */
export async function download(
  http: HttpClient,
  { url, maxSize, known, signal }: DownloadRequest,
): Promise<Download | "unchanged"> {
  const { etag, lastModified } = known ?? {};
  const headers = {
    accept: "text/calendar, */*;q=0.5",
    ...(etag === undefined ? {} : { "if-none-match": etag }),
    ...(lastModified === undefined ? {} : { "if-modified-since": lastModified }),
  };
  return await http.exchange(
    { method: "GET", url, headers, repeat: "safe", crossOrigin: true, limit: maxSize, signal },
    async (answer) => {
      if (answer.status === 304 && (etag !== undefined || lastModified !== undefined)) {
        return "unchanged";
      }
      if (answer.status !== 200) throw await answer.failure("storage");
      return await readAnswer(answer, maxSize);
    },
  );
}

async function readAnswer(answer: HttpAnswer, maxSize: number): Promise<Download> {
  const sent = await answer.bytes();
  const bytes = isGzip(sent) ? await unpacked(sent, maxSize, answer.url) : sent;
  return {
    version: {
      etag: header(answer.headers.get("etag")),
      lastModified: header(answer.headers.get("last-modified")),
      digest: hash("sha256", bytes, "hex"),
    },
    bytes,
    contentType: answer.headers.get("content-type") ?? "",
  };
}

/** A file that is packed, rather than a body that was packed for the way: `calendar.ics.gz`. */
function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

async function unpacked(bytes: Uint8Array, maxSize: number, url: URL): Promise<Uint8Array> {
  const stream = new Blob([new Uint8Array(bytes)]).stream()
    .pipeThrough(new DecompressionStream("gzip"));
  const tooLarge = () =>
    new SyncError(`the feed of ${url.host} is larger than ${maxSize} bytes when unpacked`, {
      scope: "storage",
      kind: "too large",
    });
  try {
    return await collected(limited(stream, maxSize, tooLarge));
  } catch (thrown) {
    if (thrown instanceof SyncError) throw thrown;
    throw new SyncError(`what ${url.host} sent cannot be unpacked`, {
      scope: "storage",
      kind: "malformed",
      retry: true,
      cause: thrown,
    });
  }
}
