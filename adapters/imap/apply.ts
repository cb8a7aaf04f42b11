/** Carries out changes to the mails of a mailbox, many with one command. */

import { asSyncError, SyncError } from "../../lib/model/error.ts";
import type { Action, Collection, Result } from "../../lib/model/storage.ts";
import { concurrently } from "../../lib/net/concurrent.ts";
import type { Connection } from "../../lib/net/imap/connection.ts";
import { type Account, requireSame } from "./account.ts";
import { append, weightOf } from "./append.ts";
import { grouped } from "./group.ts";
import { remove } from "./remove.ts";
import { setFlags } from "./set_flags.ts";

const MOST = 500;
const WEIGHT = 4 * 1024 * 1024;
/** How long a batch waits for more actions, in milliseconds. */
const PATIENCE = 3;
/**
 * Batches that are worked on at once. Two are no faster with Dovecot and a Maildir, as one waits for
 * the other one's lock: 10,000 mails took 1.1 seconds with one, and 0.9 to 1.7 with two (2.3.19).
 */
const AT_ONCE = 1;

export type Create = Extract<Action, { kind: "create" }>;
export type SetFlags = Extract<Action, { kind: "setFlags" }>;
export type Delete = Extract<Action, { kind: "delete" }>;

/** Tells the result of an action as soon as it is durable. */
export type Tell = (result: Result) => void;

export async function* applyTo(
  account: Account,
  collection: Collection,
  actions: AsyncIterable<Action>,
  signal: AbortSignal,
): AsyncGenerator<Result, void, undefined> {
  const weigh = (action: Action) => action.kind === "create" ? weightOf(action.content.body) : 1;
  const batches = grouped(actions, { most: MOST, weight: WEIGHT, weigh, patience: PATIENCE });
  const work = (batch: readonly Action[]) => carryOut(account, collection, batch);
  for await (const results of concurrently(batches, work, { limit: AT_ONCE, signal })) {
    yield* results;
  }
}

/** Carries out actions of one kind. Each has a result, whatever happens. */
async function carryOut(
  account: Account,
  collection: Collection,
  batch: readonly Action[],
): Promise<readonly Result[]> {
  const results = new Map<number, Result>();
  const tell: Tell = (result) => {
    if (!results.has(result.id)) results.set(result.id, result);
  };
  // What has begun ends, whoever wants to stop.
  const signal = new AbortController().signal;
  try {
    await account.pool.use({ mailbox: collection.href, writable: true }, signal, async (found) => {
      requireSame(found, collection);
      requireWritable(found, collection);
      await byKind(found, collection, batch, tell);
    });
  } catch (thrown) {
    const error = asSyncError(thrown, "item");
    for (const { id } of batch) tell({ id, outcome: "failed", error });
  }
  const forgotten = new SyncError("nothing is known of what became of it", {
    scope: "item",
    kind: "internal",
  });
  return batch.map(({ id }): Result =>
    results.get(id) ?? { id, outcome: "failed", error: forgotten }
  );
}

async function byKind(
  connection: Connection,
  collection: Collection,
  batch: readonly Action[],
  tell: Tell,
): Promise<void> {
  await append(connection, collection, batch.filter((it) => it.kind === "create"), tell);
  await setFlags(connection, batch.filter((it) => it.kind === "setFlags"), tell);
  await remove(connection, batch.filter((it) => it.kind === "delete"), tell);
  for (const { id, kind } of batch) {
    if (kind !== "update") continue;
    const error = new SyncError("a mail cannot be written anew under its number", {
      scope: "item",
      kind: "refused",
    });
    tell({ id, outcome: "failed", error });
  }
}

function requireWritable({ server, selected }: Connection, { id }: Collection): void {
  if (selected?.writable === true) return;
  throw new SyncError(`${server} lets us read the mailbox ${id}, and not write to it`, {
    scope: "collection",
    kind: "forbidden",
  });
}
