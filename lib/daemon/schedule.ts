/**
 * When which pair is brought in step: a function of what is known, what happened and the time. It
 * has no clock and waits for nothing. All times are in milliseconds.
 */

import type { CollectionId, PairName } from "../model/names.ts";
import { asked, backOff } from "./back_off.ts";
import type { Ending } from "./ending.ts";

/** For so long nothing must happen before what changed is looked at: people save several times. */
export const QUIET = 500;
/** After so long it is looked at though something happens all the time. */
export const LONGEST_GATHERING = 5_000;
/** Another run of the same pair is waited for so long, at first and at most. */
const BUSY_FIRST = 2_000;
const BUSY_LONGEST = 30_000;
/** Nothing was heard for so long though a timer is never longer: the machine slept. */
const SLEPT = 120_000;
/** So long after it woke up, networks are there again. */
const AWAKE = 5_000;
/** The longest timer: those of most systems stand still while the machine sleeps. */
export const LONGEST_TIMER = 60_000;

/** A pair, and how often all of it is looked at though nothing is heard of it. */
export interface Kept {
  readonly name: PairName;
  readonly interval: number;
}

/** A run that is to be made now. */
export interface Job {
  readonly pair: PairName;
  /** Only these collections, which have been touched; all without it. */
  readonly only?: readonly CollectionId[];
  /** Something was heard, or it is simply time. */
  readonly why: "touched" | "due";
}

export type Happening =
  /** It is later. */
  | { readonly type: "tick" }
  /** Something changed in a collection, or it is not known in which. */
  | { readonly type: "touched"; readonly pair: PairName; readonly collection?: CollectionId }
  | { readonly type: "ended"; readonly pair: PairName; readonly ending: Ending };

interface Touched {
  /** `all`: it is not known which. */
  readonly what: "all" | readonly CollectionId[];
  readonly first: number;
  readonly last: number;
}

interface PairState {
  readonly kept: Kept;
  readonly running: Job | undefined;
  readonly touched: Touched | undefined;
  /** When the whole pair is to be looked at. */
  readonly wholeAt: number;
  /** Nothing is tried before, because it would fail. */
  readonly notBefore: number;
  /** Nothing is tried before, because a server wants it so. */
  readonly askedUntil: number;
  /** Whole runs that have failed one after the other. */
  readonly failures: number;
  /** How often another process was in the way, one time after the other. */
  readonly busy: number;
  readonly over: boolean;
}

export interface Schedule {
  readonly now: number;
  /** In the order of the configuration. */
  readonly pairs: readonly PairState[];
}

export interface Limits {
  /** How many runs there may be at a time. */
  readonly atOnce: number;
  /** Whether one of two pairs has to wait for the other. */
  readonly excludes: (one: PairName, other: PairName) => boolean;
}

export interface Step {
  readonly schedule: Schedule;
  readonly run: readonly Job[];
  /** When to go on though nothing happens. None: something has to end first. */
  readonly wakeAt: number | undefined;
}

/** Everything is to be looked at once. */
export function begin(pairs: readonly Kept[], now: number): Schedule {
  return {
    now,
    pairs: pairs.map((kept) => ({
      kept,
      running: undefined,
      touched: undefined,
      wholeAt: now,
      notBefore: now,
      askedUntil: now,
      failures: 0,
      busy: 0,
      over: false,
    })),
  };
}

/** What is to be run, after this has happened. */
export function step(before: Schedule, event: Happening, now: number, limits: Limits): Step {
  const timely = inTime(before, now);
  const pairs = event.type === "tick"
    ? timely
    : timely.map((it) => it.kept.name === event.pair ? after(it, event, now) : it);
  return start(pairs, now, limits);
}

/** Whether every pair was given up. */
export const isOver = ({ pairs }: Schedule): boolean => pairs.every((it) => it.over);

/** How many runs there are. */
export const underWay = ({ pairs }: Schedule): number =>
  pairs.filter((it) => it.running !== undefined).length;

/** Clocks are set back, and machines sleep. */
function inTime({ now: then, pairs }: Schedule, now: number): readonly PairState[] {
  if (now < then) return pairs.map((it) => moved(it, now - then));
  if (now - then < SLEPT) return pairs;
  return pairs.map((it) => ({
    ...it,
    wholeAt: Math.min(it.wholeAt, now + AWAKE),
    notBefore: Math.min(it.notBefore, now + AWAKE),
    failures: 0,
  }));
}

