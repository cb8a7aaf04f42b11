import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { groupCommit } from "../../../lib/status/group_commit.ts";

const NO_FAULTS: ReadonlyMap<number, unknown> = new Map();

const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

/** Keeps the process busy, as a disk does. */
function block(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

Deno.test("what is added in one turn of the event loop is committed together", async () => {
  const groups: number[][] = [];
  const commits = groupCommit<number>((group) => {
    groups.push([...group]);
    return Promise.resolve(NO_FAULTS);
  });
  await Promise.all([1, 2, 3].map((it) => commits.add(it)));
  deepStrictEqual(groups, [[1, 2, 3]]);
});

Deno.test("what comes while a group is committed goes into the next one", async () => {
  const groups: number[][] = [];
  const commits = groupCommit<number>(async (group) => {
    groups.push([...group]);
    await turn();
    return NO_FAULTS;
  });
  const all = [commits.add(1)];
  await turn();
  all.push(commits.add(2), commits.add(3));
  await Promise.all(all);
  deepStrictEqual(groups, [[1], [2, 3]]);
});

Deno.test("nothing resolves before it is durable", async () => {
  const order: string[] = [];
  const commits = groupCommit<string>(async (group) => {
    await turn();
    order.push(`wrote ${group}`);
    return NO_FAULTS;
  });
  await Promise.all(["a", "b"].map(async (it) => {
    await commits.add(it);
    order.push(`told ${it}`);
  }));
  deepStrictEqual(order, ["wrote a,b", "told a", "told b"]);
});

Deno.test("a group that fails fails for everybody in it, and not for the next one", async () => {
  let fails = true;
  const commits = groupCommit<number>(() => {
    if (!fails) return Promise.resolve(NO_FAULTS);
    fails = false;
    return Promise.reject(new Error("the disk is full"));
  });
  const results = await Promise.allSettled([commits.add(1), commits.add(2)]);
  deepStrictEqual(results.map((it) => it.status), ["rejected", "rejected"]);
  await commits.add(3);
});

Deno.test("who is at fault is rejected alone", async () => {
  const commits = groupCommit<number>((group) =>
    Promise.resolve(new Map([[group.indexOf(2), new Error("two is wrong")]]))
  );
  const results = await Promise.allSettled([1, 2, 3].map((it) => commits.add(it)));
  deepStrictEqual(results.map((it) => it.status), ["fulfilled", "rejected", "fulfilled"]);
});

Deno.test("what is done alone keeps its place among the rest", async () => {
  const order: string[] = [];
  const commits = groupCommit<string>((group) => {
    order.push(`group ${group}`);
    return Promise.resolve(NO_FAULTS);
  });
  const alone = (name: string) =>
    commits.alone(async () => {
      await turn();
      order.push(`alone ${name}`);
    });
  await Promise.all([
    commits.add("1"),
    commits.add("2"),
    alone("A"),
    alone("B"),
    commits.add("3"),
    alone("C"),
    commits.add("4"),
  ]);
  deepStrictEqual(order, ["group 1,2", "alone A", "alone B", "group 3", "alone C", "group 4"]);
  await rejects(commits.alone(() => Promise.reject(new Error("no"))), /no/);
  await commits.add("5");
});

/** The waits, in milliseconds, that are asked for while `work` is going on. */
async function waitsDuring(work: () => Promise<void>): Promise<readonly number[]> {
  const real = globalThis.setTimeout;
  const waits: number[] = [];
  const recording = (callback: () => void, wait = 0) => {
    waits.push(wait);
    return real(callback, wait);
  };
  globalThis.setTimeout = Object.assign(recording, real);
  try {
    await work();
  } finally {
    globalThis.setTimeout = real;
  }
  return waits;
}

Deno.test("after a group the next one waits some times as long as that one took", async () => {
  const commits = groupCommit<number>(() => {
    block(10);
    return Promise.resolve(NO_FAULTS);
  });
  const waits = await waitsDuring(async () => {
    await Promise.all([commits.add(1), commits.add(2)]);
    await Promise.all([commits.add(3), commits.add(4)]);
  });
  strictEqual(waits.length, 1);
  const [wait = 0] = waits;
  ok(wait > 10 && wait <= 250, `it waited ${wait} ms`);
});

Deno.test("nothing waits longer than a quarter of a second for company", async () => {
  const commits = groupCommit<number>(() => {
    block(120);
    return Promise.resolve(NO_FAULTS);
  });
  const waits = await waitsDuring(async () => {
    await Promise.all([commits.add(1), commits.add(2)]);
    await commits.add(3);
  });
  strictEqual(waits.length, 1);
  ok((waits[0] ?? Infinity) <= 250, `it waited ${waits[0]} ms`);
});

Deno.test("who comes alone does not wait, and nor does what is done alone", async () => {
  const commits = groupCommit<number>(() => {
    block(5);
    return Promise.resolve(NO_FAULTS);
  });
  const waits = await waitsDuring(async () => {
    for (let at = 0; at < 5; at++) await commits.add(at);
    await Promise.all([commits.add(5), commits.add(6)]);
    await commits.alone(() => Promise.resolve());
  });
  deepStrictEqual(waits, []);
});

Deno.test("a commit that never waits for anything still gives way to the rest", async () => {
  let committed = 0;
  const commits = groupCommit<number>((group) => {
    committed += group.length;
    return Promise.resolve(NO_FAULTS);
  });
  const added = commits.add(1);
  strictEqual(committed, 0);
  await added;
  strictEqual(committed, 1);
});
