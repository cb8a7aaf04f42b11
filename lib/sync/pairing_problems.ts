/** Why collections cannot be put together. */

import { SyncError } from "../model/error.ts";
import type { CollectionId, Side, StorageName } from "../model/names.ts";
import type { Problem } from "../model/plan.ts";
import type { CollectionName } from "../model/run.ts";
import type { Collection } from "../model/storage.ts";

export function sameId(
  wanted: CollectionName,
  side: Side,
  found: readonly Collection[],
  name: StorageName,
): Problem {
  const what = "id" in wanted ? `with the id "${wanted.id}"` : `at "${wanted.href}"`;
  return {
    side,
    error: new SyncError(
      `${name} has ${found.length} collections ${what}: ${found.map((it) => it.href).join(", ")}`,
      {
        scope: "collection",
        kind: "duplicate",
        hint: "Rename one of them; until then neither is kept in step.",
      },
    ),
  };
}

export function shared(side: Side, ids: readonly CollectionId[], name: StorageName): Problem {
  return {
    side,
    error: new SyncError(
      `one collection of ${name} is mapped ${ids.length} times: as ${
        ids.map((id) => `"${id}"`).join(" and ")
      }`,
      {
        scope: "collection",
        kind: "duplicate",
        hint: "Leave all but one of these lines out of the pair; until then none is kept in step.",
      },
    ),
  };
}

/** Whoever looked at the alias would take one for the other. */
export function hidden(alias: CollectionId): Problem {
  return {
    error: new SyncError(`"${alias}" is the alias of two collections, and the id of another one`, {
      scope: "collection",
      kind: "duplicate",
      hint: "Choose another alias; until then none of them is kept in step.",
    }),
  };
}

export function claimed(side: Side, id: CollectionId, name: StorageName): Problem {
  return {
    side,
    error: new SyncError(`${name} has a collection "${id}", which is mapped to another one`, {
      scope: "collection",
      kind: "duplicate",
      hint:
        `Map "${id}" of the other side as well, or name the collections that are to be kept in step.`,
    }),
  };
}
