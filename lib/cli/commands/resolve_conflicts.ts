/** `dovetail resolve-conflicts`: shows what was changed on both sides, and settles it as told. */

import type { PairConfig } from "../../config/config.ts";
import type { Format } from "../../model/format.ts";
import type { CollectionPlan, Plan } from "../../model/plan.ts";
import type { Resolution } from "../../model/run.ts";
import { carryOut, type Decide, prepare, type Prepared, settleConflicts } from "../../sync/mod.ts";
import { readConfiguration, resolveUsable, talkOf } from "../configuration.ts";
import type { Context } from "../context.ts";
import { type DialogueInput, openDialogue } from "../dialogue.ts";
import { combined, exitOfPlan, exitOfReport, type ExitStatus } from "../exit.ts";
import { formatOf } from "../format_of.ts";
import { namesOf, type Opened, openPairStatus, openStorages } from "../open.ts";
import type { InvocationOf } from "../parser.ts";
import { NO_ALLOWANCES, policyOf } from "../policy.ts";
import { choose, type Chosen, mustBeThere, mustHavePairs } from "../select.ts";
import { counted } from "../show/count.ts";
import { conflictLines, seen, seenObject } from "../show/conflict.ts";
import { showFault } from "../show/fault.ts";
import { faint, line, name } from "../show/text.ts";
import { showPlan, showSettled } from "../show_plan.ts";
import { showReport } from "../show_report.ts";
import type { Resolved } from "../../config/secrets.ts";

type Options = InvocationOf<"resolve-conflicts">;

export async function resolveConflicts(options: Options, context: Context): Promise<ExitStatus> {
  const loaded = await readConfiguration(context);
  const wanted = choose(loaded.config, options.targets);
  mustHavePairs(loaded.config);
  const { resolved, chosen, unusable } = await resolveUsable(loaded, wanted, context);
  const opened = await openStorages(resolved, talkOf(context), { assign: "pretend" });
  const statuses: ExitStatus[] = unusable.map(() => 3);
  try {
    for (const it of chosen) {
      try {
        statuses.push(await resolvePair(options, context, resolved, opened, it));
      } catch (thrown) {
        context.signal.throwIfAborted();
        statuses.push(await showFault(thrown, context.screen, context.verbose, it.pair.name));
      }
    }
  } finally {
    await opened.close();
  }
  return combined(statuses);
}

async function resolvePair(
  options: Options,
  context: Context,
  resolved: Resolved,
  opened: Opened,
  chosen: Chosen,
): Promise<ExitStatus> {
  const { pair, only } = chosen;
  const { screen, signal } = context;
  const format = await formatOf(pair);
  if (format === undefined) {
    screen.print(line`${name(pair.name)}: no conflicts, as there are none of mail`);
    return 0;
  }
  const asks = options.keep === undefined && !options.dryRun;
  const changes = !options.dryRun && (options.keep !== undefined || context.input.isAnswered());
  const status = await openPairStatus(resolved, pair.name, changes ? "read-write" : "read-only");
  try {
    const prepared = await prepare({
      pair: pair.name,
      storages: opened.sides(pair),
      status,
      policy: policyOf({
        pair,
        resolved,
        allow: NO_ALLOWANCES,
        conflicts: { kind: "none" },
        now: new Date(),
      }),
      format,
      ...(only === undefined ? {} : { only }),
      signal,
      onEvent: () => {},
    });
    mustBeThere(chosen, prepared.plan);
    const unread = unreadIn(prepared);
    if (unread.collections.length > 0) await showPlan(context, { ...prepared, plan: unread }, pair);
    const ofUnread = exitOfPlan(unread);
    const count = conflictsIn(prepared.plan.collections);
    if (count === 0) {
      const where = ofUnread === 0 ? "" : " in what could be read";
      screen.print(line`${name(pair.name)}: no conflicts${where}`);
      return ofUnread;
    }
    if (!changes) {
      await list(prepared, context, pair, format);
      if (asks) {
        screen.say(
          line`There is nobody to ask. --keep a, b, newest, merge or both settles them all.`,
        );
      }
      return combined([2, ofUnread]);
    }
    const { keep } = options;
    const settled = keep === undefined
      ? await settledByAnswers(prepared, { context, pair, format, count })
      : await settledAlike(prepared, { context, pair, keep });
    const report = await carryOut(settled);
    showReport(context, report, { made: 0, unmade: 0 }, namesOf(pair), false);
    return combined([exitOfReport(report), ofUnread]);
  } finally {
    await status.close();
  }
}

