/** What is to be told of runs that go on and on: each thing once, until it changes. */

import type { CollectionId } from "../../model/names.ts";
import type { Plan, Problem } from "../../model/plan.ts";
import type { Report } from "../../model/run.ts";
import { isExpected } from "../show/counts.ts";

/** Something that waits for a person, or failed. */
export type Trouble =
  | {
    readonly kind: "conflict";
    readonly collection: CollectionId;
    readonly conflict: Plan["collections"][number]["conflicts"][number];
  }
  | {
    readonly kind: "property conflict";
    readonly collection: CollectionId;
    readonly conflict: Plan["collections"][number]["propertyConflicts"][number];
  }
  | {
    readonly kind: "held";
    readonly collection: CollectionId;
    readonly held: Plan["collections"][number]["held"][number];
  }
  | { readonly kind: "problem"; readonly collection?: CollectionId; readonly problem: Problem };

/** What is known to be wrong with each collection; `""` stands for the pair itself. */
export type Told = ReadonlyMap<string, ReadonlySet<string>>;

export const NOTHING_TOLD: Told = new Map();

export interface News {
  readonly told: Told;
  /** What was not told before. */
  readonly fresh: readonly Trouble[];
  /** There was something, and there is nothing any more. */
  readonly isMended: boolean;
}

/**
 * What of a run is news. `only`: the collections that it looked at; what was told of others stands.
 */
export function newsOf(
  before: Told,
  report: Report,
  only: readonly CollectionId[] | undefined,
): News {
  const troubles = troublesOf(report);
  const keys = troubles.map((trouble) => [trouble, keyOf(trouble)] as const);
  const kept = only === undefined
    ? []
    : [...before].filter(([collection]) => !only.some((it) => it === collection));
  const told = new Map<string, Set<string>>(
    kept.map(([collection, known]) => [collection, new Set(known)]),
  );
  for (const [{ collection = "" }, key] of keys) {
    told.set(collection, (told.get(collection) ?? new Set()).add(key));
  }
  const fresh = keys.filter(([{ collection = "" }, key]) => !before.get(collection)?.has(key));
  return {
    told,
    fresh: fresh.map(([trouble]) => trouble),
    isMended: before.size > 0 && told.size === 0,
  };
}

function troublesOf({ plan, failures }: Report): readonly Trouble[] {
  const ofCollections = plan.collections.flatMap((it): readonly Trouble[] => {
    const collection = it.mapping.id;
    return [
      ...it.conflicts.map((conflict) => ({ kind: "conflict" as const, collection, conflict })),
      ...it.propertyConflicts.map((conflict) => ({
        kind: "property conflict" as const,
        collection,
        conflict,
      })),
      ...it.held.filter((held) => !isExpected(held))
        .map((held) => ({ kind: "held" as const, collection, held })),
      ...it.problems.map((problem) => ({ kind: "problem" as const, collection, problem })),
    ];
  });
  const ofPair = [...plan.problems, ...failures]
    .map((problem) => ({ kind: "problem" as const, problem }));
  return [...ofCollections, ...ofPair];
}

/** Equal for what a person would call the same thing. */
function keyOf(trouble: Trouble): string {
  switch (trouble.kind) {
    case "conflict": {
      const { ident, sides: { a, b } } = trouble.conflict;
      return JSON.stringify(["conflict", ident, a.digest, b.digest]);
    }
    case "property conflict": {
      const { name, values: { a, b } } = trouble.conflict;
      return JSON.stringify(["property", name, a, b]);
    }
    case "held": {
      const { message, on } = trouble.held;
      return JSON.stringify(["held", on, message]);
    }
    case "problem": {
      const { side, ident, href, error } = trouble.problem;
      return JSON.stringify([error.kind, side, ident, href]);
    }
  }
}
