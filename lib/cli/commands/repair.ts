/** `dovetail repair`: gives items that have no UID, or another one's, a UID of their own. */

import type { Config, PairConfig } from "../../config/config.ts";
import { nearest } from "../../config/near.ts";
import { asSyncError, cancelled, SyncError } from "../../model/error.ts";
import { type CollectionId, collectionId, type StorageName } from "../../model/names.ts";
import type { Storage } from "../../model/storage.ts";
import { confirm } from "../ask.ts";
import { readConfiguration, resolveChosen, talkOf } from "../configuration.ts";
import type { Context } from "../context.ts";
import { combined, exitOfError, type ExitStatus } from "../exit.ts";
import { openStorages } from "../open.ts";
import { type Looked, lookThrough, mend } from "../repairs.ts";
import { counted } from "../show/count.ts";
import { errorLines } from "../show/errors.ts";
import { errorObject } from "../show/json.ts";
import { findingLine, findingObject, mendedObject } from "../show/repair.ts";
import { faint, line, name, strong } from "../show/text.ts";
import { UsageError } from "../usage_error.ts";

export interface RepairInvocation {
  /** `STORAGE` or `STORAGE/COLLECTION`. */
  readonly storages: readonly string[];
  readonly dryRun: boolean;
  /** UIDs that servers may stumble over are replaced too. */
  readonly unsafe: boolean;
  /** Nothing is asked. */
  readonly yes: boolean;
}

/**
 * Shows what is wrong, and mends it once the person agrees: without a terminal to ask at, and
 * without `yes`, it is only shown.
 */
export async function repair(
  { storages, dryRun, unsafe, yes }: RepairInvocation,
  context: Context,
): Promise<ExitStatus> {
  const loaded = await readConfiguration(context);
  const targets = chooseStorages(loaded.config, storages);
  // Only the commands of these storages are run: each stands in for a pair of its own.
  const chosen = [...targets.keys()].map((it) => ({ pair: soleUser(loaded.config, it) }));
  const resolved = await resolveChosen(loaded, chosen, context);
  const opened = await openStorages(resolved, talkOf(context));
  const statuses: ExitStatus[] = [];
  try {
    for (const [name, only] of targets) {
      const storage = opened.get(name);
      try {
        statuses.push(
          await repairStorage(storage, {
            ...(only === undefined ? {} : { only }),
            dryRun,
            unsafe,
            yes,
            pairs: loaded.config.pairs,
            context,
          }),
        );
      } catch (thrown) {
        const error = asSyncError(thrown, "storage");
        if (error.kind === "cancelled") throw error;
        sayError(error, name, context);
        statuses.push(exitOfError(error));
      }
    }
  } finally {
    await opened.close();
  }
  return combined(statuses);
}

interface StorageRun {
  readonly only?: ReadonlySet<CollectionId>;
  readonly dryRun: boolean;
  readonly unsafe: boolean;
  readonly yes: boolean;
  readonly pairs: readonly PairConfig[];
  readonly context: Context;
}

async function repairStorage(storage: Storage, run: StorageRun): Promise<ExitStatus> {
  const { dryRun, unsafe, yes, only, context } = run;
  const { screen, signal } = context;
  screen.print(line`${strong("storage")} ${name(storage.name)}`);
  const all: Looked[] = [];
  let unseen = false;
  for await (const it of lookThrough(storage, { unsafe, signal, ...(only && { only }) })) {
    if ("error" in it) {
      sayError(it.error, storage.name, context);
      unseen = true;
      continue;
    }
    showLooked(storage, it, context);
    all.push(it);
  }
  const found = all.flatMap((it) => it.findings);
  const toMend = all.reduce((sum, it) => sum + it.mendings.length, 0);
  const left = found.some((it) => it.state === "flawed" && it.mended === undefined);
  const broken = unseen || found.some((it) => it.state === "beyond repair");
  if (left) {
    screen.say(line`UIDs that are only unsafe are left as they are; --unsafe replaces them`);
  }
  if (toMend === 0) return broken ? 1 : 0;
  if (storage.capabilities.readOnly) {
    screen.say(line`nothing is written: ${storage.name} is read-only`);
    return broken ? 1 : 2;
  }
  const go = !dryRun && (yes || (context.input.isAnswered() && await confirm(
    context,
    `Give ${counted(toMend, "item")} of ${storage.name} a new UID?`,
  )));
  if (!go) {
    if (!dryRun && !context.input.isAnswered()) {
      screen.say(line`nothing was changed; --yes mends without asking`);
    }
    return broken ? 1 : 2;
  }
  const { done, exits } = await mendAll(storage, all, context);
  if (done > 0) adviseOn(storage.name, run.pairs, context);
  return combined([broken ? 1 : 0, ...exits]);
}

