/** A few connections to one server, each lent to one piece of work at a time. */

import { cancelled, SyncError } from "../../model/error.ts";
import { type Environment, REAL_ENVIRONMENT } from "../environment.ts";
import { backOff } from "../http/retry.ts";
import { semaphore } from "../semaphore.ts";
import type { Connection } from "./connection.ts";
import { select, unselect } from "./mailbox.ts";

export interface Wanted {
  /** The mailbox that is to be selected, as the server spells it; `null` where none is to be. */
  readonly mailbox?: string | null;
  /** Whether something is to be written to it. */
  readonly writable?: boolean;
  /** It is selected anew, so that all its counters are of one moment. */
  readonly anew?: boolean;
  /**
   * For bodies that somebody reads at a pace of their own: from places that only such work uses, so
   * that nobody who reads one waits for somebody who waits for it.
   */
  readonly slow?: boolean;
}

export interface Pool {
  /**
   * Lends a connection to `work` for as long as that takes. One that `work` fails on for any reason
   * but a refusal is not used again.
   */
  use<Result>(
    wanted: Wanted,
    signal: AbortSignal,
    work: (connection: Connection) => Promise<Result>,
  ): Promise<Result>;
  /** The same of work that only reads: where the connection was lost it is done again. */
  read<Result>(
    wanted: Wanted,
    signal: AbortSignal,
    work: (connection: Connection) => Promise<Result>,
  ): Promise<Result>;
  close(): Promise<void>;
}

/** How often reading is tried in all. */
const TRIES = 3;
/** How many bodies are read at a pace of their own at once. */
const SLOW_PLACES = 2;
/** After how long without an answer a connection is asked whether it is still there, in milliseconds. */
const QUIET = 5_000;

/**
 * @param open Opens a connection that is logged in.
 * @param places How many there may be at once.
 */
export function pool(
  open: (signal: AbortSignal) => Promise<Connection>,
  places: number,
  environment: Environment = REAL_ENVIRONMENT,
): Pool {
  const quick = semaphore(places);
  const slow = semaphore(SLOW_PLACES);
  const idle: Connection[] = [];
  const lent = new Set<Connection>();
  /** Those who wait for a connection to be given back. */
  const waiting = new Set<() => void>();
  let closed = false;

  /** The best of those that wait: where the mailbox is open already, or else none is. */
  function reuse({ mailbox, writable }: Wanted): Connection | undefined {
    const fits = (it: Connection) =>
      it.selected?.name === (mailbox ?? undefined) && (!writable || it.selected?.asked === true);
    for (const test of [fits, (it: Connection) => it.selected === undefined, () => true]) {
      const at = idle.findLastIndex((it) => test(it));
      if (at >= 0) return idle.splice(at, 1)[0];
    }
    return undefined;
  }

  async function ready(wanted: Wanted, signal: AbortSignal): Promise<Connection> {
    for (let found = reuse(wanted); found !== undefined; found = reuse(wanted)) {
      if (found.closed) {
        await found.close();
        continue;
      }
      const fresh = performance.now() - found.lastAnswer < QUIET;
      try {
        lent.add(found);
        if (!fresh) await found.run(["NOOP"], { doing: "to say that it is there", signal });
        await prepare(found, wanted, signal);
        return found;
      } catch (thrown) {
        if (!found.closed) {
          giveBack(found);
          throw thrown;
        }
        giveBack(found);
        if (signal.aborted) throw cancelled(signal.reason);
        if (!isLost(thrown)) throw thrown;
      }
    }
    let opened: Connection;
    try {
      opened = await open(signal);
    } catch (thrown) {
      // Servers allow so many connections to one person, and do not say how many.
      if (lent.size === 0 || !isLost(thrown)) throw thrown;
      await givenBack(signal);
      return await ready(wanted, signal);
    }
    lent.add(opened);
    try {
      await prepare(opened, wanted, signal);
      return opened;
    } catch (thrown) {
      giveBack(opened);
      throw thrown;
    }
  }

  async function prepare(
    connection: Connection,
    { mailbox, writable = false, anew = false }: Wanted,
    signal: AbortSignal,
  ): Promise<void> {
    if (mailbox === undefined) return;
    if (mailbox === null) return await unselect(connection, signal);
    const { selected } = connection;
    const open = selected?.name === mailbox && (selected.asked || !writable);
    if (!open || anew) await select(connection, mailbox, writable, signal);
  }

  function givenBack(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const stop = () => reject(cancelled(signal.reason));
    signal.addEventListener("abort", stop, { once: true });
    waiting.add(resolve);
    return promise.finally(() => {
      waiting.delete(resolve);
      signal.removeEventListener("abort", stop);
    });
  }

  function giveBack(connection: Connection): void {
    lent.delete(connection);
    for (const wake of waiting) wake();
    // It is let go of behind the caller's back; what it says of that changes nothing.
    if (closed || connection.closed) connection.close().catch(() => {});
    else idle.push(connection);
  }

  async function use<Result>(
    wanted: Wanted,
    signal: AbortSignal,
    work: (connection: Connection) => Promise<Result>,
  ): Promise<Result> {
    const leave = await (wanted.slow ? slow : quick).take(signal);
    try {
      const connection = await ready(wanted, signal);
      try {
        return await work(connection);
      } finally {
        giveBack(connection);
      }
    } catch (thrown) {
      throw signal.aborted && isLost(thrown) ? cancelled(signal.reason) : thrown;
    } finally {
      leave();
    }
  }

  return {
    use,
    async read(wanted, signal, work) {
      for (let tries = 1;; tries++) {
        try {
          return await use(wanted, signal, work);
        } catch (thrown) {
          if (tries >= TRIES || closed || !isLost(thrown)) throw thrown;
          await environment.sleep(backOff(tries, environment.random), signal);
        }
      }
    },
    async close() {
      closed = true;
      for (const connection of lent) connection.destroy();
      await Promise.all([...idle.splice(0), ...lent].map((it) => it.close()));
    },
  };
}

/** Whether a connection ended that another one may do better than. */
const isLost = (thrown: unknown): boolean =>
  thrown instanceof SyncError && thrown.kind === "unreachable" && thrown.retry;
