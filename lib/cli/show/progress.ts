/** How far the runs are: a state that events move, and the lines that show it. Pure. */

import type { CollectionId, PairName, Side, Sides, StorageName } from "../../model/names.ts";
import type { RunEvent } from "../../model/run.ts";
import { figure } from "./count.ts";
import { type Look, symbols } from "./look.ts";
import { faint, type Line, line, name, type Span, styled } from "./text.ts";

/** What one pair is doing. */
export interface PairProgress {
  readonly pair: PairName;
  readonly names: Sides<StorageName>;
  readonly phase: "opening" | "listing" | "fetching" | "writing";
  /** The collection and side that were last heard of. */
  readonly at?: { readonly collection: CollectionId; readonly side: Side };
  readonly collections: number;
  readonly surveyed: number;
  /** By collection and side: how much of it is fetched. */
  readonly fetches: ReadonlyMap<string, { readonly done: number; readonly of: number }>;
  readonly written: number;
  readonly toWrite: number;
  /** When the first was about to be written, in milliseconds. */
  readonly writingSince: number;
}

export const started = (pair: PairName, names: Sides<StorageName>): PairProgress => ({
  pair,
  names,
  phase: "opening",
  collections: 0,
  surveyed: 0,
  fetches: new Map(),
  written: 0,
  toWrite: 0,
  writingSince: 0,
});

/** The plan is about to be carried out: that many effects. */
export const writing = (state: PairProgress, toWrite: number, now: number): PairProgress => ({
  ...state,
  phase: "writing",
  toWrite,
  writingSince: now,
});

export function after(state: PairProgress, event: RunEvent): PairProgress {
  switch (event.type) {
    case "collections":
      return { ...state, collections: event.count, phase: "listing" };
    case "listing":
      return { ...state, at: { collection: event.collection, side: event.side } };
    case "fetching": {
      const { collection, side, done, of } = event;
      const fetches = new Map(state.fetches).set(`${side} ${collection}`, { done, of });
      const phase = state.phase === "writing" ? "writing" : "fetching";
      return { ...state, fetches, phase, at: { collection, side } };
    }
    case "surveyed":
      return { ...state, surveyed: state.surveyed + 1 };
    case "made":
    case "unmade":
    case "renamed":
    case "property":
    case "altered":
      return state;
    case "effect":
      return { ...state, written: state.written + 1 };
  }
}

/** The columns of the bar itself. */
const BAR = 24;
/** Before this has passed, in milliseconds, a rate says nothing. */
const RATE_AFTER = 2000;

/** One line for each pair that is at work. */
export function progressLines(
  states: readonly PairProgress[],
  now: number,
  look: Look,
): readonly Line[] {
  return states.map((state) => line`${name(state.pair)}  ${phaseLine(state, now, look)}`);
}

function phaseLine(state: PairProgress, now: number, look: Look): Line {
  switch (state.phase) {
    case "opening":
      return line`opening`;
    case "listing":
      return line`listing${at(state)}  ${faint(`${state.surveyed}/${state.collections}`)}`;
    case "fetching": {
      const all = [...state.fetches.values()];
      const done = all.reduce((sum, it) => sum + it.done, 0);
      const of = all.reduce((sum, it) => sum + it.of, 0);
      return line`fetching ${bar(done, of, look)} ${figure(done)}/${figure(of)}${at(state)}`;
    }
    case "writing":
      return line`writing  ${bar(state.written, state.toWrite, look)} ${figure(state.written)}/${
        figure(state.toWrite)
      }  ${faint(pace(state, now))}`;
  }
}

function at(state: PairProgress): Span {
  if (state.at === undefined) return faint("");
  return faint(` ${state.at.collection} on ${state.names[state.at.side]}`);
}

function bar(done: number, of: number, look: Look): Line {
  const { done: full, todo } = symbols(look);
  const filled = of === 0 ? 0 : Math.min(BAR, Math.floor((done / of) * BAR));
  return [styled("good", full.repeat(filled)), faint(todo.repeat(BAR - filled))];
}

function pace(state: PairProgress, now: number): string {
  const passed = now - state.writingSince;
  if (passed < RATE_AFTER || state.written === 0) return "";
  const perSecond = (state.written / passed) * 1000;
  const left = Math.max(0, state.toWrite - state.written) / perSecond;
  const rate = perSecond >= 10 ? figure(Math.round(perSecond)) : perSecond.toFixed(1);
  return `${rate}/s  ${duration(left)} left`;
}

/** Seconds as `5 s`, `3 min`, `2 h`. */
function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}
