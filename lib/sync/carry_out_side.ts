/**
 * Carries out effects on one side of one collection: journals each before it is begun, hands them
 * to the storage as a stream, and writes each result into the ledger as it comes.
 */

import { asSyncError, SyncError } from "../model/error.ts";
import type { Item, Version } from "../model/item.ts";
import type { Etag, Href, Side } from "../model/names.ts";
import type { Effect } from "../model/plan.ts";
import type { Intent, KeptBodies } from "../model/status.ts";
import type { Action, Content, Result } from "../model/storage.ts";
import { chunksOf } from "./bounded.ts";
import type { ContentsInput } from "./contents.ts";
import { fetchAll, withContents } from "./contents.ts";
import type { Ledger, Tally } from "./ledger.ts";
import { sameFlags } from "./reconcile.ts";

export interface SideInput extends ContentsInput {
  readonly side: Side;
  readonly effects: readonly Effect[];
  readonly ledger: Ledger;
  readonly tally: Tally;
  /** Gives out the ids of intents. */
  readonly nextId: () => number;
}

/** An effect that is under way. */
interface Job {
  readonly effect: Effect;
  readonly intent: number;
  readonly href: Href;
  readonly content: Content | undefined;
  /** How many names were taken already. */
  readonly attempt: number;
}

/** How many effects are journalled at a time. */
const CHUNK = 256;
/** How many names are tried for a new item, where the first ones are taken by others. */
const ATTEMPTS = 4;
/** How many items that came without an etag are fetched again at a time. */
const READ_BACK = 64;
/** How many results may wait for the status at a time. */
const SETTLING = 2_048;

/** Does not throw: what stops it is a failure in the tally. */
export async function carryOutSide(input: SideInput): Promise<void> {
  const { side, tally, effects } = input;
  if (effects.length === 0) return;
  const stop = new AbortController();
  try {
    let jobs = await applyRound(input, stop, planned(input, stop.signal));
    while (jobs.length > 0 && !stop.signal.aborted) {
      jobs = await applyRound(input, stop, renamed(input, jobs));
    }
  } catch (thrown) {
    tally.failures.push({ side, error: asSyncError(thrown, "collection") });
  }
}

/** Effects as they are begun: their contents in hand, their intents journalled. */
async function* planned(input: SideInput, stopped: AbortSignal): AsyncGenerator<Job> {
  for (const chunk of chunksOf(input.effects, CHUNK)) {
    if (input.signal.aborted || stopped.aborted) return;
    const jobs: Job[] = [];
    const intents: Intent[] = [];
    for (const ready of await withContents(input, chunk)) {
      if ("reason" in ready) {
        await input.ledger.changed(ready.effect, undefined, ready.reason);
        continue;
      }
      const job: Job = {
        effect: ready.effect,
        intent: input.nextId(),
        href: hrefOf(input, ready.effect, 0),
        content: ready.content,
        attempt: 0,
      };
      jobs.push(job);
      intents.push({
        ...intentOf(job),
        ...(ready.attic === undefined ? {} : { attic: ready.attic }),
      });
    }
    await begin(input, jobs, intents);
    yield* jobs;
  }
}

/** Creates whose names were taken, under other names. */
async function* renamed(input: SideInput, jobs: readonly Job[]): AsyncGenerator<Job> {
  await begin(input, jobs, jobs.map(intentOf));
  yield* jobs;
}

async function begin(
  { side, status, ledger }: SideInput,
  jobs: readonly Job[],
  intents: readonly Intent[],
): Promise<void> {
  const created = jobs.filter((job) => job.effect.kind === "create").map((job) => job.href);
  if (created.length > 0) ledger.expect(side, await status.known(side, created));
  await status.begin(intents);
}

const hrefOf = (input: SideInput, effect: Effect, attempt: number): Href =>
  effect.kind === "create"
    ? input.storages[input.side].hrefFor(input.collections[input.side], effect.ident, attempt)
    : effect.target.href;

const intentOf = ({ effect, intent, href, content }: Job): Intent => ({
  id: intent,
  kind: effect.kind,
  on: effect.on,
  ident: effect.ident,
  href,
  ...(effect.kind === "create" ? {} : { etag: effect.target.etag }),
  ...(content === undefined ? {} : { digest: content.digest }),
});

function actionOf({ effect, intent, href, content }: Job): Action {
  const { ident } = effect;
  if (effect.kind === "delete") {
    return { kind: "delete", id: intent, ident, href, etag: effect.target.etag };
  }
  if (effect.kind === "setFlags") {
    const { flags, target } = effect;
    return { kind: "setFlags", id: intent, ident, href, etag: target.etag, flags };
  }
  if (content === undefined) {
    throw new SyncError(`nothing to write for "${ident}"`, { scope: "item", kind: "internal" });
  }
  return effect.kind === "create"
    ? { kind: "create", id: intent, ident, href, content }
    : { kind: "update", id: intent, ident, href, etag: effect.target.etag, content };
}

