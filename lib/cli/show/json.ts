/** The objects that `--json` prints. `docs/json.md` describes them; fields may be added. */

import { asSyncError, SyncError } from "../../model/error.ts";
import {
  type PairName,
  type Side,
  SIDES,
  type Sides,
  type StorageName,
} from "../../model/names.ts";
import {
  type CollectionPlan,
  type Conflict,
  type Effect,
  type Held,
  isEffect,
  type Plan,
  type Problem,
  type PropertyAction,
} from "../../model/plan.ts";
import type { RunEvent } from "../../model/run.ts";
import type { ExitStatus } from "../exit.ts";
import { type Describe, type Described, itemInConflict, itemOf } from "./describe.ts";
import { causesOf, messageOf } from "./errors.ts";
import type { JsonObject } from "./screen.ts";
import { countsOf } from "./counts.ts";
import { whatOf } from "./mailbox_rows.ts";
import type { Tally } from "./result.ts";

type Fields = Omit<JsonObject, "type">;

/** An error with its causes. `about`: where it happened. */
export function errorObject(thrown: unknown, about: Fields = {}): JsonObject {
  return { type: "error", ...about, ...errorFields(thrown) };
}

/** An error in an object. */
export function errorFields(thrown: unknown): Fields {
  const error = thrown instanceof SyncError ? thrown : asSyncError(thrown, "run");
  return {
    kind: error.kind,
    scope: error.scope,
    message: messageOf(thrown),
    causes: causesOf(thrown).map(messageOf),
    hint: error.hint,
    retry: error.retry,
  };
}

/** Everything in a plan, one object each. `program`: what its conflicts are given to. */
export async function* planObjects(
  plan: Plan,
  names: Sides<StorageName>,
  describe: Describe,
  program?: string,
): AsyncGenerator<JsonObject> {
  const { pair } = plan;
  yield { type: "pair", pair, a: names.a, b: names.b };
  for (const problem of plan.problems) yield problemObject({ pair }, problem, names);
  for (const collection of plan.collections) {
    yield* collectionObjects(pair, collection, names, describe, program);
  }
}

async function* collectionObjects(
  pair: PairName,
  plan: CollectionPlan,
  names: Sides<StorageName>,
  describe: Describe,
  program: string | undefined,
): AsyncGenerator<JsonObject> {
  const { id } = plan.mapping;
  const about = { pair, collection: id };
  for (const side of plan.creates) {
    yield { type: "action", ...about, action: "make", ...place(side, names) };
  }
  for (const side of plan.deletes) {
    yield { type: "action", ...about, action: "unmake", ...place(side, names) };
  }
  for (const side of SIDES) {
    const to = plan.renames?.[side];
    if (to !== undefined) {
      yield { type: "action", ...about, action: "rename", ...place(side, names), to };
    }
  }
  for (const side of SIDES) {
    const what = whatOf(plan, side);
    if (what.length > 0) {
      yield { type: "action", ...about, action: "number", ...place(side, names), what };
    }
  }
  for (const it of plan.properties) {
    if (it.kind === "set") yield { type: "action", ...about, ...propertyFields(it, names) };
  }
  const effects = plan.actions.filter(isEffect);
  const last = effects.filter((it) => it.kind === "delete");
  for (const effect of [...effects.filter((it) => it.kind !== "delete"), ...last]) {
    const described = await describe(itemOf(id, effect));
    yield { type: "action", ...about, ...effectFields(effect, names), ...itemFields(described) };
  }
  for (const conflict of plan.conflicts) {
    const described = await describe(itemInConflict(id, conflict));
    yield { ...conflictObject(about, conflict, described), program };
  }
  for (const { name, values } of plan.propertyConflicts) {
    yield { type: "conflict", ...about, property: name, values };
  }
  for (const held of plan.held) yield heldObject(about, held, names);
  for (const problem of plan.problems) yield problemObject(about, problem, names);
}

const place = (side: Side, names: Sides<StorageName>): Fields => ({
  on: side,
  storage: names[side],
});

/** A conflict of an item. */
export const conflictObject = (
  about: Fields,
  { ident, base, sides, clashes }: Conflict,
  described?: Described,
): JsonObject => ({
  type: "conflict",
  ...about,
  ident,
  known: base !== undefined,
  hrefs: { a: sides.a.href, b: sides.b.href },
  clashes: clashes?.map((it) => ({ ...it })),
  ...itemFields(described),
});

function propertyFields(
  { on, name, value, was }: Extract<PropertyAction, { readonly kind: "set" }>,
  names: Sides<StorageName>,
): Fields {
  return {
    action: "set",
    ...place(on, names),
    property: name,
    value: value ?? null,
    was: was ?? null,
  };
}

function effectFields(effect: Effect, names: Sides<StorageName>): Fields {
  return {
    action: effect.kind,
    ...place(effect.on, names),
    ident: effect.ident,
    ...(effect.kind === "create" ? { why: effect.why } : { href: effect.target.href }),
    ...(effect.kind === "setFlags" ? { flags: effect.flags } : {}),
    ...(effect.kind === "update" && effect.merged !== undefined ? { merged: true } : {}),
  };
}

const itemFields = (described: Described | undefined): Fields => ({
  component: described?.component,
  summary: described?.summary,
  when: described?.when,
});

const heldObject = (about: Fields, held: Held, names: Sides<StorageName>): JsonObject => ({
  type: "held",
  ...about,
  ...place(held.on, names),
  guard: held.guard,
  actions: held.actions,
  message: held.message,
  hint: held.hint,
  expected: held.expected ?? false,
});

/** A problem of a plan or of a run. */
export function problemObject(
  about: Fields,
  { side, ident, href, error }: Problem,
  names: Sides<StorageName>,
): JsonObject {
  return {
    type: "problem",
    ...about,
    ...(side === undefined ? {} : place(side, names)),
    ident,
    href,
    error: errorFields(error),
  };
}

/** What became of an effect, a collection or a property; nothing for other events. */
export function resultObject(
  pair: PairName,
  event: RunEvent,
  names: Sides<StorageName>,
): JsonObject | undefined {
  if (event.type === "made" || event.type === "unmade" || event.type === "renamed") {
    const { collection, side, type } = event;
    return {
      type: "result",
      pair,
      collection,
      action: type === "renamed" ? "rename" : type === "made" ? "make" : "unmake",
      ...place(side, names),
      outcome: "done",
    };
  }
  if (event.type === "property") {
    const { collection, action, error } = event;
    return {
      type: "result",
      pair,
      collection,
      ...propertyFields(action, names),
      outcome: error === undefined ? "done" : "failed",
      ...(error === undefined ? {} : { error: errorFields(error) }),
    };
  }
  if (event.type === "altered") {
    const { collection, side, ident, what } = event;
    return { type: "altered", pair, collection, ...place(side, names), ident, what };
  }
  if (event.type !== "effect") return undefined;
  const { collection, effect, outcome, error } = event;
  return {
    type: "result",
    pair,
    collection,
    ...effectFields(effect, names),
    outcome,
    ...(error === undefined ? {} : { error: errorFields(error) }),
  };
}

/** What one pair came to. Without a plan it could not be run. */
export function summaryObject(
  pair: PairName,
  dryRun: boolean,
  exit: ExitStatus,
  plan: Plan | undefined,
  tally: Tally,
): JsonObject {
  const planned = plan === undefined ? null : { ...countsOf(plan) };
  return { type: "summary", pair, dryRun, exit, planned, ...tally };
}
