/**
 * Breaks a storage on purpose, at moments that a test decides, and always in the same way for the
 * same decisions: no clock and no chance.
 */

import type { SyncError } from "../lib/model/error.ts";
import type { Fetched } from "../lib/model/item.ts";
import type { Href } from "../lib/model/names.ts";
import type { Action, Listed, Listing, Result, Storage } from "../lib/model/storage.ts";

/** A moment at which something can go wrong. Each method is one when it is called, and also: */
export type Point =
  /** a method is called; those that change the storage are effects */
  | {
    readonly method: Exclude<
      keyof Storage,
      "name" | "capabilities" | "holds" | "view" | "reread" | "localId" | "hrefFor" | "close"
    >;
    readonly moment: "call";
    readonly effect: boolean;
  }
  /** a batch of `changes` or `fetch` is about to be given, the last of a listing being its end */
  | {
    readonly method: "changes" | "fetch";
    readonly moment: "batch";
    readonly effect: false;
  }
  /** an action has come to be carried out */
  | {
    readonly method: "apply";
    readonly moment: "action";
    readonly effect: true;
    readonly action: Action;
  };

/** What goes wrong. */
export type Fault =
  /**
   * It is not done, and throws; an action gets a `failed` result instead. A batch is not given.
   */
  | { readonly kind: "fail before"; readonly error: SyncError }
  /** It is done, and then throws as if the answer had been lost. Before a batch, as above. */
  | { readonly kind: "fail after"; readonly error: SyncError }
  /** The stream of results or entries ends here by throwing, though only one thing failed. */
  | { readonly kind: "break"; readonly error: SyncError }
  /** The process dies before, or after, it is done: see {@linkcode Process}. */
  | { readonly kind: "crash before" | "crash after" }
  /** Some of a batch cannot be read. */
  | {
    readonly kind: "unreadable";
    readonly which: (href: Href) => boolean;
    readonly error: SyncError;
  }
  /** Some of a fetched batch is not mentioned. */
  | { readonly kind: "unknown"; readonly which: (href: Href) => boolean }
  /** Only the first of a batch come, then the stream throws. */
  | { readonly kind: "short"; readonly keep: number; readonly error: SyncError }
  /** Somebody else does something just now. Then all goes on. */
  | { readonly kind: "meanwhile"; readonly happens: () => void };

/** Asked at every point, in order. Whoever decides does the counting, over several storages too. */
export type Decide = (point: Point) => Fault | undefined;

/** What dies together: the storages that one process holds. */
export interface Process {
  alive: boolean;
}

/** A process that died here. No `SyncError`, as nothing in a dead process handles it. */
export class Crash extends Error {
  override readonly name = "Crash";

  constructor() {
    super("the process died");
  }
}

/**
 * `storage` with faults. After a crash everything that belongs to the same process throws
 * {@linkcode Crash} without doing anything; the storage underneath stays as it was at that moment,
 * to be opened by another process. What a storage has begun at the same time it may still finish,
 * as a kernel does, but nobody hears of it.
 */
export function withFaults(
  storage: Storage,
  decide: Decide,
  process: Process = { alive: true },
): Storage {
  const die = (): never => {
    process.alive = false;
    throw new Crash();
  };
  const assertAlive = () => {
    if (!process.alive) throw new Crash();
  };
  /** Asks, and does what can be done before anything else is. */
  const at = (point: Point): Fault | undefined => {
    assertAlive();
    const fault = decide(point);
    if (fault?.kind === "crash before") die();
    if (fault?.kind === "meanwhile") fault.happens();
    return fault;
  };

  type Called = Extract<Point, { moment: "call" }>["method"];
  const call = async <T>(method: Called, effect: boolean, run: () => Promise<T>): Promise<T> => {
    const fault = at({ method, moment: "call", effect });
    if (fault?.kind === "fail before" || fault?.kind === "break") throw fault.error;
    const value = await run();
    assertAlive();
    if (fault?.kind === "crash after") die();
    if (fault?.kind === "fail after") throw fault.error;
    return value;
  };
  const batches = async function* <T>(
    method: "changes" | "fetch",
    stream: AsyncIterable<T>,
    spoil: (batch: T, fault: Fault) => T | undefined,
  ): AsyncGenerator<T> {
    const called = at({ method, moment: "call", effect: false });
    if (called !== undefined && "error" in called) throw called.error;
    if (called?.kind === "crash after") die();
    for await (const batch of stream) {
      const fault = at({ method, moment: "batch", effect: false });
      if (fault === undefined) {
        yield batch;
        continue;
      }
      if (fault.kind === "crash after") die();
      if (isFailure(fault)) throw fault.error;
      const spoilt = spoil(batch, fault);
      if (spoilt !== undefined) yield spoilt;
      if (fault.kind === "short") throw fault.error;
    }
    assertAlive();
  };

  const { renameCollection, renumber } = storage;
  return {
    ...storage,
    ...(renameCollection === undefined ? {} : {
      renameCollection: (...args) =>
        call("renameCollection", true, () => renameCollection.call(storage, ...args)),
    }),
    ...(renumber === undefined
      ? {}
      : { renumber: (...args) => call("renumber", true, () => renumber.call(storage, ...args)) }),
    check: (signal) => call("check", false, () => storage.check(signal)),
    collections: (signal) => call("collections", false, () => storage.collections(signal)),
    createCollection: (...args) =>
      call("createCollection", true, () => storage.createCollection(...args)),
    deleteCollection: (collection, signal) =>
      call("deleteCollection", true, () => storage.deleteCollection(collection, signal)),
    setProperty: (collection, name, value, signal) =>
      call("setProperty", true, () => storage.setProperty(collection, name, value, signal)),
    changes: (collection, cursor, signal) =>
      batches("changes", storage.changes(collection, cursor, signal), spoilListing),
    fetch: (collection, hrefs, options) =>
      batches("fetch", storage.fetch(collection, hrefs, options), spoilFetched),
    async *apply(collection, actions, signal) {
      const called = at({ method: "apply", moment: "call", effect: false });
      if (called !== undefined && "error" in called) throw called.error;
      yield* spoilActions(
        actions,
        (source) => storage.apply(collection, source, signal),
        (action) => at({ method: "apply", moment: "action", effect: true, action }),
        { die, assertAlive },
      );
    },
    async *watch(signal) {
      const called = at({ method: "watch", moment: "call", effect: false });
      if (called !== undefined && "error" in called) throw called.error;
      for await (const href of storage.watch(signal)) {
        assertAlive();
        yield href;
      }
    },
  };
}

