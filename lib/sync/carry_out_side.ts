/**
 * Carries out effects on one side of one collection: journals each before it is begun, hands them
 * to the storage as a stream, and writes each result into the ledger as it comes.
 */

import { asSyncError, SyncError } from "../model/error.ts";
import type { Version } from "../model/item.ts";
import type { Etag, Href, Side } from "../model/names.ts";
import type { Effect } from "../model/plan.ts";
import type { KeptBodies } from "../model/status.ts";
import type { Action, Content, Result } from "../model/storage.ts";
import { chunksOf } from "./bounded.ts";
import type { ContentsInput } from "./contents.ts";
import { fetchItems, withContents } from "./contents.ts";
import type { Ledger, Tally } from "./ledger.ts";

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
/** How many results may wait for the status at a time. */
const SETTLING = 512;

/** Does not throw: what stops it is a failure in the tally. */
export async function carryOutSide(input: SideInput): Promise<void> {
  const stop = new AbortController();
  const signal = AbortSignal.any([input.signal, stop.signal]);
  const within: SideInput = { ...input, signal };
  const begun = new Set<Effect>();
  try {
    let jobs = await applyRound(within, stop, planned(within, begun));
    while (jobs.length > 0) jobs = await applyRound(within, stop, renamed(within, jobs));
  } catch (thrown) {
    input.tally.failures.push({ side: input.side, error: asSyncError(thrown, "collection") });
  }
  input.tally.skipped += input.effects.length - begun.size;
}

/** Effects as they are begun: their contents in hand, their intents journalled. */
async function* planned(input: SideInput, begun: Set<Effect>): AsyncGenerator<Job> {
  for (const chunk of chunksOf(input.effects, CHUNK)) {
    if (input.signal.aborted) return;
    const jobs: Job[] = [];
    const intents = [];
    for (const ready of await withContents(input, chunk)) {
      begun.add(ready.effect);
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
    await input.status.begin(intents);
    yield* jobs;
  }
}

/** Creates whose names were taken, under other names. */
async function* renamed(input: SideInput, jobs: readonly Job[]): AsyncGenerator<Job> {
  await input.status.begin(jobs.map(intentOf));
  yield* jobs;
}

const hrefOf = (input: SideInput, effect: Effect, attempt: number): Href =>
  effect.kind === "create"
    ? input.storages[input.side].hrefFor(input.collections[input.side], effect.ident, attempt)
    : effect.target.href;

const intentOf = ({ effect, intent, href, content }: Job) => ({
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
  const storage = input.storages[input.side];
  const collection = input.collections[input.side];
  const waiting = new Map<number, Job>();
  const unsure: Job[] = [];
  const taken: Job[] = [];
  const settling = new Set<Promise<void>>();
  const settle = async (done: Promise<void>) => {
    const settled: Promise<void> = done.finally(() => settling.delete(settled));
    settling.add(settled);
    if (settling.size >= SETTLING) await Promise.race(settling);
  };
  const actions = async function* (): AsyncGenerator<Action> {
    for await (const job of jobs) {
      waiting.set(job.intent, job);
      yield actionOf(job);
    }
  };
  try {
    for await (const result of storage.apply(collection, actions(), input.signal)) {
      const job = waiting.get(result.id);
      if (job === undefined) continue;
      waiting.delete(result.id);
      const settled = take(input, stop, job, result, unsure, taken);
      if (settled !== undefined) await settle(settled);
    }
  } finally {
    await Promise.all(settling);
    // Their intents stay open, and the next run looks them up.
    input.tally.skipped += waiting.size;
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

/**
 * No etag came with the result: the storage may have changed what it was given (RFC 4791 5.3.4), so
 * the base takes the item as the storage now holds it.
 */
async function readBack(input: SideInput, jobs: readonly Job[]): Promise<void> {
  const items = await fetchItems(input, input.side, jobs.map((job) => job.href));
  for (const job of jobs) {
    const { effect, intent, href, content } = job;
    const item = items.get(href);
    if (item === undefined || item.ident !== effect.ident) {
      const error = new SyncError(`"${href}" was written, but could not be read back`, {
        scope: "item",
        kind: item === undefined ? "missing" : "malformed",
        retry: true,
        hint: "The next run looks at it again.",
      });
      await input.ledger.failed(effect, intent, error);
      continue;
    }
    const bodies = await bodiesOf(input, content);
    await input.ledger.done(effect, intent, {
      version: item,
      bodies: Object.keys(bodies).length === 0
        ? bodies
        : { ...bodies, [input.side]: await item.body.bytes() },
    });
  }
}

/**
 * Something is under the name already. Where it is the very same item, an interrupted run put it
 * there, and it is adopted; where it is another one, another name is tried.
 */
async function adopt(input: SideInput, jobs: readonly Job[]): Promise<readonly Job[]> {
  const items = await fetchItems(input, input.side, jobs.map((job) => job.href));
  const again: Job[] = [];
  for (const job of jobs) {
    const { effect, intent, href } = job;
    const item = items.get(href);
    const same = item?.ident === effect.ident;
    if (item !== undefined && same && item.digest === job.content?.digest) {
      await doneAs(input, job, item.etag);
    } else if (same) {
      await input.ledger.changed(effect, intent, "it appeared there meanwhile");
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
