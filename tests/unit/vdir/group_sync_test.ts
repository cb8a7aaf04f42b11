import assert from "node:assert/strict";
import { groupSync } from "../../../adapters/vdir/group_sync.ts";

interface Counter {
  calls: number;
  readonly finish: (() => void)[];
  readonly sync: () => Promise<void>;
}

function counted(): Counter {
  const counter: Counter = {
    calls: 0,
    finish: [],
    sync: () => {
      counter.calls++;
      return new Promise((resolve) => counter.finish.push(resolve));
    },
  };
  return counter;
}

const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

Deno.test("all that ask at the same time share one sync", async () => {
  const counter = counted();
  const shared = groupSync(counter.sync);
  const all = Promise.all([shared(), shared(), shared()]);
  await turn();
  assert.equal(counter.calls, 1);
  counter.finish[0]?.();
  await all;
});

Deno.test("who asks while a sync runs waits for one that begins afterwards", async () => {
  const counter = counted();
  const shared = groupSync(counter.sync);
  const first = shared();
  await turn();
  let later = false;
  const others = Promise.all([shared(), shared()]).then(() => later = true);
  counter.finish[0]?.();
  await first;
  await turn();
  assert.equal(counter.calls, 2);
  assert.equal(later, false);
  counter.finish[1]?.();
  await others;
  assert.equal(counter.calls, 2);
});

Deno.test("a sync that fails fails for all that share it, and not for the next", async () => {
  let calls = 0;
  const shared = groupSync(() =>
    ++calls === 1 ? Promise.reject(new Error("EIO")) : Promise.resolve()
  );
  const results = await Promise.allSettled([shared(), shared()]);
  assert.deepEqual(results.map(({ status }) => status), ["rejected", "rejected"]);
  await shared();
  assert.equal(calls, 2);
});

Deno.test("a sync that throws at once fails like one that fails later", async () => {
  let calls = 0;
  const shared = groupSync(() => {
    if (++calls === 1) throw new Error("EBADF");
    return Promise.resolve();
  });
  await assert.rejects(shared(), /EBADF/);
  await shared();
});
