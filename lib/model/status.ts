/**
 * What the core needs of the status of one pair. `lib/status/` keeps it in a database; the
 * simulation keeps it in memory. Whatever a promise here stands for is durable once it resolves.
 */

import type { Extent } from "./format.ts";
import type { Flags } from "./item.ts";
import type { CollectionId, Cursor, Digest, Etag, Href, Ident, Side, Sides } from "./names.ts";
import type { BaseItem } from "./plan.ts";
import type { PropertyName } from "./storage.ts";

/** What was last seen under one href of one side. */
export interface Known {
  readonly href: Href;
  readonly etag: Etag;
  readonly ident: Ident;
  readonly digest: Digest;
  readonly flags: Flags;
}

/**
 * Something seen on one side that the base does not hold, because it is in conflict, could not be
 * read, or could not be written to the other side. It is kept so that a listing of changes since
 * the cursor need not bring it again.
 */
export type Observation =
  | ({ readonly state: "present"; readonly extent?: Extent } & Known)
  /**
   * `held`: its deletion was too much among others to be carried over, of so many items, and is
   * measured against these as long as it lasts.
   */
  | { readonly state: "gone"; readonly href: Href; readonly held?: number }
  /** It is there, and a filter of the configuration keeps it from being seen. */
  | { readonly state: "left out"; readonly href: Href; readonly etag: Etag; readonly ident?: Ident }
  | {
    readonly state: "unreadable";
    readonly href: Href;
    /** Of the version that could not be read, where it is known. */
    readonly etag?: Etag;
    readonly reason: string;
  };

/** Which two collections a status is about. It never speaks of any other two. */
export interface CollectionKey {
  readonly id: CollectionId;
  readonly identities: Sides<string>;
}

/** An effect that is about to be carried out. */
export interface Intent {
  /** Unique within the collection's status; given by the caller from {@linkcode CollectionStatus.nextIntent}. */
  readonly id: number;
  /**
   * `merge`: a create or an update with content that the other side does not hold as well, so that
   * what is found to have been carried out tells nothing about that side.
   */
  readonly kind: "create" | "update" | "delete" | "setFlags" | "merge";
  readonly on: Side;
  readonly ident: Ident;
  readonly href: Href;
  /** The etag that the effect acts on. None for a create. */
  readonly etag?: Etag;
  /** What is written. None for a delete. */
  readonly digest?: Digest;
  /**
   * What is overwritten or deleted, for the attic. `base`: the bytes that the base holds for that
   * side. None for a create, or where nothing is overwritten.
   */
  readonly attic?: "base" | Uint8Array;
}

/** Bytes to keep with a version of the base, where they are at hand. */
export type KeptBodies = Partial<Sides<Uint8Array>>;

/** How the base moves. It moves only by what has really happened. */
export type BaseMove =
  | { readonly kind: "set"; readonly item: BaseItem; readonly bodies: KeptBodies }
  | { readonly kind: "forget"; readonly ident: Ident };

/** What became of an intent, and the move of the base that follows; or a move without an intent. */
export interface Settlement {
  readonly intent?: number;
  readonly outcome: "done" | "left" | "failed";
  /** Why it was left or failed, for the history. Never holds a secret or an item's content. */
  readonly reason?: string;
  readonly move?: BaseMove;
}

/** What a run leaves behind about one side, once all its results are settled. */
export interface SideConclusion {
  /** None: the storage has no cursors, or the listing must be taken anew. */
  readonly cursor?: Cursor;
  /** Everything seen that the base does not hold. Replaces what was there. */
  readonly observations: readonly Observation[];
  /** How items were seen; see {@linkcode Storage.view}. */
  readonly view?: string;
}

/** What both sides last agreed on about the collection itself; "" is a property that is not set. */
export type PropertyBase = ReadonlyMap<PropertyName, Sides<string>>;

export interface CollectionStatus {
  cursor(side: Side): Promise<Cursor | undefined>;
  /** How the items of a side were seen in the run that was concluded last. */
  view(side: Side): Promise<string | undefined>;
  /** How many items the base holds. */
  size(): Promise<number>;
  /** What the base holds of one side, by href; all of it, or of these hrefs alone. */
  known(side: Side, hrefs?: readonly Href[]): Promise<ReadonlyMap<Href, Known>>;
  /** What the last run left behind about one side. */
  observations(side: Side): Promise<readonly Observation[]>;
  base(idents: readonly Ident[]): Promise<ReadonlyMap<Ident, BaseItem>>;
  /** The bytes that the base keeps for that side. None where they were not at hand. */
  baseBody(ident: Ident, side: Side): Promise<Uint8Array | undefined>;

  /** Intents of an earlier run that never came to a result. */
  openIntents(): Promise<readonly Intent[]>;
  /** The first id that no intent has yet. */
  nextIntent(): Promise<number>;
  /** Writes down what is about to be done, and puts what it overwrites into the attic. */
  begin(intents: readonly Intent[]): Promise<void>;
  /** Writes down what has been done. Calls that overlap share a transaction. */
  settle(settlements: readonly Settlement[]): Promise<void>;
  /** Ends a run: the cursors move last, in one transaction with what they no longer will bring. */
  conclude(sides: Partial<Sides<SideConclusion>>): Promise<void>;

  properties(): Promise<PropertyBase>;
  /** Moves the base of these properties; others stay as they are. */
  setProperties(values: PropertyBase): Promise<void>;
  /** Nothing is known about these two any more. The attic and the history stay. */
  forget(): Promise<void>;
}

export interface Status {
  /** The pairs of collections that something is known about. */
  collections(): Promise<readonly CollectionKey[]>;
  /** The status of these two collections; empty where nothing is known about them. */
  collection(key: CollectionKey): CollectionStatus;
  /**
   * The two are called, or known, otherwise from now on: what is known of them under `from` is under
   * `to`, and what was known there is forgotten.
   */
  rename(from: CollectionKey, to: CollectionKey): Promise<void>;
  close(): Promise<void>;
}