/** A fault at the n-th point (from 1) that `counts`, and at no other; all of them by default. */
export function atNth(
  n: number,
  fault: Fault,
  counts: (point: Point) => boolean = () => true,
): Decide {
  let seen = 0;
  return (point) => counts(point) && ++seen === n ? fault : undefined;
}

async function* spoilActions(
  actions: AsyncIterable<Action>,
  apply: (source: AsyncIterable<Action>) => AsyncIterable<Result>,
  at: (action: Action) => Fault | undefined,
  { die, assertAlive }: { readonly die: () => never; readonly assertAlive: () => void },
): AsyncGenerator<Result> {
  /** Results of what never reached the storage. */
  const instead: Result[] = [];
  const after = new Map<number, Fault>();
  let wake = () => {};
  let broken: { readonly thrown: unknown } | undefined;

  const source = async function* (): AsyncGenerator<Action> {
    for await (const action of actions) {
      let fault: Fault | undefined;
      try {
        fault = at(action);
        if (fault?.kind === "break") throw fault.error;
      } catch (thrown) {
        broken = { thrown };
        wake();
        return;
      }
      if (fault?.kind === "fail before") {
        instead.push({ id: action.id, outcome: "failed", error: fault.error });
        wake();
        continue;
      }
      if (fault !== undefined) after.set(action.id, fault);
      yield action;
    }
  };

  const results = apply(source())[Symbol.asyncIterator]();
  let pending: Promise<IteratorResult<Result>> | undefined;
  try {
    while (true) {
      const woken = new Promise<undefined>((resolve) => wake = () => resolve(undefined));
      const missed = instead.shift();
      if (missed !== undefined) {
        yield missed;
        continue;
      }
      if (broken !== undefined) throw broken.thrown;
      pending ??= results.next();
      const next = await Promise.race([pending, woken]);
      if (next === undefined) continue;
      assertAlive();
      if (next.done) {
        if (instead.length === 0 && broken === undefined) return;
        continue;
      }
      pending = undefined;
      const fault = after.get(next.value.id);
      if (fault?.kind === "crash after") die();
      yield fault?.kind === "fail after"
        ? { id: next.value.id, outcome: "failed", error: fault.error }
        : next.value;
    }
  } finally {
    const stopped = results.return?.();
    // A storage that waits for its next action hears of the end only when that has come.
    if (pending === undefined) await stopped;
    else await Promise.race([stopped, Promise.resolve()]);
  }
}

function isFailure(fault: Fault): fault is Extract<Fault, { kind: `fail ${string}` | "break" }> {
  return fault.kind === "fail before" || fault.kind === "fail after" || fault.kind === "break";
}

function spoilListing(listing: Listing, fault: Fault): Listing | undefined {
  if (listing.type === "end") return fault.kind === "short" ? undefined : listing;
  if (fault.kind === "short") {
    return { ...listing, entries: listing.entries.slice(0, fault.keep) };
  }
  if (fault.kind !== "unreadable") return listing;
  const spoil = (entry: Listed): Listed =>
    fault.which(entry.href) && entry.state !== "gone"
      ? { state: "unreadable", href: entry.href, error: fault.error }
      : entry;
  return { ...listing, entries: listing.entries.map(spoil) };
}

function spoilFetched(batch: readonly Fetched[], fault: Fault): readonly Fetched[] {
  if (fault.kind === "short") return batch.slice(0, fault.keep);
  if (fault.kind !== "unreadable" && fault.kind !== "unknown") return batch;
  return batch.map((fetched): Fetched => {
    const href = fetched.state === "present" ? fetched.item.href : fetched.href;
    if (!fault.which(href)) return fetched;
    return fault.kind === "unknown"
      ? { state: "unknown", href }
      : { state: "unreadable", href, error: fault.error };
  });
}
