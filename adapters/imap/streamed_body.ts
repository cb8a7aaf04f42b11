/** The body of a mail that is fetched as it is read, each time anew. */

import { cancelled, SyncError } from "../../lib/model/error.ts";
import type { Body } from "../../lib/model/item.ts";
import type { Collection } from "../../lib/model/storage.ts";
import { numberOf } from "../../lib/net/imap/value.ts";
import { uidFetch } from "./uid_fetch.ts";
import { type Account, requireSame } from "./account.ts";

/** Mails up to this can be had as a whole, in bytes. */
const MOST_WHOLE = 256 * 1024 * 1024;

/** @param size As the server has told it. The stream fails where the body has another one. */
export function streamedBody(
  account: Account,
  collection: Collection,
  uid: number,
  size: number,
  signal: AbortSignal,
): Body {
  return {
    size,
    crlf: true,
    stream: () => streamOf(account, collection, uid, size, signal),
    async bytes() {
      if (size > MOST_WHOLE) {
        throw new SyncError(`mail ${uid} of ${collection.id} is too large to be held in memory`, {
          scope: "item",
          kind: "too large",
        });
      }
      const bytes = new Uint8Array(size);
      let at = 0;
      for await (const chunk of streamOf(account, collection, uid, size, signal)) {
        bytes.set(chunk, at);
        at += chunk.length;
      }
      return bytes;
    },
  };
}

function streamOf(
  account: Account,
  collection: Collection,
  uid: number,
  size: number,
  outer: AbortSignal,
): ReadableStream<Uint8Array> {
  const abandoned = new AbortController();
  const signal = AbortSignal.any([outer, abandoned.signal]);
  let wanted = Promise.withResolvers<void>();
  let begun: Promise<void> | undefined;

  async function run(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    try {
      await receive(account, collection, uid, size, signal, async (chunk) => {
        // What comes lies where the next pieces will be read to.
        controller.enqueue(chunk.slice());
        wanted = Promise.withResolvers<void>();
        if ((controller.desiredSize ?? 0) <= 0) await wanted.promise;
      });
      controller.close();
    } catch (thrown) {
      if (abandoned.signal.aborted) return;
      controller.error(outer.aborted ? cancelled(outer.reason) : thrown);
    }
  }

  return new ReadableStream<Uint8Array>({
    pull(controller) {
      wanted.resolve();
      begun ??= run(controller);
    },
    async cancel() {
      abandoned.abort();
      wanted.resolve();
      await begun;
    },
  }, { highWaterMark: 0 });
}

/** Hands on the body of one mail, or throws. */
async function receive(
  account: Account,
  collection: Collection,
  uid: number,
  size: number,
  signal: AbortSignal,
  sink: (chunk: Uint8Array) => Promise<void>,
): Promise<void> {
  const problem = (kind: "missing" | "malformed", what: string) =>
    new SyncError(`mail ${uid} of ${collection.id} ${what}`, { scope: "item", kind });
  await account.pool.use({ mailbox: collection.href, slow: true }, signal, async (connection) => {
    requireSame(connection, collection);
    let got = 0;
    let whose: number | undefined;
    let found = false;
    const refused = await uidFetch(connection, `${uid} (UID BODY.PEEK[])`, {
      doing: "to give a mail",
      signal,
      takes: (before, length) => {
        if (found || !/^\* \d+ FETCH \(.*BODY\[\] ~?\{\d+\}$/i.test(before)) return undefined;
        found = true;
        if (length !== size) {
          throw problem("malformed", `has ${length} bytes, and was said to have ${size}`);
        }
        return async (chunk) => {
          got += chunk.length;
          await sink(chunk);
        };
      },
      on: (response) => {
        if (response.type !== "fetch") return;
        const value = response.items.get("BODY[");
        if (value === undefined) return;
        whose = numberOf(response.items.get("UID"));
        // An empty mail may come as a quoted string.
        if (value instanceof Uint8Array && value.length === size) {
          found = true;
          got = size;
        }
      },
    });
    if (refused !== undefined) throw refused;
    if (!found || whose === undefined) throw problem("missing", "is not there any more");
    if (whose !== uid || got !== size) throw problem("malformed", "came as another one");
  });
}
