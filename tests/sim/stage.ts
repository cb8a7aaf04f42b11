/** The steps of a run, and what happens at them. */

import { Crash, type Fault, type Point, type Process } from "../../adapters/with_faults.ts";
import { type Scope, SyncError } from "../../lib/model/error.ts";
import type { Href, Ident } from "../../lib/model/names.ts";
import { AT_ACTION, type Edit, type Happening } from "./schedule.ts";

type Armed = Extract<Happening, { readonly fault: unknown }>;

export interface StageInput<E = Edit> {
  readonly happens: readonly Happening<E>[];
  readonly stores: number;
  readonly pace: number;
  /** `at`: what is being acted on just now, and where. */
  readonly edit: (edit: E, at: Target | undefined) => void;
  /** The process dies now. Of each status, so many transactions that are under way are kept. */
  readonly die: (kept: number) => void;
}

export interface Target {
  readonly store: number;
  readonly ident: Ident;
}

/** One stage is set for each round: all runs of the round take place on it, and die together. */
export interface Stage {
  readonly process: Process;
  readonly signal: AbortSignal;
  /** How many steps there were. */
  steps(): number;
  /** What was asked of storages and statuses, if somebody wants to know. */
  readonly trace: string[];
  /** One more step. Throws {@linkcode Crash} when the process dies at it, or is dead. */
  step(what: string): void;
  /** A step of a storage, and what goes wrong with it. */
  decide(store: number, point: Point): Fault | undefined;
  /** Whether the status cannot be written just now. */
  statusFails(): SyncError | undefined;
  /** Whether a listing of this storage is to end without saying so. */
  endless(store: number): boolean;
  /** Waits a little, or not. */
  linger(): Promise<void>;
  /** Which faults and events took place. */
  readonly took: string[];
}

/** More steps than any run could need. */
const ENDLESS = 20_000;

/** What changes a collection, besides the actions. */
const OF_COLLECTIONS: ReadonlySet<Point["method"]> = new Set([
  "createCollection",
  "renameCollection",
  "renumber",
  "deleteCollection",
]);
const SCOPES: readonly Scope[] = ["item", "collection", "storage"];

export function newStage<E = Edit>(input: StageInput<E>): Stage {
  const abort = new AbortController();
  const due = [...input.happens].sort((one, other) => one.at - other.at);
  const armed: Armed[] = [];
  const away = new Set<number>();
  const trace: string[] = [];
  const took: string[] = [];
  let steps = 0;
  let actions = 0;
  let target: Target | undefined;
  let pace = input.pace * 2654435761 + 1;
  const process = { alive: true };

  function happen(it: Happening<E>): void {
    if ("edit" in it) {
      took.push("edit");
      input.edit(it.edit, target);
    } else if ("fault" in it) armed.push(it);
    else if ("dies" in it) {
      took.push("crash");
      process.alive = false;
      input.die(it.dies);
    } else {
      took.push("cancel");
      abort.abort();
    }
  }

  function step(what: string): void {
    if (!process.alive) throw new Crash();
    steps += 1;
    // Whoever goes round for ever is stopped before the memory is full.
    if (steps > ENDLESS) throw new RangeError(`more than ${ENDLESS} steps: ${trace.slice(-6)}`);
    trace.push(what);
    if (due.length === 0) return;
    for (
      const it of due.filter(({ at }) => at < AT_ACTION ? at <= steps : at < AT_ACTION + actions)
    ) {
      due.splice(due.indexOf(it), 1);
      happen(it);
      if (!process.alive) throw new Crash();
    }
  }

  function faultOf(store: number, point: Point): Fault | undefined {
    for (const [at, it] of armed.entries()) {
      if (it.s % input.stores !== store) continue;
      const fault = madeOf(it, point);
      if (fault === undefined) continue;
      armed.splice(at, 1);
      if (it.fault === "away") away.add(store);
      took.push(it.fault);
      return fault;
    }
    return undefined;
  }

  function takes(fault: Armed["fault"], store?: number): boolean {
    const at = armed.findIndex((it) =>
      it.fault === fault && (store === undefined || it.s % input.stores === store)
    );
    if (at < 0) return false;
    armed.splice(at, 1);
    took.push(fault);
    return true;
  }

  return {
    process,
    signal: abort.signal,
    steps: () => steps,
    trace,
    took,
    step,
    decide(store, point) {
      if (point.moment === "action") {
        actions += 1;
        target = { store, ident: point.action.ident };
      }
      step(`${store} ${point.method} ${point.moment}`);
      if (away.has(store)) return { kind: "fail before", error: failure("storage", "away") };
      return faultOf(store, point);
    },
    statusFails: () =>
      takes("status")
        ? new SyncError("the disk is full", { scope: "run", kind: "quota" })
        : undefined,
    endless: (store) => takes("endless", store),
    async linger() {
      pace = (Math.imul(pace, 1664525) + 1013904223) >>> 0;
      for (let left = pace >>> 30; left > 0; left--) await undefined;
    },
  };
}

const failure = (scope: Scope, what: string): SyncError =>
  new SyncError(`simulated: ${what}`, { scope, kind: "unreachable", retry: true });

/** The fault, if it can take place at this point. */
function madeOf({ fault, scope: at }: Armed, point: Point): Fault | undefined {
  const { method, moment } = point;
  const scope = SCOPES[at] ?? "item";
  const applies = moment === "action";
  switch (fault) {
    case "fail before":
      return method === "apply" && !applies
        ? undefined
        : { kind: fault, error: failure(scope, fault) };
    case "fail after":
      return applies || OF_COLLECTIONS.has(method)
        ? { kind: fault, error: failure(scope, fault) }
        : undefined;
    case "break":
      return applies ? { kind: "break", error: failure("storage", fault) } : undefined;
    case "refuse":
      return applies
        ? {
          kind: "fail before",
          error: new SyncError("simulated: refused", { scope: "item", kind: "refused" }),
        }
        : undefined;
    case "short":
      return moment === "batch"
        ? { kind: "short", keep: at, error: failure("collection", fault) }
        : undefined;
    case "endless":
      return undefined;
    case "unknown":
      return method === "fetch" && moment === "batch"
        ? { kind: fault, which: some(at) }
        : undefined;
    case "unreadable":
      return moment === "batch"
        ? { kind: fault, which: some(at), error: failure("item", fault) }
        : undefined;
    case "away":
      return { kind: "fail before", error: failure("storage", fault) };
    case "status":
      return undefined;
  }
}

/** All of a batch, or its first one alone. */
function some(at: number): (href: Href) => boolean {
  let first: Href | undefined;
  return (href) => at === 0 || href === (first ??= href);
}
