/** A plan as a person reads it: pair, collection, action; what is deleted last; then the counts. */

import type { CollectionId, Sides, StorageName } from "../../model/names.ts";
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
import { layOut, type Row } from "./columns.ts";
import { counted, figure } from "./count.ts";
import { countsLines, isExpected, isSetting } from "./counts.ts";
import { type Describe, itemInConflict, itemOf, nameOf } from "./describe.ts";
import { type Look, symbols } from "./look.ts";
import { mailboxRows } from "./mailbox_rows.ts";
import { isEmpty, isQuiet } from "./plan_contents.ts";
import { faint, type Line, line, name, strong, styled } from "./text.ts";
import { wrapped } from "./wrap.ts";

export interface PlanView {
  readonly plan: Plan;
  readonly names: Sides<StorageName>;
  readonly describe: Describe;
  /** Every line, instead of the first of each group. */
  readonly all: boolean;
  /** What there is to say of a conflict in which nothing is known to clash. */
  readonly ofConflicts?: string;
}

/** How many lines a group of a collection has before the rest is only counted. */
const MOST_LINES = 20;

type Setting = Extract<PropertyAction, { readonly kind: "set" }>;

/** The lines of a plan, collection by collection, as they are found. Nothing for an empty plan. */
export async function* planLines(view: PlanView, look: Look): AsyncGenerator<Line> {
  const { plan, names } = view;
  if (isEmpty(plan)) return;
  yield header(plan, names, look);
  for (const problem of plan.problems) yield* problemLines(problem, names, look);
  for (const collection of plan.collections) {
    if (!isQuiet(collection) || (view.all && collection.held.length > 0)) {
      yield* collectionLines(view, collection, look);
    }
  }
  yield* countsLines(plan, look);
}

const header = (plan: Plan, names: Sides<StorageName>, look: Look): Line =>
  line`${strong("pair")} ${name(plan.pair)}  ${
    faint(`(${names.a} ${symbols(look).between} ${names.b})`)
  }`;

async function* collectionLines(
  view: PlanView,
  collection: CollectionPlan,
  look: Look,
): AsyncGenerator<Line> {
  const { names, describe, all, ofConflicts } = view;
  const { id } = collection.mapping;
  const most = all ? Infinity : MOST_LINES;
  const effects = collection.actions.filter(isEffect);
  const rowOf = (it: Effect) => effectRow(id, it, names, describe);
  const made = [
    ...collection.creates.map((side) => madeRow(names[side])),
    ...mailboxRows(collection, names),
    ...collection.properties.filter(isSetting).map((it) => propertyRow(it, names)),
  ];
  const isFull = effects.some((it) => it.kind === "delete");
  const unmade = collection.deletes.map((side) => unmadeRow(names[side], isFull));
  const groups: readonly Group[] = [
    await grouped(effects.filter((it) => it.kind !== "delete"), most, rowOf, made),
    await grouped(effects.filter((it) => it.kind === "delete"), most, rowOf, unmade),
    await grouped(
      collection.conflicts,
      most,
      (it) => conflictRow(id, it, describe, ofConflicts),
      collection.propertyConflicts.map((it) => ({
        sign: "!",
        style: "warning",
        where: "conflict",
        what: `${it.name} of the collection`,
        more: `"${it.values.a}" or "${it.values.b}"`,
      })),
    ),
  ];
  yield line`  ${strong(id)}`;
  // All groups are laid out together, so that their columns are in line.
  const laid = layOut(groups.flatMap((group) => group.rows), look);
  let shown = 0;
  for (const { rows, hidden } of groups) {
    yield* laid.slice(shown, shown += rows.length);
    yield* rest(hidden, look);
  }
  if (collection.later !== undefined) {
    yield [faint(`    then ${figure(collection.later)} more new mails, part by part`)];
  }
  for (const held of collection.held) {
    if (all || !isExpected(held)) yield* heldLines(held, names, look);
  }
  for (const it of collection.problems.slice(0, most)) yield* problemLines(it, names, look);
  yield* rest(collection.problems.length - most, look);
}

interface Group {
  readonly rows: readonly Row[];
  /** How many more there are. */
  readonly hidden: number;
}

async function grouped<T>(
  values: readonly T[],
  most: number,
  row: (value: T) => Promise<Row>,
  before: readonly Row[] = [],
): Promise<Group> {
  const rows = await inTurns(values.slice(0, most), row);
  return { rows: [...before, ...rows], hidden: Math.max(0, values.length - most) };
}

