/** Deletes mails, and nothing but these. */

import { asSyncError, SyncError } from "../../lib/model/error.ts";
import type { Connection } from "../../lib/net/imap/connection.ts";
import { rangesOf, setOf } from "../../lib/net/imap/uid_set.ts";
import { textOf } from "../../lib/net/imap/value.ts";
import type { Delete, Tell } from "./apply.ts";
import { storeFlags } from "./set_flags.ts";
import { uidsIn } from "./account.ts";
import { checked, type State, statesOf, unchangedSince } from "./state.ts";

interface Doomed {
  readonly action: Delete;
  readonly uid: number;
  readonly state: State;
}

export async function remove(
  connection: Connection,
  actions: readonly Delete[],
  tell: Tell,
): Promise<void> {
  if (actions.length === 0) return;
  const states = await statesOf(connection, uidsIn(actions.map(({ href }) => href)));
  const doomed: Doomed[] = [];
  for (const action of actions) {
    const found = checked(action, states);
    if ("outcome" in found) tell(found);
    else doomed.push({ action, ...found });
  }
  if (doomed.length === 0) return;
  try {
    const modified = connection.has("UIDPLUS")
      ? await expungeThese(connection, doomed)
      : await expungeAlone(connection, doomed);
    const left = await statesOf(connection, doomed.map(({ uid }) => uid));
    for (const { action: { id }, uid } of doomed) {
      if (!left.has(uid)) tell({ id, outcome: "done" });
      else if (modified.has(uid)) tell({ id, outcome: "changed" });
      else tell({ id, outcome: "failed", error: kept(connection, uid) });
    }
  } catch (thrown) {
    if (connection.closed) throw thrown;
    const error = asSyncError(thrown, "item");
    for (const { action: { id } } of doomed) tell({ id, outcome: "failed", error });
  }
}

const markable = (doomed: readonly Doomed[]) =>
  doomed.filter(({ state }) => !state.flags.includes("\\Deleted"));

/** Marks them, if they are still as they were. */
async function mark(
  connection: Connection,
  doomed: readonly Doomed[],
): Promise<ReadonlySet<number>> {
  const unmarked = markable(doomed);
  if (unmarked.length === 0) return new Set();
  const set = setOf(unmarked.map(({ uid }) => uid));
  const since = unchangedSince(unmarked.map(({ state }) => state));
  return await storeFlags(connection, set, `${since}+FLAGS.SILENT (\\Deleted)`);
}

/**
 * With UID EXPUNGE (RFC 4315 section 2.1). It is sent along with the marks, so that no run ends
 * between the two; a mail that was not marked stays.
 */
async function expungeThese(
  connection: Connection,
  doomed: readonly Doomed[],
): Promise<ReadonlySet<number>> {
  const marking = mark(connection, doomed);
  const expunging = connection.run([`UID EXPUNGE ${setOf(doomed.map(({ uid }) => uid))}`], {
    doing: "to delete mails",
  });
  const [marked, expunged] = await Promise.allSettled([marking, expunging]);
  if (marked.status === "rejected") throw marked.reason;
  if (expunged.status === "rejected") throw expunged.reason;
  return marked.value;
}

/**
 * With EXPUNGE, which takes whatever is marked: the marks of others are taken off for as long as that
 * takes. Where it is cut off in between, these mails have lost a mark, and nothing else.
 */
async function expungeAlone(
  connection: Connection,
  doomed: readonly Doomed[],
): Promise<ReadonlySet<number>> {
  const ours = new Set(doomed.map(({ uid }) => uid));
  const others = (await markedUids(connection)).filter((uid) => !ours.has(uid));
  const set = setOf(others);
  if (others.length > 0) await storeFlags(connection, set, "-FLAGS.SILENT (\\Deleted)");
  try {
    const modified = await mark(connection, doomed);
    await connection.run(["EXPUNGE"], { doing: "to delete mails" });
    return modified;
  } finally {
    if (others.length > 0 && !connection.closed) {
      await storeFlags(connection, set, "+FLAGS.SILENT (\\Deleted)");
    }
  }
}

async function markedUids(connection: Connection): Promise<readonly number[]> {
  const uids: number[] = [];
  await connection.run(["UID SEARCH DELETED"], {
    doing: "to look for mails that are marked as deleted",
    on: (response) => {
      if (response.type !== "data" || response.name !== "SEARCH") return;
      for (const value of response.values) {
        const [[uid] = []] = rangesOf(textOf(value) ?? "") ?? [];
        if (uid !== undefined) uids.push(uid);
      }
    },
  });
  return uids;
}

function kept({ server }: Connection, uid: number): SyncError {
  return new SyncError(`${server} says that mail ${uid} is deleted, and keeps it`, {
    scope: "item",
    kind: "refused",
  });
}
