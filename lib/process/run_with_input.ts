/** Runs a program that reads something and prints something else. */

import { cancelled } from "../model/error.ts";

export interface RunOptions {
  /** In milliseconds. */
  readonly timeout: number;
  /** How many bytes it may print. */
  readonly limit: number;
  readonly signal: AbortSignal;
}

/** What became of it. `errors` is the beginning of what it wrote to standard error. */
export type Outcome =
  | { readonly status: "done"; readonly output: Uint8Array }
  | { readonly status: "failed"; readonly code: number; readonly errors: string }
  | { readonly status: "killed"; readonly signal: string }
  /** There is no such program, or it cannot be run. */
  | { readonly status: "not started"; readonly cause: unknown }
  | { readonly status: "too large" }
  | { readonly status: "timed out" };

export type RunWithInput = (
  argv: readonly string[],
  input: Uint8Array,
  options: RunOptions,
) => Promise<Outcome>;

/** How long a program has to end by itself once it was asked to, in milliseconds. */
const GRACE = 2_000;

/** How much is kept of what it complains about, in bytes. */
const MOST_ERRORS = 512;

/**
 * Runs `argv` without a shell, with `input` on its standard input, which it need not read to the end.
 * Throws `cancelled` when the signal fires.
 */
export async function runWithInput(
  argv: readonly string[],
  input: Uint8Array,
  { timeout, limit, signal }: RunOptions,
): Promise<Outcome> {
  if (signal.aborted) throw cancelled(signal.reason);
  const [program = "", ...args] = argv;
  let child: Deno.ChildProcess;
  try {
    const stdio = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;
    child = new Deno.Command(program, { args, ...stdio }).spawn();
  } catch (cause) {
    return { status: "not started", cause };
  }
  const stopped = Promise.withResolvers<"timed out" | "cancelled">();
  const cancel = () => stopped.resolve("cancelled");
  signal.addEventListener("abort", cancel);
  const timer = setTimeout(() => stopped.resolve("timed out"), timeout);
  const output = child.stdout.getReader();
  const errors = child.stderr.getReader();
  const writing = feed(child.stdin, input);
  try {
    const ended = await Promise.race([outcomeOf(child, output, errors, limit), stopped.promise]);
    if (typeof ended === "object") {
      if (ended.status === "too large") await end(child);
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
    // What it started may hold the pipes open for longer than anyone waits.
    await Promise.all([output.cancel(), errors.cancel(), soon(writing)]);
  }
}

async function feed(stdin: WritableStream<Uint8Array>, input: Uint8Array): Promise<void> {
  const writer = stdin.getWriter();
  try {
    await writer.write(input);
    await writer.close();
  } catch {
    // It has ended without reading everything, which is its own business: its status tells.
    await writer.abort().catch(() => {});
  }
}

/** Waits for `work` as long as it may take where nobody holds it up. */
async function soon(work: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, 200);
  await Promise.race([work, promise]);
  clearTimeout(timer);
}

async function outcomeOf(
  child: Deno.ChildProcess,
  output: ReadableStreamDefaultReader<Uint8Array>,
  errors: ReadableStreamDefaultReader<Uint8Array>,
  limit: number,
): Promise<Outcome> {
  const complaints = beginning(errors);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (let next = await output.read(); !next.done; next = await output.read()) {
    length += next.value.length;
    if (length > limit) return { status: "too large" };
    chunks.push(next.value);
  }
  const { success, code, signal } = await child.status;
  if (signal !== null) return { status: "killed", signal };
  if (!success) return { status: "failed", code, errors: await complaints };
  return { status: "done", output: joined(chunks, length) };
}

/** What comes first; the rest is read and thrown away, so that the program does not wait. */
async function beginning(errors: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (let next = await errors.read(); !next.done; next = await errors.read()) {
    if (length >= MOST_ERRORS) continue;
    chunks.push(next.value);
    length += next.value.length;
  }
  return new TextDecoder().decode(joined(chunks, length).subarray(0, MOST_ERRORS)).trim();
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
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
