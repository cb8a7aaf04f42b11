/** Mailboxes as a whole: listing, removing, renaming and numbering them. */

import { dirname, join } from "node:path";
import { codeOf } from "../../lib/files/file_error.ts";
import { asSyncError, SyncError } from "../../lib/model/error.ts";
import type { Numbers } from "../../lib/model/mail.ts";
import { hrefOfUid, MOST } from "../../lib/model/mail.ts";
import type { CollectionId } from "../../lib/model/names.ts";
import type { Collection } from "../../lib/model/storage.ts";
import type { Box } from "./box.ts";
import { load, type World } from "./contents.ts";
import type { Disk } from "./disk.ts";
import { dropIndexes, forgetIndexes } from "./dovecot_index.ts";
import { isLeftHalf } from "./overwrite.ts";
import { assign, lay, type Place, withBox } from "./locked.ts";
import { makeWayFor } from "./make_way.ts";
import { INBOX, listPlaces, type MailboxPlace, placeFor, type Places } from "./places.ts";
import { readSubscriptions } from "./subscriptions.ts";

/** A storage of mailboxes. */
export interface Boxes {
  readonly world: World;
  readonly places: Places;
  /** Where Dovecot's indexes are, if not in `.imap` beside each mailbox. */
  readonly index: string | undefined;
  /** Whether what is missing in a file, such as UIDs, is written to it. */
  readonly writes: boolean;
  /** A UIDVALIDITY that no mailbox was given before. */
  newValidity(): number;
}

const NEVER = new AbortController().signal;

/** What is needed to change that mailbox. */
export function asPlace({ places, index }: Boxes, { href, path }: MailboxPlace): Place {
  const { root } = places;
  const name = href === INBOX ? "INBOX" : href;
  const at = name.lastIndexOf("/") + 1;
  return {
    path,
    folder: root,
    redo: { folder: root },
    // Dovecot: <folder>/.imap/<name>, and with a folder of their own <index>/<path>/.imap/<name>.
    index: join(index ?? root, name.slice(0, at), ".imap", name.slice(at)),
  };
}

/** What a mailbox holds, with all its UIDs: written to its file, unless nothing may be written. */
export async function openBox(
  boxes: Boxes,
  place: MailboxPlace,
  signal: AbortSignal,
): Promise<Box> {
  const { world, writes } = boxes;
  if (isLeftHalf(world.disk, { folder: boxes.places.root }, place.path)) {
    if (!writes) throw leftHalf(place.path);
    return await withBox(
      world,
      asPlace(boxes, place),
      undefined,
      signal,
      ({ box }) => Promise.resolve(box),
    );
  }
  const box = await load(world, place.path, signal);
  if (box.written || !writes) return box;
  return await assign(world, asPlace(boxes, place), boxes.newValidity(), signal);
}

/**
 * All mailboxes. One that cannot be read is among them, without its numbers: it is there, and listing
 * its mails says what is wrong with it.
 */
export async function listBoxes(boxes: Boxes, signal: AbortSignal): Promise<Collection[]> {
  const { world: { disk }, places } = boxes;
  const subscribed = readSubscriptions(disk, places.root);
  const collections: Collection[] = [];
  for (const place of listPlaces(disk, places)) {
    const isSubscribed = subscribed.has(place.id);
    try {
      const box = await openBox(boxes, place, signal);
      collections.push(asCollection(place, box, isSubscribed));
    } catch (thrown) {
      const error = asSyncError(thrown, "collection");
      if (error.scope !== "collection") throw error;
      if (error.kind === "missing") continue;
      const { id, href, path } = place;
      collections.push({
        id,
        href,
        identity: `mbox:${path}`,
        properties: properties(isSubscribed),
      });
    }
  }
  return collections;
}

const properties = (subscribed: boolean): Collection["properties"] =>
  subscribed ? { subscribed: "yes" } : {};

export function asCollection(
  { id, href, path }: MailboxPlace,
  box: Box,
  subscribed: boolean,
): Collection {
  const { uidValidity, uidNext, entries } = box;
  return {
    id,
    href,
    identity: `mbox:${path};UIDVALIDITY=${uidValidity}`,
    properties: properties(subscribed),
    mailbox: { uidValidity, uidNext, messages: entries.length },
  };
}

