/** The mailboxes of a Maildir. */

import { join } from "node:path";
import { codeOf, fileError } from "../../lib/files/file_error.ts";
import type { Stat } from "../../lib/files/files.ts";
import { mailboxId } from "../../lib/item/mail/mailbox_id.ts";
import { cancelled, SyncError } from "../../lib/model/error.ts";
import { href } from "../../lib/model/names.ts";
import type { Collection } from "../../lib/model/storage.ts";
import type { Context } from "./context.ts";
import { type Disk, statIfThere } from "./disk.ts";
import { INBOX, isUnnamable, partsOfHref, type Places, placesOf } from "./layout.ts";
import { glanceAtList, listPath, rewriteList, withListLock } from "./list_file.ts";
import { type Mailbox, openMailbox } from "./mailbox.ts";
import { newGuid, numberMailbox, pretendedNumbers } from "./numbering.ts";
import { readSubscriptions, subscriptionsPath } from "./subscriptions.ts";

/** Nobody nests deeper, but a disk may lead in a circle. */
const MAX_DEPTH = 64;
/** Up to so many mails are counted; of more, the list says how many there are about. */
const COUNTED = 1000;
/** After so many mailboxes others get their turn. */
const TURN = 200;

/**
 * All mailboxes. One that is a link, or that cannot be read, is among them without numbers: it is
 * there, and listing its mails says what is wrong with it.
 */
export async function listMailboxes(
  context: Context,
  signal: AbortSignal,
): Promise<readonly Collection[]> {
  const { disk, places } = context;
  const subscribed = readSubscriptions(disk, subscriptionsOf(places), places.layout);
  const collections = new Map<string, Collection>();
  const guids = new Map<string, string>();
  let looked = 0;
  for (const [id, name] of [...hrefsIn(disk, places)].sort(([one], [two]) => one < two ? -1 : 1)) {
    if (++looked % TURN === 0) await new Promise((resolve) => setTimeout(resolve));
    if (signal.aborted) throw cancelled(signal.reason);
    const found = await mailboxAt(context, name, subscribed.has(name), signal);
    const guid = found.mailbox?.guid;
    const twin = guid === undefined ? undefined : guids.get(guid);
    if (guid !== undefined) guids.set(guid, id);
    collections.set(id, found);
    // Of two with one GUID, which a copied folder has, the one that comes first gets another, as
    // with Dovecot's dsync.
    const first = twin === undefined ? undefined : collections.get(twin);
    if (twin === undefined || first === undefined) continue;
    collections.set(twin, await withOtherGuid(context, first, guid, signal));
  }
  return [...collections.values()];
}

export const subscriptionsOf = (places: Places): string =>
  subscriptionsPath(places.control ?? places.root);

/** The mailboxes' hrefs by id. */
export function hrefsIn(disk: Disk, places: Places): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const add = (name: string) => {
    const parts = partsOfHref(places.layout, name);
    if (parts === undefined) return;
    const id = mailboxId(parts);
    // Two spellings of one name: the proper one is the mailbox, as it is for Dovecot.
    const isProper = !/[^\x20-\x7e]/.test(name);
    if (!found.has(id) || isProper) found.set(id, name);
  };
  if (isMailbox(disk, places.inbox)) add(INBOX);
  if (places.layout === "fs") addNested(disk, places.root, "", 0, add);
  else {
    for (const name of namesIn(disk, places.root)) {
      const isOne = isUnnamable(name) || isMailbox(disk, join(places.root, name));
      if (name.startsWith(".") && isOne) add(name);
    }
  }
  return found;
}

function addNested(
  disk: Disk,
  folder: string,
  prefix: string,
  depth: number,
  add: (name: string) => void,
): void {
  if (depth > MAX_DEPTH) return;
  for (const name of namesIn(disk, folder)) {
    if (partsOfHref("fs", prefix + name) === undefined) continue;
    const path = join(folder, name);
    if (isUnnamable(name) || isMailbox(disk, path)) add(prefix + name);
    if (kindAt(disk, path) === "folder") addNested(disk, path, `${prefix}${name}/`, depth + 1, add);
  }
}

function namesIn(disk: Disk, folder: string): readonly string[] {
  try {
    return disk.names(folder);
  } catch (thrown) {
    throw fileError(thrown, "storage", folder);
  }
}

function kindAt(disk: Disk, path: string): Stat["kind"] | undefined {
  try {
    return statIfThere(disk, path)?.kind;
  } catch (thrown) {
    throw fileError(thrown, "storage", path);
  }
}

