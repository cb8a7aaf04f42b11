/** Fetches mails: small ones by the batch, large ones as whoever reads them goes on. */

import { cancelled, SyncError } from "../../lib/model/error.ts";
import { type Body, bodyOf, type Fetched, type Item } from "../../lib/model/item.ts";
import { hrefOfUid, type Mail } from "../../lib/model/mail.ts";
import { type Href, ident } from "../../lib/model/names.ts";
import type { Collection, FetchOptions } from "../../lib/model/storage.ts";
import { mailDigest } from "../../lib/item/mail/digest.ts";
import { etagOfFlags, flagsOf } from "../../lib/item/mail/flags.ts";
import { concurrently } from "../../lib/net/concurrent.ts";
import type { Connection } from "../../lib/net/imap/connection.ts";
import type { Response } from "../../lib/net/imap/response.ts";
import { setOf } from "../../lib/net/imap/uid_set.ts";
import { isList, numberOf, textOf, type Value } from "../../lib/net/imap/value.ts";
import { type Account, guidOf, requireSame, uidIn, uidsIn } from "./account.ts";
import { receivedOf } from "./rows.ts";
import { learn } from "./list.ts";
import { uidFetch } from "./uid_fetch.ts";
import { streamedBody } from "./streamed_body.ts";

/** Mails up to this are held in memory, in bytes. */
export const SMALL = 1024 * 1024;
/** How many bytes of mails one batch has, and how many mails. */
const BATCH_BYTES = 4 * 1024 * 1024;
const BATCH_MAILS = 500;
/** Batches that are fetched while another one is used. */
const AT_ONCE = 2;

/** What makes a mail's digest, and no more of its header: the second line does not count in its size. */
export const HEADER = "BODY.PEEK[HEADER.FIELDS (DATE MESSAGE-ID FROM TO SUBJECT " +
  "STATUS X-STATUS X-UID X-KEYWORDS X-IMAP X-IMAPBASE CONTENT-LENGTH)]";

interface Batch {
  readonly uids: readonly number[];
  readonly whole: boolean;
}

export async function* fetchFrom(
  account: Account,
  collection: Collection,
  hrefs: readonly Href[],
  { signal, identsOnly }: FetchOptions,
): AsyncGenerator<readonly Fetched[], void, undefined> {
  const uids = [...new Set(uidsIn(hrefs))];
  const others = hrefs.filter((it) => uidIn(it) === undefined);
  if (others.length > 0) yield others.map((it): Fetched => ({ state: "unknown", href: it }));
  const run = (batch: Batch) =>
    account.pool.read({ mailbox: collection.href }, signal, (connection) => {
      requireSame(connection, collection);
      return fetchBatch(account, connection, collection, batch, signal);
    });
  const batches = identsOnly
    ? chunksOf(uids, BATCH_MAILS).map((chunk): Batch => ({ uids: chunk, whole: false }))
    : bySize(account, collection, uids, signal);
  yield* concurrently(batches, run, { limit: AT_ONCE, signal });
  if (signal.aborted) throw cancelled(signal.reason);
}

function chunksOf(uids: readonly number[], most: number): readonly (readonly number[])[] {
  const chunks: (readonly number[])[] = [];
  for (let at = 0; at < uids.length; at += most) chunks.push(uids.slice(at, at + most));
  return chunks;
}

/** Batches whose bytes are bounded. Those that are not there go with the first of them. */
async function* bySize(
  account: Account,
  collection: Collection,
  uids: readonly number[],
  signal: AbortSignal,
): AsyncGenerator<Batch, void, undefined> {
  for (const chunk of chunksOf(uids, 4 * BATCH_MAILS)) {
    const sizes = await sizesOf(account, collection, chunk, signal);
    const large = chunk.filter((uid) => (sizes.get(uid) ?? 0) > SMALL);
    if (large.length > 0) yield { uids: large, whole: false };
    let batch: number[] = [];
    let bytes = 0;
    for (const uid of chunk) {
      const size = sizes.get(uid) ?? 0;
      if (size > SMALL) continue;
      if (batch.length === BATCH_MAILS || (bytes + size > BATCH_BYTES && batch.length > 0)) {
        yield { uids: batch, whole: true };
        batch = [];
        bytes = 0;
      }
      batch.push(uid);
      bytes += size;
    }
    if (batch.length > 0) yield { uids: batch, whole: true };
  }
}

