/** One run of one pair: what it is given, what it tells on the way, and what it comes to. */

import type { SyncError } from "./error.ts";
import type { Extent, Format } from "./format.ts";
import type { CollectionId, Href, Ident, PairName, Side, Sides } from "./names.ts";
import type { Conflict, Effect, Plan, Problem, PropertyAction } from "./plan.ts";
import type { Status } from "./status.ts";
import type { PropertyName, Storage } from "./storage.ts";

/** One side of two collections that the configuration puts together by name. */
export type CollectionName = { readonly id: CollectionId } | { readonly href: Href };

/** What becomes of an item that both sides changed differently. */
export type Resolution =
  /** It stays a conflict. */
  | { readonly kind: "none" }
  | { readonly kind: "keep"; readonly side: Side }
  /** The one that was edited last, by its own word. */
  | { readonly kind: "newest" }
  /** The edits of both, where they do not touch the same thing. */
  | { readonly kind: "merge" }
  /** A's stays, and B's is kept on both sides under a new UID. */
  | { readonly kind: "both" }
  /** These bytes on both sides. */
  | { readonly kind: "content"; readonly bytes: Uint8Array }
  /** As this says. What it throws leaves the conflict, and is a problem. */
  | {
    readonly kind: "ask";
    readonly decide: (conflict: Conflict, bytes: ConflictBytes) => Promise<Resolution>;
  };

/** What a conflict is about. */
export interface ConflictBytes {
  readonly now: Sides<Uint8Array>;
  /** As each side held it, where that is known. */
  readonly base: Sides<Uint8Array | undefined>;
}

/** What the configuration says about a pair, as far as the core is concerned. */
export interface Policy {
  /** Which collections are kept in step. All of it adds up. */
  readonly collections: {
    readonly fromA: boolean;
    readonly fromB: boolean;
    readonly ids: readonly CollectionId[];
    /** Those that have different names on the two sides. */
    readonly mappings?: readonly ({ readonly alias: CollectionId } & Sides<CollectionName>)[];
    /** Which of those that are found on a side are meant. None: all. */
    readonly matches?: (id: CollectionId) => boolean;
  };
  /** What to do where one side holds nothing any more. */
  readonly onEmpty: "skip" | "sync";
  /** Whether a collection that is empty goes where the other side deleted its own. */
  readonly onDelete: "sync" | "skip";
  /**
   * The most deletions of one collection that are made without asking: those that are more than
   * `percent` of its items, and more than `count`, are held. None: any number.
   */
  readonly maxDelete: { readonly percent: number; readonly count: number } | undefined;
  /** Where nothing is ever deleted. */
  readonly noDelete: Sides<boolean>;
  /** B is made the same as a, whatever happened to it. */
  readonly oneWay: boolean;
  /** One way: mailboxes that b alone has are deleted as well, with what is in them. */
  readonly exact?: boolean;
  readonly conflicts: Resolution;
  /** The properties that are kept in step. */
  readonly properties: readonly PropertyName[];
  /** Which new items go to and come from a side. None: all. */
  readonly accepts: Sides<((extent: Extent) => boolean) | undefined>;
  /** What is said about mail alone. */
  readonly mail?: MailPolicy;
}

/** What the configuration says about a pair of mail storages; their sizes and ages are accepted above. */
export interface MailPolicy {
  /** Which flags and keywords are kept in step. None: all. */
  readonly flags?: (flag: string) => boolean;
  /** Where mails that are marked `\Deleted` are deleted for good. */
  readonly expunge: Sides<boolean>;
}

/** A policy without any wishes, to begin from. */
export const PLAIN_POLICY: Omit<Policy, "collections"> = {
  onEmpty: "skip",
  onDelete: "sync",
  maxDelete: { percent: 50, count: 10 },
  noDelete: { a: false, b: false },
  oneWay: false,
  conflicts: { kind: "none" },
  properties: ["displayname", "color", "description", "order"],
  accepts: { a: undefined, b: undefined },
};

export interface Run {
  readonly pair: PairName;
  readonly storages: Sides<Storage>;
  readonly status: Status;
  readonly policy: Policy;
  /** What the items are made of. Without it nothing is merged, renamed or filtered. */
  readonly format?: Format;
  /** Only these of the pair's collections; all without it. */
  readonly only?: readonly CollectionId[];
  readonly signal: AbortSignal;
  readonly onEvent: (event: RunEvent) => void;
}

export type RunEvent =
  /** The collections of both sides are known, and so is how many there are to look into. */
  | { readonly type: "collections"; readonly count: number }
  | { readonly type: "listing"; readonly collection: CollectionId; readonly side: Side }
  | {
    readonly type: "fetching";
    readonly collection: CollectionId;
    readonly side: Side;
    readonly done: number;
    readonly of: number;
  }
  /** One collection is surveyed and planned. */
  | { readonly type: "surveyed"; readonly collection: CollectionId }
  /** The collection was made, deleted, or given another name, on that side. */
  | {
    readonly type: "made" | "unmade" | "renamed";
    readonly collection: CollectionId;
    readonly side: Side;
  }
  | {
    readonly type: "property";
    readonly collection: CollectionId;
    readonly action: Extract<PropertyAction, { readonly kind: "set" }>;
    /** Why it could not be set. */
    readonly error?: SyncError;
  }
  /** The storage took an item and keeps less, or something else, than it was given. */
  | ({ readonly type: "altered" } & Altered)
  | {
    readonly type: "effect";
    readonly collection: CollectionId;
    readonly effect: Effect;
    readonly outcome: Outcome;
    /** Why it failed. */
    readonly error?: SyncError;
  };

/** What a storage made of an item that it was given. It is told once, as the item is written. */
export interface Altered {
  readonly collection: CollectionId;
  readonly side: Side;
  readonly ident: Ident;
  /** In words: what is no longer there, or not as it was. */
  readonly what: readonly string[];
}

/** `changed`: it was no longer as the plan had seen it; it is left for the next run. */
export type Outcome = "done" | "changed" | "failed";

/** What was done, left and failed. */
export interface Report {
  readonly plan: Plan;
  /** Effects by kind and side. */
  readonly done: Sides<Readonly<Record<Effect["kind"], number>>>;
  /** Effects that found something else than the plan had seen. */
  readonly changed: number;
  /** Effects, collections and storages that failed while the plan was carried out. */
  readonly failures: readonly Problem[];
  /** Effects that were not begun: the run was stopped, or could not go on. */
  readonly skipped: number;
  /** It was asked to stop. */
  readonly interrupted: boolean;
  readonly altered: readonly Altered[];
  /** Properties that were set. */
  readonly properties: number;
}
