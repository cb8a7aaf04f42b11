/** Listens to a storage that can tell of changes, for as long as it can. */

import { asSyncError, type SyncError } from "../model/error.ts";
import type { Href } from "../model/names.ts";
import type { Storage } from "../model/storage.ts";
import { type Clock, wait } from "./clock.ts";

export interface WatchOptions {
  readonly clock: Clock;
  /** Ends the listening. */
  readonly signal: AbortSignal;
  /** How long to wait before it is tried again, where it was not possible, in milliseconds. */
  readonly again: number;
  /** A collection changed; without an href, some may have changed. */
  readonly onTouched: (collection?: Href) => void;
  /** It is not possible, and why. The storage is looked at every now and then all the same. */
  readonly onDeaf: (error: SyncError) => void;
}

export interface Watching {
  /** Listens anew: what was listened to may be gone, and something else be in its place. */
  restart(): void;
  /** Fulfilled once the signal has fired. */
  readonly ended: Promise<void>;
}

/** Listens from when it returns, so that what is changed after that is told of. */
export function watchStorage(storage: Storage, options: WatchOptions): Watching {
  let attempt = new AbortController();
  const listen = async () => {
    const { clock, signal, again, onTouched, onDeaf } = options;
    while (!signal.aborted) {
      attempt = new AbortController();
      const either = AbortSignal.any([signal, attempt.signal]);
      try {
        for await (const collection of storage.watch(either)) onTouched(collection);
      } catch (thrown) {
        if (!either.aborted) onDeaf(asSyncError(thrown, "storage"));
      }
      await wait(clock, again, either);
      // What changed meanwhile was not heard.
      if (!signal.aborted) onTouched();
    }
  };
  return {
    restart: () => attempt.abort(),
    ended: storage.capabilities.watches ? listen() : Promise.resolve(),
  };
}
