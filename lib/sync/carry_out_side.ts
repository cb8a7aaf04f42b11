/**
 * Carries out effects on one side of one collection: journals each before it is begun, hands them
 * to the storage as a stream, and writes each result into the ledger as it comes.
 */

import { asSyncError, SyncError } from "../model/error.ts";
import type { Effect } from "../model/plan.ts";
import type { Intent } from "../model/status.ts";
import type { Action, Result } from "../model/storage.ts";
import { chunksOf } from "./bounded.ts";
import { type Ready, withContents } from "./contents.ts";
import { hrefOf, type Job, type JobContext } from "./job.ts";
import { adopt, doneAs, readBack } from "./landing.ts";
import type { Tally } from "./ledger.ts";
import { type PropertyNames, propertyNames, TRIALS, type Trust, trustIn } from "./trust.ts";

export interface SideInput extends JobContext {
  readonly effects: readonly Effect[];
  readonly tally: Tally;
}

/** How many effects are journalled at a time. */
const CHUNK = 256;
/** How many bytes of what is overwritten or deleted are in memory on their way into the attic. */
const ATTIC_BYTES = 16 * 1024 * 1024;
/** How many items that came without an etag are fetched again at a time. */
const READ_BACK = 64;
/** How many results may wait for the status at a time. */
const SETTLING = 2_048;

/** Does not throw: what stops it is a failure in the tally. */
export async function carryOutSide(input: SideInput): Promise<void> {
  const { side, tally, effects } = input;
  if (effects.length === 0) return;
  const stop = new AbortController();
  const trust = trustIn(input.storages[side], input.collections[side]);
  const round: Round = { input, stop, trust };
  try {
    let jobs = await applyRound(round, planned(input, stop.signal));
    while (jobs.length > 0 && !stop.signal.aborted) {
      jobs = await applyRound(round, renamed(input, jobs));
    }
  } catch (thrown) {
    tally.failures.push({ side, error: asSyncError(thrown, "collection") });
  }
}

/** What the rounds of a side have in common. */
interface Round {
  readonly input: SideInput;
  readonly stop: AbortController;
  readonly trust: Trust;
}

/** Effects as they are begun: their contents in hand, their intents journalled. */
async function* planned(input: SideInput, stopped: AbortSignal): AsyncGenerator<Job> {
  const mayLose = input.storages[input.side].capabilities.rewrites === true;
  for (const chunk of chunksOf(input.effects, CHUNK)) {
    if (input.signal.aborted || stopped.aborted) return;
    let jobs: Job[] = [];
    let intents: Intent[] = [];
    let bytes = 0;
    for (const ready of await withContents(input, chunk)) {
      if ("reason" in ready) {
        await input.ledger.changed(ready.effect, undefined, ready.reason);
        continue;
      }
      const attic = await atticOf(input, ready);
      if (attic === "gone") continue;
      const { content } = ready;
      const names = mayLose && content !== undefined
        ? { names: propertyNames(await content.body.bytes()) }
        : {};
      const job: Job = {
        ...names,
        effect: ready.effect,
        intent: input.nextId(),
        href: hrefOf(input, ready.effect, 0),
        content,
        attempt: 0,
      };
      jobs.push(job);
      intents.push({ ...intentOf(job), ...(attic === undefined ? {} : { attic }) });
      bytes += attic instanceof Uint8Array ? attic.byteLength : 0;
      if (bytes < ATTIC_BYTES) continue;
      await begin(input, jobs, intents);
      yield* jobs;
      [jobs, intents, bytes] = [[], [], 0];
    }
    if (jobs.length === 0) continue;
    await begin(input, jobs, intents);
    yield* jobs;
  }
}

/** The bytes that go to the attic, where they were not at hand; `gone` where they no longer are. */
async function atticOf(
  { ledger }: SideInput,
  { effect, attic }: Ready,
): Promise<Intent["attic"] | "gone"> {
  if (attic === undefined || attic === "base" || attic instanceof Uint8Array) return attic;
  try {
    return await attic.bytes();
  } catch (thrown) {
    const error = asSyncError(thrown, "item");
    if (error.scope !== "item") throw error;
    if (error.kind === "missing" || error.kind === "changed") {
      await ledger.changed(effect, undefined, "it changed meanwhile");
    } else await ledger.failed(effect, undefined, error);
    return "gone";
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

const intentOf = ({ effect, intent, href, content }: Job): Intent => ({
  id: intent,
  // That it is done tells nothing about the other side, where the same is to be done.
  kind: isMerged(effect) || isOfBoth(effect) ? "merge" : effect.kind,
  on: effect.on,
  ident: effect.ident,
  href,
  ...(effect.kind === "create" ? {} : { etag: effect.target.etag }),
  ...(content === undefined ? {} : { digest: content.digest }),
});

const isOfBoth = (effect: Effect): boolean =>
  effect.kind === "delete" && effect.why === "expunged on both";

const isMerged = (effect: Effect): boolean =>
  (effect.kind === "create" || effect.kind === "update") && effect.merged !== undefined;

function actionOf({ effect, intent, href, content }: Job): Action {
  const { ident } = effect;
  if (effect.kind === "delete") {
    return { kind: "delete", id: intent, ident, href, etag: effect.target.etag };
  }
  if (effect.kind === "setFlags") {
    const { flags, target } = effect;
    return {
      kind: "setFlags",
      id: intent,
      ident,
      href,
      etag: target.etag,
      was: target.flags,
      flags,
    };
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
  round: Round,
  jobs: AsyncIterable<Job>,
): Promise<readonly Job[]> {
  const { input, stop, trust } = round;
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
      const settled = take(round, job, result, unsure, taken);
      if (settled !== undefined) await settle(job, settled);
      if (unsure.length >= (trust.isDecided() ? READ_BACK : TRIALS)) {
        await look(round, unsure.splice(0));
      }
    }
  } finally {
    await Promise.all(settling);
  }
  await look(round, unsure);
  return await adopt(input, taken);
}

async function look({ input, trust }: Round, unsure: readonly Job[]): Promise<void> {
  const altered = await readBack(input, unsure, !trust.isFaithful());
  const told = unsure.filter((it) => it.told !== undefined && !it.altered);
  if (told.length === 0) return;
  trust.looked(told.map((job) => job.names ?? NONE), told.every((job) => !altered.has(job)));
}

const NONE: PropertyNames = new Set();

/** Deals with one result; those that need another look are put aside. */
function take(
  { input, stop, trust }: Round,
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
      const { etag } = result;
      if (etag === undefined) return void unsure.push(landed);
      if (result.altered) return void unsure.push({ ...landed, told: etag, altered: true });
      if (job.content !== undefined && trust.mustLook(job.names ?? NONE)) {
        return void unsure.push({ ...landed, told: etag });
      }
      return doneAs(input, landed, etag);
    }
    case "exists":
      return void taken.push(job);
    case "changed":
      return ledger.changed(effect, intent, "it changed meanwhile");
    case "failed": {
      if (result.error.kind === "left out") return ledger.leftOut(effect, intent);
      // The rest would fail the same way: what is not this item's own fault ends the stream.
      if (result.error.scope !== "item") stop.abort();
      return ledger.failed(effect, intent, result.error);
    }
  }
}
