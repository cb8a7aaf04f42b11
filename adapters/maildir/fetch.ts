/** Fetches mails of a mailbox. */

import { join } from "node:path";
import { codeOf, fileError } from "../../lib/files/file_error.ts";
import { tooLarge } from "../../lib/files/read_file.ts";
import { mailDigest } from "../../lib/item/mail/digest.ts";
import { headerCollector } from "../../lib/item/mail/header.ts";
import { CrlfCounter } from "../../lib/item/mail/newlines.ts";
import { asSyncError, cancelled } from "../../lib/model/error.ts";
import type { Body, Fetched } from "../../lib/model/item.ts";
import { type Mail, uidOf } from "../../lib/model/mail.ts";
import { type Digest, digest, type Href, ident } from "../../lib/model/names.ts";
import { bodyOfFile } from "./body.ts";
import type { Context, Known } from "./context.ts";
import { type Keywords, readKeywords } from "./keywords.ts";
import { etagOfMail } from "./list.ts";
import { flagsOfLetters, infoOf } from "./mail_name.ts";
import { nameOfWhere } from "./numbering.ts";
import { findMail, type Where } from "./scan.ts";
import { fieldOf, guidOf, type UidRecord } from "./uidlist.ts";

/** How many mails are looked at before others get their turn: some milliseconds' worth. */
const BATCH = 128;

export async function* fetchMails(
  context: Context,
  known: Known,
  hrefs: readonly Href[],
  signal: AbortSignal,
): AsyncGenerator<readonly Fetched[]> {
  const keywords = readKeywords(context.disk, known.mailbox);
  for (let from = 0; from < hrefs.length; from += BATCH) {
    if (signal.aborted) throw cancelled(signal.reason);
    const batch: Fetched[] = [];
    for (const href of hrefs.slice(from, from + BATCH)) {
      batch.push(await fetchMail(context, known, href, keywords));
    }
    // What was read from a folder that has been swapped meanwhile is not given away.
    known.mailbox.look();
    yield batch;
  }
}

async function fetchMail(
  context: Context,
  known: Known,
  href: Href,
  keywords: Keywords,
): Promise<Fetched> {
  const record = known.loaded.list.records.get(uidOf(href));
  if (record === undefined) return { state: "unknown", href };
  try {
    let where = known.files.get(record.base);
    for (let tried = 0; tried < 5; tried++) {
      const found = where === undefined
        ? undefined
        : await itemAt(context, known, href, record, where, keywords);
      if (found !== undefined) return found;
      where = await findMail(context.disk, known.mailbox, known.files, record.base);
      if (where === undefined) return { state: "unknown", href };
    }
    return { state: "unknown", href };
  } catch (thrown) {
    return { state: "unreadable", href, error: asSyncError(thrown, "item") };
  }
}

/** Nothing where the file was moved away while it was looked at. */
async function itemAt(
  context: Context,
  known: Known,
  href: Href,
  record: UidRecord,
  where: Where,
  keywords: Keywords,
): Promise<Fetched | undefined> {
  const path = join(known.mailbox.mail, where);
  try {
    const { kind, size, mtime } = context.disk.stat(path);
    if (kind !== "file") return undefined;
    if (size > context.maxSize) throw tooLarge(path, size, context.maxSize);
    const body = bodyOfFile(context, known, record.base, size, path);
    const flags = flagsOfLetters(infoOf(nameOfWhere(where)).letters, keywords);
    const name = context.identBy === "guid" ? digest(guidOf(record)) : await digestOfMail(body);
    const mail = mailOf(record, mtime);
    const item = {
      href,
      etag: etagOfMail(known.loaded, record, flags),
      digest: name,
      flags,
      ident: ident(name),
      body,
    };
    return { state: "present", item: { ...item, mail } };
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT") return undefined;
    throw fileError(thrown, "item", path);
  }
}

function mailOf(record: UidRecord, received: number): Mail {
  const uidl = fieldOf(record, "P");
  const order = fieldOf(record, "O");
  return {
    received,
    guid: guidOf(record),
    ...(uidl === undefined ? undefined : { uidl }),
    ...(order === undefined || !/^\d{1,10}$/.test(order)
      ? undefined
      : { pop3Order: Number(order) }),
  };
}

/** Reads all of it: a size that somebody wrote down may be wrong, and who a mail is must not be. */
async function digestOfMail(body: Body): Promise<Digest> {
  const header = headerCollector();
  const counter = new CrlfCounter();
  let complete = false;
  const add = (chunk: Uint8Array) => {
    if (!complete) complete = header.add(chunk);
    counter.add(chunk);
  };
  if (body.size <= SMALL) add(await body.bytes());
  else for await (const chunk of body.stream()) add(chunk);
  return mailDigest(header.header(), counter.size);
}

const SMALL = 1024 * 1024;
