/** Values that a command prints, or that a person types. */

import type { Command } from "./config.ts";
import { askSecret, type Prompt } from "./prompt.ts";
import type { Environment } from "./paths.ts";
import { ConfigError, quoted } from "./problem.ts";
import { type Outcome, type RunCommand, runCommand } from "./run_command.ts";
import type { Source, Span } from "./tree.ts";

export interface ResolveOptions {
  readonly env: Environment;
  readonly signal: AbortSignal;
  /** For the excerpt under an error. */
  readonly source?: Source;
  readonly run?: RunCommand;
  /** Asks on the terminal. */
  readonly prompt?: Prompt;
  /** How long one command may take, in milliseconds; a person may have to be asked. */
  readonly timeout?: number;
}

const DEFAULT_TIMEOUT = 120_000;

/** The most bytes that a command may print. */
const MOST_OUTPUT = 64 * 1024;

/** Gives the values of commands. */
export interface Dynamic {
  /**
   * What the command gives; each distinct one is run once, whether it gives something or not.
   * Throws {@linkcode ConfigError} where it gives nothing, or nothing of use; and `cancelled`.
   * `title` is what is wanted.
   */
  output(command: Command, title: string): Promise<string>;
  /** Throws {@linkcode ConfigError}. */
  fail(at: Span | undefined, message: string, help?: string, cause?: unknown): never;
}

type Asked = Awaited<ReturnType<Prompt>>;
type Prompted = Extract<Command, { readonly kind: "prompt" }>;
type Program = Exclude<Command, Prompted>;

export function makeDynamic(options: ResolveOptions): Dynamic {
  const { signal, source, run = runCommand, prompt = askSecret, timeout = DEFAULT_TIMEOUT } =
    options;
  const outcomes = new Map<string, Outcome>();
  const answers = new Map<string, Asked>();

  const fail = (at: Span | undefined, message: string, help?: string, cause?: unknown): never => {
    const problem = {
      severity: "error",
      message,
      ...(at && { at }),
      ...(help && { help }),
    } as const;
    throw new ConfigError([problem], source, cause);
  };

  async function output(command: Command, title: string): Promise<string> {
    return command.kind === "prompt" ? await ask(command, title) : await runFor(command, title);
  }

  async function ask({ text: words, at }: Prompted, title: string): Promise<string> {
    const question = words === "" ? `${capitalised(title)}:` : `${words}:`;
    const asked = await once(answers, question, () => prompt(question, signal));
    switch (asked.status) {
      case "answered":
        return asked.text === "" ? fail(at, `${title}: nothing was typed`) : asked.text;
      case "no terminal":
        return fail(
          at,
          `${title} is asked for on a terminal, and there is none`,
          'use "cmd" or "shell" where the program runs by itself',
        );
    }
  }

  async function runFor(command: Program, title: string): Promise<string> {
    const argv = command.kind === "cmd" ? command.argv : ["sh", "-c", command.script];
    const outcome = await once(
      outcomes,
      JSON.stringify(argv),
      () => run(argv, { timeout, limit: MOST_OUTPUT, signal }),
    );
    // Never its arguments, nor what it printed: either may be the secret.
    const program = command.kind === "cmd" ? quoted(argv[0] ?? "") : "the shell script";
    const read = outcome.status === "done"
      ? readOutput(outcome.output)
      : describe(outcome, timeout, command.kind);
    if ("text" in read) return read.text;
    const cause = outcome.status === "not started" ? outcome.cause : undefined;
    return fail(command.at, `${title}: ${program} ${read.problem}`, read.help, cause);
  }

  return { output, fail };
}

/** A person who has answered once, or did not want to, is not asked again. */
async function once<Came>(
  known: Map<string, Came>,
  key: string,
  run: () => Promise<Came>,
): Promise<Came> {
  const came = known.get(key) ?? await run();
  known.set(key, came);
  return came;
}

const capitalised = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1);

type Read =
  | { readonly text: string }
  | { readonly problem: string; readonly help?: string };

function readOutput(output: Uint8Array): Read {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(output).trim();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { problem: "printed something that is not UTF-8 text" };
  }
  if (text === "") return { problem: "printed nothing" };
  if (/[\r\n]/.test(text)) {
    const help = "have it print the value alone; in a shell script, head -n 1 takes the first line";
    return { problem: "printed more than one line", help };
  }
  return { text };
}

function describe(
  outcome: Exclude<Outcome, { readonly status: "done" }>,
  timeout: number,
  kind: Command["kind"],
): Exclude<Read, { readonly text: string }> {
  switch (outcome.status) {
    case "failed":
      return { problem: `ended with status ${outcome.code}` };
    case "killed":
      return { problem: `was ended by ${outcome.signal}` };
    case "missing":
      return {
        problem: "was not found",
        ...(kind === "cmd" &&
          { help: 'only "shell" has a shell: "cmd" takes "~" and "|" as they are' }),
      };
    case "not started":
      return { problem: "cannot be started" };
    case "too large":
      return { problem: `printed more than ${MOST_OUTPUT / 1024} KiB` };
    case "timed out":
      return { problem: `has not ended within ${timeout / 1000} seconds` };
  }
}
