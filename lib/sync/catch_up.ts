/**
 * Catches up with what a run itself has written, so that the next one can go on from there.
 *
 * A listing of what changed since a cursor need not mention what was done after it and undone again
 * (RFC 6578 section 3.5.2). Xandikos does not, and more: its token is a hash of what is there, and
 * comes back with it. Whoever undoes what we wrote would never be seen. So a cursor from before our
 * writes is not gone on from: it is taken back before them, and replaced after them.
 */

import { SyncError } from "../model/error.ts";
import type { Cursor, Href, Side } from "../model/names.ts";
import type { CollectionStatus } from "../model/status.ts";
import type { Collection, Listed, Storage } from "../model/storage.ts";
import type { SideSurvey } from "./survey.ts";
import { list } from "./survey.ts";

export interface CatchUpInput {
  readonly storage: Storage;
  readonly collection: Collection;
  readonly side: Side;
  readonly status: CollectionStatus;
  readonly survey: SideSurvey;
  /** Where this run wrote on this side, and whether there is something now. */
  readonly written: ReadonlyMap<Href, "present" | "gone">;
  readonly signal: AbortSignal;
}

/**
 * A cursor at which the side held just what the base and the survey say. None where somebody else
 * changed something meanwhile, or where it cannot be found out: the next run then lists everything.
 */
export async function caughtUp(input: CatchUpInput): Promise<Cursor | undefined> {
  const { storage, collection, survey, signal } = input;
  if (!storage.capabilities.listsChanges || signal.aborted) return undefined;
  try {
    const listing = await list(storage, collection, survey.cursor, signal);
    return await isAsKnown(input, listing.entries, listing.mode) ? listing.cursor : undefined;
  } catch (thrown) {
    // Nothing depends on it. The next run lists everything, and says what is wrong if it still is.
    if (thrown instanceof SyncError && thrown.kind !== "internal") return undefined;
    throw thrown;
  }
}

async function isAsKnown(
  { status, side, survey, written }: CatchUpInput,
  entries: ReadonlyMap<Href, Listed>,
  mode: "complete" | "since",
): Promise<boolean> {
  const known = await status.known(side, mode === "complete" ? undefined : [...entries.keys()]);
  const seen = new Map(survey.seen.map((it) => [it.href, it] as const));
  for (const entry of entries.values()) {
    if (entry.state === "unreadable") return false;
    const last = seen.get(entry.href);
    if (entry.state === "gone") {
      const ours = written.get(entry.href) === "gone";
      if (known.has(entry.href) || !(ours || last === undefined || last.state === "gone")) {
        return false;
      }
      continue;
    }
    // It went and came again, perhaps as it was: only a listing of everything tells.
    if (last?.state === "gone" && !written.has(entry.href)) return false;
    // What was seen and not dealt with counts before the base: an etag of flags comes again.
    const seenAs = last?.state === "present" || last?.state === "left out" ? last.etag : undefined;
    const expected = written.has(entry.href)
      ? known.get(entry.href)?.etag
      : seenAs ?? known.get(entry.href)?.etag;
    if (expected !== entry.etag) return false;
  }
  const stateOf = (href: Href) =>
    entries.get(href)?.state ?? (mode === "complete" ? "gone" : "unmentioned");
  const there = survey.seen
    .filter((it) => it.state !== "gone" && written.get(it.href) !== "gone")
    .map((it) => it.href);
  return [...written].every(([href, state]) => stateOf(href) === state) &&
    (mode === "since" || [...known.keys(), ...there].every((href) => entries.has(href)));
}
