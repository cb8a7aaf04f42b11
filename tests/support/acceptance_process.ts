/** dovetail as a process that can be watched and ended while it runs. */

import { type RunOptions, start as spawn } from "./dovetail.ts";

/** What a process came to. */
export interface Outcome {
  /** The exit status; more than 128 where a signal ended it. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** All that it printed. */
  readonly said: string;
}

export interface Running {
  readonly pid: number;
  /** Does nothing where it has ended already. */
  kill(signal: Deno.Signal): void;
  readonly outcome: Promise<Outcome>;
}

/** Starts dovetail; it reads nothing. */
export function start(args: readonly string[], options: RunOptions): Running {
  const child = spawn(args, options);
  const closed = child.stdin.close();
  const outcome = Promise.all([child.output(), closed]).then(([{ code, stdout, stderr }]) => {
    const decoder = new TextDecoder();
    const [out, error] = [decoder.decode(stdout), decoder.decode(stderr)];
    return { status: code, stdout: out, stderr: error, said: out + error };
  });
  const kill = (signal: Deno.Signal) => {
    try {
      child.kill(signal);
    } catch (thrown) {
      // It was quicker.
      if (!(thrown instanceof TypeError)) throw thrown;
    }
  };
  return { pid: child.pid, kill, outcome };
}

/** Runs dovetail to its end. */
export const run = (args: readonly string[], options: RunOptions): Promise<Outcome> =>
  start(args, options).outcome;
