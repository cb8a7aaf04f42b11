/** Carries out a schedule, and says which rules were broken. */

import { Crash } from "../../adapters/with_faults.ts";
import { SyncError } from "../../lib/model/error.ts";
import { pairName, type Side, SIDES } from "../../lib/model/names.ts";
import { isEffect } from "../../lib/model/plan.ts";
import type { Report, Run } from "../../lib/model/run.ts";
import type { Status } from "../../lib/model/status.ts";
import { carryOut, prepare, type Prepared } from "../../lib/sync/mod.ts";
import { itemViews, touchedIdents } from "../../lib/sync/view.ts";
import { cellOf, count, type Counts, waysOf } from "./counts.ts";
import type { Edit, Round, Schedule } from "./schedule.ts";
import { newStage, type Stage, type Target } from "./stage.ts";
import { stagedStatus, stagedStorage } from "./staged.ts";
import { baseOf, dumpOf, type StatusKeeper } from "./keeper.ts";
import { asAgreed, idly, writesAlways } from "./settled.ts";
import { IDENTS } from "./text.ts";
import { newTruth, type RunTruth, type Truth } from "./truth.ts";
import { edit, newWorld, type Pair, type World } from "./world.ts";

export interface Simulated {
  readonly violations: readonly string[];
  /** Everything that was asked of storages and statuses, in order. */
  readonly trace: readonly string[];
  readonly runs: number;
}

/** One run of one pair, as far as it came. */
export interface Ran {
  readonly pair: Pair;
  readonly prepared: Prepared | undefined;
  readonly report: Report | undefined;
  readonly fetched: readonly { readonly side: Side; readonly id: string; readonly href: string }[];
  readonly effects: number;
}

const CALM: Pick<Round, "happens" | "together"> = { happens: [], together: false };
/** Far more than any run needs: whoever takes more goes in circles. */
const MOST_STEPS = 3_000;

export async function simulate(
  schedule: Schedule,
  keeper: StatusKeeper,
  counts: Counts,
): Promise<Simulated> {
  const world = newWorld(schedule);
  const truth = newTruth(world, isHasty(schedule));
  const trace: string[] = [];
  let runs = 0;
  let unique = 0;
  const change = (what: Edit) => truth.user(() => void edit(world, what, () => ++unique));
  /** Every other time, somebody edits the very item that is being written. */
  const meanwhile = (what: Edit, at: Target | undefined) => {
    const i = at === undefined || what.j % 2 === 1 ? -1 : IDENTS.indexOf(at.ident);
    change(at === undefined || i < 0 ? what : { ...what, s: at.store, i });
  };

  async function round(it: Pick<Round, "happens" | "together">): Promise<readonly Ran[]> {
    const stage = newStage({
      happens: it.happens,
      stores: world.stores.length,
      pace: schedule.pace + runs,
      edit: meanwhile,
      die: (kept) => keeper.die(kept),
    });
    const run = async (pair: Pair) =>
      await runPair(pair, await keeper.open(pair.name), stage, truth, counts);
    const ran: Ran[] = [];
    if (it.together) ran.push(...await Promise.all(world.pairs.map(run)));
    else for (const pair of world.pairs) ran.push(await run(pair));
    runs += ran.length;
    // What had come as far as a storage is still done there.
    if (!stage.process.alive) { for (let left = 60; left > 0; left--) await undefined; }
    await keeper.settled();
    if (stage.steps() > MOST_STEPS) truth.violations.push(`I13: ${stage.steps()} steps`);
    for (const what of stage.took) count(counts, `took: ${what}`);
    trace.push(...stage.trace);
    await checkBases(world, truth, keeper);
    truth.nothingLost();
    return ran;
  }

  for (const it of schedule.base) change(it);
  if (schedule.agreed) await round(CALM);
  for (const it of schedule.rounds) {
    for (const what of it.edits) change(what);
    await round(it);
  }

  // Nothing goes wrong any more, and nobody edits: each change has to travel to the first storage,
  // and from there to the others.
  const rounds = world.pairs.length === 1 ? 2 : 4;
  for (let left = rounds; left > 0; left--) await round(CALM);
  const before = await dump(world, keeper);
  const last = await round(CALM);
  for (const ran of last) {
    truth.violations.push(...asAgreed(ran, truth.absorbed), ...idly(ran));
  }
  if (!last.some(writesAlways) && before !== await dump(world, keeper)) {
    truth.violations.push(`I3: the status changed though nothing else did`);
  }
  if (truth.absorbed.size > 0) count(counts, "known limit: an edit before the reading back");
  return { violations: truth.violations, trace, runs };
}

/** Things that hide an item, or take it away just before it is fetched. */
const HIDING: readonly Edit["do"][] = [
  "delete",
  "move",
  "change uid",
  "clear",
  "drop",
  "hide",
  "spoil",
];

