/** `dovetail discover`: the collections of both sides, and how they pair up. Changes nothing. */

import type { PairConfig } from "../../config/config.ts";
import { asSyncError, SyncError } from "../../model/error.ts";
import type { CollectionId, Sides, StorageName } from "../../model/names.ts";
import type { Collection, Storage } from "../../model/storage.ts";
import { pairCollections } from "../../sync/pairing.ts";
import { readConfiguration, resolveUsable, talkOf } from "../configuration.ts";
import type { Context } from "../context.ts";
import { combined, exitOfError, type ExitStatus } from "../exit.ts";
import { namesOf, openStorages } from "../open.ts";
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
  const wanted = choose(loaded.config, pairs);
  const { resolved, chosen, unusable } = await resolveUsable(loaded, wanted, context);
  const opened = await openStorages(resolved, talkOf(context), { assign: "pretend" });
  try {
    // Each storage is asked once, however many pairs it is in.
    const answers = new Map(
      await Promise.all(
        opened.all().map(async (it) => [it.name, await ask(it, context.signal)] as const),
      ),
    );
    for (const { pair } of chosen) showPair(pair, answers, context.screen);
    const exits = [...answers].map(([storage, answer]): ExitStatus => {
      if (!("error" in answer)) return 0;
      const { screen, verbose } = context;
      const where = { where: [storage], stacks: verbose >= 2 };
      for (const it of errorLines(answer.error, where, screen.errLook)) screen.say(it);
      screen.object(errorObject(answer.error, { storage }));
      return exitOfError(answer.error);
    });
    return combined([...exits, ...unusable.map((): ExitStatus => 3)]);
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
  /** Whether the pair keeps it in step. */
  readonly synced: boolean;
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
  for (const found of match(pair, { a: collectionsIn(a), b: collectionsIn(b) })) {
    const isKnown = [a, b].every((it) => it !== undefined && "collections" in it);
    screen.print(line`  ${strong(found.id)}  ${faint(howSynced(pair, found, isKnown))}`);
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
      synced: found.synced,
      a: collectionFields(pair.a, found.a),
      b: collectionFields(pair.b, found.b),
    });
  }
}

const collectionsIn = (answer: Answer | undefined): readonly Collection[] =>
  answer !== undefined && "collections" in answer ? answer.collections : [];

/** The collections as a run would put them together, and the others by their ids; in their order. */
function match(pair: PairConfig, collections: Sides<readonly Collection[]>): readonly Found[] {
  const { all, fromA, fromB, ids, mappings } = pair.collections;
  const { pairings } = pairCollections({
    collections,
    names: namesOf(pair),
    readOnly: { a: false, b: false },
    wanted: { fromA: all || fromA, fromB: all || fromB, ids, mappings },
    onDelete: pair.onDelete,
    oneWay: pair.oneWay,
    only: undefined,
    known: [],
  });
  const synced = pairings.map(({ mapping: { id, sides } }): Found => ({
    id,
    synced: true,
    a: sides.a,
    b: sides.b,
  }));
  const taken = new Set<Collection | undefined>(synced.flatMap(({ a, b }) => [a, b]));
  const rest = {
    a: collections.a.filter((it) => !taken.has(it)),
    b: collections.b.filter((it) => !taken.has(it)),
  };
  const others = [...new Set([...rest.a, ...rest.b].map((it) => it.id))].map((id): Found => ({
    id,
    synced: false,
    a: rest.a.find((it) => it.id === id),
    b: rest.b.find((it) => it.id === id),
  }));
  return [...synced, ...others].sort((one, other) => one.id < other.id ? -1 : 1);
}

function howSynced(pair: PairConfig, { synced, a, b }: Found, isKnown: boolean): string {
  if (!synced) return "not kept in step";
  if (!isKnown) return "kept in step; one side is not known";
  if (a === undefined && b === undefined) return "in the configuration, and on neither side";
  if (a === undefined) return `kept in step; to be made on ${pair.a}`;
  if (b === undefined) return `kept in step; to be made on ${pair.b}`;
  return "kept in step";
}

function collectionFields(storage: StorageName, collection: Collection | undefined): Json {
  if (collection === undefined) return null;
  const { href, identity, properties } = collection;
  return { storage, href, identity, properties };
}
