/** Lists the mails of a mailbox without opening them. */

import { hash } from "node:crypto";
import { join } from "node:path";
import { fileError } from "../../lib/files/file_error.ts";
import { etagOfFlags } from "../../lib/item/mail/flags.ts";
import type { Flags } from "../../lib/model/item.ts";
import { SyncError } from "../../lib/model/error.ts";
import type { ListedMail } from "../../lib/model/mail.ts";
import { hrefOfUid } from "../../lib/model/mail.ts";
import { type Cursor, cursor, type Etag, etag, href, ident } from "../../lib/model/names.ts";
import type { Listed } from "../../lib/model/storage.ts";
import type { Context } from "./context.ts";
import { statIfThere } from "./disk.ts";
import { readKeywords } from "./keywords.ts";
import { listPath, type LoadedList, stampOf } from "./list_file.ts";
import { flagsOfLetters, infoOf, sizesOf } from "./mail_name.ts";
import type { Mailbox } from "./mailbox.ts";
import { nameOfWhere, type Numbered } from "./numbering.ts";
import type { Where } from "./scan.ts";
import { fieldOf, guidOf, type UidRecord } from "./uidlist.ts";

/** A folder that changed so recently may change again without another time. */
const TRUSTED_AFTER_MS = 1000;

/**
 * What the mailbox looks like from outside: nothing has changed in it where this has not. Nothing
 * where it changed so recently that this could not be told.
 */
export function evidenceOf({ disk }: Context, mailbox: Mailbox): Cursor | undefined {
  try {
    const paths = [join(mailbox.mail, "cur"), join(mailbox.mail, "new")];
    const files = [listPath(mailbox), join(mailbox.control, "dovecot-keywords")];
    const latest = disk.now() - TRUSTED_AFTER_MS;
    const stats = [...paths, ...files].map((path) => statIfThere(disk, path));
    if (!stats.every((stat) => (stat?.mtime ?? 0) < latest)) return undefined;
    return cursor(["1", ...stats.map(stampOf)].join(" "));
  } catch (thrown) {
    throw fileError(thrown, "collection", mailbox.mail);
  }
}

/** The entries of a listing, some at a time. */
export function* listed(
  context: Context,
  mailbox: Mailbox,
  { loaded, scan }: Numbered,
): Generator<readonly Listed[]> {
  const keywords = readKeywords(context.disk, mailbox);
  // There are few combinations of flags, and many mails that share them.
  const known = new Map<string, Flags>();
  const flagsOf = (letters: string): Flags => {
    const flags = known.get(letters) ?? flagsOfLetters(letters, keywords);
    known.set(letters, flags);
    return flags;
  };
  let entries: Listed[] = [];
  for (const record of loaded.list.records.values()) {
    const where = scan.files.get(record.base);
    const entry = where === undefined
      ? scan.odd.has(record.base) ? oddEntry(mailbox, record) : undefined
      : entryOf(context, mailbox, loaded, record, where, flagsOf);
    if (entry !== undefined) entries.push(entry);
    if (entries.length < 1000) continue;
    yield entries;
    entries = [];
  }
  for (const name of scan.unnamable) entries.push(unnamableEntry(mailbox, name));
  if (entries.length > 0) yield entries;
}

function unnamableEntry(mailbox: Mailbox, name: string): Listed {
  const error = new SyncError(
    `a mail in ${mailbox.mail} has a name that no list of UIDs can hold`,
    {
      scope: "item",
      kind: "refused",
      hint: "Give the file another name: without line feeds, in UTF-8.",
    },
  );
  return { state: "unreadable", href: href(`name:${encodeURIComponent(name)}`), error };
}

function entryOf(
  context: Context,
  mailbox: Mailbox,
  loaded: LoadedList,
  record: UidRecord,
  where: Where,
  flagsOf: (letters: string) => Flags,
): Listed {
  const flags = flagsOf(infoOf(nameOfWhere(where)).letters);
  const facts = context.facts ? factsOf(context, mailbox, record, where) : sizeOf(record);
  const mail: ListedMail = {
    ...(context.identBy === "guid" ? { ident: ident(guidOf(record)) } : undefined),
    ...facts,
  };
  return {
    state: "present",
    href: hrefOfUid(record.uid),
    etag: etagOfMail(loaded, record, flags),
    flags,
    ...(Object.keys(mail).length === 0 ? undefined : { mail }),
  };
}

/**
 * The flags. A UID that was given in memory alone may be another mail's the next time: so it is said
 * as well which mail has it now.
 */
export function etagOfMail(loaded: LoadedList, { uid, base }: UidRecord, flags: Flags): Etag {
  const plain = etagOfFlags(flags);
  if (loaded.pretendedFrom === undefined || uid < loaded.pretendedFrom) return plain;
  return etag(`${plain} ${hash("md5", base, "hex")}`);
}

/** The size that the list or the name tells, which Dovecot goes by as well. */
function sizeOf(record: UidRecord): Pick<ListedMail, "size"> {
  const field = fieldOf(record, "W");
  const size = field !== undefined && /^\d{1,15}$/.test(field)
    ? Number(field)
    : sizesOf(record.base).crlf;
  return size === undefined ? {} : { size };
}

/** The time of the file, and the size where what is said of the file's own size is true. */
function factsOf(
  { disk }: Context,
  mailbox: Mailbox,
  record: UidRecord,
  where: Where,
): Omit<ListedMail, "ident"> {
  const stat = statIfThere(disk, join(mailbox.mail, where));
  // It was renamed just now: what is not known is left out.
  if (stat === undefined) return {};
  const said = sizesOf(record.base).file;
  const trusted = said === undefined || said === stat.size;
  return { received: stat.mtime, ...(trusted ? sizeOf(record) : undefined) };
}

function oddEntry(mailbox: Mailbox, { uid, base }: UidRecord): Listed {
  const error = new SyncError(`${base} in ${mailbox.mail} is no regular file`, {
    scope: "item",
    kind: "refused",
    hint: "Put the file itself in its place, or remove it. Links are not followed.",
  });
  return { state: "unreadable", href: hrefOfUid(uid), error };
}
