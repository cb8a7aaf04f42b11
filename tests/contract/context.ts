/** What each case of the contract works with. */

import assert from "node:assert/strict";
import { type Fetched, type Flags, type Item } from "../../lib/model/item.ts";
import {
  collectionId,
  type Cursor,
  type Digest,
  type Etag,
  type Href,
  type Ident,
  ident,
} from "../../lib/model/names.ts";
import type {
  Action,
  Collection,
  Listed,
  Listing,
  Result,
  Storage,
} from "../../lib/model/storage.ts";
import { hrefOfUid, MOST } from "../../lib/model/mail.ts";
import { contentOf, type Kit, withUids } from "./kit.ts";

/** A place to store things, that the contract is held against. */
export interface Place {
  readonly storage: Storage;
  readonly kit: Kit;
  /** The same place again, as another program on another machine would open it. */
  another(): Promise<Storage>;
  /** The same place, with nothing to be written. */
  readOnly(): Promise<Storage>;
  /** Ends whatever makes the place. */
  dispose(): Promise<void>;
  /** How many items "many" are here: what a few seconds are enough for. */
  readonly many: number;
  /** Whether bytes come back as they were written. */
  readonly keepsBytes: boolean;
  /**
   * One UID may be there once alone, whatever the collection: so that no case stands in the way of
   * another, each has UIDs of its own. Default: false.
   */
  readonly uniqueUids?: boolean;
  /**
   * Whether an item is who its storage says it is (a mail's GUID), and not who its bytes say.
   * Default: false.
   */
  readonly ownIdents?: boolean;
  /** A mailbox holds mails or other mailboxes, and not both. Default: false. */
  readonly isEitherOr?: boolean;
}

export interface Context extends Place {
  /** A collection that is new and empty. */
  fresh(): Promise<Collection>;
  /** An id for a collection that no other case uses. */
  freshId(name?: string): string;
}

/** One thing that every storage promises. */
export interface Case {
  /** A sentence. */
  readonly name: string;
  /** Whether the promise is one for this place: a storage without flags promises nothing of them. */
  readonly when?: (place: Place) => boolean;
  readonly run: (context: Context) => Promise<void>;
}

export function contextOf(place: Place, count: { next: number }): Context {
  const freshId = (name = "c") => `${name}-${count.next++}`;
  return {
    ...place,
    kit: place.uniqueUids === true ? withUids(place.kit, `-${count.next++}`) : place.kit,
    freshId,
    fresh: () => place.storage.createCollection(collectionId(freshId()), {}, never),
  };
}

/** A signal that does not fire. */
export const never: AbortSignal = new AbortController().signal;
/** A signal that has fired. */
export const fired: AbortSignal = AbortSignal.abort();

export async function* stream<T>(...all: readonly T[]): AsyncGenerator<T> {
  await Promise.resolve();
  yield* all;
}

export function gather<T>(all: AsyncIterable<T>): Promise<T[]> {
  return Array.fromAsync(all);
}

export interface WholeListing {
  readonly entries: readonly Listed[];
  readonly etags: ReadonlyMap<Href, Etag>;
  readonly mode: "complete" | "since";
  readonly cursor: Cursor | undefined;
  readonly keeps: readonly string[] | undefined;
}

/** A listing to its end, which must be there, once and last. */
export async function list(
  storage: Storage,
  collection: Collection,
  cursor?: Cursor,
  signal: AbortSignal = never,
): Promise<WholeListing> {
  const parts = await gather(storage.changes(collection, cursor, signal));
  const ends = parts.filter((part) => part.type === "end");
  assert.equal(ends.length, 1, "a listing has one end");
  const last = parts.at(-1) as Listing;
  assert.ok(last.type === "end", "the end comes last");
  const entries = parts.flatMap((part) => part.type === "entries" ? part.entries : []);
  const present = entries.filter((entry) => entry.state === "present");
  return {
    entries,
    etags: new Map(present.map(({ href, etag }) => [href, etag])),
    mode: last.mode,
    cursor: last.cursor,
    keeps: last.keeps,
  };
}

let ids = 0;

/** How many mails were created, by the mailbox: each is to have a UID of its own. */
const created = new WeakMap<Collection, number>();

function nextUid(collection: Collection): Href {
  const before = created.get(collection) ?? 0;
  created.set(collection, before + 1);
  return hrefOfUid((collection.mailbox?.uidNext ?? 1) + before);
}

/** An href that no item has. */
export function nobodysHref({ storage }: Pick<Context, "storage">, collection: Collection): Href {
  return storage.capabilities.kind === "mail"
    ? hrefOfUid(MOST - 1)
    : storage.hrefFor(collection, ident("nobody"), 0);
}

/**
 * The action that creates an item, under the storage's own href for it unless one is given; a mail
 * under the next UID.
 */
export function creation(
  { storage, kit }: Pick<Context, "storage" | "kit">,
  collection: Collection,
  uid: string,
  text: string,
  { href, flags }: { href?: Href; flags?: Flags } = {},
): Extract<Action, { kind: "create" }> {
  const bytes = kit.item(uid, text);
  return {
    kind: "create",
    id: ids++,
    ident: ident(uid),
    href: href ??
      (kit.kind === "mail" ? nextUid(collection) : storage.hrefFor(collection, ident(uid), 0)),
    content: contentOf(kit, bytes, flags),
  };
}