async function mendAll(
  storage: Storage,
  all: readonly Looked[],
  context: Context,
): Promise<{ readonly done: number; readonly exits: readonly ExitStatus[] }> {
  const { screen, signal } = context;
  const exits: ExitStatus[] = [];
  const count = { done: 0, left: 0 };
  for (const looked of all) {
    for await (const { mending, result } of mend(storage, looked, signal)) {
      const { id } = looked.collection;
      screen.object(mendedObject(storage.name, id, mending, result));
      if (result.outcome === "done") {
        count.done++;
        continue;
      }
      count.left++;
      const { href } = mending.item;
      // A server's hrefs are whole paths.
      const place = href.startsWith("/") ? href : `${id}/${href}`;
      if (result.outcome === "failed") {
        exits.push(1);
        sayError(result.error, storage.name, context, place);
      } else {
        exits.push(2);
        screen.say(
          line`${place} was changed by somebody else meanwhile, and is left as it is`,
        );
      }
    }
  }
  if (signal.aborted) throw cancelled(signal.reason);
  const rest = count.left === 0 ? "" : `, ${count.left} left`;
  screen.print(line`${counted(count.done, "item")} mended${rest}`);
  return { done: count.done, exits };
}

function showLooked(storage: Storage, looked: Looked, { screen }: Context): void {
  const { collection, items, findings } = looked;
  const what = findings.length === 0
    ? `${counted(items, "item")}, nothing to mend`
    : `${counted(findings.length, "finding")} in ${counted(items, "item")}`;
  screen.print(line`  ${strong(collection.id)}  ${faint(what)}`);
  for (const it of findings) {
    screen.print(findingLine(it));
    screen.object(findingObject(storage.name, collection.id, it));
  }
}

/** Mended on one side, the items reach the other by a sync; mended on both, they would be doubled. */
function adviseOn(
  storage: StorageName,
  pairs: readonly PairConfig[],
  { screen }: Context,
): void {
  for (const { name, a, b } of pairs) {
    if (a !== storage && b !== storage) continue;
    const other = a === storage ? b : a;
    screen.say(line`now run "dovetail sync ${name}", which brings this to ${other}`);
    screen.say(line`  do not repair ${other} too: what gets a UID on both sides is doubled`);
  }
}

function sayError(error: SyncError, storage: StorageName, context: Context, item?: string): void {
  const { screen, verbose } = context;
  const where = [storage, ...(item === undefined ? [] : [item])];
  for (const it of errorLines(error, { where, stacks: verbose >= 2 }, screen.errLook)) {
    screen.say(it);
  }
  screen.object(errorObject(error, { storage, ...(item === undefined ? {} : { item }) }));
}

/** Which storages, and which collections of them. Throws {@linkcode UsageError}. */
function chooseStorages(
  { storages, pairs }: Config,
  targets: readonly string[],
): ReadonlyMap<StorageName, ReadonlySet<CollectionId> | undefined> {
  const names = [...storages.keys()];
  if (targets.length === 0) {
    throw new UsageError("No storage is named.", [`The storages are ${names.join(", ")}.`]);
  }
  const chosen = new Map<StorageName, Set<CollectionId> | undefined>();
  for (const target of targets) {
    // A storage's name may hold slashes, and so may a collection's id: the longest that fits.
    const [found] = names
      .filter((it) => target === it || target.startsWith(`${it}/`))
      .sort((one, other) => other.length - one.length);
    if (found === undefined) throw noSuchStorage(target, names);
    const id = target.slice(found.length + 1);
    const before = chosen.get(found);
    if (id === "" || (chosen.has(found) && before === undefined)) chosen.set(found, undefined);
    else chosen.set(found, new Set([...before ?? [], collectionId(id)]));
  }
  for (const { name, a, b } of pairs) {
    if (!chosen.has(a) || !chosen.has(b)) continue;
    throw new UsageError(`"${a}" and "${b}" are the two sides of the pair "${name}".`, [
      `Repair one of them, and then run "dovetail sync ${name}": ` +
      "what gets a new UID on both sides is doubled.",
    ]);
  }
  return chosen;
}

function noSuchStorage(target: string, names: readonly StorageName[]): UsageError {
  const meant = nearest(target, names);
  return new UsageError(`There is no storage "${target}".`, [
    ...(meant === undefined ? [] : [`did you mean "${meant}"?`]),
    `The storages are ${names.join(", ")}.`,
  ]);
}

/** A pair of which both sides are this storage, so that nothing else is opened for it. */
function soleUser({ pairs }: Config, storage: StorageName): PairConfig {
  const pair = pairs.find(({ a, b }) => a === storage || b === storage);
  if (pair !== undefined) return { ...pair, a: storage, b: storage };
  throw new UsageError(`The storage "${storage}" is in no pair.`, [
    "Put it into a pair to work with it.",
  ]);
}
