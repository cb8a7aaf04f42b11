/** What a command line program has around it. Handed in, so that tests can give another. */

import process from "node:process";
import { type ColorChoice, type Look, lookOf } from "./show/look.ts";
import type { Write } from "./show/screen.ts";

/** The name that the program was started by. */
export type CalledAs = "dovetail" | "dsync";

export interface Host {
  readonly calledAs: CalledAs;
  readonly env: { get(name: string): string | undefined };
  readonly out: Stream;
  readonly err: Stream;
  readonly input: Input;
  /** Calls `then` for each wish to stop. Returns what ends the listening. */
  onStop(then: () => void): () => void;
  /** Calls `then` with what was thrown where nobody catches it. Returns what ends the listening. */
  onFault(then: (thrown: unknown) => void): () => void;
  /** Ends the process at once. */
  exit(status: number): never;
}

/** What is typed by whoever started us. */
export interface Input {
  /** Whether there is anybody to ask: both the question and the answer go through a terminal. */
  isAnswered(): boolean;
  /** The next line, without its end; none at the end of all input. Throws what the signal says. */
  line(signal: AbortSignal): Promise<string | undefined>;
}

export interface Stream {
  look(choice: ColorChoice): Look;
  readonly write: Write;
}

/** The process that this runs in. */
export function realHost(): Host {
  return {
    calledAs: calledAs(),
    env: Deno.env,
    out: streamOf(Deno.stdout),
    err: streamOf(Deno.stderr),
    input: {
      isAnswered: () => Deno.stdin.isTerminal() && Deno.stderr.isTerminal(),
      line: readLine,
    },
    onStop(then) {
      // Windows knows no other signal that can be listened to.
      const signals: readonly Deno.Signal[] = Deno.build.os === "windows"
        ? ["SIGINT"]
        : ["SIGINT", "SIGTERM"];
      for (const signal of signals) Deno.addSignalListener(signal, then);
      return () => {
        for (const signal of signals) Deno.removeSignalListener(signal, then);
      };
    },
    onFault(then) {
      const onRejection = (event: PromiseRejectionEvent) => {
        event.preventDefault();
        then(event.reason);
      };
      const onError = (event: ErrorEvent) => {
        event.preventDefault();
        then(event.error);
      };
      globalThis.addEventListener("unhandledrejection", onRejection);
      globalThis.addEventListener("error", onError);
      return () => {
        globalThis.removeEventListener("unhandledrejection", onRejection);
        globalThis.removeEventListener("error", onError);
      };
    },
    exit: (status) => Deno.exit(status),
  };
}

/** By a link of that name; or, for a script that stands in for one, by the environment. */
function calledAs(): CalledAs {
  const name = Deno.env.get("DOVETAIL_AS") ?? process.argv0.replace(/^.*\//, "");
  return name === "dsync" ? "dsync" : "dovetail";
}

async function readLine(signal: AbortSignal): Promise<string | undefined> {
  const decoder = new TextDecoder();
  const reader = Deno.stdin.readable.getReader();
  const stop = () => void reader.cancel();
  signal.addEventListener("abort", stop, { once: true });
  try {
    // A terminal gives what is typed line by line.
    let text = "";
    while (!text.includes("\n")) {
      const { value, done } = await reader.read();
      signal.throwIfAborted();
      if (done) return text === "" ? undefined : text;
      text += decoder.decode(value, { stream: true });
    }
    return text.slice(0, text.indexOf("\n"));
  } finally {
    signal.removeEventListener("abort", stop);
    reader.releaseLock();
  }
}

function streamOf(stream: typeof Deno.stdout): Stream {
  const encoder = new TextEncoder();
  return {
    look: (choice) =>
      lookOf(choice, {
        isTerminal: stream.isTerminal(),
        env: (name) => Deno.env.get(name),
        os: Deno.build.os,
        ...columnsOfTerminal(stream),
      }),
    write(text) {
      let rest = encoder.encode(text);
      while (rest.length > 0) {
        try {
          rest = rest.subarray(stream.writeSync(rest));
        } catch (thrown) {
          if (!(thrown instanceof Deno.errors.WouldBlock)) throw thrown;
          pause(WAIT);
        }
      }
    },
  };
}

/** How long to wait for a reader who is slower than we are, in milliseconds. */
const WAIT = 5;

/** Whoever started us may have left the pipe without blocking writes: then they are tried again. */
function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

function columnsOfTerminal(stream: typeof Deno.stdout): { columns?: number } {
  if (!stream.isTerminal()) return {};
  try {
    return { columns: Deno.consoleSize().columns };
  } catch {
    // A terminal that does not know its size: lines are made for the common one.
    return {};
  }
}
