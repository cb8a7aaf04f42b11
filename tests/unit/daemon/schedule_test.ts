/** When which pair is run, with a clock that is a number. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { Ending } from "../../../lib/daemon/ending.ts";
import {
  begin,
  type Happening,
  isOver,
  type Job,
  type Limits,
  LONGEST_TIMER,
  type Schedule,
  step,
} from "../../../lib/daemon/schedule.ts";
import { collectionId, type PairName, pairName } from "../../../lib/model/names.ts";

const FREE: Limits = { atOnce: 3, excludes: () => false };
const START = 1_000_000;
const DONE: Ending = { kind: "done" };
const OFFLINE: Ending = { kind: "failed", retry: true };

/** One thing that happens, after so many milliseconds: an ending, a collection, or only the time. */
type Move = readonly [after: number, what: Ending | string | undefined, pair?: string];

/** Plays moves, and writes down what is run at which time since the start. */
function play(
  moves: readonly Move[],
  { pairs = { p: 300_000 }, limits = FREE }: {
    readonly pairs?: Readonly<Record<string, number>>;
    readonly limits?: Limits;
  } = {},
): readonly string[] {
  const log: string[] = [];
  let now = START;
  let schedule: Schedule = begin(
    Object.entries(pairs).map(([name, interval]) => ({ name: pairName(name), interval })),
    now,
  );
  let wake: number | undefined;
  const happen = (event: Happening) => {
    const next = step(schedule, event, now, limits);
    schedule = next.schedule;
    wake = next.wakeAt;
    for (const job of next.run) log.push(`${now - START} ${told(job)}`);
  };
  happen({ type: "tick" });
  for (const [after, what, name = "p"] of moves) {
    const until = now + after;
    // What is due on the way is woken for, as a timer would.
    for (;;) {
      const next = Math.min(wake ?? Infinity, now + LONGEST_TIMER);
      if (next >= until) break;
      now = Math.max(now, next);
      happen({ type: "tick" });
    }
    now = until;
    const pair = pairName(name);
    if (what === undefined) happen({ type: "tick" });
    else if (typeof what !== "string") happen({ type: "ended", pair, ending: what });
    else if (what === "*") happen({ type: "touched", pair });
    else happen({ type: "touched", pair, collection: collectionId(what) });
  }
  return log;
}

const told = ({ pair, only, why }: Job): string =>
  `${pair}${only === undefined ? "" : `/${only.join("+")}`} ${why}`;

