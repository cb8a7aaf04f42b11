import { ok, strictEqual } from "node:assert/strict";
import { SyncError } from "../../lib/model/error.ts";
import { href, ident, pairName, storageName } from "../../lib/model/names.ts";
import type { Plan } from "../../lib/model/plan.ts";
import type { Look } from "../../lib/cli/show/look.ts";
import { paint } from "../../lib/cli/show/paint.ts";
import { planLines, type PlanView } from "../../lib/cli/show/plan.ts";
import type { SafeText } from "../../lib/model/text.ts";
import { columns } from "../../lib/cli/show/width.ts";
import { golden } from "./golden.ts";
import {
  collectionPlan,
  conflict,
  create,
  describing,
  FULL,
  HOSTILE,
  ITEMS,
  names,
  planOf,
  record,
  remove,
} from "./plans.ts";

const PLAIN: Look = { color: false, unicode: true, live: false };

async function shown(plan: Plan, look: Look, view: Partial<PlanView> = {}): Promise<string> {
  const all: PlanView = { plan, names, describe: describing(ITEMS), all: false, ...view };
  let text = "";
  for await (const line of planLines(all, look)) text += `${paint(line, look)}\n`;
  return text;
}

Deno.test("a plan with one of everything, in a pipe", async () => {
  golden("plan_pipe", await shown(FULL, PLAIN));
});

for (const width of [40, 80, 120]) {
  Deno.test(`a plan with one of everything, ${width} columns wide`, async () => {
    const text = await shown(FULL, { ...PLAIN, width, live: true });
    golden(`plan_${width}`, text);
    for (const line of text.split("\n")) {
      ok(columns(line as SafeText) <= width, `${columns(line as SafeText)} columns: ${line}`);
    }
  });
}

Deno.test("a plan in colour says the same as without", async () => {
  const color = await shown(FULL, { ...PLAIN, color: true, width: 80 });
  golden("plan_color", color);
  // deno-lint-ignore no-control-regex -- colours are what is taken away
  const bare = color.replace(/\x1b\[[0-9;]*m/g, "").replace(/ +$/gm, "");
  strictEqual(bare, await shown(FULL, { ...PLAIN, width: 80 }));
});

Deno.test("a plan on a terminal that knows ASCII alone has nothing else in it", async () => {
  const text = await shown(FULL, { color: false, unicode: false, live: true, width: 80 });
  golden("plan_ascii", text);
  ok(/^[\x20-\x7e\n]*$/.test(text));
});

Deno.test("a long plan shows twenty lines a group and counts the rest, -v shows all", async () => {
  const many = (begin: string, make: typeof create) =>
    Array.from({ length: 5000 }, (_, index) => make(`${begin}${index}`, "b"));
  const plan = planOf("big", [
    collectionPlan("work", { actions: [...many("new", create), ...many("old", remove)] }),
  ]);
  golden("plan_long", await shown(plan, { ...PLAIN, width: 80 }));
  const all = await shown(plan, { ...PLAIN, width: 80 }, { all: true });
  strictEqual(all.split("\n").length - 1, 10_000 + 3);
});

Deno.test("an empty plan has no lines, and neither has one that only records", async () => {
  strictEqual(await shown(planOf("calendars", []), PLAIN), "");
  const recording = planOf("calendars", [collectionPlan("work", { actions: [record("same")] })]);
  strictEqual(await shown(recording, PLAIN), "");
});

Deno.test("nothing hostile in any field of a plan reaches the terminal", async () => {
  const error = new SyncError(`broken ${HOSTILE}`, {
    scope: "item",
    kind: "malformed",
    hint: `do ${HOSTILE}`,
  });
  const plan: Plan = {
    ...planOf(`pair ${HOSTILE}`, [
      collectionPlan(`id ${HOSTILE}`, {
        creates: ["a"],
        actions: [create(`uid ${HOSTILE}`), remove("known")],
        conflicts: [conflict(`uid ${HOSTILE}`)],
        held: [{
          guard: "on_empty",
          on: "a",
          actions: 1,
          message: `m ${HOSTILE}`,
          hint: `h ${HOSTILE}`,
        }],
        problems: [{ side: "a", href: href(`h ${HOSTILE}`), error }],
      }),
    ]),
    problems: [{ ident: ident(`i ${HOSTILE}`), error }],
  };
  const hostile = { component: HOSTILE, summary: `s ${HOSTILE}`, when: `w ${HOSTILE}` };
  const text = await shown(plan, { ...PLAIN, width: 120 }, {
    describe: describing({ known: hostile }),
    names: { a: storageName(`a ${HOSTILE}`), b: storageName(`b ${HOSTILE}`) },
  });
  golden("plan_hostile", text);
  // deno-lint-ignore no-control-regex -- these are what must not be there
  ok(!/[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e]/.test(text));
  strictEqual(plan.pair, pairName(`pair ${HOSTILE}`));
});
