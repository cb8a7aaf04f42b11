import assert from "node:assert/strict";
import { SyncError } from "../../../lib/model/error.ts";
import { openHttp } from "../../../lib/net/http/client.ts";
import { type Again, HttpError } from "../../../lib/net/http/error.ts";
import {
  delayBefore,
  MAX_TRIES,
  parseRetryAfter,
  type Repeat,
} from "../../../lib/net/http/retry.ts";
import { fakeEnvironment, never } from "../../support/dav_world.ts";

const NOW = Date.UTC(2026, 0, 1);

const error = (again: Again, retryAfter?: number) =>
  new HttpError("x", {
    scope: "item",
    kind: "refused",
    again,
    ...(retryAfter === undefined ? {} : { retryAfter }),
  });
const state = (tries: number, elapsed = 0) => ({
  tries,
  elapsed,
  patience: 10_000,
  random: () => 0.5,
});

Deno.test("a request is repeated only where that does no harm", () => {
  const rows: readonly (readonly [Again, Repeat, boolean])[] = [
    ["never", "safe", false],
    ["never", "undone", false],
    ["safe", "safe", true],
    ["safe", "undone", false],
    ["always", "safe", true],
    ["always", "undone", true],
  ];
  for (const [again, repeat, repeated] of rows) {
    const delay = delayBefore(error(again), repeat, state(1));
    assert.equal(delay !== undefined, repeated, `${again} ${repeat}`);
  }
});

Deno.test("the wait doubles with each try and there are four tries at most", () => {
  const delays = [1, 2, 3, 4, 5].map((tries) => delayBefore(error("safe"), "safe", state(tries)));
  assert.deepEqual(delays, [500, 1_000, 2_000, undefined, undefined]);
});

for (
  const [status, text, requests] of [
    [403, '{"error":{"errors":[{"domain":"usageLimits","reason":"rateLimitExceeded"}]}}', 6],
    [429, "", 6],
    [403, '{"error":{"errors":[{"domain":"global","reason":"forbidden"}]}}', 1],
    [403, "go away", 1],
    [502, "", 4],
  ] as const
) {
  Deno.test(`a server that answers ${status} and "${text}" is asked ${requests} times`, async () => {
    let count = 0;
    let good = false;
    const url = new URL("http://127.0.0.1/");
    const environment = fakeEnvironment();
    const http = openHttp({
      home: url,
      userAgent: "test",
      environment,
      fetch: () => {
        count++;
        const done = good && count === requests;
        return Promise.resolve(new Response(text, { status: done ? 200 : status }));
      },
    });
    const ask = () =>
      http.exchange({ method: "GET", url, repeat: "safe", signal: never }, async (answer) => {
        if (answer.status !== 200) throw await answer.failure("item");
        return answer.status;
      });
    await assert.rejects(ask(), { status });
    assert.equal(count, requests);
    assert.equal(environment.slept.length, requests - 1);
    count = 0;
    good = true;
    if (requests > 1) assert.equal(await ask(), 200);
    http.close();
  });
}

Deno.test("the wait varies by a half either way", () => {
  const at = (random: number) =>
    delayBefore(error("safe"), "safe", { ...state(1), random: () => random });
  assert.equal(at(0), 250);
  assert.equal(at(0.999), 749.5);
});

Deno.test("no try begins after twice the time-out", () => {
  assert.equal(delayBefore(error("safe"), "safe", state(1, 10_001)), undefined);
});

Deno.test("a server that asks for time gets it, up to a minute", () => {
  assert.equal(delayBefore(error("always", 7_000), "undone", state(1)), 7_000);
  assert.equal(delayBefore(error("always", 100), "undone", state(1)), 500);
  assert.equal(delayBefore(error("always", 60_000), "undone", state(1)), 60_000);
  assert.equal(delayBefore(error("always", 60_001), "undone", state(1)), undefined);
});

Deno.test("a fault of our own is not repeated", () => {
  const ours = new SyncError("x", { scope: "item", kind: "internal", retry: true });
  assert.equal(delayBefore(ours, "safe", state(1)), undefined);
});

Deno.test("Retry-After is understood as seconds and as a date", () => {
  const rows: readonly (readonly [string | null, number | undefined])[] = [
    [null, undefined],
    ["", undefined],
    ["120", 120_000],
    [" 3 ", 3_000],
    ["0", 0],
    ["-1", undefined],
    ["1.5", undefined],
    ["soon", undefined],
    ["99999999999999999999", undefined],
    ["Thu, 01 Jan 2026 00:00:30 GMT", 30_000],
    ["Wed, 31 Dec 2025 23:59:00 GMT", 0],
    ["Thursday, 01-Jan-26 00:01:00 GMT", 60_000],
  ];
  for (const [value, wanted] of rows) {
    assert.equal(parseRetryAfter(value, NOW), wanted, String(value));
  }
});

type Step = number | "closed" | "refused" | { readonly status: number; readonly after: string };

/** Sends one request to a server that does these things one after another, and then answers 200. */
async function run(
  method: string,
  repeat: Repeat,
  steps: readonly Step[],
): Promise<
  { readonly tries: number; readonly outcome: string; readonly slept: readonly number[] }
