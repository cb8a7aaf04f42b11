/** Carries out one action on a mailbox in memory. */

import { SyncError } from "../../lib/model/error.ts";
import type { Flags } from "../../lib/model/item.ts";
import { hrefOfUid, type ListedMail, type Mail, uidOf } from "../../lib/model/mail.ts";
import { type Etag, ident } from "../../lib/model/names.ts";
import type { Action, Capabilities, Result } from "../../lib/model/storage.ts";
import { flagsOf } from "../../lib/item/mail/flags.ts";
import { CrlfCounter } from "../../lib/item/mail/newlines.ts";
import type { Behaviour } from "./behaviour.ts";
import { bytesKept } from "./mail_body.ts";
import { etagOfMail, isUid, raiseUidNext } from "./mailbox.ts";
import { type Data, displace, place, type Shelf, type Stored } from "./shelf.ts";

/** A mail as it is put into a mailbox. */
export interface Delivery {
  readonly uid: number;
  readonly bytes: Uint8Array;
  readonly flags: Flags;
  readonly mail?: Mail | undefined;
}

/** Puts a mail there, whatever has that UID. */
export function deliver(
  data: Data,
  shelf: Shelf,
  { uid, bytes, flags, mail }: Delivery,
  behaviour: Behaviour,
): Etag {
  raiseUidNext(shelf, uid);
  const kept = keptOf(shelf, flags, behaviour);
  return place(data, shelf, {
    href: hrefOfUid(uid),
    bytes,
    flags: kept,
    etag: etagOfMail(kept, behaviour.modseq ? data.versions + 1 : undefined),
    mail,
  });
}

/** Gives a mail other flags. */
export function setFlags(
  data: Data,
  shelf: Shelf,
  stored: Stored,
  flags: Flags,
  behaviour: Behaviour,
): Etag {
  const { bytes, mail, reading, unreadable } = stored;
  const kept = keptOf(shelf, flags, behaviour);
  return place(data, shelf, {
    href: stored.href,
    bytes,
    mail,
    flags: kept,
    etag: etagOfMail(kept, behaviour.modseq ? data.versions + 1 : undefined),
    ...(reading === undefined ? {} : { reading }),
    ...(unreadable === undefined ? {} : { unreadable }),
  });
}

export async function applyToMailbox(
  data: Data,
  find: () => Shelf,
  action: Action,
  { keepsUids, keepsGuids }: Capabilities,
  behaviour: Behaviour,
): Promise<Result> {
  const { id } = action;
  const etagOf = (etag: Etag) => behaviour.etagOnWrite === false ? {} : { etag };
  if (action.kind === "update") throw refused("a mail does not change");
  if (action.kind === "create") {
    const { content } = action;
    const bytes = await bytesKept(content.body, behaviour.crlf === true);
    // Looked up after the last wait, so that nothing comes between the check and the write.
    const shelf = find();
    if (keepsUids && !isUid(action.href)) throw refused(`${action.href} is no UID`);
    const uid = keepsUids ? uidOf(action.href) : shelf.mailbox?.uidNext ?? 1;
    if (shelf.items.has(hrefOfUid(uid))) return { id, outcome: "exists" };
    data.effects++;
    const mail = mailKept(content.mail, keepsUids, keepsGuids === true, data);
    const etag = deliver(data, shelf, { uid, bytes, flags: content.flags, mail }, behaviour);
    const href = keepsUids ? {} : { href: hrefOfUid(uid) };
    return { id, outcome: "done", ...href, ...etagOf(etag) };
  }
  const shelf = find();
  const stored = shelf.items.get(action.href);
  if (stored === undefined) {
    return { id, outcome: action.kind === "delete" ? "done" : "changed" };
  }
  if (stored.etag !== action.etag) return { id, outcome: "changed" };
  data.effects++;
  if (action.kind === "delete") {
    displace(data, shelf, action.href);
    return { id, outcome: "done" };
  }
  const flags = changed(stored.flags, action.was, action.flags);
  return { id, outcome: "done", ...etagOf(setFlags(data, shelf, stored, flags, behaviour)) };
}

/** What a listing says of a mail. */
export function listedMail({ bytes, mail }: Stored, behaviour: Behaviour): ListedMail {
  const counter = new CrlfCounter();
  counter.add(bytes);
  const { guid, received } = mail ?? {};
  return {
    ...(behaviour.identBy === "guid" && guid !== undefined ? { ident: ident(guid) } : {}),
    size: counter.size,
    ...(received === undefined ? {} : { received }),
  };
}

/** The flags with those changed that are to change, and no others. */
function changed(now: Flags, was: Flags, wanted: Flags): Flags {
  const folded = (flags: Flags) => new Set(flags.map((it) => it.toLowerCase()));
  const before = folded(was);
  const after = folded(wanted);
  const stays = (flag: string) => after.has(flag.toLowerCase()) || !before.has(flag.toLowerCase());
  const added = wanted.filter((flag) => !before.has(flag.toLowerCase()));
  return flagsOf([...now.filter(stays), ...added]);
}

function keptOf(shelf: Shelf, flags: Flags, { keeps, oneSpelling }: Behaviour): Flags {
  const all = oneSpelling === true ? spelt(shelf, flags) : flagsOf(flags);
  if (keeps === undefined) return all;
  const can = new Set(keeps.map((it) => it.toLowerCase()));
  return all.filter((flag) => can.has(flag.toLowerCase()));
}

function spelt(shelf: Shelf, flags: Flags): Flags {
  const known = shelf.keywords ??= new Map();
  return flagsOf(
    flagsOf(flags).map((flag) => {
      const folded = flag.toLowerCase();
      const spelling = known.get(folded) ?? flag;
      known.set(folded, spelling);
      return spelling;
    }),
  );
}

/** What is kept of what is known of a mail: an IMAP server keeps whole seconds and nothing else. */
function mailKept(
  mail: Mail | undefined,
  keepsUids: boolean,
  keepsGuids: boolean,
  data: Data,
): Mail {
  const { received } = mail ?? {};
  const when = received === undefined
    ? {}
    : { received: keepsUids ? received : Math.floor(received / 1000) * 1000 };
  if (!keepsGuids) return when;
  return { guid: `${data.name}-mail-${data.versions + 1}`, ...mail, ...when };
}

const refused = (message: string): SyncError =>
  new SyncError(message, { scope: "item", kind: "refused" });
