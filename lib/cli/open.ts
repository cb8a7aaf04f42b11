/** From the configuration to storages that can be used: each is opened once, by its type's adapter. */

import { withBlame } from "./blame.ts";
import { brokenStorage } from "./broken_storage.ts";
import type { PairConfig } from "../config/config.ts";
import type { Resolved, ResolvedStorage } from "../config/secrets.ts";
import type { HttpLogEntry } from "../net/http/request.ts";
import { asSyncError, SyncError } from "../model/error.ts";
import type { PairName, Side, Sides, StorageName } from "../model/names.ts";
import type { Status } from "../model/status.ts";
import type { Storage } from "../model/storage.ts";
import { openStorage, type StorageTalk } from "./open_storage.ts";
import { VERSION } from "./version.ts";

/** The storages of the chosen pairs. */
export interface Opened {
  get(name: StorageName): Storage;
  sides(pair: PairConfig): Sides<Storage>;
  /** All of them, in the order of the pairs. */
  all(): readonly Storage[];
  close(): Promise<void>;
}

/** Tells of a request: the storage, what was asked, and what came of it. */
export type LogRequest = (storage: StorageName, entry: HttpLogEntry) => void;

/** What storages tell on the way. */
export interface Talk {
  readonly log?: LogRequest;
  /** Of what went wrong with a storage and stops nothing. */
  readonly onProblem: (storage: StorageName, error: SyncError) => void;
}

/**
 * Opens every storage that is used. One that cannot be opened is there all the same, and fails
 * whatever is done with it, so that the pairs that it is not in go on. Throws `cancelled`.
 */
export async function openStorages(resolved: Resolved, talk: Talk): Promise<Opened> {
  const storages = new Map<StorageName, Storage>();
  const opened: Opened = {
    get(name) {
      const storage = storages.get(name);
      // The configuration was checked: every name that a pair uses is a storage.
      if (storage === undefined) throw new Error(`the storage "${name}" was not opened`);
      return storage;
    },
    sides: ({ a, b }) => ({ a: opened.get(a), b: opened.get(b) }),
    all: () => [...storages.values()],
    async close() {
      const ends = await Promise.allSettled([...storages.values()].map((it) => it.close()));
      const failed = ends.find((end) => end.status === "rejected");
      if (failed !== undefined) throw asSyncError(failed.reason, "storage");
    },
  };
  for (const [name, config] of resolved.storages) {
    const { log } = talk;
    const storage = await openOrBroken(config, {
      ...(log === undefined ? {} : { log: (entry) => log(name, entry) }),
      onProblem: (error) => talk.onProblem(name, error),
    });
    storages.set(name, withBlame(storage));
  }
  return opened;
}

async function openOrBroken(config: ResolvedStorage, talk: StorageTalk): Promise<Storage> {
  try {
    return await openStorage(config, talk);
  } catch (thrown) {
    if (thrown instanceof SyncError && thrown.kind === "cancelled") throw thrown;
    return brokenStorage(config, notOpened(thrown, config));
  }
}

/**
 * What the configuration names is not there, or not what it should be. It is read once, so that
 * trying again is of no use: a daemon gives the pair up.
 */
function notOpened(thrown: unknown, { at }: ResolvedStorage): unknown {
  if (!(thrown instanceof SyncError) || thrown.kind === "internal") return thrown;
  const message = `${thrown.message} (${at.file}:${at.line}:${at.column})`;
  const { hint } = thrown;
  return new SyncError(message, {
    scope: "run",
    kind: "missing",
    ...(hint === undefined ? {} : { hint }),
    cause: thrown,
  });
}

/** The storages of a pair, with a word for which is which. */
export const namesOf = ({ a, b }: PairConfig): Record<Side, StorageName> => ({ a, b });

/**
 * Opens the status of a pair. Throws `locked` where another run has it; a run that only shows its
 * plan needs no lock.
 */
export async function openPairStatus(
  resolved: Resolved,
  pair: PairName,
  mode: "read-write" | "read-only",
): Promise<Status> {
  const { openStatus } = await import("../status/mod.ts");
  return await openStatus({
    directory: resolved.statusPath,
    pair,
    mode,
    now: () => new Date(),
    version: VERSION,
  });
}