/** One stream of actions. Gives back the creates whose names are taken by something else. */
async function applyRound(
  input: SideInput,
  stop: AbortController,
  jobs: AsyncIterable<Job>,
): Promise<readonly Job[]> {
  const { side, ledger } = input;
  const waiting = new Map<number, Job>();
  const unsure: Job[] = [];
  const taken: Job[] = [];
  const settling = new Set<Promise<void>>();
  const settle = async ({ effect }: Job, done: Promise<void>) => {
    const settled: Promise<void> = done.catch(async (thrown) => {
      // What cannot be written down must not go on: its intent stays open, and is looked up.
      stop.abort();
      await ledger.failed(effect, undefined, asSyncError(thrown, "collection"));
    }).finally(() => settling.delete(settled));
    settling.add(settled);
    if (settling.size >= SETTLING) await Promise.race(settling);
  };
  const actions = async function* (): AsyncGenerator<Action> {
    for await (const job of jobs) {
      waiting.set(job.intent, job);
      yield actionOf(job);
    }
  };
  const signal = AbortSignal.any([input.signal, stop.signal]);
  try {
    for await (
      const result of input.storages[side].apply(input.collections[side], actions(), signal)
    ) {
      const job = waiting.get(result.id);
      if (job === undefined) continue;
      waiting.delete(result.id);
      const settled = take(input, stop, job, result, unsure, taken);
      if (settled !== undefined) await settle(job, settled);
      if (unsure.length >= READ_BACK) await readBack(input, unsure.splice(0));
    }
  } finally {
    await Promise.all(settling);
  }
  await readBack(input, unsure);
  return await adopt(input, taken);
}

/** Deals with one result; those that need another look are put aside. */
function take(
  input: SideInput,
  stop: AbortController,
  job: Job,
  result: Result,
  unsure: Job[],
  taken: Job[],
): Promise<void> | undefined {
  const { ledger } = input;
  const { effect, intent } = job;
  switch (result.outcome) {
    case "done": {
      if (effect.kind === "delete") {
        return ledger.done(effect, intent, { version: undefined, bodies: {} });
      }
      const landed = { ...job, href: result.href ?? job.href };
      if (result.etag === undefined) return void unsure.push(landed);
      return doneAs(input, landed, result.etag);
    }
    case "exists":
      return void taken.push(job);
    case "changed":
      return ledger.changed(effect, intent, "it changed meanwhile");
    case "failed": {
      // The rest would fail the same way: what is not this item's own fault ends the stream.
      if (result.error.scope !== "item") stop.abort();
      return ledger.failed(effect, intent, result.error);
    }
  }
}

async function doneAs(input: SideInput, job: Job, etag: Etag): Promise<void> {
  const { effect, intent, href, content } = job;
  if (effect.kind === "delete") return;
  const version: Version = effect.kind === "setFlags"
    ? { href, etag, digest: effect.target.digest, flags: effect.flags }
    : { href, etag, digest: effect.from.digest, flags: effect.from.flags };
  await input.ledger.done(effect, intent, { version, bodies: await bodiesOf(input, content) });
}

/** Mail is not kept: it does not change, and it is large. */
async function bodiesOf(input: SideInput, content: Content | undefined): Promise<KeptBodies> {
  if (content === undefined || input.storages[input.side].capabilities.kind === "mail") return {};
  const bytes = await content.body.bytes();
  return { a: bytes, b: bytes };
}

/** The item is as it is found there; its bytes are kept for that side, and ours for the other. */
async function doneWith(input: SideInput, { effect, intent, content }: Job, item: Item) {
  const bodies = await bodiesOf(input, content);
  await input.ledger.done(effect, intent, {
    version: item,
    bodies: Object.keys(bodies).length === 0
      ? bodies
      : { ...bodies, [input.side]: await item.body.bytes() },
  });
}

/**
 * No etag came with the result: the storage may have changed what it was given (RFC 4791 5.3.4), so
 * the base takes the item as the storage now holds it.
 */
async function readBack(input: SideInput, jobs: readonly Job[]): Promise<void> {
  const found = await fetchAll(input, input.side, jobs.map((job) => job.href));
  for (const job of jobs) {
    const { effect, href } = job;
    const now = found.get(href);
    if (now?.state === "present" && now.item.ident === effect.ident) {
      await doneWith(input, job, now.item);
      continue;
    }
    const error = new SyncError(`"${href}" was written, but could not be read back`, {
      scope: "item",
      kind: now === undefined ? "missing" : "malformed",
      retry: true,
      hint: "The next run looks at it again.",
      cause: now?.state === "unreadable" ? now.error : undefined,
    });
    await input.ledger.failed(effect, job.intent, error);
  }
}

/**
 * Something is under the name already. Where it is the very same item, an interrupted run put it
 * there, and it is adopted; where it is another one, another name is tried. What cannot be read may
 * be the very item, so it is left.
 */
async function adopt(input: SideInput, jobs: readonly Job[]): Promise<readonly Job[]> {
  const found = await fetchAll(input, input.side, jobs.map((job) => job.href));
  const again: Job[] = [];
  for (const job of jobs) {
    const { effect, intent, href } = job;
    const now = found.get(href);
    if (now?.state === "unreadable") {
      await input.ledger.failed(effect, intent, namesake(job, now.error));
    } else if (now?.state !== "present") {
      await input.ledger.changed(effect, intent, "it vanished meanwhile");
    } else if (now.item.ident === effect.ident) {
      if (isWritten(now.item, job.content)) await doneWith(input, job, now.item);
      else await input.ledger.changed(effect, intent, "it appeared there meanwhile");
    } else if (job.attempt + 1 < ATTEMPTS) {
      await input.ledger.superseded(intent, `the name "${href}" is taken`);
      const attempt = job.attempt + 1;
      again.push({
        ...job,
        attempt,
        intent: input.nextId(),
        href: hrefOf(input, effect, attempt),
      });
    } else {
      const error = new SyncError(`every name tried for "${effect.ident}" is taken`, {
        scope: "item",
        kind: "exists",
      });
      await input.ledger.failed(effect, intent, error);
    }
  }
  return again;
}

const isWritten = (item: Item, content: Content | undefined): boolean =>
  item.digest === content?.digest && sameFlags(item.flags, content.flags);

const namesake = ({ effect, href }: Job, cause: SyncError): SyncError =>
  new SyncError(`"${href}" is there already and cannot be read; "${effect.ident}" may be in it`, {
    scope: "item",
    kind: "exists",
    hint: "Mend or remove it, and run again.",
    cause,
  });