/** Whether it has a `cur`. A link that leads to such a folder counts, and is refused later. */
function isMailbox(disk: Disk, path: string): boolean {
  const kind = kindAt(disk, path);
  if (kind === "link") return disk.linkedKind(join(path, "cur")) !== undefined;
  if (kind !== "folder") return false;
  try {
    const cur = statIfThere(disk, join(path, "cur"))?.kind;
    return cur === "folder" || cur === "link";
  } catch (thrown) {
    // A folder that may not be looked into may be a mailbox: it is no absence.
    if (codeOf(thrown) === "EACCES") return true;
    throw fileError(thrown, "storage", path);
  }
}

async function mailboxAt(
  context: Context,
  name: string,
  isSubscribed: boolean,
  signal: AbortSignal,
): Promise<Collection> {
  try {
    const mailbox = openMailbox(context.disk, context.places, name);
    const seen = glanceAtList(context.disk, listPath(mailbox));
    const { uidValidity, guid } = seen;
    if (uidValidity !== undefined && guid !== undefined) {
      const messages = messagesOf(context, mailbox, seen.records);
      const numbers = { uidValidity, guid, uidNext: seen.next, messages };
      return collectionOf(context.places, name, isSubscribed, numbers);
    }
    const { list } = await numberMailbox(context, mailbox, undefined, signal);
    const messages = messagesOf(context, mailbox, list.records.size);
    const numbers = {
      uidValidity: list.uidValidity,
      guid: list.guid,
      uidNext: list.next,
      messages,
    };
    return collectionOf(context.places, name, isSubscribed, numbers);
  } catch (thrown) {
    const error = fileError(thrown, "collection", placesOf(context.places, name).mail);
    if (error.scope === "collection" && error.kind !== "cancelled") {
      return collectionOf(context.places, name, isSubscribed, undefined);
    }
    throw error;
  }
}

/** How many mails there are; of a large mailbox, how many its list knows. */
export function messagesOf({ disk }: Context, mailbox: Mailbox, records: number): number {
  if (records > COUNTED) return records;
  const count = (folder: string) => {
    try {
      return disk.entries(join(mailbox.mail, folder))
        .filter(({ name, isFile }) => isFile && !name.startsWith(".")).length;
    } catch (thrown) {
      if (codeOf(thrown) === "ENOENT") return 0;
      throw thrown;
    }
  };
  return count("cur") + count("new");
}

export function collectionOf(
  places: Places,
  name: string,
  isSubscribed: boolean,
  mailbox: Collection["mailbox"],
): Collection {
  const identity = mailbox === undefined
    ? `${identityRoot(places)}NAME=${name}`
    : `${identityRoot(places)}GUID=${mailbox.guid ?? ""};UIDVALIDITY=${mailbox.uidValidity}`;
  return {
    id: mailboxId(partsOfHref(places.layout, name) ?? [name]),
    href: href(name),
    identity,
    properties: isSubscribed ? { subscribed: "yes" } : {},
    ...(mailbox === undefined ? undefined : { mailbox }),
  };
}

/** Another layout is another view: what is known by one says nothing about the other. */
export const identityRoot = ({ root, layout }: Places): string =>
  `maildir:${root};${layout === "maildir++" ? "" : `LAYOUT=${layout};`}`;

async function withOtherGuid(
  context: Context,
  collection: Collection,
  twin: string | undefined,
  signal: AbortSignal,
): Promise<Collection> {
  const { disk, places, assign } = context;
  const mailbox = openMailbox(disk, places, collection.href);
  const numbers = collection.mailbox;
  if (numbers === undefined) return collection;
  const name = collection.href;
  const subscribed = collection.properties.subscribed === "yes";
  if (assign === "pretend") {
    const { guid } = pretendedNumbers(mailbox.mail, { uidValidity: undefined, guid: undefined });
    return collectionOf(places, name, subscribed, { ...numbers, guid });
  }
  const guid = await withListLock(disk, mailbox, undefined, signal, async ({ list }, lock) => {
    if (list.guid !== twin) return list.guid ?? "";
    const other = newGuid();
    lock.look();
    await rewriteList(disk, mailbox, { ...list, guid: other });
    return other;
  });
  return collectionOf(places, name, subscribed, { ...numbers, guid });
}

/** Throws `changed` where the mailbox is no longer the one that was listed. */
export function sameMailbox(
  collection: Collection,
  now: { readonly guid: string | undefined; readonly uidValidity: number | undefined },
): void {
  const { mailbox } = collection;
  if (mailbox === undefined) return;
  if (mailbox.guid === now.guid && mailbox.uidValidity === now.uidValidity) return;
  throw new SyncError(`the mailbox ${collection.id} is no longer the one that was listed`, {
    scope: "collection",
    kind: "changed",
    retry: true,
  });
}
