import assert from "node:assert/strict";
import { applyEach } from "../../../lib/model/apply_each.ts";
import { SyncError } from "../../../lib/model/error.ts";
import { etag, href, ident } from "../../../lib/model/names.ts";
import type { Action, Result } from "../../../lib/model/storage.ts";

const never = new AbortController().signal;

const action = (id: number): Action => ({
  kind: "delete",
  id,
  ident: ident(`${id}`),
  href: href(`${id}`),
  etag: etag("e"),
});

async function* count(to: number, taken: { count: number } = { count: 0 }): AsyncGenerator<Action> {
  for (let id = 0; id < to; id++) {
    taken.count++;
    await Promise.resolve();
    yield action(id);
  }
}

const done = (id: number): Result => ({ id, outcome: "done" });
const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

Deno.test("applyEach() gives one result for each action, whatever the width", async () => {
  for (const width of [1, 2, 7, 1000]) {
    const results = await Array.fromAsync(
      applyEach(count(50), width, never, ({ id }) => Promise.resolve(done(id))),
    );
    assert.deepEqual(
      results.map(({ id }) => id).sort((a, b) => a - b),
      Array.from({ length: 50 }, (_, id) => id),
    );
  }
});

Deno.test("applyEach() never runs more than its width at a time, and does reach it", async () => {
  let running = 0;
  let most = 0;
  await Array.fromAsync(applyEach(count(40), 5, never, async ({ id }) => {
    most = Math.max(most, ++running);
    await turn();
    running--;
    return done(id);
  }));
  assert.equal(most, 5);
});

Deno.test("applyEach() gives results as they come, not in the order of the actions", async () => {
  const ids = [];
  for await (
    const { id } of applyEach(count(3), 3, never, async ({ id }) => {
      for (let turns = 3 - id; turns > 0; turns--) await turn();
      return done(id);
    })
  ) ids.push(id);
  assert.deepEqual(ids, [2, 1, 0]);
});

Deno.test("applyEach() gives a result though the stream is waiting", async () => {
  const gate = Promise.withResolvers<void>();
  const source = async function* () {
    yield action(0);
    await gate.promise;
    yield action(1);
  };
  const results = applyEach(source(), 4, never, ({ id }) => Promise.resolve(done(id)));
  assert.equal((await results.next()).value?.id, 0);
  gate.resolve();
  assert.equal((await results.next()).value?.id, 1);
  assert.equal((await results.next()).done, true);
});

Deno.test("applyEach() takes no more of the stream than it can begin", async () => {
  const taken = { count: 0 };
  const results = applyEach(count(1000, taken), 4, never, ({ id }) => Promise.resolve(done(id)));
  await results.next();
  await turn();
  assert.ok(taken.count <= 5, `${taken.count} were taken`);
  await results.return();
});

Deno.test("applyEach() makes a failed result of what is thrown, and goes on", async () => {
  const error = new SyncError("no", { scope: "item", kind: "refused" });
  const results = await Array.fromAsync(applyEach(count(3), 1, never, ({ id }) => {
    if (id === 0) throw error;
    return id === 1 ? Promise.reject(new TypeError("oops")) : Promise.resolve(done(id));
  }));
  assert.deepEqual(results[0], { id: 0, outcome: "failed", error });
  const second = results[1];
  assert.ok(second?.outcome === "failed");
  assert.equal(second.error.kind, "internal");
  assert.deepEqual(results[2], done(2));
});

Deno.test("applyEach() begins nothing after the signal, and finishes what has begun", async () => {
  const stop = new AbortController();
  const begun: number[] = [];
  const results = [];
  for await (
    const result of applyEach(count(100), 3, stop.signal, async ({ id }) => {
      begun.push(id);
      if (id === 4) stop.abort();
      await turn();
      return done(id);
    })
  ) results.push(result.id);
  assert.ok(begun.length < 10);
  assert.deepEqual(results.toSorted(), begun.toSorted());
});

Deno.test("applyEach() ends at the signal though the stream never gives anything more", async () => {
  const stop = new AbortController();
  const source = async function* () {
    yield action(0);
    await new Promise(() => {});
  };
  const results = applyEach(source(), 2, stop.signal, ({ id }) => Promise.resolve(done(id)));
  await results.next();
  setTimeout(() => stop.abort(), 1);
  assert.equal((await results.next()).done, true);
});

Deno.test("applyEach() does nothing where the signal has fired", async () => {
  const taken = { count: 0 };
  const run = () => assert.fail("nothing may run");
  const results = applyEach(count(3, taken), 2, AbortSignal.abort(), run);
  assert.deepEqual(await Array.fromAsync(results), []);
  assert.equal(taken.count, 0);
});

Deno.test("applyEach() throws what the stream throws, after the results of what had begun", async () => {
  const source = async function* () {
    yield action(0);
    await Promise.resolve();
    throw new Error("broken");
  };
  const seen: number[] = [];
  await assert.rejects(async () => {
    for await (
      const { id } of applyEach(source(), 2, never, async ({ id }) => {
        await turn();
        return done(id);
      })
    ) seen.push(id);
  }, /broken/);
  assert.deepEqual(seen, [0]);
});

Deno.test("applyEach() waits for what has begun when nobody reads on, and ends the stream", async () => {
  let finished = 0;
  let returned = false;
  const source = async function* () {
    try {
      yield* count(100);
    } finally {
      returned = true;
    }
  };
  const results = applyEach(source(), 4, never, async ({ id }) => {
    for (let turns = 0; turns < id; turns++) await turn();
    finished++;
    return done(id);
  });
  await results.next();
  await results.return();
  const then = finished;
  await turn();
  await turn();
  await turn();
  assert.equal(finished, then);
  assert.ok(finished > 1);
  assert.equal(returned, true);
});
