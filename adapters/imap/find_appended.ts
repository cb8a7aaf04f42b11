/** Finds mails that were put into a mailbox whose server does not tell their numbers. */

import type { Digest } from "../../lib/model/names.ts";
import type { Collection } from "../../lib/model/storage.ts";
import { mailDigest } from "../../lib/item/mail/digest.ts";
import type { Connection } from "../../lib/net/imap/connection.ts";
import { numberOf } from "../../lib/net/imap/value.ts";
import { nonsense, requireSame } from "./account.ts";
import { HEADER } from "./fetch.ts";
import { statusOf } from "./list.ts";

/** A UID that no mail has yet, and every mail from now on will have at least. */
export async function uidNextOf(connection: Connection, collection: Collection): Promise<number> {
  requireSame(connection, collection);
  const counters = await statusOf(connection, collection.href, {}, new AbortController().signal);
  if (counters === undefined || counters === "gone") {
    throw nonsense(connection, "a mailbox that is open and has no next number");
  }
  return counters.uidNext;
}

/**
 * The UIDs of mails with these digests, each of which was put there once, in the same order; nothing
 * in the place of one that is not found. Of those that are alike the first one is the first one's.
 */
export async function findAppended(
  connection: Connection,
  from: number,
  digests: readonly Digest[],
): Promise<readonly (number | undefined)[]> {
  const found = new Map<Digest, number[]>();
  const doing = "to look for mails that were put there";
  // What is new is told before the answer to this, and can be asked for afterwards.
  await connection.run(["NOOP"], { doing });
  await connection.run([`UID FETCH ${from}:* (UID RFC822.SIZE ${HEADER})`], {
    doing,
    on: (response) => {
      if (response.type !== "fetch") return;
      const uid = numberOf(response.items.get("UID"));
      const size = numberOf(response.items.get("RFC822.SIZE"));
      const header = response.items.get("BODY[");
      if (uid === undefined || uid < from || size === undefined) return;
      if (!(header instanceof Uint8Array)) return;
      const digest = mailDigest(header, size);
      found.set(digest, [...found.get(digest) ?? [], uid]);
    },
  });
  for (const uids of found.values()) uids.sort((a, b) => a - b);
  return digests.map((digest) => found.get(digest)?.shift());
}
