/** Whether a pair can be brought in step: its status, and what its collections have in common. */

import type { PairConfig } from "../../config/config.ts";
import { asSyncError } from "../../model/error.ts";
import { SIDES, type Sides } from "../../model/names.ts";
import type { CollectionKey } from "../../model/status.ts";
import type { Collection } from "../../model/storage.ts";
import { pairCollections } from "../../sync/pairing.ts";
import type { PairStatus } from "../../status/mod.ts";
import { namesOf } from "../open.ts";
import { counted } from "../show/count.ts";
import { VERSION } from "../version.ts";
import { type Finder, finderOf, type Finding } from "./finding.ts";
import { isHeld } from "./lock.ts";

export interface PairInput {
  readonly pair: PairConfig;
  /** Absent where it is not known where the statuses are. */
  readonly statusPath?: string;
  /** Absent on a side whose collections cannot be listed. */
  readonly collections: Sides<readonly Collection[] | undefined>;
  readonly readOnly: Sides<boolean>;
}

/** Throws nothing: whatever is thrown is what was found. */
export async function checkPair(input: PairInput): Promise<readonly Finding[]> {
  const finder = finderOf("pair", input.pair.name);
  const { history, known, failures } = await lookAtStatus(input, finder);
  if (failures.length > 0) return failures;
  const { collections: { a, b } } = input;
  if (a === undefined || b === undefined) {
    const lacking = "what it would keep in step is not known: a storage of it cannot be used";
    return [finder.warning([lacking, ...history].join(", "))];
  }
  const { counts, findings } = lookAtCollections(
    { ...input, collections: { a, b } },
    known,
    finder,
  );
  return [finder.ok([counts, ...history].join(", ")), ...findings];
}

interface LookedStatus {
  readonly history: readonly string[];
  readonly known: readonly CollectionKey[];
  readonly failures: readonly Finding[];
}

async function lookAtStatus(
  { pair, statusPath }: PairInput,
  finder: Finder,
): Promise<LookedStatus> {
  if (statusPath === undefined) return { history: [], known: [], failures: [] };
  try {
    const { openStatus, statusFiles } = await import("../../status/mod.ts");
    const held = await isHeld(statusFiles(statusPath, pair.name).lock);
    const status = await openStatus({
      directory: statusPath,
      pair: pair.name,
      mode: "read-only",
      now: () => new Date(),
      version: VERSION,
    });
    try {
      const known = await status.collections();
      // Somebody who is writing to it has looked at it.
      if (!held && known.length > 0) await status.examine();
      return { history: await historyOf(status, held), known, failures: [] };
    } finally {
      await status.close();
    }
  } catch (thrown) {
    return { history: [], known: [], failures: [finder.failure(asSyncError(thrown, "run"))] };
  }
}

async function historyOf({ history }: PairStatus, held: boolean): Promise<readonly string[]> {
  const [last] = await history.runs(1);
  if (held) return ["a run of it is going on now"];
  if (last === undefined) return ["nothing was ever written"];
  const day = `last written to on ${last.started.toISOString().slice(0, 10)}`;
  const stopped = "that run was stopped, and the next one goes on from there";
  return last.ended === undefined ? [day, stopped] : [day];
}

interface LookedCollections {
  readonly counts: string;
  readonly findings: readonly Finding[];
}

/** Puts the collections together as a run would do it, and tells what would be left out. */
function lookAtCollections(
  { pair, collections, readOnly }: PairInput & {
    readonly collections: Sides<readonly Collection[]>;
  },
  known: readonly CollectionKey[],
  finder: Finder,
): LookedCollections {
  const { all, fromA, fromB, ids, mappings } = pair.collections;
  const names = namesOf(pair);
  const { pairings } = pairCollections({
    collections,
    names,
    readOnly,
    wanted: { fromA: all || fromA, fromB: all || fromB, ids, mappings },
    onDelete: pair.onDelete,
    oneWay: pair.oneWay,
    only: undefined,
    known,
  });
  const findings: Finding[] = [];
  const toMake = { a: 0, b: 0 };
  for (const { mapping, held, problems, vanished } of pairings) {
    const { id, sides } = mapping;
    for (const { error } of problems) findings.push(finder.warning(error.message, error.hint));
    for (const it of held) findings.push(finder.warning(it.message, it.hint));
    if (problems.length > 0 || held.length > 0 || vanished !== undefined) continue;
    const missing = SIDES.filter((side) => sides[side] === undefined);
    for (const side of missing) toMake[side]++;
    if (missing.length < SIDES.length) continue;
    findings.push(
      finder.warning(
        `the collection "${id}" is neither on ${names.a} nor on ${names.b}: ` +
          "an empty one would be made on both",
        `Is it spelled right? "dovetail discover ${pair.name}" lists those that are there.`,
      ),
    );
  }
  const counts = [
    counted(pairings.length, "collection"),
    ...SIDES.filter((side) => toMake[side] > 0).map((side) =>
      `${toMake[side]} to be made on ${names[side]}`
    ),
  ];
  return { counts: counts.join(", "), findings };
}
