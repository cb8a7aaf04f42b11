import { deepStrictEqual } from "node:assert/strict";
import { type Ending, endingOfError, endingOfReport } from "../../../lib/daemon/ending.ts";
import { cancelled, SyncError, type SyncErrorOptions } from "../../../lib/model/error.ts";
import { pairName } from "../../../lib/model/names.ts";
import type { Report } from "../../../lib/model/run.ts";

const error = (scope: SyncErrorOptions["scope"], kind: SyncErrorOptions["kind"], more = {}) =>
  new SyncError("it went wrong", { scope, kind, ...more });

const NONE = { create: 0, update: 0, delete: 0, setFlags: 0 };
const NOTHING: Report = {
  interrupted: false,
  plan: { pair: pairName("p"), collections: [], problems: [], stale: [] },
  done: { a: NONE, b: NONE },
  changed: 0,
  failures: [],
  skipped: 0,
  altered: [],
  properties: 0,
};

const ERRORS: readonly (readonly [string, unknown, Ending])[] = [
  ["a storage that is away is tried again", error("storage", "unreachable", { retry: true }), {
    kind: "failed",
    retry: true,
  }],
  [
    "what a server asks for is passed on",
    error("storage", "refused", { retry: true, retryAfter: 5_000 }),
    { kind: "failed", retry: true, retryAfter: 5_000 },
  ],
  ["a wrong password may be mended", error("storage", "unauthorised"), {
    kind: "failed",
    retry: false,
  }],
  ["a missing folder may be mounted", error("storage", "missing"), {
    kind: "failed",
    retry: true,
  }],
  ["a lock is waited for", error("run", "locked", { retry: true }), { kind: "busy" }],
  ["a damaged status is not", error("run", "malformed"), { kind: "over" }],
  ["a status that may not be read neither", error("run", "forbidden"), { kind: "over" }],
  ["a full disk may get room", error("run", "quota"), { kind: "failed", retry: false }],
  ["a fault of ours ends nothing", new TypeError("of ours"), { kind: "failed", retry: false }],
  ["who stops a run knows", cancelled(), { kind: "done" }],
];

for (const [name, thrown, ending] of ERRORS) {
  Deno.test(`of an error: ${name}`, () => deepStrictEqual(endingOfError(thrown), ending));
}

const REPORTS: readonly (readonly [string, Partial<Report>, Ending])[] = [
  ["all is well", {}, { kind: "done" }],
  ["what changed meanwhile is soon looked at again", { changed: 1 }, {
    kind: "partly",
    retry: true,
  }],
  [
    "an item that is refused stays so",
    { failures: [{ error: error("item", "refused") }] },
    { kind: "partly", retry: false },
  ],
  [
    "one that can be helped is enough, and the longest wait counts",
    {
      failures: [
        { error: error("item", "refused") },
        { error: error("item", "refused", { retry: true, retryAfter: 1_000 }) },
        { error: error("item", "refused", { retry: true, retryAfter: 9_000 }) },
      ],
    },
    { kind: "partly", retry: true, retryAfter: 9_000 },
  ],
  [
    "what a filter keeps back is as it should be",
    { failures: [{ error: error("item", "left out") }] },
    { kind: "done" },
  ],
];

for (const [name, report, ending] of REPORTS) {
  Deno.test(`of a report: ${name}`, () =>
    deepStrictEqual(endingOfReport({ ...NOTHING, ...report }), ending));
}
