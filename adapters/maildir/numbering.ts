/** Gives mailboxes their UIDVALIDITY and GUID, and mails their UIDs, where they have none yet. */

import { hash } from "node:crypto";
import { join } from "node:path";
import { fileError } from "../../lib/files/file_error.ts";
import { SyncError } from "../../lib/model/error.ts";
import { MOST } from "../../lib/model/mail.ts";
import type { Context } from "./context.ts";
import { removeIndexes } from "./indexes.ts";
import {
  appendToList,
  listPath,
  type LoadedList,
  loadList,
  rewriteList,
  withListLock,
} from "./list_file.ts";
import { baseOf, byArrival, infoOf, nameOf, newBase } from "./mail_name.ts";
import { folderModeOf, type Mailbox } from "./mailbox.ts";
import { type Scan, scanMailbox, type Where } from "./scan.ts";
import { nameBytes, type UidList, type UidRecord, withRecords } from "./uidlist.ts";
import { nextUidValidity } from "./uidvalidity.ts";

/** A list of UIDs with a number and a GUID of its own. */
export type NumberedList = UidList & { readonly uidValidity: number; readonly guid: string };

export const isNumbered = (list: UidList): list is NumberedList =>
  list.uidValidity !== undefined && list.guid !== undefined;

/** A GUID for a mailbox: 32 hexadecimal digits that were never given before. */
export const newGuid = (): string => crypto.randomUUID().replaceAll("-", "");

/** Makes sure that the mailbox itself has its numbers, and gives back its list. */
export const numberMailbox = (
  context: Context,
  mailbox: Mailbox,
  before: LoadedList | undefined,
  signal: AbortSignal,
): Promise<LoadedList & { readonly list: NumberedList }> =>
  orPretended(context, (context) => mailboxNumbered(context, mailbox, before, signal));

/** Where only to be read from is meant, and the disk allows no more, numbers are made up. */
async function orPretended<T>(
  context: Context,
  number: (context: Context) => Promise<T>,
): Promise<T> {
  try {
    return await number(context);
  } catch (thrown) {
    const isForbidden = thrown instanceof SyncError && thrown.kind === "forbidden";
    if (!isForbidden || !context.readOnly || context.assign === "pretend") throw thrown;
    return await number({ ...context, assign: "pretend" });
  }
}

async function mailboxNumbered(
  context: Context,
  mailbox: Mailbox,
  before: LoadedList | undefined,
  signal: AbortSignal,
): Promise<LoadedList & { readonly list: NumberedList }> {
  const found = loadList(context.disk, mailbox, before);
  if (isNumbered(found.list)) return { ...found, list: found.list };
  if (context.assign === "pretend") {
    const numbers = pretendedNumbers(mailbox.mail, found.list);
    return { list: { ...found.list, ...numbers }, stamp: "" };
  }
  return await withListLock(context.disk, mailbox, before, signal, async (loaded, lock) => {
    if (isNumbered(loaded.list)) return { ...loaded, list: loaded.list };
    // Of a list that was lost, Dovecot's index knows other UIDs.
    if (loaded.list.uidValidity === undefined) removeIndexes(context.disk, mailbox);
    const list = { ...loaded.list, ...newNumbers(context, mailbox, loaded.list) };
    lock.look();
    const written = await rewriteList(context.disk, mailbox, list);
    return { ...written, list: { ...written.list, ...list, isSound: true } };
  });
}

function newNumbers({ disk, places }: Context, mailbox: Mailbox, list: UidList) {
  const mode = folderModeOf(disk.stat(mailbox.mail).mode);
  return {
    uidValidity: list.uidValidity ?? nextUidValidity(disk, places.control ?? places.root, mode),
    guid: list.guid ?? newGuid(),
  };
}

/** Always the same for the same mailbox, and written nowhere. */
export function pretendedNumbers(
  path: string,
  list: Pick<UidList, "uidValidity" | "guid">,
): Pick<NumberedList, "uidValidity" | "guid"> {
  const digits = hash("md5", path, "hex");
  return {
    uidValidity: list.uidValidity ?? (Number.parseInt(digits.slice(0, 7), 16) || 1),
    guid: list.guid ?? digits,
  };
}

export interface Numbered {
  readonly loaded: LoadedList & { readonly list: NumberedList };
  readonly scan: Scan;
}

/** Looks which mails there are, and makes sure that each of them has a UID. */
export const numberMails = (
  context: Context,
  mailbox: Mailbox,
  before: LoadedList | undefined,
  signal: AbortSignal,
): Promise<Numbered> =>
  orPretended(context, (context) => mailsNumbered(context, mailbox, before, signal));