/** Removes an empty mailbox of that UIDVALIDITY, and folders that hold nothing then. */
export async function removeBox(
  boxes: Boxes,
  mailbox: MailboxPlace,
  uidValidity: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { world, places } = boxes;
  if (mailbox.href === INBOX) throw refused("INBOX is always there");
  const place = asPlace(boxes, mailbox);
  await withBox(world, place, undefined, signal, ({ target, box }) => {
    if (box.uidValidity !== uidValidity) throw another(place.path);
    if (box.entries.length > 0) {
      const count = box.entries.length;
      throw refused(`${place.path} is not empty: it holds ${count} mail${count === 1 ? "" : "s"}`);
    }
    target.held.ensure();
    world.disk.remove(place.path);
    world.cache.delete(place.path);
    world.disk.syncFolder(dirname(place.path));
    return Promise.resolve();
  });
  forgetIndexes(world.disk, place.index);
  for (let folder = dirname(place.path); folder.startsWith(`${places.root}/`);) {
    if (!removeEmpty(world.disk, join(folder, ".imap")) || !removeEmpty(world.disk, folder)) break;
    folder = dirname(folder);
  }
}

/** Whether the folder is gone now. */
function removeEmpty(disk: Disk, folder: string): boolean {
  try {
    disk.remove(folder);
    return true;
  } catch (thrown) {
    if (codeOf(thrown) === undefined && !(thrown instanceof Error)) throw thrown;
    return disk.stat(folder) === undefined;
  }
}

/** Gives a mailbox another name. Its UIDVALIDITY stays. */
export async function renameBox(
  boxes: Boxes,
  mailbox: MailboxPlace,
  uidValidity: number | undefined,
  id: CollectionId,
  signal: AbortSignal,
): Promise<Collection> {
  const { world, places } = boxes;
  const { disk } = world;
  if (mailbox.href === INBOX || id === "INBOX") throw refused("INBOX keeps its name");
  const place = asPlace(boxes, mailbox);
  const to = placeFor(places, id);
  await withBox(world, place, undefined, signal, ({ target, box }) => {
    if (box.uidValidity !== uidValidity) throw another(place.path);
    makeWayFor(disk, places, to);
    target.held.ensure();
    disk.rename(place.path, to.path);
    world.cache.delete(place.path);
    disk.syncFolder(dirname(to.path));
    disk.syncFolder(dirname(place.path));
    return Promise.resolve();
  });
  // Dovecot makes new ones for it.
  forgetIndexes(disk, place.index);
  return asCollection(to, await load(world, to.path, signal), false);
}

/** Numbers a mailbox and its mails anew, in one writing. They are put into the order of their UIDs. */
export async function renumberBox(
  boxes: Boxes,
  mailbox: MailboxPlace,
  uidValidity: number | undefined,
  numbers: Numbers,
  signal: AbortSignal,
): Promise<Collection> {
  const place = asPlace(boxes, mailbox);
  const box = await withBox(boxes.world, place, undefined, signal, async (opened) => {
    const { box } = opened;
    if (box.uidValidity !== uidValidity) throw another(place.path);
    const taken = new Set<number>();
    const mails = Array.from(box.entries, (entry) => {
      const uid = numbers.uids.get(hrefOfUid(entry.uid)) ?? entry.uid;
      if (!Number.isInteger(uid) || uid < 1 || uid >= MOST) throw refused(`${uid} is no UID`);
      if (taken.has(uid)) throw another(place.path, `there are two mails for the UID ${uid}`);
      taken.add(uid);
      return { uid, flags: entry.flags, source: entry };
    }).sort((one, other) => one.uid - other.uid);
    const uidNext = Math.max(box.uidNext, numbers.uidNext ?? 1, (mails.at(-1)?.uid ?? 0) + 1);
    // Dovecot has seen the old UIDs, and would not have others in their places.
    if (numbers.uids.size > 0) dropIndexes(boxes.world.disk, place.index);
    const layout = { uidValidity: numbers.uidValidity ?? box.uidValidity, uidNext, mails };
    return await lay(boxes.world, opened, layout, NEVER);
  });
  const subscribed = readSubscriptions(boxes.world.disk, boxes.places.root);
  return asCollection(mailbox, box, subscribed.has(mailbox.id));
}

export function another(
  path: string,
  message = `${path} is no longer the mailbox that was listed`,
): SyncError {
  return new SyncError(message, { scope: "collection", kind: "changed" });
}

function refused(message: string): SyncError {
  return new SyncError(message, { scope: "collection", kind: "refused" });
}

function leftHalf(path: string): SyncError {
  return new SyncError(`a run that wrote to ${path} was stopped, and has to be finished first`, {
    scope: "collection",
    kind: "changed",
    hint: "Run once so that this storage may be written to.",
  });
}
