/** Makes, removes and renames mailboxes. */

import { dirname, join } from "node:path";
import { codeOf, fileError } from "../../lib/files/file_error.ts";
import { SyncError } from "../../lib/model/error.ts";
import type { CollectionId } from "../../lib/model/names.ts";
import type { Collection } from "../../lib/model/storage.ts";
import { collectionOf, sameMailbox } from "./collections.ts";
import type { Context } from "./context.ts";
import { makeFolders, removeIfThere, statIfThere } from "./disk.ts";
import { namesIn, removeIndexes } from "./indexes.ts";
import { fullNameOf, hrefOfId, INBOX, type MailboxPlaces, placesOf } from "./layout.ts";
import { loadList, rewriteList } from "./list_file.ts";
import { fileModeOf, folderModeOf, type Mailbox, openMailbox } from "./mailbox.ts";
import { logChanges, type LogEntry } from "./mailbox_log.ts";
import { newGuid } from "./numbering.ts";
import { emptyList } from "./uidlist.ts";
import { nextUidValidity } from "./uidvalidity.ts";

/** As the root is for others to look into, so is what is made in it: so does Dovecot. */
const modeOfRoot = ({ disk, places }: Context): number => folderModeOf(disk.stat(places.root).mode);

/**
 * Makes a mailbox. `cur`, without which it is none, comes last: a run that is killed before leaves a
 * folder that the next one makes use of.
 */
export async function makeMailbox(context: Context, id: CollectionId): Promise<Collection> {
  const { disk, places } = context;
  const name = hrefOfId(places.layout, id);
  const folders = placesOf(places, name);
  try {
    const mode = modeOfRoot(context);
    if (statIfThere(disk, join(folders.mail, "cur")) !== undefined) throw exists(id);
    for (const folder of [folders.mail, folders.control]) makeFolders(disk, folder, mode);
    for (const folder of ["tmp", "new"]) makeFolders(disk, join(folders.mail, folder), mode);
    if (places.layout === "maildir++" && name !== INBOX) touch(context, folders, fileModeOf(mode));
    removeIndexes(disk, folders);
    const uidValidity = nextUidValidity(disk, places.control ?? places.root, mode);
    const guid = newGuid();
    const mailbox = { ...folders, href: name, fileMode: fileModeOf(mode), look: () => {} };
    await rewriteList(disk, mailbox, { ...emptyList(), uidValidity, guid });
    if (!makeFolders(disk, join(folders.mail, "cur"), mode)) throw exists(id);
    for (const folder of [folders.mail, dirname(folders.mail)]) await disk.syncFolder(folder);
    return collectionOf(places, name, false, { guid, uidValidity, uidNext: 1, messages: 0 });
  } catch (thrown) {
    throw fileError(thrown, "collection", folders.mail);
  }
}

/** The empty file by which Maildir++ tells that a folder is a mailbox and no Maildir of its own. */
function touch({ disk }: Context, folders: MailboxPlaces, mode: number): void {
  try {
    disk.create(join(folders.mail, "maildirfolder"), mode).close();
  } catch (thrown) {
    if (codeOf(thrown) !== "EEXIST") throw thrown;
  }
}

/**
 * Deletes a mailbox without mails. That `cur` and `new` can be removed is what says that there are
 * none: a delivery in the last moment keeps the mailbox. What is not Dovecot's or ours stays.
 */
export async function removeMailbox(context: Context, collection: Collection): Promise<void> {
  const { disk, places } = context;
  if (collection.href === INBOX) throw refused("INBOX cannot be deleted");
  const mailbox = openMailbox(disk, places, collection.href);
  try {
    const { list } = loadList(disk, mailbox);
    sameMailbox(collection, list);
    removeFolders(context, mailbox);
    for (const folder of new Set([mailbox.index, mailbox.control, mailbox.mail])) {
      for (const name of namesIn(disk, folder)) {
        if (OURS.test(name)) removeIfThere(disk, join(folder, name));
      }
      removeEmpty(context, folder);
    }
    await disk.syncFolder(dirname(mailbox.mail));
    const entries: LogEntry[] = [
      ...(list.guid === undefined ? [] : [{ type: "delete mailbox", guid: list.guid } as const]),
      { type: "delete folder", name: fullNameOf(places.layout, collection.id) },
    ];
    logChanges(disk, places.index ?? places.root, entries, modeOfRoot(context));
  } catch (thrown) {
    throw fileError(thrown, "collection", mailbox.mail);
  }
}

/** What lies in the folder of a mailbox besides mails, and is worth nothing without it. */
const OURS = /^(?:dovecot[.-].*|maildirfolder)$/;

