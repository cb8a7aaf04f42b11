import assert from "node:assert/strict";
import { SyncError } from "../../../lib/model/error.ts";
import { runCommand } from "../../../lib/config/run_command.ts";

const OPTIONS = { timeout: 20_000, limit: 1000, signal: new AbortController().signal };

const sh = (script: string, ...args: readonly string[]) => ["sh", "-c", script, "sh", ...args];

async function outputOf(argv: readonly string[]): Promise<string> {
  const outcome = await runCommand(argv, OPTIONS);
  assert.equal(outcome.status, "done");
  return outcome.status === "done" ? new TextDecoder().decode(outcome.output) : "";
}

Deno.test("runCommand() gives what was printed, byte for byte", async () => {
  assert.equal(await outputOf(["printf", "a\\nb\\n"]), "a\nb\n");
  const outcome = await runCommand(["printf", "\\377\\000"], OPTIONS);
  assert.deepEqual(outcome, { status: "done", output: new Uint8Array([255, 0]) });
  assert.equal(await outputOf(sh("")), "");
});

Deno.test("runCommand() has no shell: every argument arrives as it was written", async () => {
  const words = ["a b", "$HOME", "~", "*", "it's", '"', "\\", "a;b|c>d", "", "FOO=1", "é"];
  const printed = await outputOf(["printf", "<%s>", ...words]);
  assert.equal(printed, words.map((word) => `<${word}>`).join(""));
});

Deno.test("runCommand() tells of a status that is not 0, whatever was printed", async () => {
  assert.deepEqual(await runCommand(sh("echo x; exit 3"), OPTIONS), { status: "failed", code: 3 });
});

Deno.test("runCommand() tells of a program that was killed, whatever was printed", async () => {
  const outcome = await runCommand(sh("echo half; kill -KILL $$"), OPTIONS);
  assert.deepEqual(outcome, { status: "killed", signal: "SIGKILL" });
});

Deno.test("runCommand() tells a program that is not there from one that cannot be run", async () => {
  assert.deepEqual(await runCommand(["no-such-program"], OPTIONS), { status: "missing" });
  assert.deepEqual(await runCommand(["/no/such/program"], OPTIONS), { status: "missing" });
  const file = await Deno.makeTempFile();
  try {
    assert.equal((await runCommand([file], OPTIONS)).status, "not started");
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("runCommand() takes as much as the limit, and ends what prints more", async () => {
  const exactly = await runCommand(sh("printf %1000s x"), OPTIONS);
  assert.equal(exactly.status, "done");
  assert.deepEqual(await runCommand(sh("printf %1001s x"), OPTIONS), { status: "too large" });
  assert.deepEqual(await runCommand(["yes"], OPTIONS), { status: "too large" });
});

Deno.test("runCommand() does not wait longer than the time limit, even for what it started", async () => {
  const begin = performance.now();
  const outcome = await runCommand(sh("sleep 20 | cat"), { ...OPTIONS, timeout: 200 });
  assert.deepEqual(outcome, { status: "timed out" });
  assert.ok(performance.now() - begin < 10_000);
});

Deno.test("runCommand() ends a program that does not want to end", async () => {
  const begin = performance.now();
  const stubborn = sh("trap '' TERM; while :; do sleep 1; done");
  assert.deepEqual(await runCommand(stubborn, { ...OPTIONS, timeout: 200 }), {
    status: "timed out",
  });
  assert.ok(performance.now() - begin < 10_000);
});

Deno.test("runCommand() stops when the signal fires, and does not begin after it", async () => {
  const isCancelled = (error: unknown) => error instanceof SyncError && error.kind === "cancelled";
  const abort = new AbortController();
  const running = runCommand(["sleep", "20"], { ...OPTIONS, signal: abort.signal });
  setTimeout(() => abort.abort(), 100);
  await assert.rejects(running, isCancelled);
  const file = await Deno.makeTempFile();
  try {
    const begun = runCommand(["rm", file], { ...OPTIONS, signal: abort.signal });
    await assert.rejects(begun, isCancelled);
    await Deno.stat(file);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("runCommand() takes a program that was interrupted for the person's own wish", async () => {
  await assert.rejects(
    runCommand(sh("kill -INT $$"), OPTIONS),
    (error) => error instanceof SyncError && error.kind === "cancelled",
  );
});
