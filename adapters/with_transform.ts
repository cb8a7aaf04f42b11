/** A storage whose items are seen, and written, in another form than it holds them. */

import type { ReadItem } from "../lib/item/parse_item.ts";
import { LeftOut } from "../lib/item/left_out.ts";
import { asSyncError } from "../lib/model/error.ts";
import { bodyOf, type Fetched, type Item } from "../lib/model/item.ts";
import type { Action, Collection, Content, Result, Storage } from "../lib/model/storage.ts";
import { concurrently } from "../lib/net/concurrent.ts";

/** What becomes of an item; none where it is left out. What it throws keeps the item from passing. */
export type Transform = (
  bytes: Uint8Array,
  signal: AbortSignal,
) => Promise<Uint8Array | undefined>;

export interface Transforms {
  /** Of each item on its way out of the storage. */
  readonly read: Transform;
  /** Of each item on its way in. `held` is what the storage holds, where it was asked for. */
  readonly write: (
    given: Uint8Array,
    held: Uint8Array | undefined,
    signal: AbortSignal,
  ) => Promise<Uint8Array | undefined>;
  /** Whether an update has to know what the storage holds. It costs a request. */
  readonly needsHeld: (given: Uint8Array) => boolean;
  readonly readItem: (bytes: Uint8Array) => ReadItem;
  /** What `write` gives can be read, and `read` gives back from it just what was given. */
  readonly isExact?: true;
  /** What `read` is, so that it is noticed when it becomes another one; none where it never does. */
  readonly view?: string;
}

/** How many programs, at most, are run at the same time. */
const WIDTH = 4;

/**
 * `storage` with its items in the other form. Their ident and digest are those of that form; href and
 * etag are the storage's.
 *
 * An item that is left out when it is read is not absent, which would look deleted: it is there and
 * cannot be read, with {@linkcode LeftOut} for an error. An item that is left out when it is written
 * is not written, and its result has the same error.
 *
 * What was written is said to be altered where reading it would give something else than was given.
 */
export function withTransform(storage: Storage, transforms: Transforms): Storage {
  const { view, read } = transforms;
  return {
    ...storage,
    ...(view === undefined
      ? {}
      : { view: storage.view === undefined ? view : `${storage.view} ${view}` }),
    async reread(bytes, signal) {
      const inner = storage.reread === undefined ? bytes : await storage.reread(bytes, signal);
      return inner === undefined ? undefined : await read(inner, signal);
    },
    capabilities: {
      ...storage.capabilities,
      ...(transforms.isExact ? {} : { partial: true }),
    },
    async *fetch(collection, hrefs, options) {
      const { identsOnly: _, ...whole } = options;
      const { signal } = options;
      // Who an item is depends on what is seen of it: that needs its bytes.
      for await (const batch of storage.fetch(collection, hrefs, whole)) {
        const seen: Fetched[] = [];
        const look = (fetched: Fetched) => seenAs(fetched, transforms, signal);
        for await (const one of concurrently(batch, look, { limit: WIDTH })) seen.push(one);
        yield seen;
      }
    },
    apply: (collection, actions, signal) =>
      applyPrepared(
        actions,
        (action) => prepare(storage, collection, action, transforms, signal),
        (prepared) => storage.apply(collection, prepared, signal),
      ),
  };
}

async function seenAs(
  fetched: Fetched,
  { read, readItem }: Transforms,
  signal: AbortSignal,
): Promise<Fetched> {
  if (fetched.state !== "present") return fetched;
  const { href, body } = fetched.item;
  try {
    const bytes = await body.bytes();
    const seen = await read(bytes, signal);
    if (seen === undefined) {
      return { state: "unreadable", href, error: new LeftOut(), ident: fetched.item.ident };
    }
    if (areSame(seen, bytes)) return fetched;
    const said = readItem(seen);
    if (said.state === "malformed") return { state: "unreadable", href, error: said.error };
    const { ident, digest } = said;
    const item: Item = { ...fetched.item, ident, digest, body: bodyOf(seen), stored: body };
    return { state: "present", item };
  } catch (thrown) {
    const error = asSyncError(thrown, "item");
    if (error.kind === "cancelled" || signal.aborted) throw error;
    return { state: "unreadable", href, error };
  }
}

export interface Prepared {
  readonly action: Action;
  /** Whether what is stored is not read as what was given. */
  readonly altered: boolean;
}

