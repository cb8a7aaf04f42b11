import { deepStrictEqual, ok } from "node:assert/strict";
import {
  collectionId,
  digest,
  etag,
  href,
  ident,
  type Side,
  storageName,
} from "../../../lib/model/names.ts";
import type { CollectionPlan, PlannedAction, Source } from "../../../lib/model/plan.ts";
import { PLAIN_POLICY } from "../../../lib/model/run.ts";
import { guard, type GuardInput } from "../../../lib/sync/guard.ts";

const version: Source = {
  href: href("x"),
  etag: etag("1"),
  digest: digest("d"),
  flags: [],
};
const remove = (on: Side): PlannedAction => ({
  kind: "delete",
  on,
  ident: ident(`deleted on ${on}`),
  target: version,
  gone: version,
});
const create = (on: Side): PlannedAction => ({
  kind: "create",
  on,
  ident: ident(`created on ${on}`),
  from: version,
  why: "new",
});
const forget: PlannedAction = { kind: "forget", ident: ident("forgotten") };

function guarded(
  actions: readonly PlannedAction[],
  change: Partial<GuardInput> = {},
): CollectionPlan {
  return guard({
    plan: {
      mapping: { id: collectionId("work"), sides: { a: undefined, b: undefined } },
      creates: [],
      deletes: [],
      properties: [],
      propertyConflicts: [],
      actions,
      conflicts: [],
      problems: [],
      held: [],
    },
    policy: { collections: { fromA: true, fromB: true, ids: [] }, ...PLAIN_POLICY },
    names: { a: storageName("home"), b: storageName("server") },
    readOnly: { a: false, b: false },
    present: { a: 5, b: 5 },
    agreed: 5,
    strangers: { a: 0, b: 0 },
    passing: { a: 0, b: 0 },
    stillHeld: { a: new Map(), b: new Map() },
    ...change,
  });
}

Deno.test("guard() lets a plan pass as it is where nothing is wrong", () => {
  const actions = [remove("a"), create("b"), forget];
  const plan = guarded(actions);
  deepStrictEqual(plan.actions, actions);
  deepStrictEqual(plan.held, []);
});

Deno.test("guard() takes everything out where one side was emptied, and names the directive", () => {
  const plan = guarded([remove("b"), remove("b"), forget], { present: { a: 0, b: 5 } });
  deepStrictEqual(plan.actions, []);
  const [held] = plan.held;
  deepStrictEqual([held?.guard, held?.on, held?.actions], ["on_empty", "b", 2]);
  ok(held?.message.includes(`home has no items in "work" any more; server still has 5`));
  ok(held?.hint.includes("on_empty sync"));
});

Deno.test("guard() protects either side", () => {
  const plan = guarded([remove("a")], { present: { a: 5, b: 0 } });
  deepStrictEqual(plan.held.map((it) => it.on), ["a"]);
});

Deno.test("guard() lets an emptied side pass where the pair says so", () => {
  const plan = guarded([remove("b")], {
    present: { a: 0, b: 5 },
    policy: {
      collections: { fromA: true, fromB: true, ids: [] },
      ...PLAIN_POLICY,
      onEmpty: "sync",
    },
  });
  deepStrictEqual([plan.actions.length, plan.held.length], [1, 0]);
});

Deno.test("guard() does not take a side for emptied that never held anything", () => {
  const plan = guarded([create("a")], { present: { a: 0, b: 5 }, agreed: 0 });
  deepStrictEqual([plan.actions.length, plan.held.length], [1, 0]);
});

Deno.test("guard() has nothing to protect where both sides are empty", () => {
  const plan = guarded([forget], { present: { a: 0, b: 0 } });
  deepStrictEqual([plan.actions.length, plan.held.length], [1, 0]);
});

Deno.test("guard() holds deletions while the side they come from cannot be read in full", () => {
  const plan = guarded([remove("a"), remove("b"), create("b")], { strangers: { a: 1, b: 0 } });
  deepStrictEqual(plan.actions, [remove("a"), create("b")]);
  deepStrictEqual(plan.held.map((it) => [it.guard, it.on, it.actions]), [["unreadable", "b", 1]]);
});

Deno.test("guard() holds every change on a side where nothing may be written", () => {
  const plan = guarded([remove("a"), create("a"), create("b"), forget], {
    readOnly: { a: true, b: false },
  });
  deepStrictEqual(plan.actions, [create("b"), forget]);
  deepStrictEqual(plan.held.map((it) => [it.guard, it.on, it.actions]), [["read only", "a", 2]]);
});
