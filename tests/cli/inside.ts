/** Runs a command line inside the test's own process, with streams that are kept. */

import type { CalledAs, Host } from "../../lib/cli/host.ts";
import { main } from "../../lib/cli/main.ts";
import { lookOf } from "../../lib/cli/show/look.ts";

/** What a person types who has had enough. */
export const CTRL_C = Symbol("Ctrl-C");

export interface InsideOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** The name that the program is started by. */
  readonly calledAs?: CalledAs;
  /** Whether the streams are terminals, and of how many columns. */
  readonly terminal?: number;
  /** What a person types, line by line. Without it, there is nobody to ask. */
  readonly answers?: readonly (string | typeof CTRL_C)[];
}

export interface Inside {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export async function runInside(
  args: readonly string[],
  { env = {}, terminal, answers, calledAs = "dovetail" }: InsideOptions = {},
): Promise<Inside> {
  const all: Readonly<Record<string, string>> = { LANG: "C.UTF-8", TERM: "xterm", ...env };
  const written = { out: "", err: "" };
  const waiting = [...answers ?? []];
  const stream = (name: keyof typeof written): Host["out"] => ({
    look: (choice) =>
      lookOf(choice, {
        isTerminal: terminal !== undefined,
        env: (name) => all[name],
        os: "linux",
        ...(terminal === undefined ? {} : { columns: terminal }),
      }),
    write: (text) => void (written[name] += text),
  });
  let stop = () => {};
  const code = await main(args, {
    calledAs,
    env: { get: (name) => all[name] },
    out: stream("out"),
    err: stream("err"),
    input: {
      isAnswered: () => answers !== undefined,
      line(signal) {
        signal.throwIfAborted();
        const next = waiting.shift();
        if (next !== CTRL_C) return Promise.resolve(next);
        stop();
        return Promise.reject(signal.reason);
      },
    },
    onStop(then) {
      stop = then;
      return () => {};
    },
    onFault: () => () => {},
    exit: (status) => {
      throw new Error(`it wanted to exit with ${status}`);
    },
  });
  return { code, ...written };
}

/** A folder for one test. */
export async function withFolder<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "dovetail-cli-" });
  try {
    return await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
