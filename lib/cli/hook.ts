/** The program that a pair's `hook` names is run after the pair, with what came of it. */

import { SyncError } from "../model/error.ts";
import type { JsonObject } from "./show/screen.ts";

/** How long it may take, in milliseconds. */
const PATIENCE = 5 * 60_000;

/**
 * Runs it, with the summary as one line of JSON on its standard input. Our standard output is data,
 * so what it prints there is lost; its errors are seen. Throws a {@linkcode SyncError} where it cannot be run or fails.
 */
export async function runHook(
  argv: readonly string[],
  summary: JsonObject,
  signal: AbortSignal,
): Promise<void> {
  const [program = "", ...args] = argv;
  const stop = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, {
      args,
      stdin: "piped",
      stdout: "null",
      stderr: "inherit",
      signal: stop,
    }).spawn();
  } catch (thrown) {
    throw failed(program, "cannot be run", thrown);
  }
  try {
    const text = new Blob([`${JSON.stringify(summary)}\n`]);
    await text.stream().pipeTo(child.stdin);
  } catch (thrown) {
    // A hook need not read what it is given.
    if (!(thrown instanceof Deno.errors.BrokenPipe)) throw thrown;
  }
  const { success, code, signal: killed } = await child.status;
  if (success) return;
  throw failed(program, killed === null ? `ended with status ${code}` : `was ended by ${killed}`);
}

const failed = (program: string, what: string, cause?: unknown) =>
  new SyncError(`the hook "${program}" ${what}`, {
    scope: "collection",
    kind: "refused",
    hint: "The run itself was over by then.",
    ...(cause === undefined ? {} : { cause }),
  });
