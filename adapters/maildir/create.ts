/** Makes mails of what was staged: many at a time, durably, each with the UID that it is to have. */

import { join } from "node:path";
import { codeOf, fileError } from "../../lib/files/file_error.ts";
import { placeNew } from "../../lib/files/place.ts";
import { etagOfFlags, flagsOf } from "../../lib/item/mail/flags.ts";
import { asSyncError, SyncError } from "../../lib/model/error.ts";
import { hrefOfUid, MOST, uidOf } from "../../lib/model/mail.ts";
import type { Result } from "../../lib/model/storage.ts";
import type { Context, Known } from "./context.ts";
import { removeIndexes } from "./indexes.ts";
import { type Keywords, readKeywords, withLettersFor, writeKeywords } from "./keywords.ts";
import { appendToList, listPath, rewriteList, withListLock } from "./list_file.ts";
import {
  flagsOfLetters,
  infoOf,
  isSafeBase,
  letterToWrite,
  nameOf,
  newBase,
  sizesOf,
} from "./mail_name.ts";
import { nameOfWhere } from "./numbering.ts";
import { scanMailbox } from "./scan.ts";
import { discard, type Staged } from "./stage.ts";
import type { UidRecord } from "./uidlist.ts";
import { withRecords } from "./uidlist.ts";

/** A mail that is about to get its name. */
interface Ready extends Staged {
  readonly record: UidRecord;
  readonly name: string;
  readonly letters: string;
  readonly isOwnName: boolean;
}

/**
 * Gives staged mails their UIDs and names, and their results. First their records stand in the list,
 * then the files get their names: a run that is killed in between leaves UIDs without mails, which
 * is harmless, and never a mail with another UID than it was to have.
 */
export async function createMails(
  context: Context,
  known: Known,
  staged: readonly Staged[],
  signal: AbortSignal,
): Promise<readonly Result[]> {
  const { disk } = context;
  const { mailbox } = known;
  const placed = new Set<string>();
  try {
    return await withListLock(disk, mailbox, known.loaded, signal, async (loaded, lock) => {
      known.loaded = loaded;
      const keywords = await lettersFor(context, known, staged);
      const results: Result[] = [];
      const ready = await readyOnes(context, known, staged, keywords, results);
      if (ready.length === 0) return results;
      lock.look();
      const reappears = await writeRecords(context, known, ready);
      await syncStaged(context, known, ready);
      lock.look();
      mailbox.look();
      for (const mail of ready) {
        const result = place(context, known, mail, keywords);
        if (result.outcome === "done") placed.add(mail.path);
        results.push(result);
      }
      await disk.syncFolder(join(mailbox.mail, "cur"));
      // Dovecot may have made its index anew between the list and the files.
      if (reappears) removeIndexes(disk, mailbox);
      return results;
    });
  } catch (thrown) {
    const error = asSyncError(fileError(thrown, "collection", mailbox.mail), "collection");
    // Nothing has been done but to wait for somebody's lock.
    if (error.kind === "cancelled") return [];
    return staged.map(({ action }) => ({ id: action.id, outcome: "failed", error }));
  } finally {
    for (const { path } of staged) if (!placed.has(path)) discard(disk, path);
  }
}

/** The keywords, with letters for those that the mails bring along. */
async function lettersFor(
  { disk }: Context,
  known: Known,
  staged: readonly Staged[],
): Promise<Keywords> {
  const keywords = readKeywords(disk, known.mailbox);
  const flags = flagsOf(staged.flatMap(({ action }) => action.content.flags));
  if (flags.every((flag) => letterToWrite(flag, keywords) !== undefined)) return keywords;
  const more = withLettersFor(keywords, flags, lettersInUse(known));
  if (more !== keywords) await writeKeywords(disk, known.mailbox, more);
  return more;
}

/** The letters of keywords that mails have. */
export function lettersInUse(known: Known): string {
  const used = new Set<string>();
  for (const where of known.files.values()) {
    for (const letter of infoOf(nameOfWhere(where)).letters) used.add(letter);
  }
  return [...used].join("");
}

/** What can be made; for all else there is a result. */
async function readyOnes(
  { disk, identBy }: Context,
  known: Known,
  staged: readonly Staged[],
  keywords: Keywords,
  results: Result[],
): Promise<readonly Ready[]> {
  const { list } = known.loaded;
  const isAlive = aliveIn(disk, known);
  const taken = new Set<number>();
  const bases = new Set<string>();
  const ready: Ready[] = [];
  for (const mail of staged) {
    const { id, href, content } = mail.action;
    const uid = uidOf(href);
    if (!Number.isInteger(uid) || uid < 1 || uid >= MOST) {
      results.push({ id, outcome: "failed", error: refused(`${href} is no UID`) });
      continue;
    }
    const other = list.records.get(uid);
    if (taken.has(uid) || other !== undefined && await isAlive(other.base)) {
      results.push({ id, outcome: "exists" });
      continue;
    }
    const guid = content.mail?.guid;
    const keeps = guid !== undefined && isTrueBase(guid, mail) && !known.files.has(guid) &&
      !bases.has(guid) && (list.byBase.get(guid)?.uid ?? uid) === uid;
    if (guid !== undefined && !keeps && !FIELD.test(guid) && identBy === "guid") {
      const error = refused("its GUID has characters that no list of UIDs can hold");
      results.push({ id, outcome: "failed", error });
      continue;
    }
    const base = keeps ? guid : generatedBase(disk.now(), disk.pid, disk.host, mail);
    const letters = content.flags.map((flag) => letterToWrite(flag, keywords) ?? "").join("");
    const record = { uid, base, fields: fieldsOf(mail, keeps ? undefined : guid) };
    taken.add(uid);
    bases.add(base);
    const name = nameOf(base, { letters, more: "" });
    ready.push({ ...mail, record, letters, name, isOwnName: !keeps });
  }
  return ready.sort((one, two) => one.record.uid - two.record.uid);
}