/** The action in the storage's form, or its result where it is not to be done at all. */
async function prepare(
  storage: Storage,
  collection: Collection,
  action: Action,
  transforms: Transforms,
  signal: AbortSignal,
): Promise<Prepared | Result> {
  if (action.kind !== "create" && action.kind !== "update") return { action, altered: false };
  const { id } = action;
  try {
    const given = await action.content.body.bytes();
    let held: Uint8Array | undefined;
    let isCurrent = false;
    if (action.kind === "update" && transforms.needsHeld(given)) {
      const fetched = await heldUnder(storage, collection, action, signal);
      if (fetched.state === "unreadable") return { id, outcome: "failed", error: fetched.error };
      if (fetched.state === "unknown") return { id, outcome: "changed" };
      held = await fetched.item.body.bytes();
      isCurrent = fetched.item.etag === action.etag;
    }
    const wanted = await transforms.write(given, held, signal);
    if (wanted === undefined) return { id, outcome: "failed", error: new LeftOut() };
    // All that was changed is hidden here: nobody need see that there was something.
    if (action.kind === "update" && isCurrent && held !== undefined && areSame(wanted, held)) {
      const isSeen = !await isAltered(held, given);
      return { id, outcome: "done", ...(isSeen ? { etag: action.etag } : {}) };
    }
    if (transforms.isExact) {
      return { action: withBytes(action, wanted, transforms), altered: false };
    }
    if (areSame(wanted, given)) return { action, altered: await isAltered(given, given) };
    const said = transforms.readItem(wanted);
    if (said.state === "malformed") return { id, outcome: "failed", error: said.error };
    const { digest } = said;
    const content: Content = { ...action.content, digest, body: bodyOf(wanted) };
    return { action: { ...action, content }, altered: await isAltered(wanted, given) };
  } catch (thrown) {
    const error = asSyncError(thrown, "item");
    if (error.kind === "cancelled" || signal.aborted) throw error;
    return { id, outcome: "failed", error };
  }

  async function isAltered(stored: Uint8Array, given: Uint8Array): Promise<boolean> {
    const seen = await transforms.read(stored, signal);
    return seen === undefined || !areSame(seen, given);
  }
}

/** The action with other bytes. What they say is found out if anybody asks. */
function withBytes(
  action: Extract<Action, { readonly kind: "create" | "update" }>,
  bytes: Uint8Array,
  { readItem }: Transforms,
): Action {
  const { content } = action;
  return {
    ...action,
    content: {
      flags: content.flags,
      ...(content.mail === undefined ? {} : { mail: content.mail }),
      body: bodyOf(bytes),
      get digest() {
        const said = readItem(bytes);
        return said.state === "read" ? said.digest : content.digest;
      },
    },
  };
}

/** What the storage holds, whatever its etag: whether it is still that, the write itself will see. */
async function heldUnder(
  storage: Storage,
  collection: Collection,
  { href }: Action,
  signal: AbortSignal,
): Promise<Fetched> {
  for await (const batch of storage.fetch(collection, [href], { signal })) {
    for (const fetched of batch) {
      const own = fetched.state === "present" ? fetched.item.href : fetched.href;
      if (own === href) return fetched;
    }
  }
  return { state: "unknown", href };
}

/** Whether two items are the same byte for byte. */
export function areSame(one: Uint8Array, other: Uint8Array): boolean {
  if (one === other) return true;
  return one.byteLength === other.byteLength && one.every((byte, at) => byte === other[at]);
}

/**
 * Carries out what `prepare` makes of the actions, and gives the results of those that it settles
 * itself as they come: whoever gives the actions may wait for a result before the next one.
 */
export async function* applyPrepared(
  actions: AsyncIterable<Action>,
  prepare: (action: Action) => Promise<Prepared | Result>,
  apply: (prepared: AsyncIterable<Action>) => AsyncIterable<Result>,
): AsyncGenerator<Result, void, undefined> {
  const settled: Result[] = [];
  const altered = new Set<number>();
  let wake = () => {};
  const source = async function* (): AsyncGenerator<Action> {
    for await (const action of actions) {
      let prepared: Prepared | Result;
      try {
        prepared = await prepare(action);
      } catch (thrown) {
        // It was asked to stop: what has not begun stays without a result.
        if (asSyncError(thrown, "item").kind === "cancelled") return;
        throw thrown;
      }
      if ("outcome" in prepared) {
        settled.push(prepared);
        wake();
        continue;
      }
      if (prepared.altered) altered.add(action.id);
      yield prepared.action;
    }
  };
  const results = apply(source())[Symbol.asyncIterator]();
  let pending: Promise<IteratorResult<Result>> | undefined;
  try {
    while (true) {
      const woken = new Promise<undefined>((resolve) => wake = () => resolve(undefined));
      const own = settled.shift();
      if (own !== undefined) {
        yield own;
        continue;
      }
      pending ??= results.next();
      const next = await Promise.race([pending, woken]);
      if (next === undefined) continue;
      if (next.done) {
        if (settled.length === 0) return;
        continue;
      }
      pending = undefined;
      yield altered.has(next.value.id) ? asAltered(next.value) : next.value;
    }
  } finally {
    const stopped = results.return?.();
    // A storage that waits for its next action hears of the end only when that has come.
    if (pending === undefined) await stopped;
    else {
      pending.catch(() => {});
      stopped?.catch(() => {});
    }
  }
}

/** What is stored is not what was given, and has to be fetched: as the version that was told. */
const asAltered = (result: Result): Result =>
  result.outcome === "done" ? { ...result, altered: true } : result;
