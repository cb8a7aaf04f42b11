/** `dovetail discover`: the collections of both sides, and how they pair up. Changes nothing. */

import type { PairConfig } from "../../config/config.ts";
import { asSyncError, SyncError } from "../../model/error.ts";
import type { CollectionId, StorageName } from "../../model/names.ts";
import type { Collection, Storage } from "../../model/storage.ts";
import { readConfiguration, resolveChosen, talkOf } from "../configuration.ts";
import type { Context } from "../context.ts";
import { combined, exitOfError, type ExitStatus } from "../exit.ts";
import { openStorages } from "../open.ts";
import type { InvocationOf } from "../parser.ts";
import { choose } from "../select.ts";
import { errorLines } from "../show/errors.ts";
import { errorObject } from "../show/json.ts";
import { symbols } from "../show/look.ts";
import type { Json, Screen } from "../show/screen.ts";
import { faint, line, name, strong } from "../show/text.ts";

/** A storage's collections, or why they cannot be listed. */
type Answer =
  | { readonly collections: readonly Collection[] }
  | { readonly error: SyncError };

export async function discover(
  { pairs }: InvocationOf<"discover">,
  context: Context,
): Promise<ExitStatus> {
  const loaded = await readConfiguration(context);
  const chosen = choose(loaded.config, pairs);
  const resolved = await resolveChosen(loaded, chosen, context);
  const opened = await openStorages(resolved, talkOf(context));
  try {
    // Each storage is asked once, however many pairs it is in.
    const answers = new Map(
      await Promise.all(
        opened.all().map(async (it) => [it.name, await ask(it, context.signal)] as const),
      ),
    );
    for (const { pair } of chosen) showPair(pair, answers, context.screen);
    return combined([...answers].map(([storage, answer]) => {
      if (!("error" in answer)) return 0;
      const { screen, verbose } = context;
      const where = { where: [storage], stacks: verbose >= 2 };
      for (const it of errorLines(answer.error, where, screen.errLook)) screen.say(it);
      screen.object(errorObject(answer.error, { storage }));
      return exitOfError(answer.error);
    }));
  } finally {
    await opened.close();
  }
}

async function ask(storage: Storage, signal: AbortSignal): Promise<Answer> {
  try {
    return { collections: await storage.collections(signal) };
  } catch (thrown) {
    const error = asSyncError(thrown, "storage");
    if (error.kind === "cancelled") throw error;
    return { error };
  }
}

/** A collection as both sides of a pair have it. */
interface Found {
  readonly id: CollectionId;
  readonly a: Collection | undefined;
  readonly b: Collection | undefined;
}

function showPair(
  pair: PairConfig,
  answers: ReadonlyMap<StorageName, Answer>,
  screen: Screen,
): void {
  const { between } = symbols(screen.outLook);
  screen.print(
    line`${strong("pair")} ${name(pair.name)}  ${faint(`(${pair.a} ${between} ${pair.b})`)}`,
  );
  const [a, b] = [answers.get(pair.a), answers.get(pair.b)];
  for (const found of match(collectionsIn(a), collectionsIn(b))) {
    const how = howSynced(pair, found, a, b);
    screen.print(line`  ${strong(found.id)}  ${faint(how.text)}`);
    for (const [storage, side] of [[pair.a, found.a], [pair.b, found.b]] as const) {
      if (side === undefined) continue;
      const { displayname } = side.properties;
      const called = displayname === undefined ? line`` : line`  "${displayname}"`;
      screen.print(line`    ${storage}  ${faint(side.identity)}${called}`);
    }
    screen.object({
      type: "collection",
      pair: pair.name,
      collection: found.id,
      synced: how.synced,
      a: collectionFields(pair.a, found.a),
      b: collectionFields(pair.b, found.b),
    });
  }
  for (const id of pair.collections.ids) {
    const known = [...collectionsIn(a), ...collectionsIn(b)].some((it) => it.id === id);
    if (known) continue;
    screen.print(line`  ${strong(id)}  ${faint("in the configuration, and on neither side")}`);
    screen.object({
      type: "collection",
      pair: pair.name,
      collection: id,
      synced: true,
      a: null,
      b: null,
    });
  }
}

const collectionsIn = (answer: Answer | undefined): readonly Collection[] =>
  answer !== undefined && "collections" in answer ? answer.collections : [];

/** Those with the same id belong together; in the order of their ids. */
function match(a: readonly Collection[], b: readonly Collection[]): readonly Found[] {
  const ids = [...new Set([...a, ...b].map((it) => it.id))].sort();
  return ids.map((id) => ({
    id,
    a: a.find((it) => it.id === id),
    b: b.find((it) => it.id === id),
  }));
}

function howSynced(
  { collections, a: nameA, b: nameB }: PairConfig,
  { id, a, b }: Found,
  answerA: Answer | undefined,
  answerB: Answer | undefined,
): { readonly synced: boolean; readonly text: string } {
  const synced = collections.all || (collections.fromA && a !== undefined) ||
    (collections.fromB && b !== undefined) || collections.ids.includes(id);
  if (!synced) return { synced, text: "not kept in step" };
  const known = answerA !== undefined && "collections" in answerA && answerB !== undefined &&
    "collections" in answerB;
  if (!known) return { synced, text: "kept in step; one side is not known" };
  if (a === undefined) return { synced, text: `kept in step; to be made on ${nameA}` };
  if (b === undefined) return { synced, text: `kept in step; to be made on ${nameB}` };
  return { synced, text: "kept in step" };
}

function collectionFields(storage: StorageName, collection: Collection | undefined): Json {
  if (collection === undefined) return null;
  const { href, identity, properties } = collection;
  return { storage, href, identity, properties };
}
