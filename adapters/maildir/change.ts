/** Sets flags of mails and deletes them: each is the renaming or the removal of one file. */

import { join } from "node:path";
import { codeOf, fileError } from "../../lib/files/file_error.ts";
import { etagOfFlags, flagsOf } from "../../lib/item/mail/flags.ts";
import { asSyncError } from "../../lib/model/error.ts";
import { uidOf } from "../../lib/model/mail.ts";
import type { Etag } from "../../lib/model/names.ts";
import type { Action, Result } from "../../lib/model/storage.ts";
import type { Context, Known } from "./context.ts";
import { lettersInUse } from "./create.ts";
import { statIfThere } from "./disk.ts";
import { type Keywords, readKeywords, withLettersFor, writeKeywords } from "./keywords.ts";
import { withListLock } from "./list_file.ts";
import { flagsOfLetters, infoOf, lettersOfFlag, letterToWrite, nameOf } from "./mail_name.ts";
import { nameOfWhere } from "./numbering.ts";
import { findMail, type Where } from "./scan.ts";

export type Change = Extract<Action, { readonly kind: "setFlags" | "delete" }>;

/** How often a mail is looked for that somebody renames all the time. */
const TRIES = 5;

/** Carries out changes, and waits once until all of them are on the disk. */
export async function changeMails(
  context: Context,
  known: Known,
  changes: readonly Change[],
  signal: AbortSignal,
): Promise<readonly Result[]> {
  try {
    const keywords = await lettersFor(context, known, changes, signal);
    const results: Result[] = [];
    const touched = new Set<string>();
    known.mailbox.look();
    for (const change of changes) {
      results.push(await changeMail(context, known, change, keywords, touched));
    }
    for (const folder of touched) await context.disk.syncFolder(join(known.mailbox.mail, folder));
    return results;
  } catch (thrown) {
    const error = asSyncError(
      fileError(thrown, "collection", known.mailbox.mail),
      "collection",
    );
    if (error.kind === "cancelled") return [];
    return changes.map(({ id }) => ({ id, outcome: "failed", error }));
  }
}

/** The keywords, with letters for those that mails get now. */
async function lettersFor(
  { disk }: Context,
  known: Known,
  changes: readonly Change[],
  signal: AbortSignal,
): Promise<Keywords> {
  const { mailbox } = known;
  const keywords = readKeywords(disk, mailbox);
  const flags = flagsOf(
    changes.flatMap((change) => change.kind === "setFlags" ? added(change) : []),
  );
  if (flags.every((flag) => letterToWrite(flag, keywords) !== undefined)) return keywords;
  return await withListLock(disk, mailbox, known.loaded, signal, async (_, lock) => {
    const now = readKeywords(disk, mailbox);
    const more = withLettersFor(now, flags, lettersInUse(known));
    lock.look();
    if (more !== now) await writeKeywords(disk, mailbox, more);
    return more;
  });
}

type SetFlags = Extract<Change, { readonly kind: "setFlags" }>;

const added = ({ was, flags }: SetFlags) => without(flags, was);
const removed = ({ was, flags }: SetFlags) => without(was, flags);

function without(flags: readonly string[], others: readonly string[]): readonly string[] {
  const folded = new Set(others.map((flag) => flag.toLowerCase()));
  return flags.filter((flag) => !folded.has(flag.toLowerCase()));
}

async function changeMail(
  context: Context,
  known: Known,
  change: Change,
  keywords: Keywords,
  touched: Set<string>,
): Promise<Result> {
  const { id, href } = change;
  const gone: Result = { id, outcome: change.kind === "delete" ? "done" : "changed" };
  const record = known.loaded.list.records.get(uidOf(href));
  if (record === undefined) return gone;
  for (let tried = 0; tried < TRIES; tried++) {
    const where = await findMail(context.disk, known.mailbox, known.files, record.base);
    if (where === undefined) return gone;
    const path = join(known.mailbox.mail, where);
    try {
      if (etagAt(where, keywords) !== change.etag) return { id, outcome: "changed" };
      if (change.kind === "delete") {
        context.disk.remove(path);
        known.files.delete(record.base);
        touched.add(folderOf(where));
        return { id, outcome: "done" };
      }
      return flag(context, known, change, record.base, where, keywords, touched);
    } catch (thrown) {
      if (codeOf(thrown) === "ENOENT") continue;
      return { id, outcome: "failed", error: fileError(thrown, "item", path) };
    }
  }
  return { id, outcome: "changed" };
}

function flag(
  { disk }: Context,
  { mailbox, files }: Known,
  change: SetFlags,
  base: string,
  where: Where,
  keywords: Keywords,
  touched: Set<string>,
): Result {
  const info = infoOf(nameOfWhere(where));
  const dropped = removed(change).map((it) => lettersOfFlag(it, keywords)).join("");
  const kept = [...info.letters].filter((letter) => !dropped.includes(letter)).join("");
  const letters = kept + added(change).map((it) => letterToWrite(it, keywords) ?? "").join("");
  // The base is as the folder has it, which need not be as the list spells it in bytes.
  const name = nameOf(nameOfWhere(where).split(":")[0] ?? base, { letters, more: info.more });
  const next: Where = `cur/${name}`;
  const etag = etagOfFlags(flagsOfLetters(letters, keywords));
  if (next === where) return { id: change.id, outcome: "done", etag };
  // What already has that name is another file, which is not to be lost.
  if (statIfThere(disk, join(mailbox.mail, next)) !== undefined) {
    return { id: change.id, outcome: "changed" };
  }
  disk.rename(join(mailbox.mail, where), join(mailbox.mail, next));
  files.set(base, next);
  touched.add("cur").add(folderOf(where));
  return { id: change.id, outcome: "done", etag };
}

const etagAt = (where: Where, keywords: Keywords): Etag =>
  etagOfFlags(flagsOfLetters(infoOf(nameOfWhere(where)).letters, keywords));

const folderOf = (where: Where): string => where.slice(0, where.indexOf("/"));