/**
 * Whether items may be out of sight in two runs on end: nobody waits for longer than one, and there
 * may be two of them then.
 */
function isHasty({ rounds }: Schedule): boolean {
  const happens = rounds.flatMap((it) => it.happens);
  const blinks = happens.filter((it) =>
    "edit" in it
      ? HIDING.includes(it.edit.do)
      : "fault" in it && (it.fault === "unknown" || it.fault === "unreadable")
  );
  const hidden = happens.some((it) => "edit" in it && ["hide", "spoil"].includes(it.edit.do));
  return hidden || blinks.length > 1;
}

async function runPair(
  pair: Pair,
  status: Status,
  stage: Stage,
  truth: Truth,
  counts: Counts,
): Promise<Ran> {
  const seen = truth.begin(pair);
  const ways = waysOf(counts);
  const fetched: Ran["fetched"][number][] = [];
  let effects = 0;
  const storage = (side: Side) => {
    const { at, memory, shape } = pair.stores[side];
    return stagedStorage({ at, memory, width: shape.width }, stage, {
      looks: () => truth.note(),
      listed: (id) => truth.listed(seen, side, id),
      fetched: (id, hrefs) => fetched.push(...hrefs.map((href) => ({ side, id, href }))),
      made: (id) => truth.made(seen, id),
      acts: (id, action) => {
        truth.acts({ run: seen, side, id, action });
      },
      acted: (id, action, result) => {
        truth.acted({ run: seen, side, id, action }, result);
        if (result.outcome === "done") effects++;
        ways.acted(side, action, result);
      },
    });
  };
  const run: Run = {
    pair: pairName(pair.name),
    storages: { a: storage("a"), b: storage("b") },
    status: stagedStatus(status, stage, {
      writes: (what) => {
        if (seen.phase === "prepare") {
          truth.violations.push(`I20: ${what} before the plan was known`);
        }
      },
      intends: (key, intent) => truth.intends(seen, key, intent),
      begun: (key, intent, bytes) => truth.begun(seen, key, intent, bytes),
    }),
    policy: pair.policy,
    signal: stage.signal,
    onEvent: ways.event,
  };
  const ran = (prepared?: Prepared, report?: Report): Ran => ({
    pair,
    prepared,
    report,
    fetched,
    effects,
  });
  let prepared: Prepared;
  try {
    prepared = await prepare(run);
  } catch (thrown) {
    if (thrown instanceof Crash || !stage.process.alive) return ran();
    if (!(thrown instanceof SyncError)) truth.violations.push(`threw ${thrown}`);
    count(counts, "run: refused");
    return ran();
  }
  truth.planned(seen, prepared.plan);
  await countCells(prepared, counts);
  seen.phase = "carry out";
  const report = await carryOut(prepared);
  if (!stage.process.alive) return ran(prepared);
  ways.report(report);
  truth.violations.push(...accounted(report, seen));
  return ran(prepared, report);
}

async function countCells({ run, surveyed }: Prepared, counts: Counts): Promise<void> {
  const names = { a: run.storages.a.name, b: run.storages.b.name };
  for (const { status, surveys } of surveyed.values()) {
    let base;
    try {
      base = await status?.base([...touchedIdents(surveys)]) ?? new Map();
    } catch {
      // The process died here: nobody will know what it had seen.
      return;
    }
    for (const view of itemViews(surveys, base, names)) count(counts, `cell: ${cellOf(view)}`);
  }
}

/** Every effect of the plan became something. */
function accounted(report: Report, { pair }: RunTruth): readonly string[] {
  const planned = report.plan.collections.flatMap((it) => it.actions).filter(isEffect).length;
  const done = SIDES.flatMap((side) => Object.values(report.done[side]))
    .reduce((sum, it) => sum + it, 0);
  const failed = report.failures.filter((it) => it.ident !== undefined).length;
  const came = done + report.changed + failed + report.skipped;
  // A collection that somebody made meanwhile is one change more, and no effect.
  const made = report.plan.collections.filter((it) => it.creates.length > 0).length;
  return came >= planned && came <= planned + made
    ? []
    : [`I17: ${pair.name} planned ${planned} effects, and accounts for ${came}`];
}

async function checkBases(world: World, truth: Truth, keeper: StatusKeeper): Promise<void> {
  for (const pair of world.pairs) {
    const status = await keeper.open(pair.name);
    for (const key of await status.collections()) {
      truth.base(pair, key, await baseOf(status.collection(key)));
    }
  }
}

async function dump(world: World, keeper: StatusKeeper): Promise<string> {
  const all = [];
  for (const pair of world.pairs) all.push(await dumpOf(await keeper.open(pair.name)));
  return all.join("\n");
}
