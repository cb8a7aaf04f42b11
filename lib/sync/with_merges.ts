/** What was decided, with the edits of both sides put together where that can be done. */

import type { Ident, Sides } from "../model/names.ts";
import { SIDES } from "../model/names.ts";
import type { Mapping } from "../model/plan.ts";
import type { Run } from "../model/run.ts";
import type { CollectionStatus } from "../model/status.ts";
import { mergeEdits } from "./merge.ts";
import type { Decisions } from "./reconcile.ts";
import type { SideSurvey } from "./survey.ts";
import { touchedIdents } from "./view.ts";

interface Merging {
  readonly status: CollectionStatus | undefined;
  readonly surveys: Sides<SideSurvey>;
  readonly decided: Decisions;
}

/** Puts together what was edited on both sides, as far as the policy wants it and it can be done. */
export async function withMerges(
  run: Run,
  mapping: Mapping,
  { status, surveys, decided }: Merging,
): Promise<Decisions> {
  const { a, b } = mapping.sides;
  if (status === undefined || a === undefined || b === undefined) return decided;
  const touched = touchedIdents(surveys);
  const seen = new Set<Ident>();
  for (const side of SIDES) {
    for (const it of surveys[side].seen) if (it.state === "present") seen.add(it.ident);
  }
  return await mergeEdits({
    storages: run.storages,
    collections: { a, b },
    status,
    signal: run.signal,
    decided,
    format: run.format,
    resolution: run.policy.conflicts,
    oneWay: run.policy.oneWay,
    isNew: (ident) => seen.has(ident),
    isUntouched: (ident) => !touched.has(ident),
  });
}
