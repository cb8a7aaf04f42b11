/** What a storage in memory shows of its items: in listings, and fetched. */

import { asSyncError, SyncError } from "../../lib/model/error.ts";
import { bodyOf, type Fetched, type Item } from "../../lib/model/item.ts";
import { type Cursor, digest, etag, type Href, ident } from "../../lib/model/names.ts";
import type { FetchOptions, Listed } from "../../lib/model/storage.ts";
import type { Behaviour } from "./behaviour.ts";
import { listedMail } from "./mail.ts";
import { mailBody, withoutBytes } from "./mail_body.ts";
import { etagOfMail } from "./mailbox.ts";
import type { Data, Shelf } from "./shelf.ts";

/** The place in the shelf's count that a cursor stands for, unless it is one of another era. */
export function placeOf(shelf: Shelf, since: Cursor | undefined): number | undefined {
  const [era, place] = since?.split(":") ?? [];
  return Number(era) === shelf.era ? Number(place) : undefined;
}

/** @param mail Of a mailbox: how its storage behaves. */
export function listing(
  shelf: Shelf,
  since: number | undefined,
  mail: Behaviour | undefined,
): Listed[] {
  const entries: Listed[] = [];
  for (const stored of shelf.items.values()) {
    const { href, etag, flags, when, unreadable } = stored;
    if (since !== undefined && when <= since) continue;
    const more = mail === undefined ? {} : { mail: listedMail(stored, mail) };
    entries.push(
      unreadable === undefined
        ? { state: "present", href, etag, flags, ...more }
        : { state: "unreadable", href, error: unreadable },
    );
  }
  if (since === undefined) return entries;
  for (const [href, stays] of shelf.gone) {
    // What came and went since need not be mentioned (RFC 6578 section 3.5.2), and so it is not.
    const wasThere = stays.some(({ from, to }) => from <= since && since < to);
    if (wasThere) entries.push({ state: "gone", href });
  }
  return entries;
}

export function renewEtags(data: Data, shelf: Shelf, isMail: boolean): void {
  for (const stored of shelf.items.values()) {
    const version = ++data.versions;
    const fresh = isMail ? etagOfMail(stored.flags, version) : etag(`v${version}`);
    const renewed = { ...stored, etag: fresh, when: ++shelf.now };
    shelf.items.set(stored.href, renewed);
  }
}

export function fetched(shelf: Shelf, wanted: Href, read: Behaviour["read"]): Fetched {
  const stored = shelf.items.get(wanted);
  if (stored === undefined) return { state: "unknown", href: wanted };
  const unreadable = (error: SyncError): Fetched => ({ state: "unreadable", href: wanted, error });
  if (stored.unreadable !== undefined) return unreadable(stored.unreadable);
  stored.reading ??= attempt(() => read(stored.bytes));
  if (stored.reading instanceof SyncError) return unreadable(stored.reading);
  const { href, etag, flags, bytes, reading: { ident, digest } } = stored;
  return { state: "present", item: { href, etag, flags, ident, digest, body: bodyOf(bytes) } };
}

export function fetchedMail(
  shelf: Shelf,
  wanted: Href,
  { read, identBy, crlf = false }: Behaviour,
  { identsOnly }: FetchOptions,
): Fetched {
  const said = fetched(shelf, wanted, read);
  const stored = shelf.items.get(wanted);
  if (said.state !== "present" || stored === undefined) return said;
  const { guid } = stored.mail ?? {};
  const name = identBy === "guid" && guid !== undefined ? ident(guid) : said.item.ident;
  const item: Item = {
    ...said.item,
    ident: name,
    digest: digest(name),
    body: identsOnly === true ? withoutBytes(stored.bytes) : mailBody(shelf, stored, crlf),
    ...(stored.mail === undefined ? {} : { mail: stored.mail }),
  };
  return { state: "present", item };
}

function attempt<T>(read: () => T): T | SyncError {
  try {
    return read();
  } catch (thrown) {
    return asSyncError(thrown, "item");
  }
}
