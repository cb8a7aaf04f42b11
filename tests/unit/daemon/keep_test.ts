import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import type { Ending } from "../../../lib/daemon/ending.ts";
import { keep, type Keeping } from "../../../lib/daemon/keep.ts";
import type { Job } from "../../../lib/daemon/schedule.ts";
import { collectionId, pairName } from "../../../lib/model/names.ts";
import { type HandClock, handClock, settle } from "./hand_clock.ts";

interface Kept {
  readonly clock: HandClock;
  readonly keeping: Keeping;
  readonly log: string[];
  readonly controller: AbortController;
  end(pair: string, ending: Ending | Error): Promise<void>;
}

/** Keeps pairs whose runs end when the test says so. */
function keepPairs(...names: readonly string[]): Kept {
  const clock = handClock();
  const log: string[] = [];
  const controller = new AbortController();
  const running = new Map<string, PromiseWithResolvers<Ending>>();
  const keeping = keep({
    pairs: names.map((name) => ({ name: pairName(name), interval: 300_000 })),
    clock,
    limits: { atOnce: 3, excludes: () => false },
    signal: controller.signal,
    run: ({ pair, only }: Job) => {
      log.push(`${clock.now()} ${[pair, ...only ?? []].join("/")}`);
      const end = Promise.withResolvers<Ending>();
      running.set(pair, end);
      return end.promise;
    },
  });
  return {
    clock,
    keeping,
    log,
    controller,
    async end(pair, ending) {
      if (ending instanceof Error) running.get(pair)?.reject(ending);
      else running.get(pair)?.resolve(ending);
      await settle();
    },
  };
}

const isPending = async (promise: Promise<void>): Promise<boolean> => {
  const pending = {};
  await settle();
  return await Promise.race([promise, Promise.resolve(pending)]) === pending;
};

Deno.test("pairs are kept by a clock: at once, when touched, and every interval", async () => {
  const { clock, keeping, log, end } = keepPairs("one", "two");
  await end("one", { kind: "done" });
  await end("two", { kind: "done" });
  await clock.pass(1_000);
  keeping.touch(pairName("two"), collectionId("work"));
  await clock.pass(10_000);
  await end("two", { kind: "done" });
  await clock.pass(289_000);
  deepStrictEqual(log, ["0 one", "0 two", "1500 two/work", "300000 one", "300000 two"]);
});

Deno.test("to stop is to begin nothing more, and to wait for what is under way", async () => {
  const { clock, keeping, log, controller, end } = keepPairs("one", "two");
  await end("one", { kind: "done" });
  keeping.touch(pairName("one"), collectionId("work"));
  controller.abort();
  await clock.pass(1_000_000);
  strictEqual(await isPending(keeping.ended), true);
  await end("two", { kind: "done" });
  await keeping.ended;
  deepStrictEqual(log, ["0 one", "0 two"]);
});

Deno.test("it ends by itself when every pair was given up", async () => {
  const { keeping, end } = keepPairs("one", "two");
  await end("one", { kind: "over" });
  strictEqual(await isPending(keeping.ended), true);
  await end("two", { kind: "over" });
  await keeping.ended;
});

Deno.test("a fault of ours ends it, and is thrown", async () => {
  const { keeping, end, clock, log } = keepPairs("one");
  const fault = new TypeError("of ours");
  const thrown = rejects(keeping.ended, fault);
  await end("one", fault);
  await thrown;
  keeping.touch(pairName("one"));
  await clock.pass(1_000_000);
  deepStrictEqual(log, ["0 one"]);
});