/** As a person says, who sees each of them: what stands in the way is all there is to show then. */
async function settledByAnswers(prepared: Prepared, asking: DialogueInput): Promise<Prepared> {
  const { context, pair } = asking;
  const dialogue = openDialogue(asking);
  const settled = await settleConflicts(prepared, dialogue);
  const { isAnswered } = dialogue;
  await showSettled(context, settled, pair, { isAnswered, ofConflicts: WHY_LEFT.both });
  return settled;
}

/** All in the same way, which is shown before it is done. */
async function settledAlike(
  prepared: Prepared,
  { context, pair, keep }: Pick<DialogueInput, "context" | "pair"> & { readonly keep: Keep },
): Promise<Prepared> {
  const settled = await settleConflicts(prepared, keepAll(keep));
  await showPlan(context, settled, pair, { ofConflicts: WHY_LEFT[keep] });
  if (settled.plan.collections.some((it) => it.propertyConflicts.length > 0)) {
    context.screen.say(
      line`${faint("help:")} properties are settled by --keep a or --keep b, or without --keep.`,
    );
  }
  return settled;
}

/** What is wrong with the collections of which nobody knows whether they have conflicts. */
const unreadIn = ({ plan, surveyed }: Prepared): Plan => ({
  ...plan,
  collections: plan.collections
    .filter(({ mapping, problems }) => problems.length > 0 && !surveyed.has(mapping.id))
    .map((it) => ({ ...it, held: [] })),
});

const conflictsIn = (collections: readonly CollectionPlan[]): number =>
  collections.reduce((sum, it) => sum + it.conflicts.length + it.propertyConflicts.length, 0);

async function list(
  prepared: Prepared,
  { screen }: Context,
  pair: PairConfig,
  format: Format,
): Promise<void> {
  const names = namesOf(pair);
  const count = conflictsIn(prepared.plan.collections);
  screen.print(line`${name(pair.name)}: ${counted(count, "conflict")}`);
  await settleConflicts(prepared, {
    item: async (collection, conflict, bytes): Promise<Resolution> => {
      const found = await seen({ kind: pair.kind, bytes, format });
      for (const it of conflictLines(found, { collection, conflict, names })) screen.print(it);
      screen.object(seenObject({ pair: pair.name, collection }, conflict, found));
      return { kind: "none" };
    },
    property: (collection, { name: property, values }) => {
      screen.print(
        line`  ${collection}: ${property} is "${values.a}" on ${names.a} and "${values.b}" on ${names.b}`,
      );
      screen.object({ type: "conflict", pair: pair.name, collection, property, values });
      return Promise.resolve(undefined);
    },
  });
}

type Keep = NonNullable<Options["keep"]>;

/** The same answer to every question. A property has no time and no parts: it is one of the two. */
function keepAll(keep: Keep): Decide {
  const resolution: Resolution = keep === "a" || keep === "b"
    ? { kind: "keep", side: keep }
    : { kind: keep };
  return {
    item: () => Promise.resolve(resolution),
    property: (_collection, { values }) =>
      Promise.resolve(resolution.kind === "keep" ? values[resolution.side] : undefined),
  };
}

/** Why one that was to be settled so is still there. */
const WHY_LEFT: Readonly<Record<Keep, string>> = {
  a: "could not be settled",
  b: "could not be settled",
  newest: "it cannot be told which edit is newer",
  merge: "the edits cannot be put together",
  both: "a copy of it is on its way; sync first",
};
