/** Lists the mails of a mailbox: all of them, or what changed. */

import { SyncError } from "../../lib/model/error.ts";
import { hrefOfUid } from "../../lib/model/mail.ts";
import type { Cursor } from "../../lib/model/names.ts";
import type { Collection, Listed, Listing } from "../../lib/model/storage.ts";
import { flagsOf } from "../../lib/item/mail/flags.ts";
import type { Connection, Selected } from "../../lib/net/imap/connection.ts";
import type { Response } from "../../lib/net/imap/response.ts";
import { numbersOf, type Range, rangesOf, sizeOf } from "../../lib/net/imap/uid_set.ts";
import { textOf, type Value } from "../../lib/net/imap/value.ts";
import { type Account, nonsense, requireSame } from "./account.ts";
import { isUnchanged, type Known, readCursor, writeCursor } from "./cursor.ts";
import { uidFetch } from "./uid_fetch.ts";
import { entryOf, type Row, rowsOf } from "./rows.ts";
import { learn, statusOf } from "./list.ts";

/** How many lines of a listing are given at a time. */
const BATCH = 1_000;
/** Where more mails than this are said to be gone, all that are there are listed instead. */
const MOST_GONE = 200_000;
/** Cyrus may leave out the highest UID of those that are gone where the set ends with `*`. */
const ALL_UIDS = "1:4294967295";

interface Found {
  readonly mode: "complete" | "since";
  readonly rows: readonly Row[];
  readonly gone: readonly Range[];
  readonly cursor: Cursor;
  readonly keeps: Keeps | undefined;
}

export async function* changesOf(
  account: Account,
  collection: Collection,
  text: Cursor | undefined,
  signal: AbortSignal,
): AsyncGenerator<Listing, void, undefined> {
  const cursor = readCursor(text);
  // What was known of other UIDs says nothing of these.
  const known = cursor?.uidValidity === collection.mailbox?.uidValidity ? cursor : undefined;
  if (
    text !== undefined && known !== undefined && await stands(account, collection, known, signal)
  ) {
    yield { type: "end", mode: "since", cursor: text, ...keepsOf(known.keeps) };
    return;
  }
  const listed = await account.pool.read(
    // Whoever only reads is not told which flags can be kept. It is asked once.
    {
      mailbox: collection.href,
      anew: true,
      writable: !account.readOnly && known?.keeps === undefined,
    },
    signal,
    (connection) => list(account, connection, collection, known, signal),
  );
  const { mode, rows, gone, keeps } = listed;
  for (let at = 0; at < rows.length; at += BATCH) {
    yield { type: "entries", entries: rows.slice(at, at + BATCH).map(entryOf) };
  }
  if (gone.length > 0) {
    const entries = [...numbersOf(gone)].map((uid): Listed => ({
      state: "gone",
      href: hrefOfUid(uid),
    }));
    yield { type: "entries", entries };
  }
  yield { type: "end", mode, cursor: listed.cursor, ...keepsOf(keeps) };
}

const keepsOf = (keeps: Keeps | undefined) =>
  keeps === undefined || keeps === "all" ? {} : { keeps };

/** Whether the counters say that all is as it was. */
async function stands(
  account: Account,
  { href }: Collection,
  known: Known,
  signal: AbortSignal,
): Promise<boolean> {
  if (known.highestModseq === undefined) return false;
  const listed = account.counters.get(href);
  account.counters.delete(href);
  const now = listed ?? await account.pool.read({}, signal, async (connection) => {
    const { guids } = await learn(account, connection, signal);
    return await statusOf(connection, href, guids, signal);
  });
  return now !== undefined && now !== "gone" && isUnchanged(known, now);
}

async function list(
  account: Account,
  connection: Connection,
  collection: Collection,
  known: Known | undefined,
  signal: AbortSignal,
): Promise<Found> {
  requireSame(connection, collection);
  const { selected } = connection;
  if (selected === undefined) throw nonsense(connection, "no mailbox is selected");
  const { uidValidity, uidNext, exists, highestModseq } = selected;
  const keeps = selected.asked ? keptBy(selected) : known?.keeps;
  const common = {
    keeps,
    cursor: writeCursor({
      uidValidity,
      uidNext: uidNext ?? 1,
      messages: exists,
      ...(highestModseq === undefined ? {} : { highestModseq }),
      ...(keeps === undefined ? {} : { keeps }),
    }),
  };
  const since = known?.highestModseq !== undefined && highestModseq !== undefined &&
      known.highestModseq <= highestModseq && connection.has("QRESYNC")
    ? await listSince(account, connection, known, known.highestModseq, signal)
    : undefined;
  if (since !== undefined) return { mode: "since", ...since, ...common };
  return { mode: "complete", ...await listAll(account, connection, exists, signal), ...common };
}

