/**
 * The status in the database against the one in memory: whatever is asked of both, in whatever
 * order, and whenever the run ends, both give the same answers.
 */

import { deepStrictEqual } from "node:assert/strict";
import fc from "fast-check";
import { SyncError } from "../../../lib/model/error.ts";
import type { Side, Sides } from "../../../lib/model/names.ts";
import { cursor, digest, etag, href } from "../../../lib/model/names.ts";
import type {
  BaseMove,
  CollectionStatus,
  Intent,
  KeptBodies,
  Observation,
  Settlement,
  SideConclusion,
} from "../../../lib/model/status.ts";
import { bytes, identOf, inDatabase, inMemory, KEY, view } from "./harness.ts";

const WORDS = ["w", "x", "y", "z"];

type Step =
  | { readonly kind: "begin"; readonly intents: readonly (readonly [number, Intent])[] }
  | { readonly kind: "settle"; readonly calls: readonly (readonly Settlement[])[] }
  | { readonly kind: "conclude"; readonly sides: Partial<Sides<SideConclusion>> }
  | { readonly kind: "reopen" };

const PLAIN = { noNullPrototype: true };
const word = fc.constantFrom(...WORDS);
const side = fc.constantFrom<Side>("a", "b");
const version = fc.record({
  href: fc.constantFrom("1", "2", "3").map(href),
  etag: fc.constantFrom("e", "f").map(etag),
  digest: fc.constantFrom("d", "g").map(digest),
  flags: fc.constantFrom<readonly string[]>([], ["\\Seen"], ["\\Seen", "$Later"]),
}, PLAIN);
const someBytes = fc.constantFrom("one", "two", "three").map(bytes);
const bodies: fc.Arbitrary<KeptBodies> = fc.record(
  { a: someBytes, b: someBytes },
  { requiredKeys: [], noNullPrototype: true },
);
const move: fc.Arbitrary<BaseMove> = fc.oneof(
  fc.record({ kind: fc.constant("forget" as const), ident: word.map(identOf) }, PLAIN),
  fc.record({
    kind: fc.constant("set" as const),
    item: fc.record({
      ident: word.map(identOf),
      sides: fc.record({ a: version, b: version }, PLAIN),
    }, PLAIN),
    bodies,
  }, PLAIN),
);
const settlement: fc.Arbitrary<Settlement> = fc.record(
  {
    intent: fc.integer({ min: 1, max: 6 }),
    outcome: fc.constantFrom("done" as const, "left" as const, "failed" as const),
    reason: fc.constantFrom("because", "of \0 it"),
    move,
  },
  { requiredKeys: ["outcome"], noNullPrototype: true },
);
const intent: fc.Arbitrary<Intent> = fc.record(
  {
    id: fc.constant(0),
    kind: fc.constantFrom<Intent["kind"]>("create", "update", "delete", "setFlags"),
    on: side,
    ident: word.map(identOf),
    href: fc.constantFrom("1", "2").map(href),
    etag: fc.constantFrom("e", "f").map(etag),
    digest: fc.constantFrom("d", "g").map(digest),
    attic: fc.oneof(fc.constant("base" as const), someBytes),
  },
  { requiredKeys: ["id", "kind", "on", "ident", "href"], noNullPrototype: true },
);
const observation: fc.Arbitrary<Observation> = fc.oneof(
  fc.record(
    { state: fc.constant("gone" as const), href: fc.constantFrom("1", "2").map(href) },
    PLAIN,
  ),
  fc.record({
    state: fc.constant("unreadable" as const),
    href: fc.constantFrom("1", "2").map(href),
    reason: fc.constantFrom("", "no"),
  }, PLAIN),
  fc.tuple(version, word).map(([it, ident]) => ({
    state: "present" as const,
    ...it,
    ident: identOf(ident),
  })),
);
const conclusion: fc.Arbitrary<SideConclusion> = fc.record(
  {
    cursor: fc.constantFrom("1", "2").map(cursor),
    observations: fc.uniqueArray(observation, { maxLength: 3, selector: (it) => it.href }),
  },
  { requiredKeys: ["observations"], noNullPrototype: true },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("begin" as const),
      // Ids are the next ones, give or take one.
      intents: fc.array(fc.tuple(fc.constantFrom(0, 0, 0, 0, 0, 1, -1), intent), { maxLength: 3 }),
    }, PLAIN),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("settle" as const),
      calls: fc.array(fc.array(settlement, { maxLength: 4 }), { minLength: 1, maxLength: 3 }),
    }, PLAIN),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("conclude" as const),
      sides: fc.record({ a: conclusion, b: conclusion }, {
        requiredKeys: [],
        noNullPrototype: true,
      }),
    }, PLAIN),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "reopen" as const }) },
);

/** Takes a step, and says how it went. */
async function take(status: CollectionStatus, step: Step): Promise<readonly string[]> {
  const outcome = async (promise: Promise<void>): Promise<string> => {
    try {
      await promise;
      return "done";
    } catch (error) {
      return error instanceof SyncError ? error.message : String(error);
    }
  };
  switch (step.kind) {
    case "begin": {
      let next = await status.nextIntent();
      const intents = step.intents.map(([off, it]) => ({ ...it, id: next++ + off }));
      return [await outcome(status.begin(intents))];
    }
    case "settle":
      return await Promise.all(step.calls.map((call) => outcome(status.settle(call))));
    case "conclude":
      return [await outcome(status.conclude(step.sides))];
    case "reopen":
      return [];
  }
}

Deno.test("a status in a database does what the one in memory does, step by step", async () => {
  const seen = new Map<string, number>();
  const property = fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
    const [memory, database] = [await inMemory(), await inDatabase()];
    try {
      for (const it of steps) {
        if (it.kind === "reopen") {
          await memory.reopen();
          await database.reopen();
        }
        const inBoth = [memory, database].map((subject) => subject.status().collection(KEY));
        const [expected, actual] = await Promise.all(inBoth.map((status) => take(status, it)));
        deepStrictEqual(actual, expected);
        const [wanted, found] = await Promise.all(inBoth.map((status) => view(status, WORDS)));
        deepStrictEqual(found, wanted);
        deepStrictEqual(await database.attic(), await memory.attic());
        deepStrictEqual(await database.status().collections(), await memory.status().collections());
        for (const result of expected ?? []) {
          const name = `${it.kind} ${result === "done" ? "done" : "refused"}`;
          seen.set(name, (seen.get(name) ?? 0) + 1);
        }
      }
    } finally {
      await memory.end();
      await database.end();
    }
  });
  await fc.assert(property, { numRuns: 40 });
  // The generator reaches what it is for.
  for (
    const name of ["begin done", "begin refused", "settle done", "settle refused", "conclude done"]
  ) {
    if ((seen.get(name) ?? 0) < 5) throw new Error(`"${name}" was hardly tried: ${[...seen]}`);
  }
});
