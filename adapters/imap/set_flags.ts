/** Sets the flags of mails. */

import { asSyncError } from "../../lib/model/error.ts";
import type { Flags } from "../../lib/model/item.ts";
import { etagOfFlags, flagsOf } from "../../lib/item/mail/flags.ts";
import { flagList, isFlag } from "../../lib/net/imap/command.ts";
import type { Connection } from "../../lib/net/imap/connection.ts";
import { refusedBy } from "../../lib/net/imap/error.ts";
import { setOf } from "../../lib/net/imap/uid_set.ts";
import type { SetFlags, Tell } from "./apply.ts";
import { keptBy } from "./changes.ts";
import { uidsIn } from "./account.ts";
import { checked, modifiedIn, type State, statesOf, unchangedSince } from "./state.ts";

interface Change {
  readonly action: SetFlags;
  readonly uid: number;
  readonly state: State;
}

/**
 * Those of the flags that mails can have in the mailbox that is selected, keywords as they are spelt
 * there: the first one who uses a keyword spells it for all mails, as with Dovecot.
 */
export function keepable(connection: Connection, flags: Flags): Flags {
  const keeps = connection.selected === undefined ? "all" : keptBy(connection.selected);
  const kept = keeps === "all" ? undefined : new Set(keeps.map((it) => it.toLowerCase()));
  const spellings = connection.selected?.spellings ?? new Map<string, string>();
  return flags.flatMap((flag) => {
    const folded = flag.toLowerCase();
    if (!isFlag(flag) || (kept !== undefined && !kept.has(folded))) return [];
    const known = spellings.get(folded);
    if (known === undefined) spellings.set(folded, flag);
    return known ?? flag;
  });
}

const without = (flags: Flags, others: Flags): Flags => {
  const folded = new Set(others.map((it) => it.toLowerCase()));
  return flags.filter((flag) => !folded.has(flag.toLowerCase()));
};

/** Mails that have the same flags and get the same ones are changed with one command, or two. */
export async function setFlags(
  connection: Connection,
  actions: readonly SetFlags[],
  tell: Tell,
): Promise<void> {
  if (actions.length === 0) return;
  const states = await statesOf(connection, uidsIn(actions.map(({ href }) => href)));
  const groups = new Map<string, Change[]>();
  for (const action of actions) {
    const found = checked(action, states);
    if ("outcome" in found) {
      tell(found);
      continue;
    }
    const key = `${found.state.etag}\n${etagOfFlags(action.flags)}`;
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push({ action, ...found });
  }
  await Promise.all([...groups.values()].map((group) => change(connection, group, tell)));
}

async function change(
  connection: Connection,
  group: readonly Change[],
  tell: Tell,
): Promise<void> {
  const [first] = group;
  if (first === undefined) return;
  const plus = keepable(connection, without(first.action.flags, first.state.flags));
  const minus = without(first.state.flags, first.action.flags);
  const after = flagsOf([...without(first.state.flags, minus), ...plus]);
  const since = unchangedSince(group.map(({ state }) => state));
  const set = setOf(group.map(({ uid }) => uid));
  // Where nobody can come in between, all flags are said at once; two changes of one mail would
  // find the first one in the second one's way.
  const atOnce = since !== "" && plus.length > 0 && minus.length > 0 && after.every(isFlag);
  const stores = atOnce ? [`FLAGS.SILENT ${flagList(after)}`] : [
    ...(plus.length > 0 ? [`+FLAGS.SILENT ${flagList(plus)}`] : []),
    ...(minus.length > 0 ? [`-FLAGS.SILENT ${flagList(minus)}`] : []),
  ];
  const guard = stores.length === 1 ? since : "";
  const modified = new Set<number>();
  try {
    for (const store of stores) {
      for (const uid of await storeFlags(connection, set, guard + store)) modified.add(uid);
    }
  } catch (thrown) {
    if (connection.closed) throw thrown;
    const error = asSyncError(thrown, "item");
    for (const { action: { id } } of group) tell({ id, outcome: "failed", error });
    return;
  }
  for (const { action: { id }, uid, state } of group) {
    if (modified.has(uid)) tell({ id, outcome: "changed" });
    else {
      const flags = flagsOf([...without(state.flags, minus), ...plus]);
      tell({ id, outcome: "done", etag: etagOfFlags(flags) });
    }
  }
}

/** The UIDs of those that it did not change, as somebody else was there first. */
export async function storeFlags(
  connection: Connection,
  set: string,
  change: string,
): Promise<ReadonlySet<number>> {
  const doing = "to set flags";
  const status = await connection.run([`UID STORE ${set} ${change}`], { doing, mayFail: true });
  if (status.status === "OK" || status.code?.name === "MODIFIED") {
    return modifiedIn(connection, status);
  }
  throw refusedBy(connection.server, doing, status);
}
