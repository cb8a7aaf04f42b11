/** Runs a program for what it prints. */

import { cancelled } from "../model/error.ts";

export interface RunOptions {
  /** In milliseconds. */
  readonly timeout: number;
  /** How many bytes it may print. */
  readonly limit: number;
  readonly signal: AbortSignal;
}

/** What became of a program. */
export type Outcome =
  | { readonly status: "done"; readonly output: Uint8Array }
  | { readonly status: "failed"; readonly code: number }
  | { readonly status: "killed"; readonly signal: string }
  /** There is no such program. */
  | { readonly status: "missing" }
  /** There is, and it cannot be run. */
  | { readonly status: "not started"; readonly cause: unknown }
  | { readonly status: "too large" }
  | { readonly status: "timed out" };

export type RunCommand = (argv: readonly string[], options: RunOptions) => Promise<Outcome>;

/** How long a program has to end by itself once it was asked to, in milliseconds. */
const GRACE = 2_000;

/**
 * Runs a program without a shell; it has the terminal to ask on. Throws `cancelled` when the signal
 * fires. Dax is not used here: it calls a program that was killed by a signal a success, waits for
 * one that was timed out until its descendants have ended too, and has some commands of its own.
 */
export async function runCommand(
  argv: readonly string[],
  { timeout, limit, signal }: RunOptions,
): Promise<Outcome> {
  if (signal.aborted) throw cancelled(signal.reason);
  const [program = "", ...args] = argv;
  let child: Deno.ChildProcess;
  try {
    const stdio = { stdin: "inherit", stdout: "piped", stderr: "inherit" } as const;
    child = new Deno.Command(program, { args, ...stdio }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { status: "missing" };
    return { status: "not started", cause: error };
  }
  const reader = child.stdout.getReader();
  const stopped = Promise.withResolvers<"timed out" | "cancelled">();
  const cancel = () => stopped.resolve("cancelled");
  signal.addEventListener("abort", cancel);
  const timer = setTimeout(() => stopped.resolve("timed out"), timeout);
  try {
    const ended = await Promise.race([outputOf(child, reader, limit), stopped.promise]);
    if (typeof ended === "object") {
      // An interrupt goes to everything in the terminal, and may reach the program first.
      if (ended.status === "killed" && ended.signal === "SIGINT") throw cancelled();
      return ended;
    }
    await end(child);
    if (ended === "cancelled") throw cancelled(signal.reason);
    return { status: ended };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", cancel);
    // What it started may hold the pipe open for longer than anyone waits.
    await reader.cancel();
  }
}

async function outputOf(
  child: Deno.ChildProcess,
  reader: ReadableStreamDefaultReader<Uint8Array>,
  limit: number,
): Promise<Outcome | "too large"> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (true) {
    const { value, done } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > limit) return "too large";
    chunks.push(value);
  }
  const { success, code, signal } = await child.status;
  if (signal !== null) return { status: "killed", signal };
  if (!success) return { status: "failed", code };
  const output = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    output.set(chunk, at);
    at += chunk.length;
  }
  return { status: "done", output };
}

/** Asks the program to end, and ends it if it does not. */
async function end(child: Deno.ChildProcess): Promise<void> {
  kill(child, "SIGTERM");
  const timer = setTimeout(() => kill(child, "SIGKILL"), GRACE);
  await child.status;
  clearTimeout(timer);
}

function kill(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch (error) {
    // It has ended in the meantime, which is what was wanted.
    if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
  }
}