const moved = (it: PairState, by: number): PairState => ({
  ...it,
  wholeAt: it.wholeAt + by,
  notBefore: it.notBefore + by,
  askedUntil: it.askedUntil + by,
  touched: it.touched === undefined
    ? undefined
    : { ...it.touched, first: it.touched.first + by, last: it.touched.last + by },
});

function after(
  state: PairState,
  event: Exclude<Happening, { readonly type: "tick" }>,
  now: number,
): PairState {
  if (event.type === "touched") {
    return { ...state, touched: gathered(state.touched, event.collection, now) };
  }
  const { running, kept: { interval } } = state;
  const idle: PairState = { ...state, running: undefined, busy: 0 };
  const isWhole = running?.only === undefined;
  const { ending } = event;
  switch (ending.kind) {
    case "done":
      return isWhole ? { ...idle, failures: 0, wholeAt: now + interval } : idle;
    case "stale":
      return { ...idle, wholeAt: now };
    case "over":
      return { ...idle, over: true };
    case "busy": {
      const wait = Math.min(BUSY_FIRST * 2 ** Math.min(state.busy, 10), BUSY_LONGEST);
      const untouched = running?.only?.reduce<Touched | undefined>(
        (sum, id) => gathered(sum, id, now),
        idle.touched,
      );
      return {
        ...idle,
        busy: state.busy + 1,
        notBefore: now + wait,
        ...(isWhole ? { wholeAt: now + wait } : { touched: untouched }),
      };
    }
    case "partly": {
      const failures = isWhole ? state.failures + 1 : Math.max(1, state.failures);
      // One item that fails is no reason to look at the others less often.
      const wait = ending.retry
        ? Math.min(interval, backOff({ count: failures, retry: true }, interval))
        : interval;
      const wholeAt = Math.max(now + wait, now + asked(ending.retryAfter));
      return {
        ...idle,
        failures,
        askedUntil: now + asked(ending.retryAfter),
        wholeAt: isWhole ? wholeAt : Math.min(idle.wholeAt, wholeAt),
      };
    }
    case "failed": {
      const failures = state.failures + 1;
      const notBefore = now + backOff({ count: failures, retry: ending.retry }, interval);
      const askedUntil = now + asked(ending.retryAfter);
      return { ...idle, failures, notBefore, askedUntil, wholeAt: notBefore };
    }
  }
}

function gathered(
  before: Touched | undefined,
  collection: CollectionId | undefined,
  now: number,
): Touched {
  const first = before?.first ?? now;
  const known = before?.what ?? [];
  if (collection === undefined || known === "all") return { what: "all", first, last: now };
  return { what: [...new Set([...known, collection])], first, last: now };
}

/** Starts what is due, the longest due first, as far as the limits go. */
function start(pairs: readonly PairState[], now: number, limits: Limits): Step {
  const jobs = new Map<PairName, Job>();
  const busy = pairs.filter((it) => it.running !== undefined).map((it) => it.kept.name);
  const waiting = pairs.filter((it) => it.running === undefined && !it.over)
    .map((it) => ({ state: it, at: dueAt(it) }))
    .toSorted((left, right) => left.at - right.at);
  for (const { state, at } of waiting) {
    const { name } = state.kept;
    if (at > now || busy.length >= limits.atOnce) break;
    if (busy.some((it) => limits.excludes(name, it))) continue;
    busy.push(name);
    jobs.set(name, jobOf(state, now));
  }
  const later = waiting.map((it) => it.at).filter((at) => at > now);
  return {
    schedule: { now, pairs: pairs.map((it) => started(it, jobs.get(it.kept.name))) },
    run: [...jobs.values()],
    wakeAt: later.length === 0 ? undefined : Math.min(...later),
  };
}

function dueAt({ touched, wholeAt, notBefore, askedUntil }: PairState): number {
  const settled = touched === undefined
    ? Infinity
    : Math.min(touched.last + QUIET, touched.first + LONGEST_GATHERING);
  return Math.max(notBefore, askedUntil, Math.min(wholeAt, settled));
}

function jobOf({ kept: { name }, touched, wholeAt }: PairState, now: number): Job {
  if (wholeAt <= now || touched === undefined) return { pair: name, why: "due" };
  if (touched.what === "all") return { pair: name, why: "touched" };
  return { pair: name, only: touched.what, why: "touched" };
}

const started = (state: PairState, job: Job | undefined): PairState =>
  job === undefined ? state : { ...state, running: job, touched: undefined };
