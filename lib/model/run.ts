/** One run of one pair: what it is given, what it tells on the way, and what it comes to. */

import type { SyncError } from "./error.ts";
import type { CollectionId, PairName, Side, Sides } from "./names.ts";
import type { Effect, Plan, Problem } from "./plan.ts";
import type { Status } from "./status.ts";
import type { Storage } from "./storage.ts";

/** What the configuration says about a pair, as far as the core is concerned. */
export interface Policy {
  /** Which collections are kept in step. All three add up. */
  readonly collections: {
    readonly fromA: boolean;
    readonly fromB: boolean;
    readonly ids: readonly CollectionId[];
  };
  /** What to do where one side holds nothing any more. */
  readonly onEmpty: "skip" | "sync";
}

export interface Run {
  readonly pair: PairName;
  readonly storages: Sides<Storage>;
  readonly status: Status;
  readonly policy: Policy;
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
  /** The collection was made on that side. */
  | { readonly type: "made"; readonly collection: CollectionId; readonly side: Side }
  | {
    readonly type: "effect";
    readonly collection: CollectionId;
    readonly effect: Effect;
    readonly outcome: Outcome;
    /** Why it failed. */
    readonly error?: SyncError;
  };

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
  /** Effects that were not begun because the run was stopped. */
  readonly skipped: number;
}
