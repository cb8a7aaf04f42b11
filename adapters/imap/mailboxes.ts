/** Makes, renames and deletes mailboxes. */

import { SyncError } from "../../lib/model/error.ts";
import { type CollectionId, href } from "../../lib/model/names.ts";
import type { Collection, Properties } from "../../lib/model/storage.ts";
import { stringPart } from "../../lib/net/imap/command.ts";
import type { Connection } from "../../lib/net/imap/connection.ts";
import { ImapError } from "../../lib/net/imap/error.ts";
import { type Account, collectionOf } from "./account.ts";
import { learn, statusOf } from "./list.ts";
import { localIdOf, nameOf, type Naming } from "./names.ts";

const problem = (kind: "exists" | "changed" | "missing" | "refused", message: string) =>
  new SyncError(message, { scope: "collection", kind, retry: kind === "changed" });

export async function createMailbox(
  account: Account,
  wanted: CollectionId,
  properties: Properties,
  signal: AbortSignal,
): Promise<Collection> {
  return await account.pool.use({ mailbox: null }, signal, async (connection) => {
    const { naming } = await learn(account, connection, signal);
    const id = requireName(account, wanted, naming);
    const name = nameOf(id, naming);
    await unlessTaken(
      account,
      connection,
      id,
      name,
      signal,
      () =>
        connection.run(["CREATE ", stringPart(name)], {
          doing: `to make the mailbox ${id}`,
          signal,
        }),
    );
    const subscribed = properties.subscribed !== undefined;
    if (subscribed) await subscribe(connection, name, true, signal);
    return await look(account, connection, id, name, subscribed, signal);
  });
}

/** Throws `refused` where there can be no mailbox of that id. */
function requireName(account: Account, id: CollectionId, naming: Naming): CollectionId {
  if (localIdOf(id, account.altChar, naming) === id) return id;
  throw problem("refused", `${JSON.stringify(id)} cannot be the name of a mailbox here`);
}

/** A refusal to make what is there already says so, whatever the server says. */
async function unlessTaken(
  account: Account,
  connection: Connection,
  id: CollectionId,
  name: string,
  signal: AbortSignal,
  make: () => Promise<unknown>,
): Promise<void> {
  try {
    await make();
  } catch (thrown) {
    if (!(thrown instanceof ImapError)) throw thrown;
    const taken = thrown.kind === "exists" || name === "INBOX" ||
      await statusOf(connection, name, account.known?.guids ?? {}, signal).then((it) =>
        it !== undefined && it !== "gone"
      );
    throw taken
      ? new SyncError(`there is a mailbox ${id} already`, {
        scope: "collection",
        kind: "exists",
        cause: thrown,
      })
      : thrown;
  }
}

async function look(
  account: Account,
  connection: Connection,
  id: CollectionId,
  name: string,
  subscribed: boolean,
  signal: AbortSignal,
): Promise<Collection> {
  const { guids } = await learn(account, connection, signal);
  const counters = await statusOf(connection, name, guids, signal);
  if (counters === undefined || counters === "gone") {
    throw problem(
      "refused",
      `${connection.server} has made the mailbox ${id}, and does not show it`,
    );
  }
  return collectionOf(account, { id, name, subscribed, counters });
}

const subscribe = (connection: Connection, name: string, yes: boolean, signal: AbortSignal) =>
  connection.run([yes ? "SUBSCRIBE " : "UNSUBSCRIBE ", stringPart(name)], {
    doing: `to ${yes ? "subscribe to" : "unsubscribe from"} the mailbox ${name}`,
    signal,
  });

export async function setSubscribed(
  account: Account,
  collection: Collection,
  yes: boolean,
  signal: AbortSignal,
): Promise<void> {
  await account.pool.use(
    {},
    signal,
    (connection) => subscribe(connection, collection.href, yes, signal),
  );
}

/** Throws where the mailbox is not the one that was listed. Gives back what it holds. */
async function requireListed(
  account: Account,
  connection: Connection,
  collection: Collection,
  signal: AbortSignal,
): Promise<number> {
  const { guids } = await learn(account, connection, signal);
  const now = await statusOf(connection, collection.href, guids, signal);
  if (now === "gone") {
    throw problem("missing", `the mailbox ${collection.id} is not there any more`);
  }
  const { mailbox } = collection;
  const same = now !== undefined && now.uidValidity === mailbox?.uidValidity &&
    (mailbox.guid === undefined || now.guid === mailbox.guid);
  if (!same) throw problem("changed", `the mailbox ${collection.id} is another one than before`);
  return now.messages;
}

/** Deletes a mailbox without mails, and its subscription. */
export async function deleteMailbox(
  account: Account,
  collection: Collection,
  signal: AbortSignal,
): Promise<void> {
  await account.pool.use({ mailbox: null }, signal, async (connection) => {
    const messages = await requireListed(account, connection, collection, signal);
    if (messages > 0) {
      throw problem("refused", `the mailbox ${collection.id} holds ${messages} mails`);
    }
    await connection.run(["DELETE ", stringPart(collection.href)], {
      doing: `to delete the mailbox ${collection.id}`,
      signal,
    });
    if (collection.properties.subscribed !== undefined) {
      await subscribe(connection, collection.href, false, signal);
    }
  });
}

export async function renameMailbox(
  account: Account,
  collection: Collection,
  wanted: CollectionId,
  signal: AbortSignal,
): Promise<Collection> {
  if (collection.id === "INBOX" || wanted === "INBOX") {
    throw problem("refused", "INBOX cannot be renamed, and nothing can be renamed to it");
  }
  return await account.pool.use({ mailbox: null }, signal, async (connection) => {
    const { naming } = await learn(account, connection, signal);
    await requireListed(account, connection, collection, signal);
    const id = requireName(account, wanted, naming);
    const name = nameOf(id, naming);
    await unlessTaken(
      account,
      connection,
      id,
      name,
      signal,
      () =>
        connection.run(["RENAME ", stringPart(collection.href), " ", stringPart(name)], {
          doing: `to rename the mailbox ${collection.id} to ${id}`,
          signal,
        }),
    );
    // A subscription stays with the name (RFC 3501 section 6.3.5), and is to go with the mailbox.
    const subscribed = collection.properties.subscribed !== undefined;
    if (subscribed) {
      await subscribe(connection, name, true, signal);
      await subscribe(connection, collection.href, false, signal);
    }
    const renamed = await look(account, connection, id, name, subscribed, signal);
    const specialUse = collection.mailbox?.specialUse;
    return {
      ...renamed,
      href: href(name),
      ...(renamed.mailbox === undefined || specialUse === undefined
        ? {}
        : { mailbox: { ...renamed.mailbox, specialUse } }),
    };
  });
}