async function mailsNumbered(
  context: Context,
  mailbox: Mailbox,
  before: LoadedList | undefined,
  signal: AbortSignal,
): Promise<Numbered> {
  const { disk } = context;
  const loaded = await mailboxNumbered(context, mailbox, before, signal);
  const scan = await scanMailbox(disk, mailbox, loaded.list.byBase.keys());
  const isDone = scan.twins.length === 0 && !isWasteful(loaded.list, scan) &&
    scan.files.keys().every((base) => loaded.list.byBase.has(base));
  if (isDone) return { loaded, scan };
  if (context.assign === "pretend") return pretended(loaded, scan);
  return await withListLock(disk, mailbox, loaded, signal, async (now, lock) => {
    if (!isNumbered(now.list)) throw lostMeanwhile(mailbox);
    const again = await scanMailbox(disk, mailbox, now.list.byBase.keys());
    const files = untwinned(context, mailbox, again);
    const renewed = { ...again, files, twins: [] };
    lock.look();
    const written = await numberInList(context, mailbox, { ...now, list: now.list }, renewed);
    return { loaded: written, scan: renewed };
  });
}

/** Most of what the list tells of is gone. Dovecot writes such a list anew, too. */
const isWasteful = (list: UidList, scan: Scan): boolean =>
  scan.settled && list.records.size > 2 * (scan.files.size + scan.odd.size) + 200;

async function numberInList(
  { disk }: Context,
  mailbox: Mailbox,
  loaded: LoadedList & { readonly list: NumberedList },
  scan: Scan,
): Promise<LoadedList & { readonly list: NumberedList }> {
  const { list } = loaded;
  const records = newRecords(list, scan);
  const wasteful = isWasteful(list, scan);
  if (records.length === 0 && !wasteful) return loaded;
  const { uidValidity, guid } = list;
  if (list.isSound && !wasteful) {
    const appended = appendToList(disk, mailbox, loaded, records);
    await disk.syncFile(listPath(mailbox));
    return { ...appended, list: { ...appended.list, uidValidity, guid } };
  }
  const kept = [...list.records.values()].filter(({ base }) =>
    !wasteful || scan.files.has(base) || scan.odd.has(base)
  );
  const whole = withRecords(list, [...kept, ...records]);
  const written = await rewriteList(disk, mailbox, whole);
  return { ...written, list: { ...written.list, uidValidity, guid } };
}

/** UIDs for the mails that have none, in the order in which they came. */
function newRecords(list: UidList, scan: Scan): readonly UidRecord[] {
  const fresh = [...scan.files.keys()].filter((base) => !list.byBase.has(base)).sort(byArrival);
  if (fresh.length > MOST - list.next) {
    throw new SyncError("no UIDs are left in the mailbox", {
      scope: "collection",
      kind: "refused",
    });
  }
  return fresh.map((base, at) => ({ uid: list.next + at, base, fields: "" }));
}

function pretended(loaded: LoadedList & { readonly list: NumberedList }, scan: Scan): Numbered {
  const files = new Map(scan.files);
  // A twin is told apart by what no name of a file holds.
  scan.twins.forEach((where, at) => files.set(`${baseOfWhere(where)}/${at}`, where));
  const records = newRecords(loaded.list, { ...scan, files });
  const list = withRecords(loaded.list, [...loaded.list.records.values(), ...records]);
  const { uidValidity, guid } = loaded.list;
  // An empty stamp: the next look reads the list again.
  return {
    loaded: { list: { ...list, uidValidity, guid }, stamp: "", pretendedFrom: loaded.list.next },
    scan: { ...scan, files },
  };
}

const baseOfWhere = (where: Where): string => nameBytes(baseOf(nameOfWhere(where)));
export const nameOfWhere = (where: Where): string => where.slice(where.indexOf("/") + 1);

/**
 * Where two files have one base name, one of them gets another, as Dovecot does: they may be two
 * mails. A second link to the same file is left alone, and counts once.
 */
function untwinned({ disk }: Context, mailbox: Mailbox, scan: Scan): Map<string, Where> {
  const files = new Map(scan.files);
  for (const where of scan.twins) {
    const path = join(mailbox.mail, where);
    try {
      const other = files.get(baseOfWhere(where));
      const [one, two] = [disk.stat(path), disk.stat(join(mailbox.mail, other ?? where))];
      if (one.ino === two.ino && one.dev === two.dev) continue;
      const base = newBase(disk.now(), disk.pid, disk.host);
      const renamed = `cur/${nameOf(base, infoOf(nameOfWhere(where)))}`;
      disk.rename(path, join(mailbox.mail, renamed));
      files.set(base, renamed);
    } catch (thrown) {
      const error = fileError(thrown, "collection", path);
      // It was in the middle of being renamed; the next listing sees what became of it.
      if (error.kind !== "missing") throw error;
    }
  }
  return files;
}

const lostMeanwhile = (mailbox: Mailbox): SyncError =>
  new SyncError(`the list of UIDs of ${mailbox.mail} was removed meanwhile`, {
    scope: "collection",
    kind: "changed",
    retry: true,
  });
