/** What mails are like just before something is done to them. */

import type { Flags } from "../../lib/model/item.ts";
import type { Etag } from "../../lib/model/names.ts";
import type { Action, Result } from "../../lib/model/storage.ts";
import { etagOfFlags, flagsOf } from "../../lib/item/mail/flags.ts";
import type { Connection } from "../../lib/net/imap/connection.ts";
import type { Response, Status } from "../../lib/net/imap/response.ts";
import { numbersOf, rangesOf, setOf } from "../../lib/net/imap/uid_set.ts";
import { isList, modseqOf, numberOf, textOf } from "../../lib/net/imap/value.ts";
import { uidFetch } from "./uid_fetch.ts";
import { codeText, nonsense, uidIn } from "./account.ts";

export interface State {
  readonly flags: Flags;
  readonly etag: Etag;
  /** None where the server does not count changes. */
  readonly modseq?: bigint;
}

/** The mails of these UIDs, as far as they are there. */
export async function statesOf(
  connection: Connection,
  uids: readonly number[],
): Promise<ReadonlyMap<number, State>> {
  if (uids.length === 0) return new Map();
  const counts = connection.selected?.highestModseq !== undefined;
  const states = new Map<number, State>();
  const refused = await uidFetch(
    connection,
    `${setOf(uids)} (UID FLAGS${counts ? " MODSEQ" : ""})`,
    {
      doing: "to say how mails are flagged",
      on: (response: Response) => {
        if (response.type !== "fetch") return;
        const uid = numberOf(response.items.get("UID"));
        const list = response.items.get("FLAGS");
        if (uid === undefined || !isList(list)) return;
        const value = response.items.get("MODSEQ");
        const modseq = modseqOf(isList(value) ? value[0] : value);
        const flags = flagsOf(list.flatMap((it) => textOf(it) ?? []));
        states.set(uid, {
          flags,
          etag: etagOfFlags(flags),
          ...(modseq === undefined ? {} : { modseq }),
        });
      },
    },
  );
  // Whatever is not among them would be taken for gone.
  if (refused !== undefined) throw refused;
  return states;
}

/**
 * `(UNCHANGEDSINCE n) ` for mails that were just looked at: whoever changes one of them from now on
 * gives it a number that is higher than all of these (RFC 7162 section 3.1.3).
 */
export function unchangedSince(states: readonly State[]): string {
  let most: bigint | undefined;
  for (const { modseq } of states) {
    if (modseq === undefined) return "";
    if (most === undefined || modseq > most) most = modseq;
  }
  return most === undefined ? "" : `(UNCHANGEDSINCE ${most}) `;
}

/** The UIDs that a STORE left alone because somebody was there first. */
export function modifiedIn(connection: Connection, { code }: Status): ReadonlySet<number> {
  const text = codeText(code, "MODIFIED", 0);
  if (text === undefined) return new Set();
  const ranges = rangesOf(text);
  if (ranges === undefined) {
    throw nonsense(connection, "mails that were modified without saying which");
  }
  const uids = new Set<number>();
  for (const uid of numbersOf(ranges)) {
    uids.add(uid);
    if (uids.size > 100_000) throw nonsense(connection, "more mails were modified than were meant");
  }
  return uids;
}

/** The action's mail, if it is as the action says; otherwise what becomes of the action. */
export function checked<Kind extends Extract<Action, { kind: "setFlags" | "delete" }>>(
  action: Kind,
  states: ReadonlyMap<number, State>,
): { readonly state: State; readonly uid: number } | Result {
  const uid = uidIn(action.href);
  const state = uid === undefined ? undefined : states.get(uid);
  if (uid === undefined || state === undefined) {
    return action.kind === "delete"
      ? { id: action.id, outcome: "done" }
      : { id: action.id, outcome: "changed" };
  }
  if (state.etag !== action.etag) return { id: action.id, outcome: "changed" };
  return { state, uid };
}
