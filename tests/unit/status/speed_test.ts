/**
 * Five thousand items. The limits are many times what it takes on a machine that does nothing else:
 * what they catch is work that grows with the square of the items.
 */

import { ok, strictEqual } from "node:assert/strict";
import { cursor } from "../../../lib/model/names.ts";
import { openStatus } from "../../../lib/status/mod.ts";
import { identOf, intent, item, KEY, options, set } from "./harness.ts";

const ITEMS = 5_000;

async function within<T>(limit: number, what: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const result = await work();
  const took = performance.now() - began;
  if (Deno.env.has("TIMES")) console.log(`${what}: ${took.toFixed(1)} ms`);
  ok(took < limit, `${what} took ${took.toFixed(0)} ms`);
  return result;
}

Deno.test("five thousand items are written and read in no time", async () => {
  const directory = await Deno.makeTempDir();
  const words = Array.from({ length: ITEMS }, () => crypto.randomUUID());
  const bodies = words.map((word) => new TextEncoder().encode(word.padEnd(1_200, "x")));
  try {
    const first = await openStatus(options(directory));
    const collection = first.collection(KEY);
    await within(1_500, "beginning them", async () => {
      await collection.begin(words.map((word, at) => intent(at + 1, word)));
    });
    await within(5_000, "settling them one by one", async () => {
      await Promise.all(words.map((word, at) => {
        const body = bodies[at] ?? new Uint8Array();
        return collection.settle([{ ...set(item(word), { a: body, b: body }), intent: at + 1 }]);
      }));
    });
    await within(
      2_000,
      "concluding",
      () => collection.conclude({ a: { cursor: cursor("1"), observations: [] } }),
    );
    await within(2_000, "closing", () => first.close());

    const second = await within(500, "opening", () => openStatus(options(directory)));
    const again = second.collection(KEY);
    for (const side of ["a", "b"] as const) {
      const known = await within(750, `reading side ${side}`, () => again.known(side));
      strictEqual(known.size, ITEMS);
    }
    const base = await within(750, "reading the base", () => again.base(words.map(identOf)));
    strictEqual(base.size, ITEMS);
    await within(500, "looking up ten", async () => {
      for (const word of words.slice(0, 10)) await again.known("b", [item(word).sides.b.href]);
    });
    await within(5_000, "replacing them", async () => {
      await again.settle(words.map((word) => set(item(word, { etag: "2", digest: "2" }))));
    });
    await within(2_000, "clearing away their bytes", () => again.conclude({}));
    await within(2_000, "closing", () => second.close());
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
