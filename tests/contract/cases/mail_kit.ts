/** What the cases about mail share. */

import assert from "node:assert/strict";
import type { Body, Flags, Item } from "../../../lib/model/item.ts";
import { hrefOfUid, type Mail, uidOf } from "../../../lib/model/mail.ts";
import {
  type CollectionId,
  collectionId,
  type Etag,
  type Href,
  ident,
} from "../../../lib/model/names.ts";
import type { Action, Collection, Listed, Storage } from "../../../lib/model/storage.ts";
import { lfToCrlf } from "../../../lib/item/mail/newlines.ts";
import {
  apply,
  assertOutcome,
  type Case,
  type Context,
  fetchOne,
  list,
  never,
  type Place,
} from "../context.ts";
import { contentOf } from "../kit.ts";

export const isMail = ({ kit }: Pick<Place, "kit">): boolean => kit.kind === "mail";
export const keepsUids = (place: Place): boolean =>
  isMail(place) && place.storage.capabilities.keepsUids;
export const givesUids = (place: Place): boolean =>
  isMail(place) && !place.storage.capabilities.keepsUids;
export const keepsGuids = (place: Place): boolean =>
  isMail(place) && place.storage.capabilities.keepsGuids === true;

/** The cases, of mail alone, or of those storages that `when` says. */
export const ofMail = (
  cases: readonly Case[],
  when: (place: Place) => boolean = isMail,
): readonly Case[] => cases.map((it) => ({ when, ...it }));

let ids = 1_000_000;

/** Creates a mail, of given bytes; under that UID, where the storage keeps UIDs. */
export function mailOf(
  { kit }: Pick<Context, "kit">,
  uid: number,
  bytes: Uint8Array,
  more: { readonly flags?: Flags; readonly mail?: Mail; readonly body?: Body } = {},
): Extract<Action, { kind: "create" }> {
  const content = contentOf(kit, bytes, more.flags);
  const { mail, body = content.body } = more;
  return {
    kind: "create",
    id: ids++,
    ident: ident(content.digest),
    href: hrefOfUid(uid),
    content: { ...content, body, ...(mail === undefined ? {} : { mail }) },
  };
}

/** The mail that was created is there; says where. */
export async function created(
  storage: Storage,
  collection: Collection,
  action: Extract<Action, { kind: "create" }>,
): Promise<{ readonly href: Href; readonly etag: Etag }> {
  const [result] = await apply(storage, collection, action);
  assertOutcome(result, "done");
  assert.ok(result?.outcome === "done");
  const href = result.href ?? action.href;
  const entry = await listedAt(storage, collection, href);
  if (result.etag !== undefined) assert.equal(result.etag, entry.etag);
  return { href, etag: entry.etag };
}

type Present = Extract<Listed, { readonly state: "present" }>;

/** The mails of a listing, in the order of their UIDs. */
export async function mailsIn(
  storage: Storage,
  collection: Collection,
): Promise<readonly Present[]> {
  const { entries } = await list(storage, collection);
  return entries
    .filter((it) => it.state === "present")
    .sort((one, other) => uidOf(one.href) - uidOf(other.href));
}

export async function listedAt(
  storage: Storage,
  collection: Collection,
  href: Href,
): Promise<Present> {
  const all = await mailsIn(storage, collection);
  return all.find((it) => it.href === href) ?? assert.fail(`${href} is not listed`);
}

/** The mailbox as it is now. */
export async function now(storage: Storage, { id }: Pick<Collection, "id">): Promise<Collection> {
  const all = await storage.collections(never);
  return all.find((it) => it.id === id) ?? assert.fail(`there is no mailbox ${id}`);
}

/** What a mail says: its body's text without CRs, as they may be any. */
export async function textAt(
  storage: Storage,
  collection: Collection,
  href: Href,
): Promise<string> {
  const { body } = await fetchOne(storage, collection, href);
  const text = new TextDecoder().decode(await body.bytes()).replaceAll("\r\n", "\n");
  return text.slice(text.indexOf("\n\n") + 2).trimEnd();
}

/** That a mail is what it was written as, as far as its storage keeps the ends of lines. */
export async function assertBytes(item: Item, bytes: Uint8Array, kept: Place): Promise<void> {
  const back = await item.body.bytes();
  assert.equal(item.body.size, back.byteLength);
  assert.deepEqual(await new Response(item.body.stream()).bytes(), back);
  const expected = item.body.crlf === true
    ? await new Response(new Blob([bytes.slice()]).stream().pipeThrough(lfToCrlf())).bytes()
    : bytes;
  const text = (it: Uint8Array) => new TextDecoder("latin1").decode(it);
  if (kept.keepsBytes) assert.equal(text(back), text(expected));
  else assert.equal(text(back).replaceAll("\r", ""), text(expected).replaceAll("\r", ""));
}

/** Bytes of text, with LF where that has it. */
export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A mail with LF at the ends of its lines. */
export const plainMail = (name: string, text: string): Uint8Array =>
  bytesOf(
    `Date: Tue, 14 Nov 2023 22:14:20 +0000\nMessage-ID: <${name}@example.org>\nSubject: ${name}\n\n${text}\n`,
  );

export const uidsIn = async (
  { storage }: Context,
  collection: Collection,
): Promise<readonly number[]> => (await mailsIn(storage, collection)).map((it) => uidOf(it.href));

/** Mails `m1`, `m2` and so on, that say so, under these UIDs. */
export async function filled(
  context: Context,
  collection: Collection,
  ...uids: readonly number[]
): Promise<void> {
  const actions = uids.map((uid) => mailOf(context, uid, plainMail(`m${uid}`, `m${uid}`)));
  for (const result of await apply(context.storage, collection, ...actions)) {
    assertOutcome(result, "done");
  }
}

/** The texts of the mails by their UIDs. */
export async function texts(
  { storage }: Context,
  collection: Collection,
): Promise<readonly string[]> {
  const said = [];
  for (const { href } of await mailsIn(storage, collection)) {
    said.push(`${href} ${await textAt(storage, collection, href)}`);
  }
  return said;
}

/** What a mailbox of that id is called in the storage. */
export const localIdIn = (storage: Storage, id: string): CollectionId =>
  storage.localId?.(collectionId(id)) ?? collectionId(id);

/** A mail within, so that what is found again is that mailbox. */
export async function putText(
  context: Context,
  collection: Collection,
  text: string,
): Promise<void> {
  const { uidNext = 1 } = collection.mailbox ?? {};
  await created(context.storage, collection, mailOf(context, uidNext, plainMail(text, text)));
}

export async function saidIn(
  { storage }: Context,
  collection: Collection,
): Promise<readonly string[]> {
  const said = [];
  for (const { href } of await mailsIn(storage, collection)) {
    said.push(await textAt(storage, collection, href));
  }
  return said;
}
