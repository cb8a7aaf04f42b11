import { strictEqual } from "node:assert/strict";
import fc from "fast-check";
import {
  combined,
  EXIT_STATUSES,
  exitOfError,
  exitOfPlan,
  exitOfReport,
  type ExitStatus,
} from "../../../lib/cli/exit.ts";
import { cancelled, type ErrorKind, type Scope, SyncError } from "../../../lib/model/error.ts";
import type { Plan } from "../../../lib/model/plan.ts";
import type { Report } from "../../../lib/model/run.ts";
import { collectionPlan, conflict, create, planOf } from "../../cli/plans.ts";

const error = (kind: ErrorKind, scope: Scope) => new SyncError("no", { kind, scope });

Deno.test("the exit status of an error is decided by its kind and scope", () => {
  const table: readonly (readonly [ErrorKind, Scope, ExitStatus])[] = [
    ["unreachable", "storage", 4],
    ["unreachable", "run", 4],
    ["unreachable", "item", 1],
    ["unreachable", "collection", 1],
    ["unauthorised", "storage", 4],
    ["missing", "storage", 4],
    ["missing", "collection", 1],
    ["forbidden", "storage", 1],
    ["locked", "run", 5],
    ["cancelled", "run", 130],
    ["cancelled", "item", 130],
    ["internal", "run", 1],
    ["malformed", "item", 1],
  ];
  for (const [kind, scope, status] of table) {
    strictEqual(exitOfError(error(kind, scope)), status, `${kind} of ${scope}`);
  }
  strictEqual(exitOfError(cancelled()), 130);
  strictEqual(exitOfError(new TypeError("ours")), 1);
  strictEqual(exitOfError("a string"), 1);
});

const statuses = EXIT_STATUSES.map((it) => it.status);

Deno.test("several statuses come to one of them, in whatever order, and 0 only if all are", () => {
  strictEqual(combined([]), 0);
  fc.assert(fc.property(fc.array(fc.constantFrom(...statuses), { minLength: 1 }), (them) => {
    const one = combined(them);
    strictEqual(them.includes(one), true);
    strictEqual(combined(them.toReversed()), one);
    strictEqual(one === 0, them.every((it) => it === 0));
  }));
  strictEqual(combined([2, 4]), 4);
  strictEqual(combined([4, 1]), 1);
  strictEqual(combined([0, 2]), 2);
  strictEqual(combined([5, 4]), 4);
});

Deno.test("a plan comes to 2 where something is left, to 1 where something cannot be read", () => {
  const plan = (parts: Parameters<typeof collectionPlan>[1]): Plan =>
    planOf("p", [collectionPlan("work", parts)]);
  const held = { guard: "on_empty", on: "a", actions: 1, message: "m", hint: "h" } as const;
  strictEqual(exitOfPlan(plan({})), 0);
  strictEqual(exitOfPlan(plan({ actions: [create("new")] })), 0);
  strictEqual(exitOfPlan(plan({ conflicts: [conflict("x")] })), 2);
  strictEqual(exitOfPlan(plan({ held: [held] })), 2);
  // What the configuration asks for is in step.
  strictEqual(exitOfPlan(plan({ held: [{ ...held, expected: true }] })), 0);
  const property = { name: "color", values: { a: "#111111", b: "#222222" } } as const;
  strictEqual(exitOfPlan(plan({ propertyConflicts: [property] })), 2);
  const problems = [{ error: error("malformed", "item") }];
  strictEqual(exitOfPlan(plan({ conflicts: [conflict("x")], problems })), 1);
});

Deno.test("a report comes to the worst of its plan, what changed, what failed and what was skipped", () => {
  const nothing = { create: 0, update: 0, delete: 0, setFlags: 0 };
  const report = (parts: Partial<Report>): Report => ({
    plan: planOf("p", []),
    done: { a: nothing, b: nothing },
    changed: 0,
    failures: [],
    skipped: 0,
    interrupted: false,
    altered: [],
    properties: 0,
    ...parts,
  });
  strictEqual(exitOfReport(report({})), 0);
  strictEqual(exitOfReport(report({ changed: 1 })), 2);
  strictEqual(exitOfReport(report({ failures: [{ error: error("refused", "item") }] })), 1);
  strictEqual(exitOfReport(report({ failures: [{ error: error("unreachable", "storage") }] })), 4);
  strictEqual(exitOfReport(report({ skipped: 3, changed: 1, interrupted: true })), 130);
  const gone = [{ error: error("unreachable", "storage") }];
  strictEqual(exitOfReport(report({ skipped: 3, failures: gone })), 4, "nobody stopped it");
});