const madeRow = (where: string): Row => ({
  sign: "+",
  style: "added",
  where,
  what: "the collection itself",
  more: "",
});

const unmadeRow = (where: string, isFull: boolean): Row => ({
  sign: "-",
  style: "removed",
  where,
  what: "the collection itself",
  more: isFull ? "not there, with all that is in it" : "empty here, deleted there",
});

const propertyRow = ({ on, name, value, was }: Setting, names: Sides<StorageName>): Row => ({
  sign: "~",
  style: "changed",
  where: names[on],
  what: `${name} of the collection`,
  more: `${was === undefined ? "not set" : `"${was}"`}, now ${
    value === undefined ? "not set" : `"${value}"`
  }`,
});

/** How many items are described at a time. */
const AT_ONCE = 16;

async function inTurns<T, R>(values: readonly T[], of: (value: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let begin = 0; begin < values.length; begin += AT_ONCE) {
    results.push(...await Promise.all(values.slice(begin, begin + AT_ONCE).map(of)));
  }
  return results;
}

function* rest(hidden: number, look: Look): Generator<Line> {
  if (hidden <= 0) return;
  yield [faint(`    ${symbols(look).cut} and ${figure(hidden)} more (-v lists all)`)];
}

const SIGNS = {
  create: { sign: "+", style: "added" },
  update: { sign: "~", style: "changed" },
  setFlags: { sign: "*", style: "changed" },
  delete: { sign: "-", style: "removed" },
} as const;

async function effectRow(
  id: CollectionId,
  effect: Effect,
  names: Sides<StorageName>,
  describe: Describe,
): Promise<Row> {
  const described = await describe(itemOf(id, effect));
  const remarks = [described?.when, remarkOn(effect)].filter((it) => it !== undefined);
  return {
    ...SIGNS[effect.kind],
    where: names[effect.on],
    what: nameOf(described, effect.ident),
    more: remarks.join("  "),
  };
}

function remarkOn(effect: Effect): string | undefined {
  if (effect.kind === "setFlags") {
    return effect.flags.length === 0 ? "no flags" : `flags: ${effect.flags.join(" ")}`;
  }
  if (effect.kind === "create" && effect.why === "edit beats deletion") {
    return "deleted there, edited here since";
  }
  if (effect.kind === "create" && effect.why === "copy") return "copy of the other version";
  if (effect.kind === "update" && effect.merged !== undefined) return "merged";
  return undefined;
}

/** Of how many clashes of a conflict are told. */
const MOST_CLASHES = 3;

async function conflictRow(
  id: CollectionId,
  conflict: Conflict,
  describe: Describe,
  otherwise: string | undefined,
): Promise<Row> {
  const clashes = [...new Set(conflict.clashes?.map(({ what }) => what))].slice(0, MOST_CLASHES);
  const remarks = clashes.length > 0 || otherwise === undefined ? clashes : [otherwise];
  const described = await describe(itemInConflict(id, conflict));
  return {
    sign: "!",
    style: "warning",
    where: "conflict",
    what: nameOf(described, conflict.ident),
    more: [
      conflict.base === undefined ? "new on both sides, different" : "changed on both sides",
      ...(remarks.length === 0 ? [] : [remarks.join(", ")]),
    ].join(": "),
  };
}

function* heldLines(held: Held, names: Sides<StorageName>, look: Look): Generator<Line> {
  const what = held.actions === 0
    ? "the collection is left alone"
    : `${counted(held.actions, "action")} on ${names[held.on]}`;
  yield* wrapped([styled("warning", "    ! held      ")], `${what}: ${held.message}`, look);
  yield* hintLines(held.hint, look);
}

function* problemLines(problem: Problem, names: Sides<StorageName>, look: Look): Generator<Line> {
  const { side, error } = problem;
  const item = problem.href ?? problem.ident;
  const where = [side === undefined ? undefined : names[side], item]
    .filter((it) => it !== undefined);
  const text = [...where, error.message].join(": ");
  yield* wrapped([styled("failure", "    ! problem   ")], text, look);
  if (error.hint !== undefined) yield* hintLines(error.hint, look);
}

const hintLines = (hint: string, look: Look): readonly Line[] =>
  wrapped([faint("      help: ")], hint, look);
