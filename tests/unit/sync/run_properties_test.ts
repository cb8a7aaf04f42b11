import { deepStrictEqual } from "node:assert/strict";
import { two } from "./run_support.ts";

Deno.test("a property that somebody sets while the run goes on is not overwritten", async () => {
  const world = two();
  world.a.setProperty("work", "displayname", "Work");
  await world.run();
  world.a.setProperty("work", "displayname", "by a");
  let isDone = false;
  const { report } = await world.run({
    b: ({ method }) => {
      if (isDone || method !== "changes") return undefined;
      isDone = true;
      return {
        kind: "meanwhile",
        happens: () => world.b.setProperty("work", "displayname", "by b"),
      };
    },
  });
  const names = () => [world.a, world.b].map((it) => it.collections()[0]?.properties.displayname);
  deepStrictEqual([names(), report.changed, report.properties], [["by a", "by b"], 1, 0]);
  // Then it is a question, and nobody is overwritten either.
  const { plan } = await world.run();
  deepStrictEqual(plan.collections[0]?.propertyConflicts.map(({ name }) => name), ["displayname"]);
  deepStrictEqual(names(), ["by a", "by b"]);
});
