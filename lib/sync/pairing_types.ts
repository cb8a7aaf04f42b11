/** What putting collections together starts from, and what it comes to. */

import type { CollectionId, Side, Sides, StorageName } from "../model/names.ts";
import { SIDES } from "../model/names.ts";
import type { Held, Mapping, Problem } from "../model/plan.ts";
import type { Policy } from "../model/run.ts";
import type { CollectionKey } from "../model/status.ts";
import type { Collection } from "../model/storage.ts";

export interface PairingInput {
  readonly collections: Sides<readonly Collection[]>;
  readonly names: Sides<StorageName>;
  readonly readOnly: Sides<boolean>;
  readonly wanted: Policy["collections"];
  readonly onDelete: Policy["onDelete"];
  /** None where nothing is going to be carried out. */
  readonly guards?: PairingGuards;
  /** B is a copy: nothing is taken from it, and what it lacks is made there again. */
  readonly oneWay: boolean;
  readonly only: readonly CollectionId[] | undefined;
  /** What the status knows something about. */
  readonly known: readonly CollectionKey[];
}

export interface PairingGuards {
  readonly onEmpty: Policy["onEmpty"];
  readonly noDelete: Sides<boolean>;
  /** Whether an identity is one of a storage's own; where it cannot be told, it is taken for one. */
  readonly holds: Sides<(identity: string) => boolean>;
}

/** A mapping, or why it is left alone. */
export interface Pairing {
  readonly mapping: Mapping;
  /** The side whose collection was deleted after it had been kept in step. */
  readonly vanished?: Side;
  /** What the status knows of the two, where one of them is gone. Of mailboxes. */
  readonly key?: CollectionKey;
  /** The names that it gets first, on the sides where it has another. Of mailboxes. */
  readonly renames?: Partial<Sides<CollectionId>>;
  /** Why the other one is not deleted, even if it is empty. */
  readonly inDoubt?: Held;
  readonly held: readonly Held[];
  readonly problems: readonly Problem[];
}

export interface Pairings {
  /** Sorted by id. */
  readonly pairings: readonly Pairing[];
  /** What is known of collections that are no longer put together. */
  readonly stale: readonly CollectionKey[];
}

/** Whether that is what the status knows of these two, under whatever id. */
export const isOf = ({ identities }: CollectionKey, { sides }: Mapping): boolean =>
  SIDES.every((side) => sides[side]?.identity === identities[side]);
