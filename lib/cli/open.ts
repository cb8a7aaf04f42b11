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
import { type MailUse, openStorage, type StorageTalk } from "./open_storage.ts";
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
 * `assign: "pretend"`: nothing is going to be written, not even which UID a mail has.
 */
export async function openStorages(
  resolved: Resolved,
  talk: Talk,
  { assign = "write" }: { readonly assign?: MailUse["assign"] } = {},
): Promise<Opened> {
  const uses = usesOf(resolved);
  const storages = new Map<string, Storage>();
  const get = (name: StorageName, identBy: MailUse["identBy"] | undefined): Storage => {
    const storage = storages.get(keyOf(name, identBy ?? uses.get(name)?.[0] ?? "digest"));
    // The configuration was checked: every name that a pair uses is a storage.
    if (storage === undefined) throw new Error(`the storage "${name}" was not opened`);
    return storage;
  };
  const opened: Opened = {
    get: (name) => get(name, undefined),
    sides(pair) {
      const identBy = identByOf(pair, resolved);
      return { a: get(pair.a, identBy), b: get(pair.b, identBy) };
    },
    all: () => [...resolved.storages.keys()].map((name) => opened.get(name)),
    async close() {
      const ends = await Promise.allSettled([...storages.values()].map((it) => it.close()));
      const failed = ends.find((end) => end.status === "rejected");
      if (failed !== undefined) throw asSyncError(failed.reason, "storage");
    },
  };
  for (const [name, config] of resolved.storages) {
    const { log } = talk;
    const own = {
      ...(log === undefined ? {} : { log: (entry: HttpLogEntry) => log(name, entry) }),
      onProblem: (error: SyncError) => talk.onProblem(name, error),
    };
    for (const identBy of uses.get(name) ?? ["digest"]) {
      const storage = await openOrBroken(config, own, {
        identBy,
        assign,
        facts: hasLimits(name, resolved),
      });
      storages.set(keyOf(name, identBy), withBlame(storage));
    }
  }
  return opened;
}

const keyOf = (name: StorageName, identBy: MailUse["identBy"]) => `${identBy} ${name}`;

/** Mails are known by their GUIDs where both sides keep those they are given. */
function identByOf({ a, b }: PairConfig, { storages }: Resolved): MailUse["identBy"] {
  const keepsGuids = (name: StorageName) => storages.get(name)?.type === "maildir";
  return keepsGuids(a) && keepsGuids(b) ? "guid" : "digest";
}

/** How each storage is opened: more than once where its pairs know mails by different things. */
function usesOf(resolved: Resolved): ReadonlyMap<StorageName, readonly MailUse["identBy"][]> {
  const uses = new Map<StorageName, readonly MailUse["identBy"][]>();
  for (const pair of resolved.pairs) {
    const identBy = identByOf(pair, resolved);
    for (const name of [pair.a, pair.b]) {
      uses.set(name, [...new Set([...uses.get(name) ?? [], identBy])]);
    }
  }
  return uses;
}

/** Whether some pair of the storage leaves out mails by their size or age. */
const hasLimits = (name: StorageName, { pairs }: Resolved): boolean =>
  pairs.some(({ a, b, mail }) =>
    (a === name || b === name) && (mail?.maxSize !== undefined || mail?.since !== undefined)
  );

async function openOrBroken(
  config: ResolvedStorage,
  talk: StorageTalk,
  use: MailUse,
): Promise<Storage> {
  try {
    return await openStorage(config, talk, use);
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
  // What stands in the arguments has no line.
  const place = at.line === 0 ? "" : ` (${at.file}:${at.line}:${at.column})`;
  const message = `${thrown.message}${place}`;
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