> {
  const environment = fakeEnvironment(NOW);
  let tries = 0;
  const http = openHttp({
    home: new URL("https://dav.example.org/"),
    userAgent: "test",
    environment,
    fetch: () => {
      const step = steps[tries++] ?? 200;
      if (step === "closed" || step === "refused") {
        const reason = step === "closed"
          ? "client error (SendRequest): connection closed before message completed"
          : "client error (Connect): tcp connect error: Connection refused (os error 111)";
        const cause = new Error(reason);
        return Promise.reject(new TypeError("fetch failed", { cause }));
      }
      if (typeof step === "number") return Promise.resolve(new Response("x", { status: step }));
      const headers = { "retry-after": step.after };
      return Promise.resolve(new Response("x", { status: step.status, headers }));
    },
  });
  const request = { method, url: new URL("https://dav.example.org/x"), repeat, signal: never };
  const outcome = await http.exchange(request, async (answer) => {
    if (answer.status !== 200) throw await answer.failure("item");
    return "ok";
  }).catch((thrown) => {
    assert(thrown instanceof SyncError, String(thrown));
    return thrown.kind as string;
  });
  return { tries, outcome, slept: environment.slept };
}

const ROWS: readonly {
  readonly what: string;
  readonly repeat: Repeat;
  readonly steps: readonly Step[];
  readonly tries: number;
  readonly outcome: string;
}[] = [
  { what: "502 once", repeat: "safe", steps: [502], tries: 2, outcome: "ok" },
  { what: "503 once", repeat: "safe", steps: [503], tries: 2, outcome: "ok" },
  { what: "504 once", repeat: "safe", steps: [504], tries: 2, outcome: "ok" },
  { what: "429 once", repeat: "safe", steps: [429], tries: 2, outcome: "ok" },
  { what: "500", repeat: "safe", steps: [500], tries: 1, outcome: "refused" },
  { what: "404", repeat: "safe", steps: [404], tries: 1, outcome: "missing" },
  { what: "401", repeat: "safe", steps: [401], tries: 1, outcome: "unauthorised" },
  {
    what: "503 for ever",
    repeat: "safe",
    steps: [503, 503, 503, 503, 503],
    tries: 4,
    outcome: "refused",
  },
  { what: "a lost answer", repeat: "safe", steps: ["closed"], tries: 2, outcome: "ok" },
  {
    what: "three lost answers",
    repeat: "safe",
    steps: ["closed", "closed", "closed"],
    tries: 4,
    outcome: "ok",
  },
  {
    what: "a stranger that refuses",
    repeat: "safe",
    steps: ["refused"],
    tries: 1,
    outcome: "unreachable",
  },
  {
    what: "one that refuses after it answered",
    repeat: "safe",
    steps: [503, "refused"],
    tries: 3,
    outcome: "ok",
  },
  {
    what: "a write and a lost answer",
    repeat: "undone",
    steps: ["closed"],
    tries: 1,
    outcome: "unreachable",
  },
  { what: "a write and 502", repeat: "undone", steps: [502], tries: 1, outcome: "refused" },
  { what: "a write and 503", repeat: "undone", steps: [503], tries: 1, outcome: "refused" },
  { what: "a write and 429", repeat: "undone", steps: [429], tries: 2, outcome: "ok" },
  {
    what: "a write and 503 with a time",
    repeat: "undone",
    steps: [{ status: 503, after: "2" }],
    tries: 2,
    outcome: "ok",
  },
  {
    what: "a server that asks for an hour",
    repeat: "safe",
    steps: [{ status: 429, after: "3600" }],
    tries: 1,
    outcome: "refused",
  },
];

for (const { what, repeat, steps, tries, outcome } of ROWS) {
  Deno.test(`${what}: ${tries} tries, and then ${outcome}`, async () => {
    const result = await run("X", repeat, steps);
    assert.equal(result.tries, tries);
    assert.equal(result.outcome, outcome);
    assert.equal(result.slept.length, tries - 1);
    assert(tries <= MAX_TRIES);
  });
}

Deno.test("a usage limit that hides behind 403 is waited for, another 403 is not", async () => {
  const answers = [
    '{"error":{"errors":[{"domain":"usageLimits","reason":"rateLimitExceeded"}]}}',
    '{"error":{"errors":[{"reason":"forbiddenForServiceAccounts"}]}}',
  ];
  for (const [index, text] of answers.entries()) {
    let tries = 0;
    const http = openHttp({
      home: new URL("https://dav.example.org/"),
      userAgent: "test",
      environment: fakeEnvironment(),
      fetch: () =>
        Promise.resolve(
          new Response(tries++ === 0 ? text : "x", { status: tries === 1 ? 403 : 200 }),
        ),
    });
    const url = new URL("https://dav.example.org/x");
    const sending = http.exchange(
      { method: "PUT", url, repeat: "undone", signal: never },
      async (answer) => {
        if (answer.status !== 200) throw await answer.failure("item");
      },
    );
    if (index === 0) await sending;
    else await assert.rejects(sending, { kind: "forbidden" });
    assert.equal(tries, index === 0 ? 2 : 1);
  }
});
