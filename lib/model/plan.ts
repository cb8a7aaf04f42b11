/**
 * The plan: everything a run of one pair would do, as a value. It is shown, guarded and carried
 * out; nothing is done that is not in it.
 */

import type { SyncError } from "./error.ts";
import type { Clash, Extent } from "./format.ts";
import type { Body, Flags, Version } from "./item.ts";
import type { Numbers } from "./mail.ts";
import type { CollectionId, Href, Ident, PairName, Side, Sides } from "./names.ts";
import type { CollectionKey } from "./status.ts";
import type { Collection, Content, PropertyName } from "./storage.ts";

/** Two collections that are kept in step. A side without one is to be given one. */
export interface Mapping {
  /** What both are called together: their common id, or the alias of the configuration. */
  readonly id: CollectionId;
  readonly sides: Sides<Collection | undefined>;
  /** What a side's collection is called, where it has to be made under a name of its own. */
  readonly ids?: Sides<CollectionId>;
  /** Under which id the status knows these two, where they were called otherwise then. */
  readonly knownAs?: CollectionId;
}

/** A version and, where the survey kept them, its bytes. Without them they are fetched again. */
export interface Source extends Version {
  readonly body?: Body;
  /** Where a filter asks for it. */
  readonly extent?: Extent;
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
    /** `copy`: the loser of a conflict, kept on both sides under a UID of its own. */
    readonly why: "new" | "edit beats deletion" | "copy";
    /** Of a mail: what it is to have, where these are not the flags of `from`. */
    readonly flags?: Flags;
    /** Of a mail: the UID it is to have, where UIDs are kept. */
    readonly uid?: number;
    /** What is written instead of the bytes of `from`. */
    readonly merged?: Content;
  }
  | {
    readonly kind: "update";
    readonly on: Side;
    readonly ident: Ident;
    readonly target: Source;
    readonly from: Source;
    /**
     * What is written instead of the bytes of `from`: the edits of both sides together, or the
     * other side's edit without what its storage had lost of the item.
     */
    readonly merged?: Content;
    /**
     * Where the edits of both sides are put together: what the target's side held when both agreed,
     * with the edits of the other side alone. It becomes the base where only this half of the two
     * writes lands, so that its own edits are still to be carried over, and the others are not.
     */
    readonly half?: Content;
    /** What has to be there first: a copy of what this overwrites. */
    readonly needs?: Ident;
    /** One way: both had it before the first run. */
    readonly isFirst?: true;
  }
  | {
    readonly kind: "delete";
    readonly on: Side;
    readonly ident: Ident;
    readonly target: Source;
    /** What the other side held before it was deleted there, if it ever did. */
    readonly gone?: Version;
    /** Somebody marked the mail, and here, or on both sides, that means that it goes. */
    readonly why?: "expunged" | "expunged on both";
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
  /** What could not be merged, where that was tried. */
  readonly clashes?: readonly Clash[];
  /** The only side that was edited, where its edit cannot be carried over without a loss. */
  readonly edited?: Side;
}

/** What becomes of one property of two collections. */
export type PropertyAction =
  /** `value`: none, it is taken away. */
  | {
    readonly kind: "set";
    readonly on: Side;
    readonly name: PropertyName;
    readonly value: string | undefined;
    /** What it is there now. */
    readonly was: string | undefined;
  }
  /** Both say the same already: only the base moves. */
  | { readonly kind: "record"; readonly name: PropertyName; readonly values: Sides<string> };

/** A property that was changed differently on both sides. Neither is touched. */
export interface PropertyConflict {
  readonly name: PropertyName;
  readonly values: Sides<string>;
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
  readonly guard:
    | "on_empty"
    | "on_delete"
    | "max_delete"
    | "no_delete"
    | "missing collection"
    | "read only"
    | "unreadable"
    | "filter";
  /** The side that is protected. */
  readonly on: Side;
  /** How many actions were taken out of the plan; 0 where the collection was not looked into. */
  readonly actions: number;
  readonly message: string;
  readonly hint: string;
  /** It is what the configuration asks for: nobody has to do anything about it. */
  readonly expected?: true;
  /** Deletions that are measured against so many items in the next run as well. */
  readonly measured?: { readonly idents: ReadonlySet<Ident>; readonly of: number };
}

export interface CollectionPlan {
  readonly mapping: Mapping;
  /** Sides on which the collection is made first. */
  readonly creates: readonly Side[];
  /**
   * Sides on which the collection is deleted, as it was on the other one: one that is empty, or will
   * be once the actions are carried out.
   */
  readonly deletes: readonly Side[];
  /** The names that it gets first, on the sides where it has another. Of mailboxes. */
  readonly renames?: Partial<Sides<CollectionId>>;
  readonly properties: readonly PropertyAction[];
  readonly propertyConflicts: readonly PropertyConflict[];
  /** Of mailboxes: what is to be numbered anew before anything else is done. */
  readonly numbers?: Partial<Sides<Numbers>>;
  /** Of mailboxes: what UIDNEXT is to be, at least, after everything else is done. */
  readonly uidNext?: Partial<Sides<number>>;
  /** Of mailboxes: how many more mails are new, and are dealt with after these. */
  readonly later?: number;
  /** Sorted by ident; mails that are new, by their UIDs. */
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
  /** What is known of collections that the configuration no longer puts together. It is forgotten. */
  readonly stale: readonly CollectionKey[];
}
