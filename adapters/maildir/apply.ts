/** Carries out a stream of actions on a mailbox, many with each wait for the disk. */

import { asSyncError, SyncError } from "../../lib/model/error.ts";
import type { Action, Result } from "../../lib/model/storage.ts";
import { type Change, changeMails } from "./change.ts";
import type { Context, Known } from "./context.ts";
import { createMails } from "./create.ts";
import { type Create, prepare, stage, type Staged } from "./stage.ts";

/** How many actions share one wait for the disk. */
const GROUP = 512;
/** How many bytes of mails do. */
const GROUP_BYTES = 16 * 1024 * 1024;
/** How many mails are written at a time, where their bytes have to be waited for. */
const WIDTH = 16;
/** After so long without another action, those that are at hand are carried out. */
const IDLE_MS = 5;

type Next = IteratorResult<Action>;

export async function* applyActions(
  context: Context,
  known: () => Promise<Known>,
  actions: AsyncIterable<Action>,
  signal: AbortSignal,
): AsyncGenerator<Result> {
  const source = actions[Symbol.asyncIterator]();
  let next: Promise<Next> | undefined;
  let ended = false;
  let failure: { readonly thrown: unknown } | undefined;
  // One that is waited for together with each action would keep them all until it comes.
  let stopWaiting = (): void => {};
  const abort = () => stopWaiting();
  signal.addEventListener("abort", abort, { once: true });

  /** The next action, if there is one before anything else happens. */
  const take = async (patient: boolean): Promise<Action | undefined> => {
    if (signal.aborted) return undefined;
    next ??= source.next();
    const stopped = Promise.withResolvers<"stopped">();
    stopWaiting = () => stopped.resolve("stopped");
    const timer = patient ? undefined : setTimeout(stopWaiting, IDLE_MS);
    try {
      const came = await Promise.race([next, stopped.promise]);
      if (came === "stopped") return undefined;
      next = undefined;
      if (came.done !== true) return came.value;
      ended = true;
    } catch (thrown) {
      ended = true;
      failure = { thrown };
    } finally {
      clearTimeout(timer);
      stopWaiting = () => {};
    }
    return undefined;
  };

  try {
    while (!ended && !signal.aborted) {
      const group = await collect(take, signal);
      if (group.length > 0) yield* await carryOut(context, known, group, signal);
    }
    if (failure !== undefined) throw failure.thrown;
  } finally {
    signal.removeEventListener("abort", abort);
    // A stream that is still waiting for its next action cannot be told to stop before it has it.
    if (!ended) {
      const stopped = source.return?.();
      if (next === undefined) await stopped;
      else stopped?.catch(() => {});
      next?.catch(() => {});
    }
  }
}

/** Takes actions for as long as they come at once, and no two on one mail. */
async function collect(
  take: (patient: boolean) => Promise<Action | undefined>,
  signal: AbortSignal,
): Promise<readonly Action[]> {
  const group: Action[] = [];
  let bytes = 0;
  while (group.length < GROUP && bytes < GROUP_BYTES && !signal.aborted) {
    const action = await take(group.length === 0);
    if (action === undefined) break;
    group.push(action);
    if (action.kind === "create") bytes += action.content.body.size;
  }
  return group;
}

/** In their order, as far as it matters: what is said of one mail is done one after the other. */
async function carryOut(
  context: Context,
  known: () => Promise<Known>,
  group: readonly Action[],
  signal: AbortSignal,
): Promise<readonly Result[]> {
  try {
    const mailbox = await known();
    const results: Result[] = [];
    for (const round of rounds(group)) {
      const changes = round.filter(isChange);
      const creates = round.filter(isCreate);
      for (const action of round) {
        if (action.kind === "update") results.push(notUpdated(action.id));
      }
      if (changes.length > 0) results.push(...await changeMails(context, mailbox, changes, signal));
      if (creates.length > 0) results.push(...await makeMails(context, mailbox, creates, signal));
    }
    return results;
  } catch (thrown) {
    const error = asSyncError(thrown, "collection");
    return group.map(({ id }) => ({ id, outcome: "failed", error }));
  }
}

const isChange = (action: Action): action is Change =>
  action.kind === "setFlags" || action.kind === "delete";
const isCreate = (action: Action): action is Create => action.kind === "create";

/** The actions in pieces in which no mail is named twice. */
function rounds(group: readonly Action[]): readonly (readonly Action[])[] {
  const pieces: Action[][] = [];
  let piece: Action[] = [];
  let named = new Set<string>();
  for (const action of group) {
    if (named.has(action.href)) {
      pieces.push(piece);
      piece = [];
      named = new Set();
    }
    named.add(action.href);
    piece.push(action);
  }
  return [...pieces, piece];
}

async function makeMails(
  context: Context,
  known: Known,
  creates: readonly Create[],
  signal: AbortSignal,
): Promise<readonly Result[]> {
  prepare(context.disk, known.mailbox);
  const staged: Staged[] = [];
  const results: Result[] = [];
  const waiting = creates[Symbol.iterator]();
  const work = async () => {
    for (const action of waiting) {
      try {
        staged.push(await stage(context, known.mailbox, action));
      } catch (thrown) {
        results.push({ id: action.id, outcome: "failed", error: asSyncError(thrown, "item") });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(WIDTH, creates.length) }, work));
  return staged.length === 0
    ? results
    : [...results, ...await createMails(context, known, staged, signal)];
}

const notUpdated = (id: number): Result => ({
  id,
  outcome: "failed",
  error: new SyncError("a mail never changes", { scope: "item", kind: "refused" }),
});
