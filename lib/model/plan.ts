/**
 * The plan: everything a run of one pair would do, as a value. It is shown, guarded and carried
 * out; nothing is done that is not in it.
 */

import type { SyncError } from "./error.ts";
import type { Body, Flags, Version } from "./item.ts";
import type { CollectionId, Href, Ident, PairName, Side, Sides } from "./names.ts";
import type { Collection } from "./storage.ts";

/** Two collections that are kept in step. A side without one is to be given one. */
export interface Mapping {
  readonly id: CollectionId;
  readonly sides: Sides<Collection | undefined>;
}

/** A version and, where the survey kept them, its bytes. Without them they are fetched again. */
export interface Source extends Version {
  readonly body?: Body;
}

/** What both sides last agreed on, as each side held it. */
export interface BaseItem {
  readonly ident: Ident;
  readonly sides: Sides<Version>;
}

export type PlannedAction =
  /** New on the other side, or edited there after it was deleted here. */
  | {
    readonly kind: "create";
    readonly on: Side;
    readonly ident: Ident;
    readonly from: Source;
    readonly why: "new" | "edit beats deletion";
  }
  | {
    readonly kind: "update";
    readonly on: Side;
    readonly ident: Ident;
    readonly target: Source;
    readonly from: Source;
  }
  | {
    readonly kind: "delete";
    readonly on: Side;
    readonly ident: Ident;
    readonly target: Source;
    /** What the other side held before it was deleted there. */
    readonly gone: Version;
  }
  | {
    readonly kind: "setFlags";
    readonly on: Side;
    readonly ident: Ident;
    readonly target: Version;
    readonly flags: Flags;
    /** The other side's version, with the flags that both then have. */
    readonly from: Version;
  }
  /** Both sides hold the same already: only the base moves. */
  | { readonly kind: "record"; readonly ident: Ident; readonly sides: Sides<Source> }
  /** Neither side holds it any more: only the base moves. */
  | { readonly kind: "forget"; readonly ident: Ident };

/** Actions that change a storage, as against those that only move the base. */
export type Effect = Exclude<PlannedAction, { readonly kind: "record" | "forget" }>;

export const isEffect = (action: PlannedAction): action is Effect =>
  action.kind !== "record" && action.kind !== "forget";

/** An item that was changed differently on both sides. Neither side is touched. */
export interface Conflict {
  readonly ident: Ident;
  readonly sides: Sides<Source>;
  /** Without one, both sides had it before the first run. */
  readonly base?: BaseItem;
}

/** Something that could not be read or written. Whatever depends on it is left as it is. */
export interface Problem {
  readonly side?: Side;
  readonly ident?: Ident;
  readonly href?: Href;
  readonly error: SyncError;
}

/** What a guard stopped, and the directive that would let it pass. */
export interface Held {
  readonly guard: "on_empty" | "missing collection" | "read only" | "unreadable";
  /** The side that is protected. */
  readonly on: Side;
  /** How many actions were taken out of the plan; 0 where the collection was not looked into. */
  readonly actions: number;
  readonly message: string;
  readonly hint: string;
}

export interface CollectionPlan {
  readonly mapping: Mapping;
  /** Sides on which the collection is made first. */
  readonly creates: readonly Side[];
  /** Sorted by ident. */
  readonly actions: readonly PlannedAction[];
  readonly conflicts: readonly Conflict[];
  readonly problems: readonly Problem[];
  readonly held: readonly Held[];
}

export interface Plan {
  readonly pair: PairName;
  /** Sorted by id. */
  readonly collections: readonly CollectionPlan[];
  /** Of the pair as a whole. */
  readonly problems: readonly Problem[];
}
