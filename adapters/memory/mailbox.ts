/** What a storage in memory knows of a mailbox besides what lies in it. */

import { SyncError } from "../../lib/model/error.ts";
import { type CollectionId, type Etag, etag, type Href, href } from "../../lib/model/names.ts";
import type { Flags } from "../../lib/model/item.ts";
import { hrefOfUid, type Mailbox, MOST, type Numbers, uidOf } from "../../lib/model/mail.ts";
import { mailboxId, partsOf } from "../../lib/item/mail/mailbox_id.ts";
import { type Data, identityIn, type Shelf, type Stored, tell } from "./shelf.ts";

/** The number of messages is counted where it is told. */
export type MailboxState = Omit<Mailbox, "messages">;

/** Whether an href is a UID: a whole number from 1 to {@linkcode MOST}, as it is written. */
export const isUid = (at: string): boolean => /^[1-9][0-9]{0,9}$/.test(at) && Number(at) <= MOST;

/** The etag of a mail. With a modseq, as of IMAP with CONDSTORE, none comes twice. */
export const etagOfMail = (flags: Flags, modseq?: number): Etag =>
  etag(`${modseq === undefined ? "" : `${modseq} `}(${flags.join(" ")})`);

/** A mailbox that has just been made: neither its UIDVALIDITY nor its GUID were there before. */
export function newMailbox(
  data: Data,
  given: Partial<MailboxState>,
  hasGuid: boolean,
): MailboxState {
  const uidValidity = 1_000 + data.versions++;
  return {
    uidValidity,
    uidNext: 1,
    ...(hasGuid ? { guid: `${data.name}-mailbox-${uidValidity}` } : {}),
    ...given,
  };
}

/** Which mailbox of the world it is. With a GUID, whatever it is called. */
export function identityOfMailbox(
  data: Data,
  shelf: Pick<Shelf, "id" | "elsewhere">,
  box: MailboxState,
): string {
  const { guid, uidValidity } = box;
  const place = shelf.elsewhere ??
    (guid === undefined
      ? identityIn(data.name, shelf.id)
      : `${identityIn(data.name)};GUID=${guid}`);
  return `${place};UIDVALIDITY=${uidValidity}`;
}

/** Puts another state in place of the one of a mailbox, with the identity that follows from it. */
export function setMailbox(data: Data, shelf: Shelf, box: MailboxState): void {
  shelf.mailbox = box;
  shelf.identity = identityOfMailbox(data, shelf, box);
  tell(data, shelf);
}

/** No new mail has this UID or a lower one. */
export function raiseUidNext(shelf: Shelf, above: number): void {
  if (shelf.mailbox === undefined || shelf.mailbox.uidNext > above) return;
  shelf.mailbox = { ...shelf.mailbox, uidNext: above + 1 };
}

/**
 * Numbers a mailbox and its mails anew, all at once. Cursors of before are worthless then.
 *
 * @throws {SyncError} `changed` where another mail has a UID that is wanted.
 */
export function renumber(data: Data, shelf: Shelf, numbers: Numbers): void {
  const box = shelf.mailbox;
  if (box === undefined) return;
  const { uids, uidNext = 0, uidValidity, guid } = numbers;
  const items = new Map<Href, Stored>();
  let highest = 0;
  for (const stored of shelf.items.values()) {
    const uid = uids.get(stored.href) ?? uidOf(stored.href);
    const at = hrefOfUid(uid);
    if (!isUid(at)) throw error("refused", `${uid} is no UID`);
    if (items.has(at)) throw error("changed", `there are two mails for the UID ${uid}`);
    items.set(at, { ...stored, href: at, before: [], when: ++shelf.now });
    highest = Math.max(highest, uid);
  }
  shelf.items.clear();
  for (const [at, stored] of [...items].sort(([one], [other]) => uidOf(one) - uidOf(other))) {
    shelf.items.set(at, stored);
  }
  shelf.gone.clear();
  shelf.era = data.versions++;
  setMailbox(data, shelf, {
    ...box,
    uidNext: Math.max(box.uidNext, uidNext, highest + 1),
    ...(uidValidity === undefined ? {} : { uidValidity }),
    ...(guid === undefined ? {} : { guid }),
  });
}

/**
 * Gives a mailbox another name, and with it those that lie under it (RFC 3501 section 6.3.5) unless
 * it is `alone`.
 *
 * @throws {SyncError} `exists` where the name is taken.
 */
export function rename(data: Data, shelf: Shelf, id: CollectionId, alone: boolean): Shelf {
  const moved = new Map<string, Shelf>();
  for (const it of data.shelves.values()) {
    const isUnder = !alone && it.id.startsWith(`${shelf.id}/`);
    if (it !== shelf && !isUnder) continue;
    const to = id + it.id.slice(shelf.id.length) as CollectionId;
    if (data.shelves.has(to)) throw error("exists", `there is a mailbox ${to} already`);
    moved.set(it.href, { ...it, id: to, href: href(to) });
  }
  if (isInbox(shelf.id) || (!alone && id.startsWith(`${shelf.id}/`))) {
    throw error("refused", `${shelf.id} cannot be called ${id}`);
  }
  for (const at of moved.keys()) data.shelves.delete(at);
  for (const it of moved.values()) {
    data.shelves.set(it.href, it);
    if (it.mailbox !== undefined) setMailbox(data, it, it.mailbox);
  }
  return data.shelves.get(id) ?? shelf;
}

export const isInbox = (id: string): boolean => id.toUpperCase() === "INBOX";

/** What a mailbox of that id is called where `separator` stands between the parts of a name. */
export function localMailboxId(id: CollectionId, separator: string, altChar: string): CollectionId {
  if (isInbox(id)) return mailboxId(["INBOX"]);
  return mailboxId(
    partsOf(id).map((part) =>
      // deno-lint-ignore no-control-regex -- these are what no name may have
      part.replaceAll(separator, altChar).replace(/[\x00-\x1f\x7f]/g, altChar)
    ),
  );
}

function error(kind: SyncError["kind"], message: string): SyncError {
  return new SyncError(message, { scope: "collection", kind });
}
