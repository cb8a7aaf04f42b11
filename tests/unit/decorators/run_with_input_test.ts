import { deepEqual, equal, rejects } from "node:assert/strict";
import { SyncError } from "../../../lib/model/error.ts";
import {
  type Outcome,
  type RunOptions,
  runWithInput,
} from "../../../lib/process/run_with_input.ts";

async function run(
  script: string,
  options: Partial<RunOptions> = {},
  input = "",
): Promise<Outcome | string> {
  const signal = new AbortController().signal;
  const outcome = await runWithInput(
    ["sh", "-c", script],
    new TextEncoder().encode(input),
    { timeout: 10_000, limit: 1_000_000, signal, ...options },
  );
  return outcome.status === "done" ? new TextDecoder().decode(outcome.output) : outcome;
}

Deno.test("a program reads its input, however long, and its output is given back", async () => {
  equal(await run("cat", {}, "x".repeat(500_000)), "x".repeat(500_000));
  equal(await run("true", {}, "x".repeat(500_000)), "");
});

Deno.test("a program that prints too much is ended", async () => {
  deepEqual(await run("yes", { limit: 10_000 }), { status: "too large" });
});

Deno.test("a program that takes too long is ended, with what it started holding its output", async () => {
  deepEqual(await run("sleep 30 & sleep 30", { timeout: 100 }), { status: "timed out" });
});

Deno.test("a program that was killed, and what it complained about, are told", async () => {
  deepEqual(await run("kill -TERM $$"), { status: "killed", signal: "SIGTERM" });
  const long = await run("yes error | head -c 100000 >&2; exit 7");
  deepEqual(long, { status: "failed", code: 7, errors: `${"error\n".repeat(85)}er` });
});

Deno.test("a signal ends it", async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 50);
  await rejects(
    run("sleep 30", { signal: controller.signal }),
    (error) => error instanceof SyncError && error.kind === "cancelled",
  );
});