type Keeps = readonly string[] | "all";

/** The flags that mails can have: PERMANENTFLAGS, which are all of them with `\*`. */
export function keptBy({ permanentFlags }: Selected): Keeps {
  return permanentFlags === undefined || permanentFlags.includes("\\*")
    ? "all"
    : flagsOf(permanentFlags);
}

const asked = ({ facts }: Account) =>
  facts ? "(UID FLAGS RFC822.SIZE INTERNALDATE)" : "(UID FLAGS)";

async function listAll(
  account: Account,
  connection: Connection,
  expected: number,
  signal: AbortSignal,
): Promise<{ readonly rows: readonly Row[]; readonly gone: readonly Range[] }> {
  const { rows, on } = rowsOf(account.facts);
  const doing = "to list the mails";
  let gone = 0;
  const vanished = (response: Response) => {
    if (response.type === "count" && response.name === "EXPUNGE") gone++;
    else if (response.type === "data" && response.name === "VANISHED") {
      for (const uid of numbersOf(vanishedIn(connection, response.values))) {
        rows.delete(uid);
        gone++;
      }
    }
  };
  if (expected > 0) {
    const refused = await uidFetch(connection, `${ALL_UIDS} ${asked(account)}`, {
      doing,
      signal,
      on: (response) => {
        on(response);
        vanished(response);
      },
    });
    if (refused !== undefined) throw listingRefused(refused);
  }
  if (rows.size < expected - gone) {
    // Mails may be gone of which the server was not allowed to tell before (RFC 3501 section 7.4.1).
    await connection.run(["NOOP"], { doing, signal, on: vanished });
  }
  if (rows.size < expected - gone) throw tooShort(connection, rows.size, expected - gone);
  return { rows: [...rows.values()], gone: [] };
}

/** A listing is of the whole mailbox, or none. */
const listingRefused = ({ message, kind, retry, hint, cause }: SyncError) =>
  new SyncError(message, {
    scope: "collection",
    kind,
    retry,
    ...(hint === undefined ? {} : { hint }),
    cause,
  });

/** A listing that was cut short is none (rule 4). */
function tooShort({ server }: Connection, found: number, expected: number): SyncError {
  return new SyncError(`${server} says that there are ${expected} mails, and lists ${found}`, {
    scope: "collection",
    kind: "malformed",
    retry: true,
  });
}

/** The UIDs of a VANISHED answer, with or without EARLIER (RFC 7162 section 3.2.10). */
function vanishedIn(connection: Connection, values: readonly Value[]): readonly Range[] {
  const text = textOf(values.at(-1));
  const ranges = text === undefined ? undefined : rangesOf(text);
  if (ranges === undefined) throw nonsense(connection, "mails that are gone without saying which");
  // More than there can be numbers of, or a number that no mail has had.
  if (sizeOf(ranges) > MOST_GONE) return [];
  return ranges;
}

/** What changed since, or nothing where what the server says cannot be all of it. */
async function listSince(
  account: Account,
  connection: Connection,
  known: Known,
  modseq: bigint,
  signal: AbortSignal,
): Promise<{ readonly rows: readonly Row[]; readonly gone: readonly Range[] } | undefined> {
  const { rows, on } = rowsOf(account.facts);
  const gone = new Set<number>();
  let tooMany = false;
  await connection.run(
    [`UID FETCH ${ALL_UIDS} ${asked(account)} (CHANGEDSINCE ${modseq} VANISHED)`],
    {
      doing: "to list what changed",
      signal,
      on: (response) => {
        on(response);
        if (response.type !== "data" || response.name !== "VANISHED") return;
        const ranges = vanishedIn(connection, response.values);
        if (ranges.length === 0 || gone.size + sizeOf(ranges) > MOST_GONE) tooMany = true;
        else for (const uid of numbersOf(ranges)) gone.add(uid);
      },
    },
  );
  if (tooMany) return undefined;
  for (const uid of gone) rows.delete(uid);
  // What came since, less what went, has to be what is there now. A server may tell of more mails
  // that are gone than it has to; one that tells of fewer has forgotten some (as iCloud does).
  const came = [...rows.keys()].filter((uid) => uid >= known.uidNext).length;
  const went = [...gone].filter((uid) => uid < known.uidNext).length;
  const exists = connection.selected?.exists ?? 0;
  if (exists < known.messages + came - went || exists > known.messages + came) return undefined;
  return {
    rows: [...rows.values()],
    gone: [...gone].sort((a, b) => a - b).map((uid): Range => [uid, uid]),
  };
}