export function replacement(
  { kit }: Pick<Context, "kit">,
  { href, etag }: { readonly href: Href; readonly etag: Etag },
  uid: string,
  text: string,
  flags: Flags = [],
): Extract<Action, { kind: "update" }> {
  return {
    kind: "update",
    id: ids++,
    ident: ident(uid),
    href,
    etag,
    content: contentOf(kit, kit.item(uid, text), flags),
  };
}

/** Some change to an item: an update, or for a mail a flag, as its text does not change. */
export function change(
  context: Pick<Context, "kit">,
  item: { readonly href: Href; readonly etag: Etag },
  uid: string,
  text: string,
): Action {
  return context.kit.kind === "mail"
    ? flagging(item, uid, ["\\Flagged"])
    : replacement(context, item, uid, text);
}

/** What an item says after {@linkcode change}. */
export const saysAfter = ({ kit }: Pick<Context, "kit">, before: string, text: string): string =>
  kit.kind === "mail" ? before : text;

/** Whether items can be updated: mails cannot. */
export const canUpdate = ({ kit }: Pick<Place, "kit">): boolean => kit.kind !== "mail";

export function deletion(
  { href, etag }: { readonly href: Href; readonly etag: Etag },
  uid: string,
): Extract<Action, { kind: "delete" }> {
  return { kind: "delete", id: ids++, ident: ident(uid), href, etag };
}

export function flagging(
  { href, etag }: { readonly href: Href; readonly etag: Etag },
  uid: string,
  flags: Flags,
  was: Flags = [],
): Extract<Action, { kind: "setFlags" }> {
  return { kind: "setFlags", id: ids++, ident: ident(uid), href, etag, was, flags };
}

/** Carries out actions, and gives the results in the order of the actions: one for each. */
export async function apply(
  storage: Storage,
  collection: Collection,
  ...actions: readonly Action[]
): Promise<readonly Result[]> {
  const results = await gather(storage.apply(collection, stream(...actions), never));
  const byId = new Map(results.map((result) => [result.id, result]));
  assert.equal(results.length, actions.length, "each action has one result");
  return actions.map(({ id }) => byId.get(id) ?? assert.fail(`no result for action ${id}`));
}

/** What a result must be for the case to go on: the error, if there is one, is shown. */
export function assertOutcome(result: Result | undefined, outcome: Result["outcome"]): void {
  if (result?.outcome === "failed" && outcome !== "failed") throw result.error;
  assert.equal(result?.outcome, outcome);
}

/** Creates items that must succeed, and says where they are now and under which etag. */
export async function put(
  context: Pick<Context, "storage" | "kit">,
  collection: Collection,
  ...items: readonly (readonly [uid: string, text: string])[]
): Promise<readonly { readonly href: Href; readonly etag: Etag }[]> {
  const actions = items.map(([uid, text]) => creation(context, collection, uid, text));
  const results = await apply(context.storage, collection, ...actions);
  for (const result of results) assertOutcome(result, "done");
  const { etags } = await list(context.storage, collection);
  return actions.map((action, n) => {
    const result = results[n];
    const href = (result?.outcome === "done" ? result.href : undefined) ?? action.href;
    return { href, etag: etags.get(href) ?? assert.fail(`${href} is not listed`) };
  });
}

/** Creates one item, as {@linkcode put} does. */
export async function putOne(
  context: Pick<Context, "storage" | "kit">,
  collection: Collection,
  uid: string,
  text: string,
): Promise<{ readonly href: Href; readonly etag: Etag }> {
  const [item] = await put(context, collection, [uid, text]);
  return item ?? assert.fail();
}

export async function fetchAll(
  storage: Storage,
  collection: Collection,
  hrefs: readonly Href[],
  options: { readonly all?: boolean } = {},
): Promise<readonly Fetched[]> {
  return (await gather(storage.fetch(collection, hrefs, { signal: never, ...options }))).flat();
}

export async function fetchOne(
  storage: Storage,
  collection: Collection,
  href: Href,
): Promise<Item> {
  const [fetched] = await fetchAll(storage, collection, [href]);
  if (fetched?.state === "unreadable") throw fetched.error;
  if (fetched?.state !== "present") assert.fail(`${href} is ${fetched?.state ?? "not answered"}`);
  return fetched.item;
}

/** Asserts that the item under `href` says `text`, in the words of its kind. */
export async function assertSays(
  { storage, kit, keepsBytes, ownIdents }: Pick<
    Context,
    "storage" | "kit" | "keepsBytes" | "ownIdents"
  >,
  collection: Collection,
  href: Href,
  [uid, text]: readonly [uid: string, text: string],
): Promise<Item> {
  const item = await fetchOne(storage, collection, href);
  const bytes = kit.item(uid, text);
  const { ident: expected, digest } = said(kit, bytes);
  if (ownIdents !== true) {
    assert.equal(item.ident, expected);
    assert.equal(item.digest, digest);
  }
  const body = await item.body.bytes();
  assert.equal(item.body.size, body.byteLength);
  if (keepsBytes) assert.deepEqual(body, bytes);
  return item;
}

export function said(
  kit: Kit,
  bytes: Uint8Array,
): { readonly ident: Ident; readonly digest: Digest } {
  const read = kit.read(bytes);
  if (read.state === "malformed") throw read.error;
  return read;
}
