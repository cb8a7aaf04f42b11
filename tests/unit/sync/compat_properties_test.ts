/** Properties of collections, whatever they are and were. */

import { deepStrictEqual } from "node:assert/strict";
import fc from "fast-check";
import { SIDES } from "../../../lib/model/names.ts";
import type { PropertyName } from "../../../lib/model/storage.ts";
import { type Two, two } from "./run_support.ts";

const NAMES = ["displayname", "color", "description", "order"] as const;

type Values = Partial<Record<PropertyName, string>>;

const values: fc.Arbitrary<Values> = fc.record({
  displayname: fc.constantFrom("Work", "Arbeit", "工作", "a  b"),
  color: fc.constantFrom("#ff0000", "#00ff00"),
  description: fc.constantFrom("one", "two\nlines"),
  order: fc.constantFrom("1", "2"),
}, { requiredKeys: [] });

const propertiesOf = (world: Two, side: "a" | "b"): unknown =>
  world[side].collections().find(({ id }) => id === "work")?.properties;

function set(world: Two, side: "a" | "b", wanted: Values): void {
  for (const name of NAMES) world[side].setProperty("work", name, wanted[name]);
}

Deno.test("whatever the properties were and are, both sides and the status agree, and a winner wins", () =>
  fc.assert(
    fc.asyncProperty(values, values, values, fc.constantFrom("a", "b"), async (old, a, b, side) => {
      const world = two({ policy: { conflicts: { kind: "keep", side } } });
      for (const each of SIDES) set(world, each, old);
      await world.run();
      set(world, "a", a);
      set(world, "b", b);
      await world.run();
      deepStrictEqual(propertiesOf(world, "a"), propertiesOf(world, "b"));
      const winner = side === "a" ? a : b;
      const other = side === "a" ? b : a;
      const expected = NAMES.flatMap((name) => {
        // Who changed it wins; of two who did, the one that the pair names.
        const value = winner[name] !== old[name] || winner[name] === other[name]
          ? winner[name]
          : other[name];
        return value === undefined ? [] : [[name, value] as const];
      });
      deepStrictEqual(propertiesOf(world, "a"), Object.fromEntries(expected));
      deepStrictEqual((await world.run()).report.properties, 0);
    }),
    { numRuns: 150 },
  ));
