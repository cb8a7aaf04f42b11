/** From the configuration to storages that can be used: each is opened once, by its type's adapter. */

import { withBlame } from "./blame.ts";
import type { PairConfig } from "../config/config.ts";
import type { Resolved, ResolvedStorage } from "../config/secrets.ts";
import type { HttpLogEntry } from "../net/http/request.ts";
import { asSyncError } from "../model/error.ts";
import type { PairName, Side, Sides, StorageName } from "../model/names.ts";
import type { Status } from "../model/status.ts";
import type { Storage } from "../model/storage.ts";
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

/** Opens every storage that is used. Adapters of other types are not even loaded. */
export async function openStorages(resolved: Resolved, log?: LogRequest): Promise<Opened> {
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
    storages.set(name, withBlame(await openStorage(config, log)));
  }
  return opened;
}

async function openStorage(config: ResolvedStorage, log?: LogRequest): Promise<Storage> {
  switch (config.type) {
    case "vdir/icalendar": {
      const { readCalendarItem } = await import("../item/icalendar.ts");
      const { openVdir } = await import("../../adapters/vdir/mod.ts");
      const { name, path, fileext, readOnly } = config;
      return openVdir({ name, path, fileext, readOnly, kind: "calendar", read: readCalendarItem });
    }
    case "caldav": {
      const { openCaldav } = await import("../../adapters/caldav/mod.ts");
      const { name, url, auth, connections, timeout, insecure, readOnly } = config;
      return openCaldav({
        name,
        url,
        ...(auth?.method === "basic" && { username: auth.username, password: auth.password }),
        connections,
        timeout,
        insecure,
        readOnly,
        ...(log === undefined ? {} : { log: (entry) => log(name, entry) }),
      });
    }
    default:
      throw new Error(`${config.type} storages are not wired yet`);
  }
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
