import { asSyncError, type SyncError } from "../lib/model/error.ts";
import type { Href } from "../lib/model/names.ts";
import type { Action, Collection, Storage } from "../lib/model/storage.ts";

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
  const { pathOf, written, deleting, onProblem } = hooks;
  return {
    ...storage,
    async *apply(collection, actions, signal) {
      const begun = new Map<number, Action>();
      const refused: { readonly id: number; readonly error: SyncError }[] = [];
      const told = async function* (): AsyncGenerator<Action> {
        for await (const action of actions) {
          if (action.kind === "delete" && deleting !== undefined) {
            try {
              await deleting(pathOf(collection, action.href), signal);
            } catch (thrown) {
              refused.push({ id: action.id, error: asSyncError(thrown, "item") });
              continue;
            }
          }
          begun.set(action.id, action);
          yield action;
        }
      };
      for await (const result of storage.apply(collection, told(), signal)) {
        const action = begun.get(result.id);
        begun.delete(result.id);
        const wrote = action?.kind === "create" || action?.kind === "update";
        if (wrote && result.outcome === "done" && written !== undefined) {
          try {
            await written(pathOf(collection, result.href ?? action.href), signal);
          } catch (thrown) {
            onProblem(asSyncError(thrown, "item"));
          }
        }
        yield result;
      }
      for (const { id, error } of refused) yield { id, outcome: "failed", error };
    },
  };
}
