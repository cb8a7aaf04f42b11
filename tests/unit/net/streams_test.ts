import assert from "node:assert/strict";
import { concurrently } from "../../../lib/net/concurrent.ts";
import { REAL_ENVIRONMENT } from "../../../lib/net/environment.ts";
import { produced } from "../../../lib/net/produced.ts";
import { semaphore } from "../../../lib/net/semaphore.ts";
import { never } from "../../support/dav_world.ts";

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Numbers from 0 on, and how many of them were asked for. */
function numbers(count: number) {
  const source = {
    asked: 0,
    returned: false,
    async *[Symbol.asyncIterator]() {
      try {
        for (let n = 0; n < count; n++) {
          source.asked++;
          yield n;
          await Promise.resolve();
        }
      } finally {
        source.returned = true;
      }
    },
  };
  return source;
}

Deno.test("every piece is worked on once, and no more at a time than the limit", async () => {
  let underWay = 0;
  let peak = 0;
  const work = async (n: number) => {
    peak = Math.max(peak, ++underWay);
    await wait(n % 3);
    underWay--;
    return n;
  };
  const results = await Array.fromAsync(concurrently(numbers(50), work, { limit: 4 }));
  assert.equal(peak, 4);
  assert.deepEqual(results.toSorted((a, b) => a - b), Array.from({ length: 50 }, (_, n) => n));
});

Deno.test("results come as they are ready", async () => {
  const work = async (ms: number) => {
    await wait(ms);
    return ms;
  };
  const results = await Array.fromAsync(concurrently([60, 1, 30], work, { limit: 3 }));
  assert.deepEqual(results, [1, 30, 60]);
});

Deno.test("the source is read no faster than places become free", async () => {
  const source = numbers(100);
  const results = concurrently(source, (n) => Promise.resolve(n), { limit: 2 });
  await results.next();
  assert(source.asked <= 4, String(source.asked));
  await results.return();
  assert(source.returned);
});

Deno.test("after the signal nothing is begun, and what has begun is given out", async () => {
  const controller = new AbortController();
  const begun: number[] = [];
  const work = async (n: number) => {
    begun.push(n);
    if (n === 2) controller.abort();
    await wait(5);
    return n;
  };
  const options = { limit: 2, signal: controller.signal };
  const results = await Array.fromAsync(concurrently(numbers(100), work, options));
  assert.deepEqual(results.toSorted((a, b) => a - b), begun);
  assert(begun.length <= 4);
});

Deno.test("a source that waits for its next piece does not hold up the end", async () => {
  const controller = new AbortController();
  let release = () => {};
  async function* source() {
    yield 1;
    await new Promise<void>((resolve) => release = resolve);
  }
  const results = concurrently(source(), (n) => Promise.resolve(n), {
    limit: 2,
    signal: controller.signal,
  });
  assert.equal((await results.next()).value, 1);
  setTimeout(() => controller.abort(), 5);
  assert.equal((await results.next()).done, true);
  release();
});

Deno.test("what the work or the source throws is thrown, after what was under way has ended", async () => {
  let ended = 0;
  const work = async (n: number) => {
    if (n === 3) throw new Error("three");
    await wait(5);
    ended++;
    return n;
  };
  await assert.rejects(Array.fromAsync(concurrently(numbers(100), work, { limit: 4 })), /three/);
  assert(ended >= 3 && ended < 10, String(ended));
  async function* broken() {
    yield 1;
    await Promise.resolve();
    throw new Error("source");
  }
  await assert.rejects(
    Array.fromAsync(concurrently(broken(), (n) => Promise.resolve(n), { limit: 2 })),
    /source/,
  );
});

Deno.test("values are produced at the pace of their reader", async () => {
  let put = 0;
  const values = produced<number>(async (give) => {
    for (let n = 0; n < 5; n++) {
      put++;
      await give(n);
    }
  }, never);
  await values.next();
  await wait(5);
  assert.equal(put, 1);
  assert.deepEqual(await Array.fromAsync(values), [1, 2, 3, 4]);
});

Deno.test("what the producer throws comes after what it gave", async () => {
  const got: number[] = [];
  const values = produced<number>(async (give) => {
    await give(1);
    throw new Error("broken");
  }, never);
  await assert.rejects(async () => {
    for await (const value of values) got.push(value);
  }, /broken/);
  assert.deepEqual(got, [1]);
});

Deno.test("a reader that stops early stops the producer", async () => {
  let stopped = false;
  const values = produced<number>(async (give, signal) => {
    signal.addEventListener("abort", () => stopped = true);
    for (let n = 0;; n++) await give(n);
  }, never);
  for await (const value of values) if (value === 2) break;
  assert(stopped);
});

Deno.test("places are given in the order in which they were asked for", async () => {
  const places = semaphore(1);
  const order: number[] = [];
  const first = await places.take(never);
  const others = [1, 2, 3].map(async (n) => {
    const leave = await places.take(never);
    order.push(n);
    leave();
  });
  first();
  first();
  await Promise.all(others);
  assert.deepEqual(order, [1, 2, 3]);
});

Deno.test("who stops waiting for a place does not get it", async () => {
  const places = semaphore(1);
  const leave = await places.take(never);
  const controller = new AbortController();
  const waiting = places.take(controller.signal);
  controller.abort();
  await assert.rejects(waiting, { kind: "cancelled" });
  leave();
  (await places.take(never))();
  await assert.rejects(places.take(AbortSignal.abort()), { kind: "cancelled" });
});

Deno.test("waiting ends with its time, or with the signal", async () => {
  await REAL_ENVIRONMENT.sleep(1, never);
  await assert.rejects(REAL_ENVIRONMENT.sleep(10_000, AbortSignal.timeout(5)), {
    kind: "cancelled",
  });
  await assert.rejects(REAL_ENVIRONMENT.sleep(1, AbortSignal.abort()), { kind: "cancelled" });
});
