/** `dovetail resolve-conflicts`: shows what was changed on both sides, and settles it as told. */

import type { PairConfig } from "../../config/config.ts";
import { asSyncError, SyncError } from "../../model/error.ts";
import type { Format } from "../../model/format.ts";
import type { CollectionPlan } from "../../model/plan.ts";
import type { Resolution } from "../../model/run.ts";
import { carryOut, prepare, type Prepared, settleConflicts } from "../../sync/mod.ts";
import { readConfiguration, resolveChosen, talkOf } from "../configuration.ts";
import type { Context } from "../context.ts";
import { type Answers, openDialogue } from "../dialogue.ts";
import { combined, exitOfReport, type ExitStatus } from "../exit.ts";
import { formatOf } from "../format_of.ts";
import { namesOf, type Opened, openPairStatus, openStorages } from "../open.ts";
import type { InvocationOf } from "../parser.ts";
import { NO_ALLOWANCES, policyOf } from "../policy.ts";
import { choose, type Chosen } from "../select.ts";
import { counted } from "../show/count.ts";
import { conflictLines } from "../show/conflict.ts";
import { showFault } from "../show/fault.ts";
import { conflictObject } from "../show/json.ts";
import { line, name } from "../show/text.ts";
import { showReport } from "../show_report.ts";
import type { Resolved } from "../../config/secrets.ts";

type Options = InvocationOf<"resolve-conflicts">;

export async function resolveConflicts(options: Options, context: Context): Promise<ExitStatus> {
  const loaded = await readConfiguration(context);
  const chosen = choose(loaded.config, options.targets);
  const resolved = await resolveChosen(loaded, chosen, context);
  const opened = await openStorages(resolved, talkOf(context));
  const statuses: ExitStatus[] = [];
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
  { pair, only }: Chosen,
): Promise<ExitStatus> {
  const { screen, signal } = context;
  const asks = options.keep === undefined && !options.dryRun;
  const changes = !options.dryRun && (options.keep !== undefined || context.input.isAnswered());
  const status = await openPairStatus(resolved, pair.name, changes ? "read-write" : "read-only");
  try {
    const format = await formatOf(pair);
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
    const count = conflictsIn(prepared.plan.collections);
    if (count === 0) {
      screen.print(line`${name(pair.name)}: no conflicts`);
      return 0;
    }
    if (!changes) {
      await list(prepared, context, pair, format);
      if (asks) {
        screen.say(
          line`There is nobody to ask. --keep a, b, newest, merge or both settles them all.`,
        );
      }
      return 2;
    }
    const answers = options.keep === undefined
      ? openDialogue({ context, pair, format, count })
      : keepAll(options.keep, pair, signal);
    const settled = await settleConflicts(prepared, answers);
    const report = await carryOut(settled);
    const outcome = showReport(context, report, { made: 0, unmade: 0 }, namesOf(pair));
    return combined([outcome.exit, exitOfReport(report)]);
  } finally {
    await status.close();
  }
}

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
      for (const it of await conflictLines({ pair, collection, conflict, bytes, names, format })) {
        screen.print(it);
      }
      screen.object(conflictObject({ pair: pair.name, collection }, conflict));
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

/** The same answer to every question. */
function keepAll(
  keep: NonNullable<Options["keep"]>,
  pair: PairConfig,
  signal: AbortSignal,
): Answers {
  const resolution: Resolution = keep === "a" || keep === "b"
    ? { kind: "keep", side: keep }
    : { kind: keep };
  if (signal.aborted) throw asSyncError(signal.reason, "run");
  return {
    item: () => Promise.resolve(resolution),
    property: (_collection, { name: property, values }) => {
      if (keep === "a" || keep === "b") return Promise.resolve(values[keep]);
      // A property has no time and no parts: nobody but a person can choose.
      return Promise.reject(
        new SyncError(
          `the ${property} of a collection of ${pair.name} can only be kept as a or b`,
          {
            scope: "collection",
            kind: "refused",
            hint: "Run again with --keep a or --keep b.",
          },
        ),
      );
    },
  };
}
