/** Carries out a schedule of mail, and says which rules were broken. */

import { Crash } from "../../../adapters/with_faults.ts";
import { SyncError } from "../../../lib/model/error.ts";
import { pairName } from "../../../lib/model/names.ts";
import { PLAIN_POLICY, type Report, type Run } from "../../../lib/model/run.ts";
import type { Storage } from "../../../lib/model/storage.ts";
import { carryOut, prepare, type Prepared } from "../../../lib/sync/mod.ts";
import { count, type Counts } from "../counts.ts";
import { dumpOf, type StatusKeeper } from "../keeper.ts";
import type { Happening } from "../schedule.ts";
import type { Simulated } from "../simulate.ts";
import { newStage, type Stage, type Target } from "../stage.ts";
import { type Clerk, stagedStatus, stagedStorage } from "../staged.ts";
import type { MailEdit, MailSchedule } from "./schedule.ts";
import { agreed, idle } from "./settled.ts";
import { type MailTruth, newMailTruth } from "./truth.ts";
import { editMail, type MailStore, type MailWorld, newMailWorld, showAll } from "./world.ts";

/** One run, as far as it came. */
export interface MailRan {
  readonly prepared: Prepared | undefined;
  readonly report: Report | undefined;
  /** How often anything was changed through the contract. */
  readonly effects: number;
  readonly fetched: readonly string[];
}

const PAIR = pairName("s0-s1");
/** Far more than any run needs: whoever takes more goes in circles. */
const MOST_STEPS = 3_000;
/** How many runs without an accident it takes at most until both sides agree. */
const RUNS_TO_SETTLE = 3;
const UNWRITTEN: Clerk = { writes: () => {}, intends: () => {}, begun: () => {} };

export async function simulateMail(
  schedule: MailSchedule,
  keeper: StatusKeeper,
  counts: Counts,
): Promise<Simulated> {
  const world = newMailWorld(schedule);
  const truth = newMailTruth(world);
  const trace: string[] = [];
  let runs = 0;
  let unique = 0;
  const change = (what: MailEdit) => {
    editMail(world, what, truth, () => ++unique);
    truth.look();
  };
  /** Every other time, somebody is at the very storage that is being written to. */
  const meanwhile = (what: MailEdit, at: Target | undefined) => {
    change(at === undefined || what.j % 2 === 1 ? what : { ...what, s: at.store });
    truth.excuse();
  };

  async function round(happens: readonly Happening<MailEdit>[]): Promise<MailRan> {
    const stage = newStage<MailEdit>({
      happens,
      stores: 2,
      pace: schedule.pace + runs,
      edit: meanwhile,
      die: (kept) => keeper.die(kept),
    });
    const ran = await runMail(world, stage, truth, keeper, counts);
    runs++;
    // What had come as far as a storage is still done there.
    if (!stage.process.alive) { for (let left = 60; left > 0; left--) await undefined; }
    await keeper.settled();
    truth.look();
    const { oneWay, closed = oneWay === "no" ? undefined : 0 } = schedule.setting;
    if (closed !== undefined && (world.stores[closed]?.memory.effects() ?? 0) > 0) {
      truth.violations.push("M12: the side that is not to be written was changed");
    }
    if (stage.steps() > MOST_STEPS) truth.violations.push(`M10: ${stage.steps()} steps`);
    for (const what of stage.took) count(counts, `took: ${what}`);
    trace.push(...stage.trace);
    return ran;
  }

  for (const it of schedule.base) change(it);
  if (schedule.agreed) await round([]);
  for (const it of schedule.rounds) {
    for (const what of it.edits) change(what);
    await round(it.happens);
  }

  // Nothing goes wrong any more, and nobody does anything.
  for (const store of world.stores) showAll(store);
  for (let left = RUNS_TO_SETTLE; left > 0; left--) await round([]);
  const before = await dumpOf(await keeper.open(PAIR));
  const last = await round([]);
  truth.violations.push(...agreed(last, world, truth), ...idle(last));
  if (before !== await dumpOf(await keeper.open(PAIR))) {
    truth.violations.push("M9: the status changed though nothing else did");
  }
  return { violations: truth.violations, trace, runs };
}

async function runMail(
  { stores, setting }: MailWorld,
  stage: Stage,
  truth: MailTruth,
  keeper: StatusKeeper,
  counts: Counts,
): Promise<MailRan> {
  const fetched: string[] = [];
  const effects = () => stores.reduce((sum, { memory }) => sum + memory.effects(), 0);
  const before = effects();
  const storage = (store: MailStore): Storage =>
    stagedStorage({ at: store.at, memory: store.memory, width: store.shape.width }, stage, {
      listed: (id) => truth.listed(store, id),
      looks: () => {},
      fetched: (id, hrefs) => {
        for (const href of hrefs) fetched.push(`${store.name} ${id} ${href}`);
      },
      made: (id) => truth.listed(store, id),
      renames: (id) => truth.renames(store, id),
      numbers: (id, numbers) => truth.numbers(store, id, numbers),
      acts: (id, action) => truth.acts(store, id, action),
      acted: (_, action, { outcome }) => {
        count(counts, `${action.kind}: ${outcome}`);
        truth.look();
      },
    });
  const run: Run = {
    pair: PAIR,
    storages: { a: storage(stores[0]), b: storage(stores[1]) },
    status: stagedStatus(await keeper.open(PAIR), stage, UNWRITTEN),
    policy: {
      ...PLAIN_POLICY,
      maxDelete: undefined,
      onEmpty: setting.onEmpty,
      onDelete: setting.onDelete,
      oneWay: setting.oneWay !== "no",
      exact: setting.oneWay === "exact",
      properties: ["subscribed"],
      collections: { fromA: true, fromB: true, ids: [] },
    },
    signal: stage.signal,
    onEvent: (event) => count(counts, `event: ${event.type}`),
  };
  const ran = (prepared?: Prepared, report?: Report): MailRan => ({
    prepared,
    report,
    effects: effects() - before,
    fetched,
  });
  let prepared: Prepared;
  try {
    prepared = await prepare(run);
  } catch (thrown) {
    if (thrown instanceof Crash || !stage.process.alive) return ran();
    if (!(thrown instanceof SyncError)) truth.violations.push(`M11: threw ${thrown}`);
    return ran();
  }
  for (const plan of prepared.plan.collections) {
    for (const { guard } of plan.held) count(counts, `held: ${guard}`);
    for (const { error } of plan.problems) count(counts, `problem: ${error.kind}`);
    if (plan.numbers !== undefined && Object.keys(plan.numbers).length > 0) {
      count(counts, "plan: numbers");
    }
  }
  let report: Report;
  try {
    report = await carryOut(prepared);
  } catch (thrown) {
    if (thrown instanceof Crash || !stage.process.alive) return ran(prepared);
    truth.violations.push(`M11: threw ${thrown instanceof Error ? thrown.stack : thrown}`);
    return ran(prepared);
  }
  return stage.process.alive ? ran(prepared, report) : ran(prepared);
}