async function sizesOf(
  account: Account,
  collection: Collection,
  uids: readonly number[],
  signal: AbortSignal,
): Promise<ReadonlyMap<number, number>> {
  return await account.pool.read({ mailbox: collection.href }, signal, async (connection) => {
    requireSame(connection, collection);
    const sizes = new Map<number, number>();
    await uidFetch(connection, `${setOf(uids)} (UID RFC822.SIZE)`, {
      doing: "to say how large mails are",
      signal,
      on: (response) => {
        if (response.type !== "fetch") return;
        const uid = numberOf(response.items.get("UID"));
        const size = numberOf(response.items.get("RFC822.SIZE"));
        if (uid !== undefined && size !== undefined) sizes.set(uid, size);
      },
    });
    return sizes;
  });
}

async function fetchBatch(
  account: Account,
  connection: Connection,
  collection: Collection,
  { uids, whole }: Batch,
  signal: AbortSignal,
): Promise<readonly Fetched[]> {
  const { guids } = await learn(account, connection, signal);
  const items = [
    "UID FLAGS INTERNALDATE RFC822.SIZE",
    ...(guids.mail === undefined ? [] : [guids.mail]),
    ...(connection.has("SAVEDATE") ? ["SAVEDATE"] : []),
    whole ? "BODY.PEEK[]" : HEADER,
  ];
  const wanted = new Set(uids);
  const found = new Map<number, Fetched>();
  const refused = await uidFetch(connection, `${setOf(uids)} (${items.join(" ")})`, {
    doing: "to give mails",
    signal,
    on: (response) => {
      if (response.type !== "fetch" || !response.items.has("BODY[")) return;
      const uid = numberOf(response.items.get("UID"));
      if (uid === undefined || !wanted.has(uid)) return;
      found.set(uid, fetchedOf(account, connection, collection, uid, response, whole, signal));
    },
  });
  return uids.map((uid): Fetched => found.get(uid) ?? notGiven(hrefOfUid(uid), refused));
}

const notGiven = (href: Href, error: SyncError | undefined): Fetched =>
  error === undefined ? { state: "unknown", href } : { state: "unreadable", href, error };

function fetchedOf(
  account: Account,
  { server }: Connection,
  collection: Collection,
  uid: number,
  { items }: Extract<Response, { type: "fetch" }>,
  whole: boolean,
  signal: AbortSignal,
): Fetched {
  const href = hrefOfUid(uid);
  const bytes = items.get("BODY[");
  const size = numberOf(items.get("RFC822.SIZE"));
  const flags = items.get("FLAGS");
  // NIL is what a server gives that has the mail in its list and cannot read it.
  if (!(bytes instanceof Uint8Array) || size === undefined || !isList(flags)) {
    const error = new SyncError(`${server} cannot read mail ${uid} of ${collection.id}`, {
      scope: "item",
      kind: "refused",
    });
    return { state: "unreadable", href, error };
  }
  const digest = mailDigest(bytes, size);
  const sorted = flagsOf(flags.flatMap((it) => textOf(it) ?? []));
  const body: Body = whole
    ? { ...bodyOf(bytes), crlf: true }
    : streamedBody(account, collection, uid, size, signal);
  const item: Item = {
    href,
    etag: etagOfFlags(sorted),
    digest,
    ident: ident(digest),
    flags: sorted,
    body,
    mail: mailOf(items),
  };
  return { state: "present", item };
}

function mailOf(items: ReadonlyMap<string, Value>): Mail {
  const received = receivedOf(items.get("INTERNALDATE"));
  const saved = receivedOf(items.get("SAVEDATE"));
  const guid = guidOf(items.get("X-GUID") ?? items.get("EMAILID"));
  return {
    ...(received === undefined ? {} : { received }),
    ...(saved === undefined ? {} : { saved }),
    ...(guid === undefined ? {} : { guid }),
  };
}