function removeFolders({ disk }: Context, mailbox: Mailbox): void {
  const path = (name: string) => join(mailbox.mail, name);
  const { mode } = disk.stat(path("cur"));
  if (statIfThere(disk, path("new")) !== undefined) removeFolder(disk, path("new"));
  try {
    removeFolder(disk, path("cur"));
  } catch (thrown) {
    makeFolders(disk, path("new"), folderModeOf(mode));
    throw thrown;
  }
  // What was being delivered cannot be put into `new` any more; it is no mail yet.
  for (const name of namesIn(disk, path("tmp"))) removeIfThere(disk, join(path("tmp"), name));
  removeIfThere(disk, path("tmp"));
}

function removeFolder(disk: Context["disk"], path: string): void {
  try {
    disk.remove(path);
  } catch (thrown) {
    if (isNotEmpty(thrown)) throw refused(`${dirname(path)} holds mails`, thrown);
    throw thrown;
  }
}

/** A folder with something else in it stays: with `LAYOUT=fs`, mailboxes below this one. */
function removeEmpty({ disk }: Context, path: string): void {
  try {
    removeIfThere(disk, path);
  } catch (thrown) {
    if (!isNotEmpty(thrown)) throw thrown;
  }
}

const isNotEmpty = (thrown: unknown): boolean =>
  codeOf(thrown) === "ENOTEMPTY" || codeOf(thrown) === "EEXIST" ||
  thrown instanceof Error && /not empty/i.test(thrown.message);

/** Gives a mailbox another name, and with it those below it. */
export async function renameMailbox(
  context: Context,
  collection: Collection,
  id: CollectionId,
): Promise<Collection> {
  const { disk, places } = context;
  if (collection.href === INBOX || id === INBOX) throw refused("INBOX keeps its name");
  const mailbox = openMailbox(disk, places, collection.href);
  const name = hrefOfId(places.layout, id);
  try {
    sameMailbox(collection, loadList(disk, mailbox).list);
    if (statIfThere(disk, join(placesOf(places, name).mail, "cur")) !== undefined) throw exists(id);
    const mode = modeOfRoot(context);
    const moves = movesOf(context, collection.href, name);
    const taken = moves.find(([from, to]) => from.mail !== to.mail && isTaken(context, to.mail));
    if (taken !== undefined) throw exists(id);
    for (const [from, to] of moves) {
      // The list of UIDs goes first: without it the mails would get other ones.
      for (const kind of ["control", "index", "mail"] as const) {
        if (from[kind] === from.mail && kind !== "mail") continue;
        moveFolder(context, from[kind], to[kind], mode);
      }
    }
    const target = placesOf(places, name);
    for (const path of [mailbox.mail, target.mail]) await disk.syncFolder(dirname(path));
    const entry = { type: "rename", name: fullNameOf(places.layout, id) } as const;
    logChanges(disk, places.index ?? places.root, [entry], mode);
    return collectionOf(places, name, false, collection.mailbox);
  } catch (thrown) {
    throw fileError(thrown, "collection", mailbox.mail);
  }
}

/** Which folders move where. In Maildir++ a mailbox below another one is a folder beside it. */
function movesOf(
  { disk, places }: Context,
  from: string,
  to: string,
): readonly (readonly [MailboxPlaces, MailboxPlaces])[] {
  const below = places.layout === "fs"
    ? []
    : disk.names(places.root).filter((name) => name.startsWith(`${from}.`));
  return [from, ...below].map((name) => [
    placesOf(places, name),
    placesOf(places, to + name.slice(from.length)),
  ]);
}

/** Whether there is something else than a folder of folders, which can be moved into. */
function isTaken({ disk, places }: Context, path: string): boolean {
  if (statIfThere(disk, path) === undefined) return false;
  return places.layout === "maildir++" ? statIfThere(disk, join(path, "cur")) !== undefined : false;
}

/** What is in the way already is kept: it is moved into, and never over. */
function moveFolder(context: Context, from: string, to: string, mode: number): void {
  const { disk } = context;
  if (statIfThere(disk, from) === undefined) return;
  if (statIfThere(disk, to) === undefined) {
    makeFolders(disk, dirname(to), mode);
    disk.rename(from, to);
    return;
  }
  const last = (name: string) => name === "cur" ? 1 : 0;
  for (const name of disk.names(from).toSorted((one, two) => last(one) - last(two))) {
    if (statIfThere(disk, join(to, name)) !== undefined) {
      if (!OURS.test(name) && !PARTS.test(name)) throw inTheWay(join(to, name));
      removeEmpty(context, join(to, name));
    }
    disk.rename(join(from, name), join(to, name));
  }
  removeEmpty(context, from);
}

const inTheWay = (path: string): SyncError =>
  new SyncError(`${path} is in the way`, { scope: "collection", kind: "exists" });

const PARTS = /^(?:tmp|new|cur)$/;

const exists = (id: CollectionId): SyncError =>
  new SyncError(`the mailbox ${id} is there already`, { scope: "collection", kind: "exists" });

const refused = (message: string, cause?: unknown): SyncError =>
  new SyncError(message, { scope: "collection", kind: "refused", cause });
