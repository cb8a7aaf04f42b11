/** Looks for what is wrong with the items of a storage, and mends it there. */

import { type Finding, repairItems } from "../item/repair.ts";
import { asSyncError, SyncError } from "../model/error.ts";
import { bodyOf, type Item, NO_FLAGS } from "../model/item.ts";
import { type CollectionId, type Digest, type Href, ident } from "../model/names.ts";
import type { Action, Collection, Result, Storage } from "../model/storage.ts";

/** What is to be done to one item. */
export interface Mending {
  readonly item: Item;
  readonly uid: string;
  readonly bytes: Uint8Array;
  readonly digest: Digest;
}

/** What was found in one collection. */
export interface Looked {
  readonly collection: Collection;
  readonly items: number;
  /** Those of items that are not fine, by their hrefs. */
  readonly findings: readonly Exclude<Finding, { readonly state: "fine" }>[];
  readonly mendings: readonly Mending[];
}

export interface LookOptions {
  readonly unsafe: boolean;
  /** Only in these; in all without. */
  readonly only?: ReadonlySet<CollectionId>;
  readonly signal: AbortSignal;
}

/** A collection that cannot be looked into. */
export interface NotLooked {
  readonly collection: Collection;
  readonly error: SyncError;
}

/**
 * Looks through the collections of a storage, one after the other. Throws {@linkcode SyncError} where
 * the storage cannot be listed, or one of `only` is not there.
 */
export async function* lookThrough(
  storage: Storage,
  { unsafe, only, signal }: LookOptions,
): AsyncGenerator<Looked | NotLooked> {
  const { kind } = storage.capabilities;
  if (kind === "mail") {
    throw new SyncError(`${storage.name} holds mail, in which there is nothing to repair`, {
      scope: "storage",
      kind: "refused",
    });
  }
  const collections = await storage.collections(signal);
  for (const id of only ?? []) {
    if (collections.some((it) => it.id === id)) continue;
    throw new SyncError(`${storage.name} has no collection "${id}"`, {
      scope: "collection",
      kind: "missing",
    });
  }
  for (const collection of collections) {
    if (only !== undefined && !only.has(collection.id)) continue;
    try {
      yield await lookInto(storage, collection, { kind, unsafe, signal });
    } catch (thrown) {
      const error = asSyncError(thrown, "collection");
      if (error.scope !== "collection" || error.kind === "cancelled") throw error;
      yield { collection, error };
    }
  }
}

async function lookInto(
  storage: Storage,
  collection: Collection,
  { kind, unsafe, signal }: LookOptions & { readonly kind: "calendar" | "contacts" },
): Promise<Looked> {
  const unreadable = new Map<Href, SyncError>();
  const hrefs = new Set<Href>();
  for await (const part of storage.changes(collection, undefined, signal)) {
    if (part.type === "end") continue;
    for (const entry of part.entries) {
      if (entry.state === "present") hrefs.add(entry.href);
      if (entry.state === "unreadable") unreadable.set(entry.href, entry.error);
    }
  }
  const items = new Map<Href, { readonly item: Item; readonly bytes: Uint8Array }>();
  for await (const batch of storage.fetch(collection, [...hrefs], { signal, all: true })) {
    for (const it of batch) {
      if (it.state === "present") {
        items.set(it.item.href, { item: it.item, bytes: await it.item.body.bytes() });
      } else if (it.state === "unreadable") unreadable.set(it.href, it.error);
    }
  }
  const found = repairItems(
    [...items].map(([href, { bytes }]) => ({ href, bytes })),
    { kind, unsafe },
  );
  const flawed = found.flatMap((it) => it.state === "fine" ? [] : [it]);
  const broken = [...unreadable].map(([href, error]) => {
    const reason = error.message.replace(/^the item /, "");
    return { state: "beyond repair", href, reason } as const;
  });
  const findings = [...flawed, ...broken].sort((one, other) => one.href < other.href ? -1 : 1);
  const mendings = flawed.flatMap((it): readonly Mending[] => {
    const item = items.get(it.href)?.item;
    return it.state === "flawed" && it.mended && item ? [{ item, ...it.mended }] : [];
  });
  return { collection, items: items.size + unreadable.size, findings, mendings };
}

/** What became of one item. */
export interface Mended {
  readonly mending: Mending;
  readonly result: Result;
}

/**
 * Writes the mended items in the place of what was found, each only if it is still that. Nothing
 * else is written. Throws {@linkcode SyncError} where nothing more can be.
 */
export async function* mend(
  storage: Storage,
  { collection, mendings }: Looked,
  signal: AbortSignal,
): AsyncGenerator<Mended> {
  async function* actions(): AsyncGenerator<Action> {
    await Promise.resolve();
    for (const [id, { item: { href, etag }, uid, bytes, digest }] of mendings.entries()) {
      const content = { digest, flags: NO_FLAGS, body: bodyOf(bytes) };
      yield { kind: "update", id, ident: ident(uid), href, etag, content };
    }
  }
  for await (const result of storage.apply(collection, actions(), signal)) {
    const mending = mendings[result.id];
    if (mending !== undefined) yield { mending, result };
  }
}
