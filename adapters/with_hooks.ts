import { asSyncError, type SyncError } from "../lib/model/error.ts";
import type { Href } from "../lib/model/names.ts";
import type { Action, Collection, Result, Storage } from "../lib/model/storage.ts";
import { applyPrepared, type Prepared } from "./with_transform.ts";

export interface Hooks {
  /** Where an item is on the disk. */
  readonly pathOf: (collection: Collection, href: Href) => string;
  /** Told of each item after it was written. What it throws is told, and changes nothing. */
  readonly written?: (path: string, signal: AbortSignal) => Promise<void>;
  /** Told of each item before it is deleted. What it throws keeps the item, and is its failure. */
  readonly deleting?: (path: string, signal: AbortSignal) => Promise<void>;
  readonly onProblem: (error: SyncError) => void;
}

/**
 * The same storage, which tells programs of the user's what it does to files, one after another:
 * vdirsyncer's `post_hook` and `pre_deletion_hook`.
 */
export function withHooks(storage: Storage, hooks: Hooks): Storage {
  return {
    ...storage,
    apply: (collection, actions, signal) =>
      applyWithHooks(storage, hooks, collection, actions, signal),
  };
}

async function* applyWithHooks(
  storage: Storage,
  { pathOf, written, deleting, onProblem }: Hooks,
  collection: Collection,
  actions: AsyncIterable<Action>,
  signal: AbortSignal,
): AsyncGenerator<Result, void, undefined> {
  /** Where the writes are that have begun. */
  const writing = new Map<number, Href>();
  const prepare = async (action: Action): Promise<Prepared | Result> => {
    if (action.kind === "create" || action.kind === "update") writing.set(action.id, action.href);
    if (action.kind !== "delete" || deleting === undefined) return { action, altered: false };
    try {
      await deleting(pathOf(collection, action.href), signal);
      return { action, altered: false };
    } catch (thrown) {
      const error = asSyncError(thrown, "item");
      if (error.kind === "cancelled") throw error;
      return { id: action.id, outcome: "failed", error };
    }
  };
  const results = applyPrepared(
    actions,
    prepare,
    (prepared) => storage.apply(collection, prepared, signal),
  );
  for await (const result of results) {
    const href = writing.get(result.id);
    writing.delete(result.id);
    if (href !== undefined && result.outcome === "done" && written !== undefined) {
      try {
        await written(pathOf(collection, result.href ?? href), signal);
      } catch (thrown) {
        onProblem(asSyncError(thrown, "item"));
      }
    }
    yield result;
  }
}
