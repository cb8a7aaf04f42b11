/**
 * The words that name things. Each is a string at run time and a type of its own at compile time,
 * so that an href cannot stand where an etag is meant.
 */

declare const brand: unique symbol;
type Named<Name extends string> = string & { readonly [brand]: Name };

/** A storage's name in the configuration. */
export type StorageName = Named<"storage">;
/** A pair's name in the configuration. */
export type PairName = Named<"pair">;
/** What makes two collections the same on both sides: a directory's name, a URL's last segment. */
export type CollectionId = Named<"collection">;
/** How one storage names an item or a collection. Opaque, and sent back byte for byte. */
export type Href = Named<"href">;
/** One storage's version of an item. Opaque: compared for equality, and sent back byte for byte. */
export type Etag = Named<"etag">;
/** What makes two items the same item on both sides: a UID, a GUID, or a digest without one. */
export type Ident = Named<"ident">;
/** What an item says, whatever its spelling: equal digests need no copying. */
export type Digest = Named<"digest">;
/** Where to go on listing changes from: a sync-token, a ctag, a HIGHESTMODSEQ. */
export type Cursor = Named<"cursor">;

export const storageName = (text: string): StorageName => text as StorageName;
export const pairName = (text: string): PairName => text as PairName;
export const collectionId = (text: string): CollectionId => text as CollectionId;
export const href = (text: string): Href => text as Href;
export const etag = (text: string): Etag => text as Etag;
export const ident = (text: string): Ident => text as Ident;
export const digest = (text: string): Digest => text as Digest;
export const cursor = (text: string): Cursor => text as Cursor;

/** One of the two storages of a pair. */
export type Side = "a" | "b";
export const SIDES: readonly Side[] = ["a", "b"];
export const otherSide = (side: Side): Side => side === "a" ? "b" : "a";
/** One value for each side. */
export type Sides<T> = Readonly<Record<Side, T>>;