const CASES: readonly (readonly [string, readonly Move[], readonly string[]])[] = [
  ["every pair is run at the start", [], ["0 p due"]],
  [
    "all of a pair is looked at again once its interval has passed since the last run ended",
    [[7_000, DONE], [299_999, undefined], [1, undefined]],
    ["0 p due", "307000 p due"],
  ],
  [
    "what was touched is looked at when it has been quiet for a moment",
    [[100, DONE], [1_000, "work"], [499, undefined], [1, undefined]],
    ["0 p due", "1600 p/work touched"],
  ],
  [
    "touches in a row are gathered",
    [[100, DONE], [900, "work"], [400, "home"], [400, "work"], [500, undefined]],
    ["0 p due", "2300 p/work+home touched"],
  ],
  [
    "touches that never stop are gathered for five seconds at most",
    [
      [100, DONE],
      ...Array.from({ length: 20 }, (): Move => [300, "work"]),
    ],
    ["0 p due", "5400 p/work touched"],
  ],
  [
    "a touch of something unknown is a run of the whole pair",
    [[100, DONE], [900, "work"], [0, "*"], [500, undefined]],
    ["0 p due", "1500 p touched"],
  ],
  [
    "what is touched during a run is looked at after it",
    [[100, "work"], [5_000, DONE]],
    ["0 p due", "5100 p/work touched"],
  ],
  [
    "a run of everything that is due takes the touched with it",
    [[0, DONE], [299_900, "work"], [200, undefined], [0, DONE], [10_000, undefined]],
    ["0 p due", "300000 p due"],
  ],
  [
    "a run of one collection does not put off that of the whole pair",
    [[0, DONE], [100_000, "work"], [500, undefined], [1_000, DONE], [198_500, undefined]],
    ["0 p due", "100500 p/work touched", "300000 p due"],
  ],
  [
    "failures are followed by longer and longer waits, up to fifteen minutes",
    [
      [0, OFFLINE],
      [10_000, undefined],
      [0, OFFLINE],
      [20_000, undefined],
      [0, OFFLINE],
      [40_000, undefined],
      ...[80, 160, 320, 640, 900, 900].flatMap((seconds): readonly Move[] => [
        [0, OFFLINE],
        [1_000 * seconds - 1, undefined],
        [1, undefined],
      ]),
    ],
    [0, 10, 30, 70, 150, 310, 630, 1270, 2170, 3070].map((at) => `${at * 1_000} p due`),
  ],
  [
    "after it helped, the first wait is short again",
    [[0, OFFLINE], [10_000, undefined], [0, DONE], [300_000, undefined], [0, OFFLINE], [
      10_000,
      undefined,
    ]],
    ["0 p due", "10000 p due", "310000 p due", "320000 p due"],
  ],
  [
    "nothing is tried early because something was touched, and then everything is",
    [[0, OFFLINE], [2_000, "work"], [7_999, undefined], [1, undefined]],
    ["0 p due", "10000 p due"],
  ],
  [
    "a wrong password is not tried more often than the interval says",
    [[0, { kind: "failed", retry: false }], [299_999, undefined], [1, undefined]],
    ["0 p due", "300000 p due"],
  ],
  [
    "a server that asks for time is given it",
    [
      [0, { kind: "failed", retry: true, retryAfter: 120_000 }],
      [60_000, "work"],
      [59_999, undefined],
      [1, undefined],
    ],
    ["0 p due", "120000 p due"],
  ],
  [
    "a server that asks for years is asked after six hours",
    [
      [0, { kind: "failed", retry: true, retryAfter: Number.MAX_SAFE_INTEGER }],
      [6 * 3_600_000 - 1, undefined],
      [1, undefined],
    ],
    [`0 p due`, `${6 * 3_600_000} p due`],
  ],
  [
    "an item that fails does not keep the others waiting",
    [
      [0, { kind: "partly", retry: false }],
      [1_000, "work"],
      [500, undefined],
      [0, DONE],
      [298_500, undefined],
      [0, { kind: "partly", retry: true }],
      [20_000, undefined],
      [0, { kind: "partly", retry: true }],
      [40_000, undefined],
    ],
    // The first of them could not be helped by a run; the others could.
    ["0 p due", "1500 p/work touched", "300000 p due", "320000 p due", "360000 p due"],
  ],
  [
    "a lock that another process holds is waited for, and what was touched is not forgotten",
    [
      [0, { kind: "busy" }],
      [2_000, undefined],
      [0, { kind: "busy" }],
      [4_000, undefined],
      [0, DONE],
      [1_000, "work"],
      [500, undefined],
      [0, { kind: "busy" }],
      [2_000, undefined],
    ],
    ["0 p due", "2000 p due", "6000 p due", "7500 p/work touched", "9500 p/work touched"],
  ],
  [
    "a collection that is gone is a reason to look at the whole pair at once",
    [[0, DONE], [1_000, "work"], [500, undefined], [0, { kind: "stale" }]],
    ["0 p due", "1500 p/work touched", "1500 p due"],
  ],
  [
    "a pair that was given up is left alone",
    [[0, { kind: "over" }], [1_000, "work"], [900_000, undefined]],
    ["0 p due"],
  ],
  [
    "a clock that is set back puts nothing off",
    [[0, DONE], [1_000, "work"], [-86_400_000, undefined], [500, undefined], [0, DONE], [
      298_500,
      undefined,
    ]],
    ["0 p due", "-86398500 p/work touched", "-86100000 p due"],
  ],
];

for (const [name, moves, expected] of CASES) {
  Deno.test(name, () => deepStrictEqual(play(moves), expected));
}

Deno.test("a machine that slept is given a moment, and then everything is looked at", () => {
  // Timers stand still in the meantime: nothing is heard until it wakes up.
  const pair = pairName("p");
  let schedule = step(begin([{ name: pair, interval: 300_000 }], 0), { type: "tick" }, 0, FREE);
  for (const at of [0, 10_000]) {
    schedule = step(schedule.schedule, { type: "ended", pair, ending: OFFLINE }, at, FREE);
    schedule = step(schedule.schedule, { type: "tick" }, at + 10_000, FREE);
  }
  const awake = step(schedule.schedule, { type: "tick" }, 200_000, FREE);
  deepStrictEqual(awake.run.length + (awake.wakeAt ?? 0), 1);
});

