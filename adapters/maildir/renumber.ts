/** Numbers a mailbox and its mails anew: one rewriting of the list of UIDs. */

import { join } from "node:path";
import { codeOf } from "../../lib/files/file_error.ts";
import { temporaryName } from "../../lib/files/names.ts";
import { SyncError } from "../../lib/model/error.ts";
import { MOST, type Numbers, uidOf } from "../../lib/model/mail.ts";
import type { Context } from "./context.ts";
import { removeIndexes } from "./indexes.ts";
import { type LoadedList, rewriteList, withListLock } from "./list_file.ts";
import { folderModeOf, type Mailbox } from "./mailbox.ts";
import { scanMailbox } from "./scan.ts";
import { isGuid, type UidList, type UidRecord, withRecords } from "./uidlist.ts";
import { noteUidValidity } from "./uidvalidity.ts";

/**
 * @param expected What the mailbox is to be now; throws `changed` where it is another one.
 */
export async function renumberMailbox(
  context: Context,
  mailbox: Mailbox,
  numbers: Numbers,
  expected: (list: UidList) => void,
  signal: AbortSignal,
): Promise<LoadedList> {
  check(numbers);
  const { disk, places } = context;
  return await withListLock(disk, mailbox, undefined, signal, async ({ list }, lock) => {
    expected(list);
    const scan = await scanMailbox(disk, mailbox, list.byBase.keys());
    const isThere = ({ base }: UidRecord) => scan.files.has(base) || scan.odd.has(base);
    const records = renumbered([...list.records.values()].filter(isThere), numbers.uids);
    // As to Dovecot, a mail under a UID that was never given is a new one. Of one that another mail
    // had, or none any more, its index knows something else.
    const isBack = records.some(({ uid, base }) =>
      uid < list.next && list.byBase.get(base)?.uid !== uid
    );
    const next = Math.max(list.next, Math.min(numbers.uidNext ?? 1, MOST));
    const renewed = {
      ...list,
      next,
      uidValidity: numbers.uidValidity ?? list.uidValidity,
      guid: numbers.guid?.toLowerCase() ?? list.guid,
    };
    lock.look();
    // A run that is killed in between leaves an index that is made anew, and never one that is wrong.
    // Otherwise the index stays: who has the mailbox open would take it for deleted.
    const tell = () => isBack ? removeIndexes(disk, mailbox) : touch(disk, mailbox);
    tell();
    const written = await rewriteList(disk, mailbox, withRecords(renewed, records));
    tell();
    if (numbers.uidValidity !== undefined) {
      const mode = folderModeOf(disk.stat(mailbox.mail).mode);
      noteUidValidity(disk, places.control ?? places.root, numbers.uidValidity, mode);
    }
    return written;
  });
}

/**
 * Dovecot looks into the list for mails that it knows only where the time of `cur` is another one. Who
 * does not own the folder cannot set that, but can put something in it.
 */
function touch(disk: Context["disk"], { mail, fileMode }: Mailbox): void {
  const cur = join(mail, "cur");
  try {
    disk.setTime(cur, disk.now());
  } catch (thrown) {
    if (codeOf(thrown) !== "EPERM") throw thrown;
    const path = join(cur, temporaryName());
    disk.create(path, fileMode).close();
    disk.remove(path);
  }
}

function check({ uidValidity, uidNext, guid, uids }: Numbers): void {
  const isNumber = (value: number) => Number.isInteger(value) && value >= 1 && value <= MOST;
  const all = [...uids.values(), uidValidity ?? 1, uidNext ?? 1];
  if (all.every(isNumber) && (guid === undefined || isGuid(guid))) return;
  throw new SyncError("a mailbox cannot be numbered like that", {
    scope: "collection",
    kind: "malformed",
  });
}

/** The records under their new UIDs. Those that nobody named keep theirs. */
function renumbered(
  records: readonly UidRecord[],
  uids: Numbers["uids"],
): readonly UidRecord[] {
  const wanted = new Map(Array.from(uids, ([href, uid]) => [uidOf(href), uid]));
  const taken = new Set<number>();
  return records.map((record) => {
    const uid = wanted.get(record.uid) ?? record.uid;
    if (taken.has(uid)) {
      throw new SyncError(`the UID ${uid} is taken by a mail that came meanwhile`, {
        scope: "collection",
        kind: "changed",
        retry: true,
      });
    }
    taken.add(uid);
    return { ...record, uid };
  });
}