/** Whether a mail of the list is there. The folders are read once, and only if one seems not to be. */
function aliveIn(disk: Context["disk"], known: Known): (base: string) => Promise<boolean> {
  let looked = false;
  return async (base) => {
    if (!looked && known.files.has(base)) return true;
    if (!looked) {
      const scan = await scanMailbox(disk, known.mailbox, known.loaded.list.byBase.keys());
      known.files = scan.files;
      for (const odd of scan.odd) known.files.set(odd, "");
      looked = true;
    }
    return known.files.has(base);
  };
}

/** A base name that is safe and tells no untruth about the sizes. */
function isTrueBase(guid: string, { size, crlfSize, verbatim }: Staged): boolean {
  if (!isSafeBase(guid)) return false;
  const said = sizesOf(guid);
  if (said.file !== undefined && said.file !== size) return false;
  if (said.crlf === undefined) return true;
  // A copy of a file was not looked into: where its own size is right, so is the other.
  return crlfSize === undefined ? verbatim && said.file === size : crlfSize === said.crlf;
}

function generatedBase(now: number, pid: number, host: string, { size, crlfSize }: Staged): string {
  const sizes = crlfSize === undefined ? `,S=${size}` : `,S=${size},W=${crlfSize}`;
  return newBase(now, pid, host) + sizes;
}

/** What a field of the list may hold. */
const FIELD = /^[\x21-\x7e]{1,1000}$/;

function fieldsOf({ action }: Staged, guid: string | undefined): string {
  const { uidl, pop3Order } = action.content.mail ?? {};
  const isOrder = pop3Order !== undefined && Number.isInteger(pop3Order) && pop3Order >= 0 &&
    pop3Order <= MOST;
  return [
    ...(guid !== undefined && FIELD.test(guid) ? [`G${guid}`] : []),
    ...(uidl !== undefined && FIELD.test(uidl) ? [`P${uidl}`] : []),
    ...(isOrder ? [`O${pop3Order}`] : []),
  ].join(" ");
}

/**
 * Puts the records into the list. Says whether one has a UID that was given before: of those Dovecot
 * remembers that they are gone, so that it has to forget, before and after.
 */
async function writeRecords(
  { disk }: Context,
  known: Known,
  ready: readonly Ready[],
): Promise<boolean> {
  const { loaded, mailbox } = known;
  const records = ready.map(({ record }) => record);
  const reappears = records.some(({ uid }) => uid < loaded.list.next);
  if (!reappears && loaded.list.isSound) {
    known.loaded = appendToList(disk, mailbox, loaded, records);
    return false;
  }
  if (reappears) removeIndexes(disk, mailbox);
  const merged = new Map(loaded.list.records);
  for (const record of records) merged.set(record.uid, record);
  known.loaded = await rewriteList(disk, mailbox, withRecords(loaded.list, merged.values()));
  return reappears;
}

/** How many files are waited for at a time, where each has to be. */
const WIDTH = 32;

async function syncStaged(
  { disk }: Context,
  { mailbox }: Known,
  ready: readonly Ready[],
): Promise<void> {
  const list = listPath(mailbox);
  if (await disk.syncAll(mailbox.mail)) {
    if (disk.stat(mailbox.mail).dev !== disk.stat(mailbox.control).dev) await disk.syncFile(list);
    return;
  }
  const paths = [list, ...ready.map(({ path }) => path)];
  for (let from = 0; from < paths.length; from += WIDTH) {
    await Promise.all(paths.slice(from, from + WIDTH).map((path) => disk.syncFile(path)));
  }
}

/** Gives one mail its name. A name that is taken is another mail's: it is never overwritten. */
function place({ disk }: Context, known: Known, mail: Ready, keywords: Keywords): Result {
  const { action: { id }, record } = mail;
  const path = join(known.mailbox.mail, "cur", mail.name);
  try {
    // A name that was made here nobody else has; another one may be some other mail's by now.
    if (mail.isOwnName) disk.rename(mail.path, path);
    else if (!placeNew(disk, mail.path, path)) return { id, outcome: "exists" };
    else discard(disk, mail.path);
    known.files.set(record.base, `cur/${mail.name}`);
    const etag = etagOfFlags(flagsOfLetters(mail.letters, keywords));
    return { id, outcome: "done", href: hrefOfUid(record.uid), etag };
  } catch (thrown) {
    if (codeOf(thrown) === undefined) throw thrown;
    return { id, outcome: "failed", error: fileError(thrown, "item", path) };
  }
}

const refused = (message: string): SyncError =>
  new SyncError(message, { scope: "item", kind: "refused" });