Deno.test("three runs at once, and the others as soon as one of them ends", () => {
  const pairs = { a: 1_000, b: 1_000, c: 1_000, d: 1_000, e: 1_000 };
  deepStrictEqual(play([[10, DONE, "b"], [10, { kind: "over" }, "a"]], { pairs }), [
    "0 a due",
    "0 b due",
    "0 c due",
    "10 d due",
    "20 e due",
  ]);
});

Deno.test("pairs that share a storage run one after the other; what waited longest goes first", () => {
  const pairs = { ab: 1_000, bc: 1_000, cd: 1_000 };
  const excludes = (one: PairName, other: PairName) => [...one].some((it) => other.includes(it));
  deepStrictEqual(
    play([[10, DONE, "cd"], [10, DONE, "ab"], [980, undefined], [100, DONE, "bc"]], {
      pairs,
      limits: { atOnce: 3, excludes },
    }),
    ["0 ab due", "0 cd due", "20 bc due", "1100 cd due", "1100 ab due"],
  );
});

Deno.test("it is over when every pair was given up", () => {
  let schedule = begin(
    [{ name: pairName("a"), interval: 1 }, { name: pairName("b"), interval: 1 }],
    0,
  );
  schedule = step(schedule, { type: "tick" }, 0, FREE).schedule;
  for (const name of ["a", "b"]) {
    strictEqual(isOver(schedule), false);
    const ended = { type: "ended", pair: pairName(name), ending: { kind: "over" } } as const;
    schedule = step(schedule, ended, 0, FREE).schedule;
  }
  strictEqual(isOver(schedule), true);
});

Deno.test("whatever happens, no pair runs twice, limits hold and no pair is forgotten", () => {
  const names = ["ab", "bc", "cd", "e", "f"].map(pairName);
  const limits: Limits = {
    atOnce: 2,
    excludes: (one, other) => [...one].some((it) => other.includes(it)),
  };
  const ending = fc.constantFrom<Ending>(
    DONE,
    OFFLINE,
    { kind: "failed", retry: false, retryAfter: 5_000 },
    { kind: "partly", retry: true },
    { kind: "partly", retry: false, retryAfter: 7_000_000 },
    { kind: "busy" },
    { kind: "stale" },
  );
  const move = fc.record({
    after: fc.integer({ min: -100_000, max: 400_000 }),
    pair: fc.constantFrom(...names),
    what: fc.oneof(ending, fc.constantFrom("work", "home", "*")),
  });
  fc.assert(
    fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
      let now = 0;
      let schedule = begin(names.map((name) => ({ name, interval: 60_000 })), now);
      const running = new Set<PairName>();
      const happen = (event: Happening) => {
        if (event.type === "ended") running.delete(event.pair);
        const next = step(schedule, event, now, limits);
        schedule = next.schedule;
        for (const { pair } of next.run) {
          ok(!running.has(pair), `${pair} runs already`);
          for (const other of running) ok(!limits.excludes(pair, other), `${pair} and ${other}`);
          running.add(pair);
        }
        ok(running.size <= 2);
        ok(
          running.size > 0 || (next.wakeAt !== undefined && next.wakeAt > now),
          "it sleeps for ever",
        );
        return next.wakeAt;
      };
      happen({ type: "tick" });
      for (const { after, pair, what } of moves) {
        now += after;
        if (typeof what !== "string") {
          if (running.has(pair)) happen({ type: "ended", pair, ending: what });
        } else if (what === "*") happen({ type: "touched", pair });
        else happen({ type: "touched", pair, collection: collectionId(what) });
      }
      // From now on all is well: within the longest wait there is, every pair is run.
      const seen = new Set<PairName>();
      const until = now + 24 * 3_600_000;
      for (let turn = 0; turn < 2_000 && now < until && seen.size < names.length; turn++) {
        for (const pair of [...running]) {
          seen.add(pair);
          happen({ type: "ended", pair, ending: DONE });
        }
        const wakeAt = happen({ type: "tick" });
        if (running.size === 0 && wakeAt !== undefined) now = wakeAt;
      }
      strictEqual(seen.size, names.length);
    }),
    { numRuns: 300 },
  );
});
